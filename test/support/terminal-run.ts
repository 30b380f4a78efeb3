/** Types commands into a real pseudo-terminal, and returns what its screen shows. */

import { spawnSync } from 'node:child_process'
import { limit } from './wait.ts'
import { screen, type Piece } from './screen.ts'

export interface Terminal {
  readonly cwd: string
  readonly columns: number
  /** Folders that come before PATH. */
  readonly programs: readonly string[]
}

/** Why this machine has no pseudo-terminal; undefined if it has util-linux's `script`. */
export function terminalMissing(): string | undefined {
  const { stdout } = spawnSync('script', ['--version'], { encoding: 'utf8' })
  return stdout?.includes('util-linux') ? undefined : 'there is no script of util-linux to make a pseudo-terminal'
}

/** Types the commands one after the other. Returns the lines of the screen, with prompts, and the exit codes. */
export function typeInto(terminal: Terminal, commands: readonly string[]): { readonly lines: readonly (readonly Piece[])[]; readonly codes: readonly (number | null)[] } {
  const ran = commands.map((command) => {
    const { status, stdout } = spawnSync('script', ['--quiet', '--return', '--command', `stty cols ${terminal.columns} rows 100; ${command}`, '/dev/null'], {
      cwd: terminal.cwd, encoding: 'utf8', timeout: limit, stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: [...terminal.programs, process.env['PATH']].join(':'), HOME: terminal.cwd, TERM: 'xterm-256color', LANG: 'C.UTF-8', SHELL: '/bin/sh' },
    })
    const shown = screen(stdout.replaceAll(terminal.cwd, '~'), terminal.columns)
    return { status, lines: [[{ text: '$ ', colour: 2 }, { text: command, bold: true }], ...(shown.at(-1)?.length === 0 ? shown.slice(0, -1) : shown)] }
  })
  return { lines: ran.flatMap(({ lines }, index) => (index === 0 || ran[index - 1]!.lines.length === 1 ? lines : [[], ...lines])), codes: ran.map(({ status }) => status) }
}

/** A real terminal without a screen: tmux runs a command in one, types into it and tells what it shows. */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { until } from '../support/wait.ts'

export interface RealTerminal {
  /** The empty directory in which the command runs. */
  readonly directory: string
  /** Types text as it is. */
  readonly type: (text: string) => void
  /** Presses keys by tmux's names: Enter, Down, C-c, Escape. */
  readonly press: (...names: readonly string[]) => void
  /** Waits until the screen matches; throws with the screen where it never does. */
  readonly shows: (pattern: RegExp | string) => Promise<string>
  /** The screen when it has stood still for a moment. */
  readonly rests: () => Promise<string>
  /** What is on the screen and above it, long lines in one piece, with the directory's path as DIR. */
  readonly screen: () => string
  /** The same with the colours. */
  readonly coloured: () => string
  /** Every byte that the command sent. */
  readonly bytes: () => string
  /** Waits for the command's end and returns its exit code. */
  readonly ends: () => Promise<number>
  /** Closes the terminal as closing its window does. */
  readonly hangUp: () => void
}

export interface Size { readonly columns: number; readonly rows: number }

/** Opens a terminal that runs `argv` in a new directory with just this environment; it is closed when the test is over. */
export async function openTerminal(t: Test, argv: readonly string[], environment: Readonly<Record<string, string>>, { columns, rows }: Size): Promise<RealTerminal> {
  const home = mkdtempSync(join(tmpdir(), 'wizard-'))
  const directory = join(home, 'here')
  mkdirSync(directory)
  const call = (...words: readonly string[]): string => {
    const ran = spawnSync('tmux', ['-L', 'wizard-test', '-f', '/dev/null', ...words], {
      encoding: 'utf8', env: { PATH: process.env['PATH'], TMUX_TMPDIR: home, LANG: 'C.UTF-8' },
    })
    if (ran.status !== 0) throw new Error(`tmux ${words[0]}: ${ran.stderr}`)
    return ran.stdout
  }
  t.teardown(() => {
    spawnSync('tmux', ['-L', 'wizard-test', 'kill-server'], { env: { PATH: process.env['PATH'], TMUX_TMPDIR: home } })
    rmSync(home, { recursive: true, force: true })
  })
  const [codeFile, log, started] = [join(home, 'code'), join(home, 'log'), join(home, 'started')]
  const names = Object.entries({ PATH: process.env['PATH'] ?? '', HOME: home, ...environment }).map(([name, value]) => quoted(`${name}=${value}`))
  // The command waits until every byte of it is taken down.
  const script = `cd ${quoted(directory)}; until [ -e ${quoted(started)} ]; do sleep 0.05; done; env -i ${names.join(' ')} ${argv.map(quoted).join(' ')}; echo $? > ${quoted(codeFile)}; exec sleep 1000`
  call('new-session', '-d', '-x', String(columns), '-y', String(rows), script)
  call('set-option', '-g', 'history-limit', '10000')
  call('pipe-pane', '-o', `cat > ${quoted(log)}`)
  await until(() => existsSync(log), () => `tmux has not begun ${log}`)
  call('run-shell', `touch ${quoted(started)}`)
  const capture = (...more: readonly string[]) => call('capture-pane', '-p', '-J', '-S', '-', ...more)
    .split('\n').map((line) => line.trimEnd()).join('\n').trimEnd().replaceAll(directory, 'DIR')
  return {
    directory,
    type: (text) => { call('send-keys', '-l', text) },
    press: (...keys) => { call('send-keys', ...keys) },
    shows: async (pattern) => {
      const seen = () => (typeof pattern === 'string' ? capture().includes(pattern) : pattern.test(capture()))
      await until(seen, () => `${String(pattern)} is not shown:\n${capture()}`)
      return capture()
    },
    rests: async () => {
      const seen = [capture()]
      while (seen.length < 4) {
        await new Promise((resolve) => { setTimeout(resolve, 80) })
        const now = capture()
        if (now !== seen[0]) seen.length = 0
        seen.push(now)
      }
      return seen[0]!
    },
    screen: () => capture(),
    coloured: () => capture('-e'),
    bytes: () => readFileSync(log, 'utf8'),
    ends: async () => {
      await until(() => existsSync(codeFile) && readFileSync(codeFile, 'utf8').endsWith('\n'), () => `it does not end:\n${capture()}`)
      return Number(readFileSync(codeFile, 'utf8'))
    },
    hangUp: () => { call('kill-session') },
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

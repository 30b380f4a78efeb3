/** A real terminal without a screen: tmux runs a command in one, types into it and tells what it shows. */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
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
  /** The screen when it stands still, and the command waits. */
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
  const script = `cd ${quoted(directory)}; until [ -e ${quoted(started)} ]; do sleep 0.05; done; env -i ${names.join(' ')} ${argv.map(quoted).join(' ')}; echo $? > ${quoted(codeFile)}; exec sleep 100000`
  call('new-session', '-d', '-x', String(columns), '-y', String(rows), script)
  call('set-option', '-g', 'history-limit', '10000')
  call('pipe-pane', '-o', `cat > ${quoted(log)}`)
  await until(() => existsSync(log), () => `tmux has not begun ${log}`)
  call('run-shell', `touch ${quoted(started)}`)
  const server = call('display-message', '-p', '#{pid}').trim()
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
      let [last, times] = ['', 0]
      // One that wants to draw and gets no processor is not at rest.
      await until(() => {
        const now = capture()
        times = now === last && [...workingIn(directory), server].every(sleeps) ? times + 1 : 0
        last = now
        return times >= 4
      }, () => last)
      return last
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

/** The processes that work in this directory. */
export function workingIn(directory: string): readonly string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).filter((name) => {
    try {
      return readlinkSync(`/proc/${name}/cwd`) === directory
    } catch {
      return false
    }
  })
}

/** Whether a process waits for something; one that has ended does. */
function sleeps(pid: string): boolean {
  try {
    return /^State:\s+[SZ]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return true
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** The command with plain streams where its terminal would be: what is said is waited for, what is typed is sent. */

import { PassThrough, Writable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { findAnswer } from '../../generator/answers/schema.ts'
import { run } from '../../generator/cli/run.ts'
import { repository } from '../support/repository.ts'

/** The titles of the questions that come after the snapshot, by this version's table. */
export const lastTitles: readonly string[] = [findAnswer('MONITORING')?.title ?? []].flat()

export const keys = { enter: '\r', down: '\u001b[B', ctrlC: '\u0003', ctrlD: '\u0004', escape: '\u001b' } as const

/** When `after` has been said, beyond what was said before, `type` is typed; without it the input ends. */
export interface Step {
  readonly after: string
  readonly type?: string
}

export interface Talk {
  readonly code: number
  /** All that the terminal got, without its control sequences. */
  readonly screen: string
  readonly raw: string
  readonly out: string
  readonly err: string
  /** Whether the echo was off, in order of the switches. */
  readonly rawMode: readonly boolean[]
  /** The first step whose words were never said. */
  readonly unmet?: string
}

export async function talk(cwd: string, steps: readonly Step[], environment: Record<string, string> = {}, columns = 100): Promise<Talk> {
  let raw = ''
  let out = ''
  let err = ''
  let told = 0
  const rawMode: boolean[] = []
  const left = [...steps]
  const input = Object.assign(new PassThrough(), { setRawMode: (on: boolean) => rawMode.push(on) })
  const output = Object.assign(new Writable({ write: (chunk, _, done) => {
    raw += String(chunk)
    done()
    setImmediate(next)
  } }), { columns, rows: 40 })
  const next = (): void => {
    const said = stripVTControlCharacters(raw)
    const step = left[0]
    const at = step ? said.indexOf(step.after, told) : -1
    if (!step || at < 0) return
    left.shift()
    told = at + step.after.length
    if (step.type === undefined) input.end()
    else input.write(step.type)
  }
  const code = await run([], {
    cwd, environment: { LANG: 'C.UTF-8', ...environment }, packageRoot: repository, version: '0.1.0',
    stdout: (text) => { out += text },
    stderr: (text) => { err += text },
    terminal: { input, output },
  })
  return { code, screen: stripVTControlCharacters(raw), raw, out, err, rawMode, ...(left[0] && { unmet: left[0].after }) }
}

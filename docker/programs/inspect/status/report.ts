/** One screen about the stack, and the same as JSON. */

import type { Evidence } from '../evidence/evidence.ts'
import { Missing } from '../evidence/missing.ts'
import { plain } from '../evidence/text.ts'
import { bitcoind, chain, sbtcChain, snapshot } from './chain.ts'
import type { Line } from './line.ts'
import { type Row, serviceRows } from './services.ts'
import { certificates, guard, registered, sbtc, signing } from './signing.ts'
import { backup, disk, logs, sbtcBackup } from './upkeep.ts'

const lines: readonly Line[] = [snapshot, bitcoind, chain, registered, guard, signing, certificates, sbtc, sbtcChain, disk, logs, backup, sbtcBackup]
const width = 79
const indent = 14

export interface Told { readonly fine: boolean; readonly text: string }

export interface Status {
  /** 0 everything runs and answers, 1 something does not, 2 could not look. */
  readonly code: 0 | 1 | 2
  readonly rows: readonly Row[]
  readonly values: Readonly<Record<string, Told>>
}

/** Throws Missing where there is nothing to tell of. */
export function statusOf(seen: Evidence): Status {
  const rows = serviceRows(seen)
  const values = Object.fromEntries(lines.filter(({ needs }) => !needs || seen.here(...needs)).map((line) => [line.name, valueOf(seen, line)]))
  const fine = [...rows, ...Object.values(values)].every((one) => one.fine)
  return { code: !seen.complete ? 2 : fine ? 0 : 1, rows, values }
}

function valueOf(seen: Evidence, { read, fine, text, json = (value) => value }: Line): Told {
  try {
    const value = read(seen)
    return { ...json(value), text: text(value, seen), fine: fine(value) }
  } catch (error) {
    // Evidence that no line foresaw must not hide the other lines.
    return { fine: false, text: `unknown: ${error instanceof Missing ? plain(error.message) : `the evidence could not be read (${plain(String(error))})`}` }
  }
}

export function statusJson({ facts }: Evidence, { code, rows, values }: Status): object {
  return { stack: facts.stack, network: facts.network, code, releases: { 'stacks-node': facts.nodeRelease, 'stacks-signer': facts.signerRelease }, services: rows, ...values }
}

export function statusText({ facts }: Evidence, { code, rows, values }: Status): readonly string[] {
  const mark = (fine: boolean) => (fine ? ' ' : '!')
  return [
    `${facts.stack} on ${facts.network}`,
    `${' '.repeat(indent)}${'state'.padEnd(34)}${'runs'.padEnd(16)}pinned`,
    ...rows.map(({ service, state, fine, runs, pinned }) => `${service.padEnd(indent - 1)}${mark(fine)}${state.padEnd(34)}${(runs || '-').padEnd(16)}${pinned}`),
    ...Object.entries(values).flatMap(([name, { fine, text }]) => wrapped(text).map((part, at) => `${(at === 0 ? name : '').padEnd(indent - 1)}${at === 0 ? mark(fine) : ' '}${part}`)),
    ...(code === 2 ? ['The evidence ends early: what is missing above may be well or not.'] : []),
    ...(code === 1 ? ['! is not as it should be: make doctor says why.'] : []),
  ].map(clipped)
}

/** At most two lines of what fits beside the name, and one of what is unknown: --json has the whole of it. */
function wrapped(text: string): readonly string[] {
  const room = width - indent
  const whole = plain(text)
  if (whole.length <= room || whole.startsWith('unknown: ')) return [whole]
  const blank = whole.lastIndexOf(' ', room)
  const cut = blank > 0 ? blank : room
  return [whole.slice(0, cut), whole.slice(cut).trim()]
}

function clipped(text: string): string {
  const whole = plain(text).trimEnd()
  return whole.length <= width ? whole : `${whole.slice(0, width - 1)}…`
}

/** Whole processes, timed from outside. */

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A program to measure. `prepare` is not timed. */
export interface Candidate {
  readonly name: string
  readonly argv: readonly string[]
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  readonly prepare?: () => void
}

/** In milliseconds. */
export interface Times {
  readonly median: number
  readonly min: number
}

/** The environment of a plain shell: npm's settings for the bench itself are nothing to the measured. */
const plain = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/' }

function start({ name, argv, cwd, env, prepare }: Candidate, wrapper: readonly string[] = []): number {
  prepare?.()
  const [program = '', ...words] = [...wrapper, ...argv]
  const began = process.hrtime.bigint()
  const ran = spawnSync(program, words, { cwd, env: env ?? plain, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8', maxBuffer: 1 << 28 })
  const milliseconds = Number(process.hrtime.bigint() - began) / 1e6
  if (ran.error) throw new Error(`${name}: ${ran.error.message}`)
  if (ran.status !== 0) throw new Error(`${name} ended with ${ran.status ?? ran.signal}: ${ran.stderr.slice(0, 2000)}`)
  return milliseconds
}

/** Each candidate once a round, in turn, so that what else the machine does falls on all of them; a first round does not count. */
export function alternate(candidates: readonly Candidate[], rounds: number): ReadonlyMap<string, Times> {
  const times = new Map<string, number[]>(candidates.map(({ name }) => [name, []]))
  for (let round = 0; round <= rounds; round += 1) {
    for (const candidate of candidates) {
      const took = start(candidate)
      if (round > 0) times.get(candidate.name)!.push(took)
    }
  }
  return new Map([...times].map(([name, values]) => [name, { median: median(values), min: Math.min(...values) }]))
}

/** The most memory that the process held at once, in MiB: the median of `rounds` runs under GNU time. */
export function peakMemory(candidate: Candidate, rounds: number, scratch: string): number {
  const report = join(scratch, 'time')
  return median(Array.from({ length: rounds }, () => {
    start(candidate, ['/usr/bin/time', '-o', report, '-f', '%M'])
    return Number(readFileSync(report, 'utf8').trim()) / 1024
  }))
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted.length === 0 ? NaN : (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2
}

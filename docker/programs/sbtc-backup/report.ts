/**
 * Numbers for Prometheus, in files that node-exporter's textfile collector reads. sbtc_backup.prom is written anew only when a
 * dump is made, encrypted and copied: its age is the age of the last backup.
 */

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { OwnMetric } from '../../../generator/monitoring/metrics.ts'
import { writeAtomically } from '../shared/files.ts'
import { isProven } from '../shared/dumps.ts'
import { Page } from '../shared/page.ts'
import type { Job } from './config.ts'
import { at } from './programs.ts'
import { judgedOf, type Dump } from './store.ts'
import { verdictCodes, type Verdict } from './verdict.ts'

type Row = readonly [name: OwnMetric, help: string, value: unknown, labels?: Readonly<Record<string, string>>]

const now = (): number => Date.now() / 1000

export function reportBackup(job: Job, { number, manifest }: Dump, dumps: readonly Dump[]): Promise<void> {
  const states = dumps.map((dump) => stateOf(judgedOf(dump)))
  return write(job, 'sbtc_backup.prom', [
    ['sbtc_backup_last_success_timestamp_seconds', 'When the last dump was made, encrypted and copied.', now()],
    ['sbtc_backup_number', 'The number of the last dump; it only grows.', number],
    ['sbtc_backup_bytes', 'Its size, encrypted.', manifest['bytes']],
    ...(['proven', 'open', 'bad'] as const).map((state): Row =>
      ['sbtc_backup_dumps', 'Dumps that are kept: proven, not yet judged or not to be judged, and bad.', states.filter((one) => one === state).length, { state }]),
  ])
}

function stateOf(verdict: string): 'proven' | 'open' | 'bad' {
  if (isProven(verdict)) return 'proven'
  return !(verdict in verdictCodes) || verdict === 'not-verified' || verdict === 'chain-unreachable' ? 'open' : 'bad'
}

export function reportVerdict(job: Job, { number }: Dump, verdict: Verdict): Promise<void> {
  return write(job, 'sbtc_backup_verify.prom', [
    ['sbtc_backup_verify_ok', 'Whether the last verification proved its dump.', Number(isProven(verdict))],
    ['sbtc_backup_verify_number', 'The number of the dump that was verified last.', number],
    ['sbtc_backup_verify_timestamp_seconds', 'When that was.', now()],
    ...Object.keys(verdictCodes).map((each): Row => ['sbtc_backup_verdict', 'What the last verification said of its dump: 1 for that, 0 for the others.', Number(each === verdict), { verdict: each }]),
  ])
}

export function reportAttempt(job: Job, worked: boolean): Promise<void> {
  return write(job, 'sbtc_backup_attempt.prom', [
    ['sbtc_backup_attempt_ok', 'Whether the last try to make and copy a dump worked.', Number(worked)],
    ['sbtc_backup_attempt_timestamp_seconds', 'When that was.', now()],
  ])
}

export function reportDrill(job: Job, { number }: Dump, verdict: Verdict, seconds: number): Promise<void> {
  return write(job, 'sbtc_backup_drill.prom', [
    ['sbtc_backup_drill_ok', 'Whether the last restore drill ended well.', Number(isProven(verdict))],
    ['sbtc_backup_drill_timestamp_seconds', 'When that was.', now()],
    ['sbtc_backup_drill_seconds', 'How long it took to bring the dump back.', seconds],
    ['sbtc_backup_drill_number', 'The number of the dump.', number],
  ])
}

async function write({ metrics }: Job, name: string, rows: readonly Row[]): Promise<void> {
  const page = new Page()
  for (const row of rows) page.gauge(...row)
  const text = await page.text()
  const path = join(metrics, name)
  await at(path, () => {
    mkdirSync(metrics, { recursive: true, mode: 0o755 })
    // Another user's collector reads it, and there is nothing secret in it.
    writeAtomically(path, text, { mode: 0o644 })
  })
}

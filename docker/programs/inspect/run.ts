/**
 * Judges what docker/host/evidence.sh has gathered: it comes on standard input.
 *
 *   inspect status|doctor|host-check [--json]
 *   inspect certs CA NAME=HOST:PORT/SERVERNAME...
 *   inspect support      prints an archive for a public report
 *
 * 0 healthy, 1 something was found, 2 could not look.
 */

import { buffer } from 'node:stream/consumers'
import { renderJson } from '../../../generator/printable.ts'
import type { Io, Run } from '../shared/program.ts'
import { certs } from './certs/certs.ts'
import { checks } from './doctor/checks.ts'
import { judge } from './doctor/judge.ts'
import { doctorText } from './doctor/report.ts'
import { Evidence } from './evidence/evidence.ts'
import { Missing } from './evidence/missing.ts'
import { plain } from './evidence/text.ts'
import { hostReport, hostText } from './host/report.ts'
import { support } from './support/support.ts'
import { statusJson, statusOf, statusText } from './status/report.ts'

interface Report {
  readonly code: number
  readonly json: () => object
  readonly text: () => readonly string[]
}

const reports: Readonly<Record<string, (seen: Evidence) => Report>> = {
  status: (seen) => {
    const status = statusOf(seen)
    return { code: status.code, json: () => statusJson(seen, status), text: () => statusText(seen, status) }
  },
  doctor: (seen) => {
    const verdict = judge(seen, checks)
    return { code: verdict.code, json: () => ({ stack: seen.facts.stack, ...verdict }), text: () => doctorText(seen, verdict) }
  },
  'host-check': (seen) => {
    const report = hostReport(seen)
    return { code: report.code, json: () => report, text: () => hostText(report) }
  },
}

export const run: Run = async ([mode = '', ...words], io) => {
  if (mode === 'certs') return certs(words, io)
  const report = reports[mode]
  if (mode !== 'support' && (!report || words.some((word) => word !== '--json'))) {
    io.warn('say inspect status, doctor or host-check, with --json for JSON; or inspect certs or support')
    return 2
  }
  const input = await buffer(io.input)
  try {
    if (!report) return support(input, { status: (seen) => statusText(seen, statusOf(seen)), doctor: (seen) => doctorText(seen, judge(seen, checks)) }, io)
    const seen = new Evidence(input)
    if (seen.mode !== mode) throw new Missing(seen.mode === '' ? 'there is no evidence' : `the evidence is for ${seen.mode}`)
    return print(report(seen), words.includes('--json'), io)
  } catch (error) {
    if (!(error instanceof Missing)) throw error
    io.warn(`${mode}: could not look: ${plain(error.message)}`)
    return 2
  }
}

function print({ code, json, text }: Report, asJson: boolean, io: Io): number {
  if (asJson) io.write(renderJson(json()))
  else for (const line of text()) io.say(line)
  return code
}

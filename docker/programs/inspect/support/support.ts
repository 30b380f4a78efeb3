/**
 * Packs what can go with a public report. Two streams come on standard input: the files of the stack's directory and its secrets, as
 * docker/host/look.sh prints them, and the evidence. No secret is packed; each is searched for in all the rest.
 */

import type { KnownSecret } from '../../../../generator/answers/known-secrets.ts'
import type { Io } from '../../shared/program.ts'
import { Evidence } from '../evidence/evidence.ts'
import { Missing } from '../evidence/missing.ts'
import { plain } from '../evidence/text.ts'
import { readStream, type Section } from '../evidence/stream.ts'
import { archive } from './archive.ts'
import { redact, redactFile, type Redacted } from './redact.ts'

const secrets = 'secrets/'
/** evidence.sh takes no more bytes of one answer. */
const most = { out: 4_000_000, err: 4000 } as const

export function support(input: Buffer, reports: Readonly<Record<'status' | 'doctor', (seen: Evidence) => readonly string[]>>, io: Io): number {
  const files = readStream(input)
  const seen = new Evidence(files.rest)
  if (files.mode !== 'files' || !files.complete || seen.mode !== 'support' || !seen.complete) throw new Missing('what was gathered is not complete')
  const named = [...files.sections].map(([path, { out }]) => ({ path, text: out }))
  const known: readonly KnownSecret[] = named.filter(({ path }) => path.startsWith(secrets)).map(({ path, text }) => ({ what: path, value: text.replace(/[\r\n]+$/, '') }))
  const packed = new Map<string, string>()
  const pack = (name: string, { text, removed }: Redacted) => {
    packed.set(`support-bundle/${name}`, text)
    for (const what of removed) io.warn(`support: not in ${name}: ${what}`)
  }
  for (const [name, report] of Object.entries(reports)) pack(`${name}.txt`, redact(`${reportOf(seen, report).join('\n')}\n`, known))
  for (const { path, text } of named) if (!path.startsWith(secrets)) pack(path.replace(/^\./, ''), redactFile(text, known))
  for (const [name, section] of seen.sections) pack(`evidence/${name}.txt`, redact(answerText(section), known))
  io.write(archive(packed, seen.now))
  return 0
}

function reportOf(seen: Evidence, report: (seen: Evidence) => readonly string[]): readonly string[] {
  try {
    return report(seen)
  } catch (error) {
    if (!(error instanceof Missing)) throw error
    return [`could not look: ${plain(error.message)}`]
  }
}

function answerText({ code, out, err }: Section): string {
  const [answer, errors] = [wholeLines(out, most.out), wholeLines(err, most.err)]
  return code === 0 && err === '' ? answer : `${answer}\n[exit code ${code}]\n${errors}`
}

/** What was cut off may end in a part of a secret. */
const wholeLines = (text: string, limit: number): string => (Buffer.byteLength(text) < limit ? text : text.slice(0, text.lastIndexOf('\n') + 1))

/** The picture of `make status` for the README. test/duty/doctor.test.ts records it from a running stack, with TAP_SNAPSHOT=1. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { parse } from 'yaml'
import { repository } from '../support/repository.ts'
import type { Piece } from '../support/screen.ts'
import { terminalSvg } from '../support/terminal-svg.ts'

const picture = join(repository, 'test/readme/status.svg')

/** Where the columns of `make status` begin. */
const column = { state: 13, runs: 48, pinned: 64 } as const

export interface Printed {
  /** What `make status` printed. */
  readonly output: string
  readonly stack: string
  /** The text of docker-compose.yml. */
  readonly compose: string
  /** Services that only the test has. */
  readonly hidden: readonly string[]
}

/** The lines as an operator sees them: with the name my-signer, the tags of the real images, and no service of the test. */
export function asOperatorSees({ output, stack, compose, hidden }: Printed): readonly string[] {
  const { services } = parse(compose) as { readonly services: Readonly<Record<string, { readonly image: string }>> }
  const [title = '', head = '', ...lines] = output.trimEnd().split('\n')
  const rows = Object.keys(services).length + hidden.length
  const shown = lines.slice(0, rows).flatMap((line) => {
    const service = line.slice(0, column.state).trim()
    if (hidden.includes(service)) return []
    const tag = services[service]!.image.split('@')[0]!.replace(/.*:/, '')
    const [runs, pinned] = [line.slice(column.runs, column.pinned).trim(), line.slice(column.pinned)]
    // A program says its own release. Where it says none, the tag of its image is shown.
    return [`${line.slice(0, column.runs)}${(runs === pinned ? tag : runs).padEnd(column.pinned - column.runs)}${tag}`]
  })
  return [title.replace(stack, 'my-signer'), head, ...shown, ...lines.slice(rows)]
}

/** Records the picture, or checks that it shows the services and lines that `make status` prints now. The values differ. */
export function checkStatusPicture(t: Test, printed: Printed): void {
  const lines = asOperatorSees(printed)
  const pieces: readonly (readonly Piece[])[] = [[{ text: '$ ', colour: 2 }, { text: 'make status', bold: true }], ...lines.map((text) => (text === '' ? [] : [{ text }]))]
  if (t.writeSnapshot) writeFileSync(picture, terminalSvg('make status shows services, chains, registration, signing and disk of a testnet signer', pieces, 80))
  t.ok(existsSync(picture), 'there is a picture; TAP_SNAPSHOT=1 node test/duty/doctor.test.ts records it')
  if (existsSync(picture)) t.strictSame(namesIn(textOf(readFileSync(picture, 'utf8'))), namesIn(lines))
}

/** The text in a picture, a string for each line. */
function textOf(svg: string): readonly string[] {
  const lines = [...svg.matchAll(/<text [^>]*>(.*)<\/text>/g)].map(([, spans = '']) => spans.replaceAll(/<[^>]*>/g, '').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'))
  return lines.slice(1)
}

/** What each line is about. Lines that continue another one, and the line that explains "!", depend on the values. */
const namesIn = (lines: readonly string[]): readonly string[] => lines.map((line) => line.slice(0, column.state).trim()).filter((name) => name !== '' && !name.startsWith('!'))

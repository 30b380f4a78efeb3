/** Each line in the troubleshooting is one that a program writes. Our lines are in the code, those of Stacks programs in the facts. */

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { repository } from '../support/repository.ts'

const document = readFileSync(join(repository, 'docker/troubleshooting.md'), 'utf8')
const facts = JSON.parse(readFileSync(join(repository, 'test/facts/log-lines.json'), 'utf8')) as { readonly signer: readonly string[]; readonly node: readonly string[] }

/** The lines in the first column of the table below `heading`. */
function quoted(heading: string): readonly string[] {
  const section = document.split(`## ${heading}\n`)[1]?.split(/\n##/)[0] ?? ''
  return section.split('\n').filter((line) => line.startsWith('| `')).map((line) => /^\| `([^`]+)` \|/.exec(line)?.[1] ?? line)
}

/** The parts of a line between its `…`. All of them must be found. */
function fragments(line: string): readonly string[] {
  return line.split('…').map((part) => part.trim()).filter((part) => part.length > 1)
}

function sources(folder: string): readonly string[] {
  return readdirSync(join(repository, folder)).sort().flatMap((name) => {
    const path = join(folder, name)
    if (name === '__pycache__' || name === 'data' || name.endsWith('.md')) return []
    return statSync(join(repository, path)).isDirectory() ? sources(path) : [path]
  })
}

/** The code without the backslashes before quotes in strings. */
const code = ['generator', 'docker', 'templates'].flatMap(sources).map((path) => readFileSync(join(repository, path), 'utf8').replaceAll('\\', ''))

function written(line: string): boolean {
  const parts = fragments(line)
  return parts.some((part) => part.length > 6) && code.some((text) => parts.every((part) => text.includes(part)))
}

for (const heading of ['Log lines of the snapshot', 'Log lines of init, the gate and make', 'Messages of the command']) {
  t.test(heading, async (t) => {
    const lines = quoted(heading)
    t.ok(lines.length > 10)
    for (const line of lines) {
      // One place in the code puts this text before messages of other places.
      t.ok(written(line.replace(/^(init: |gate: waiting for )/, '')), line)
    }
  })
}

for (const program of ['signer', 'node'] as const) {
  t.test(`Log lines of the ${program}`, async (t) => {
    const lines = quoted(`Log lines of the ${program}`)
    const known = (line: string) => facts[program].some((fact) => fragments(line).every((part) => fact.includes(part)))
    for (const line of lines) t.ok(known(line), `the ${program} writes: ${line}`)
    const text = document.split(`## Log lines of the ${program}\n`)[1]!.split(/\n##/)[0]!
    for (const fact of facts[program]) t.ok(fact.split(/\{\}|#\{\}/).every((part) => part.trim().length < 6 || text.includes(part.trim().replace(/[:.]$/, ''))), `explained: ${fact}`)
  })
}

t.test('the generated READMEs explain the same lines', async (t) => {
  const source = readFileSync(join(repository, 'generator/files/readme-facts.ts'), 'utf8')
  for (const [, service, line = ''] of source.matchAll(/service: 'stacks-(signer|node)', line: '([^']+)'/g)) {
    t.ok(facts[service as 'signer' | 'node'].some((fact) => fact.includes(line)), line)
  }
})

t.test('a line that nobody writes is found', async (t) => {
  t.notOk(written('the moon is … full'))
  t.ok(written('the server cannot be reached (…)'))
})

/** The lines that the troubleshooting starts from are lines that programs write: ours in the code, theirs in the facts. */

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { repository } from '../support/repository.ts'

const readme = readFileSync(join(repository, 'README.md'), 'utf8')
const facts = JSON.parse(readFileSync(join(repository, 'test/facts/log-lines.json'), 'utf8')) as { readonly signer: readonly string[]; readonly node: readonly string[] }

/** The first column of the table below `heading`: what stands between its backticks. */
function quoted(heading: string): readonly string[] {
  const section = readme.split(`### ${heading}\n`)[1]?.split(/\n##/)[0] ?? ''
  return section.split('\n').filter((line) => line.startsWith('| `')).map((line) => /^\| `([^`]+)` \|/.exec(line)?.[1] ?? line)
}

/** What must occur of a quoted line: the parts around its `…`, each long enough to mean something by itself or with the others. */
function fragments(line: string): readonly string[] {
  return line.split('…').map((part) => part.trim()).filter((part) => part.length > 1)
}

function sources(folder: string): readonly string[] {
  return readdirSync(join(repository, folder)).sort().flatMap((name) => {
    const path = join(folder, name)
    if (name === '__pycache__' || name === 'data') return []
    return statSync(join(repository, path)).isDirectory() ? sources(path) : [path]
  })
}

/** The code as somebody greps it: without the escapes that a quote in a string needs. */
const code = ['generator', 'docker', 'templates'].flatMap(sources).map((path) => readFileSync(join(repository, path), 'utf8').replaceAll('\\', ''))

function written(line: string): boolean {
  const parts = fragments(line)
  return parts.some((part) => part.length > 6) && code.some((text) => parts.every((part) => text.includes(part)))
}

for (const heading of ['Lines of the snapshot', 'Lines of init, the gate and make', 'Lines of this command']) {
  t.test(heading, async (t) => {
    const lines = quoted(heading)
    t.ok(lines.length > 10)
    for (const line of lines) {
      // What one place puts before what the others say.
      t.ok(written(line.replace(/^(init: |gate: waiting for )/, '')), line)
    }
  })
}

for (const program of ['signer', 'node'] as const) {
  t.test(`Lines of the ${program}`, async (t) => {
    const lines = quoted(`Lines of the ${program}`)
    const known = (line: string) => facts[program].some((fact) => fragments(line).every((part) => fact.includes(part)))
    for (const line of lines) t.ok(known(line), `the ${program} writes: ${line}`)
    const text = readme.split(`### Lines of the ${program}\n`)[1]!.split(/\n##/)[0]!
    for (const fact of facts[program]) t.ok(fact.split(/\{\}|#\{\}/).every((part) => part.trim().length < 6 || text.includes(part.trim().replace(/[:.]$/, ''))), `explained: ${fact}`)
  })
}

t.test('what the generated READMEs explain are the same lines', async (t) => {
  const source = readFileSync(join(repository, 'generator/files/readme-facts.ts'), 'utf8')
  for (const [, service, line = ''] of source.matchAll(/service: 'stacks-(signer|node)', line: '([^']+)'/g)) {
    t.ok(facts[service as 'signer' | 'node'].some((fact) => fact.includes(line)), line)
  }
})

t.test('a line that nobody writes is found', async (t) => {
  t.notOk(written('the moon is … full'))
  t.ok(written('the server cannot be reached (…)'))
})

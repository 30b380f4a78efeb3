/** `adopt`, then generating from what it wrote: the TOMLs mean what the originals meant, apart from what it listed. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import TOML from '@iarna/toml'
import t from 'tap'
import { before4 } from '../adopt/cases/before-4.ts'
import type { AdoptCase } from '../adopt/cases/case.ts'
import { since4 } from '../adopt/cases/since-4.ts'
import { command, testKey } from '../support/command.ts'
import { readFiles } from '../support/files.ts'
import { asTree, differing, keysOf, type Table } from './adopt-support.ts'

interface Unit { readonly program: 'signer' | 'node'; readonly path: string }
interface Json {
  readonly answers: readonly { readonly key: string; readonly value: string }[]
  readonly findings: readonly { readonly key: string; readonly fate: string; readonly answers?: readonly string[]; readonly note: string; readonly unit?: Unit; readonly origin: { readonly file: string; readonly line: number } }[]
  readonly additions: readonly { readonly unit: Unit }[]
}

const cases: readonly AdoptCase[] = [...before4, ...since4]
t.ok(cases.length >= 12)

for (const one of cases) {
  t.test(one.name, async (t) => {
    const root = t.testdir({ old: asTree(one.files) })
    const before = readFiles(join(root, 'old'))
    const shown = await command(root, ['adopt', 'old', '--dry-run', '--json'])
    const said = await command(root, ['adopt', 'old'])
    t.equal(said.code, 0, said.err)
    t.strictSame(readFiles(join(root, 'old')), before, 'the deployment is only read')
    const data = JSON.parse(shown.out) as Json
    const output = join(root, 'old-stack')
    const made = await command(output, [])
    t.equal(made.code, 0, made.err)

    const secret = (name: string) => readFileSync(join(output, 'secrets', name), 'utf8').trimEnd()
    const originals = originalsOf(one)
    const generated = {
      signer: filled(readFileSync(join(output, 'config/signer-config.toml'), 'utf8'), secret),
      node: filled(readFileSync(join(output, 'config/node-config.toml'), 'utf8'), secret),
    }
    const told = [...data.findings, ...data.additions].flatMap(({ unit }) => (unit ? [`${unit.program}.${unit.path}`] : []))
    t.strictSame([...new Set(told)].sort(), differing(originals, generated), 'what was listed is what differs')
    const ofTomls = data.findings.filter(({ origin }) => /\.toml$/.test(origin.file))
    t.equal(ofTomls.length, keysOf(originals.signer) + keysOf(originals.node), 'each key has met one fate')

    const answers = Object.fromEntries(data.answers.map(({ key, value }) => [key, value]))
    t.match(answers['STACK_NAME'], /-stack$/)
    delete answers['STACK_NAME']
    delete answers['NETWORK']
    t.strictSame(sorted(answers), sorted(one.answers))
    t.strictSame(ofTomls.filter(({ fate }) => fate === 'left-out').map(({ key }) => key).sort(), [...one.leftOut].sort())
    const otherwise = data.findings.flatMap(({ unit, fate }) => (unit && fate === 'fixed' ? [`${unit.program}.${unit.path}`] : []))
    t.strictSame([...new Set(otherwise)].sort(), [...one.otherwise].sort())
    const written = readFileSync(join(output, 'answers.env'), 'utf8')
    t.strictSame(data.findings.flatMap(({ answers: named = [] }) => named).filter((key) => !written.includes(`\n${key}=`)), [], 'every answer that is named is written')
    for (const [file, count] of linesOf(one)) t.equal(data.findings.filter(({ origin }) => origin.file === file).length, count, `each line of ${file} is accounted for`)
    t.strictSame(data.findings.filter(({ fate, unit }) => unit && !['fixed', 'left-out'].includes(fate)), [], 'what is carried on does not differ')
    t.strictSame(data.findings.filter(({ key, note, origin }) => !said.out.includes(`${origin.file}:${origin.line}:`) || !said.out.includes(`: ${key}`) || !said.out.includes(note)), [], 'all is said')
    const text = [shown.out, shown.err, said.out, said.err, made.out, made.err, JSON.stringify(readFiles(output, ['secrets']))].join('\n')
    for (const hidden of [testKey, testKey.slice(0, 64), ...one.hidden]) t.notOk(text.includes(hidden), 'no secret is shown or committed')
    t.equal(secret('signer-private-key'), originals.signer['stacks_private_key'])
    t.equal((await command(output, ['--check'])).code, 0, 'nothing is left to do')
  })
}

/** Files of one setting a line, and how many there are. */
function linesOf({ files }: AdoptCase): readonly (readonly [string, number])[] {
  return Object.entries(files).filter(([name]) => /(\.env|bitcoin\.conf)$/.test(name)).map(([name, text]) => [name, text.split('\n').filter((line) => /^[^#[]+=/.test(line)).length])
}

function originalsOf({ files }: AdoptCase): { readonly signer: Table; readonly node: Table } {
  const tomls = Object.entries(files).filter(([name]) => name.endsWith('.toml')).map(([, text]) => TOML.parse(text) as Table)
  return { signer: tomls.find((one) => 'stacks_private_key' in one)!, node: tomls.find((one) => 'burnchain' in one)! }
}

function filled(text: string, secret: (name: string) => string): Table {
  return TOML.parse(text.replace('@SIGNER_PRIVATE_KEY@', () => secret('signer-private-key')).replace('@AUTH_TOKEN@', () => secret('auth-token'))) as Table
}

function sorted(table: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(table).sort(([a], [b]) => (a < b ? -1 : 1))
}

t.test('what is to be typed next takes any directory for one word', async (t) => {
  const root = t.testdir({ old: asTree(since4[0]!.files) })
  const { code, out, err } = await command(root, ['adopt', 'old', "it's new"])
  t.equal(code, 0, err)
  t.match(out, "next: read 'it'\\''s new/answers.env', then: cd 'it'\\''s new' && create-stacks-signer-stack\n")
})

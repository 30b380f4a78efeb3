/** What `--json` prints for generated stacks, field by field. examples/command.md documents these fields. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { array, boolean, literal, number, optional, picklist, safeParse, strictObject, string, type GenericSchema } from 'valibot'
import { command, testKey } from '../support/command.ts'
import { repository } from '../support/repository.ts'

const place = strictObject({ file: string(), line: number(), column: number(), source: optional(string()), length: optional(number()) })
const problem = strictObject({ code: string(), severity: picklist(['error', 'warning']), message: string(), hint: optional(string()), at: optional(place) })
const identity = strictObject({ address: string(), publicKey: string() })
const change = strictObject({ path: string(), kind: picklist(['create', 'update', 'delete', 'conflict', 'unchanged']), reason: optional(string()) })
const stack = { exitCode: picklist([0, 1, 2]), directory: string(), written: boolean(), signer: optional(identity), sbtcSigner: optional(identity), problems: array(problem), changes: array(change) }
const one = strictObject({ format: literal(1), ...stack })
const fleet = strictObject({ format: literal(1), exitCode: picklist([0, 1, 2]), problems: array(problem), stacks: array(strictObject({ answers: string(), ...stack })) })

const answers = (name: string) => `STACK_NAME=${name}\nNETWORK=mainnet\nSTACKS_VERSION=4.0.4\nPLATFORM=linux/amd64\n`
const key = (digit: string) => `SIGNER_PRIVATE_KEY=${digit.repeat(64)}\n`

t.test('each field, for success, failure, a dry run, a check and a fleet', async (t) => {
  const root = t.testdir({ fleet: {} })
  const write = (file: string, text: string) => { writeFileSync(join(root, file), text, { mode: 0o600 }) }
  write('a.env', answers('a') + key('1'))
  write('bad.env', `${answers('b')}NODE_P2P_PORT=0\n`)
  write('fleet/c.env', `${answers('c')}MACHINE=c\n${key('2')}`)
  write('fleet/d.env', `${answers('d')}MACHINE=d\n${key('3')}`)
  const cases: readonly (readonly [argv: readonly string[], schema: GenericSchema, code: number, written: boolean])[] = [
    [['a.env', 'a', '--dry-run'], one, 0, false], [['a.env', 'a', '--check'], one, 1, false], [['a.env', 'a', '--diff'], one, 0, false],
    [['a.env', 'a'], one, 0, true], [['a.env', 'a'], one, 0, false], [['a.env', 'a', '--check'], one, 0, false],
    [['bad.env', 'b'], one, 2, false], [['missing.env'], one, 2, false], [['--no-such-option'], one, 2, false],
    [['fleet/c.env', 'fleet/d.env', '--check'], fleet, 1, false], [['fleet/c.env', 'fleet/d.env'], fleet, 0, true], [['fleet/c.env', 'fleet/d.env'], fleet, 0, false],
  ]
  for (const [argv, schema, code, written] of cases) {
    const ran = await command(root, [...argv, '--json'])
    t.equal(ran.code, code, `${argv.join(' ')}: ${ran.out}`)
    t.equal(ran.err, '')
    const data = JSON.parse(ran.out) as { exitCode: number; written?: boolean; stacks?: { written: boolean }[] }
    t.strictSame(safeParse(schema, data).issues ?? [], [], argv.join(' '))
    t.equal(data.exitCode, code)
    for (const said of data.stacks ?? [data as { written: boolean }]) t.equal(said.written, written, `${argv.join(' ')}: written`)
    t.notOk(ran.out.includes(testKey.slice(0, 40)))
  }
})

t.test('examples/command.md documents each field', async (t) => {
  const text = readFileSync(join(repository, 'examples/command.md'), 'utf8')
  const documented = [...text.matchAll(/^\| `([a-zA-Z]+)` \|/gm)].map(([, name]) => name)
  t.strictSame(documented.sort(), [...new Set([...Object.keys(one.entries), 'stacks', 'answers'])].sort())
})

/** config/stack.json: what the generator writes is what the programs accept, and nothing else is. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { exitCode } from '../../docker/programs/shared/program.ts'
import { rootOf } from '../../docker/programs/shared/root.ts'
import { parseStackFile, readStackFile } from '../../docker/programs/shared/stack-file.ts'
import { stackFile } from '../../generator/files/stack-file.ts'
import type { Mount } from '../../generator/stack/model.ts'
import { examples } from '../support/documents.ts'
import { planText } from '../support/pipeline.ts'
import { repository } from '../support/repository.ts'
import { sampleStack, type SampleOptions } from '../support/sample-stack.ts'

const sample = stackFile(sampleStack().stack, sampleStack().host).content

t.test('what is written for each example is accepted', async (t) => {
  t.ok(examples.length > 10)
  for (const name of examples) {
    const { files } = planText(readFileSync(join(repository, 'examples', name), 'utf8'))
    const written = [...files.values()].filter(({ path }) => path.endsWith('config/stack.json'))
    t.equal(written.length, files.has('config/stack.json') ? 1 : 2, name)
    for (const { content } of written) t.strictSame(parseStackFile(content), JSON.parse(content), name)
  }
})

const everything: readonly SampleOptions[] = [
  {}, { bitcoin: 'external', snapshot: false, identity: false }, { network: 'testnet' }, { tls: 'single', monitoring: 'full', backup: 'sftp', sbtc: 'shared' },
  { tls: 'node', monitoring: 'full' }, { tls: 'signer', monitoring: 'metrics', backup: 's3' }, { sbtc: 'beside', monitoring: 'full', backup: 'path' }, { sbtc: 'alone', backup: 's3' },
]

t.test('each volume of a host has a consumer, and each secret one that reads it', async (t) => {
  for (const options of everything) {
    const { stack, host } = sampleStack(options)
    const { consumers, programs } = parseStackFile(stackFile(stack, host).content)
    const targets = [...consumers.flatMap(({ config, data }) => [config?.path, data?.path]), programs?.path].filter((path) => path !== undefined)
    const mounted = host.services.find(({ name }) => name === 'init')!.mounts.filter(({ source }: Mount) => 'volume' in source).map(({ target }) => target)
    t.strictSame(targets.sort(), [...mounted].sort(), JSON.stringify(options))
    for (const { config } of consumers) for (const name of [...config?.secrets ?? [], ...Object.values(config?.keys ?? {})]) t.ok(host.secrets.some((secret) => secret.name === name), name)
  }
})

/** What a program says and how it ends that reads this file; undefined: there is none. */
async function reading(folder: string, content: string | undefined): Promise<string> {
  mkdirSync(join(folder, 'stack/config'), { recursive: true })
  if (content !== undefined) writeFileSync(join(folder, 'stack/config/stack.json'), content)
  let said = ''
  const io = { environment: { STACK_ROOT: folder }, input: process.stdin, stop: new AbortController().signal, say: () => {}, write: () => {}, warn: (line: string) => { said += line } }
  const code = await exitCode('sample', (_, io) => { readStackFile(rootOf(io)); return 0 }, [], io)
  return `${code} ${said}`
}

const advice = 'generate the stack again, and take all that is written then'

t.test('what is missing, damaged or of another version is told as what it is', async (t) => {
  const changed = (change: (value: Record<string, unknown>) => void): string => {
    const value = JSON.parse(sample) as Record<string, unknown>
    change(value)
    return JSON.stringify(value)
  }
  const rows: readonly (readonly [what: string, content: string | undefined, said: RegExp])[] = [
    ['as it was written', sample, /^0 $/],
    ['with other line ends', sample.replaceAll('\n', '\r\n'), /^0 $/],
    ['missing', undefined, new RegExp(`^1 sample: config/stack\\.json is missing; ${advice}$`)],
    ['empty', '', new RegExp(`^1 sample: config/stack\\.json is empty; ${advice}$`)],
    ['cut off', sample.slice(0, 400), /is damaged: it is not JSON; /],
    ['with the marks of a merge', sample.replace('"role"', '<<<<<<< ours\n"role"'), /is damaged: it is not JSON; /],
    ['with a role of both sides', sample.replace('"role": "active"', '"role": "standby",\n  "role": "active"'), /is damaged: it has a key twice/],
    ['the same the other way round', sample.replace('"role": "active"', '"role": "active",\n  "role": "standby"'), /is damaged: it has a key twice/],
    ['of a later version', changed((value) => { value['version'] = 2 }), /has version 2, and this program reads version 1; /],
    ['without a version', changed((value) => { delete value['version'] }), /is damaged: version: /],
    ['with a role of no meaning', changed((value) => { value['role'] = 'Active' }), /is damaged: role: .*"active" \| "standby"/],
    ['without a role', changed((value) => { delete value['role'] }), /is damaged: role: /],
    ['with a key that nobody knows', changed((value) => { value['rle'] = 'active' }), /is damaged: rle: /],
    ['with a path that leads out', sample.replace('"node-config.toml": "', '"../node-config.toml": "').replace('"stacks-node.sh"', '"../x"'), /is damaged: consumers\.1\.config\.scripts\.0: must be the path of a file below its folder/],
    ['with root as a user', sample.replace('"uid": 101', '"uid": 0'), /is damaged: consumers\.0\.uid: /],
    ['a list', '[]', /is damaged: /],
    ['null', 'null', /is damaged: /],
    ['a number', '1', /is damaged: /],
    ['larger than any', sample.replace('{', `{${' '.repeat(2 << 20)}`), /cannot be read: .* \(EFBIG\)/],
  ]
  for (const [what, content, said] of rows) t.match(await reading(t.testdir({}), content), said, what)
})

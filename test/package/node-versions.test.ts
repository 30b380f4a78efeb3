/** The built command under every line of Node.js that it promises to run on, and under one that it does not. */

import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { examples } from '../support/documents.ts'
import { putExampleSecrets } from '../support/example-secrets.ts'
import { readFiles } from '../support/files.ts'
import { repository } from '../support/repository.ts'
import { nodeOf, promisedNodes } from '../suite/nodes.mjs'
import { outside, ran, type Ran } from './support/npm.ts'
import { packed, unpacked } from './support/packed.ts'

const tooOld = '18.20.8'

const root = outside(t)
const main = join(await unpacked(root, await packed(root)), 'dist/main.js')
const required = process.env['REQUIRE_ENGINES'] === '1'

function call(node: string, cwd: string, ...words: readonly string[]): Promise<Ran> {
  // No proxy, no registry: `outdated` shall get as far as the first connection.
  return ran(node, [main, ...words], cwd, { PATH: '', HTTPS_PROXY: 'http://127.0.0.1:9', LANG: 'C' })
}

async function withNode(t: Test, version: string, body: (node: string) => Promise<void>): Promise<void> {
  const found = nodeOf(version)
  if ('path' in found) await body(found.path)
  else if (required) t.fail(found.missing)
  else t.pass('skipped', { skip: found.missing })
}

/** Warnings and hints of the command, and none of Node.js itself. */
const onlyOurs = /^((?!Warning:|\(node:|\(Use `node)[^\n]*\n)*$/

interface Made {
  readonly files: Readonly<Record<string, string>>
  readonly said: Ran
}

/** What an example makes, but for what differs at each first run: secrets and certificates. */
async function example(t: Test, node: string, file: string): Promise<Made> {
  const cwd = outside(t)
  cpSync(join(repository, 'examples', file), join(cwd, file))
  putExampleSecrets(join(cwd, 'out'), readFileSync(join(cwd, file), 'utf8'))
  const said = await call(node, cwd, file, 'out')
  const own = /(^|\/)(secrets|certs)\//
  const files = Object.fromEntries(Object.entries(readFiles(join(cwd, 'out'))).filter(([path]) => !own.test(path)))
  return { files, said: { ...said, out: said.out.replaceAll(cwd, '.') } }
}

const here = new Map<string, Made>()
for (const file of examples) here.set(file, await example(t, process.execPath, file))

t.test('what this Node.js makes', async (t) => {
  for (const [file, { files, said }] of here) {
    t.equal(said.code, 0, `${file}: ${said.err}`)
    t.ok(files['.stack-manifest.json'], file)
  }
})

for (const version of promisedNodes) {
  t.test(version, (t) => withNode(t, version, async (node) => {
    for (const file of examples) t.strictSame(await example(t, node, file), here.get(file), `${file}: the same bytes, the same words`)

    const cwd = outside(t)
    const key = await call(node, cwd, 'keygen', 'out')
    t.match(key, { code: 0, out: /public key +0[23][0-9a-f]{64}/, err: /^$/ })

    writeFileSync(join(cwd, 'split.env'), 'STACK_NAME=s1\nNETWORK=testnet\nSIGNER_KEY=generate\nTOPOLOGY=split\nNODE_HOST=a.example.net\nSIGNER_HOST=b.example.net\n')
    t.match(await call(node, cwd, 'split.env', 'split'), { code: 0, err: onlyOurs })
    t.match(await call(node, cwd, 'certs', 'split'), { code: 0, out: /node-tls .*396 days left/, err: /^$/ })
    t.match(await call(node, cwd, 'certs', 'renew', 'split', '--force'), { code: 0, out: /~ node-host\/certs\/node-tls\.pem/, err: /^$/ })
    writeFileSync(join(cwd, 'one.env'), 'STACK_NAME=s1\nNETWORK=testnet\nSIGNER_KEY=generate\nSNAPSHOT=off\n')
    t.match(await call(node, cwd, 'one.env', 'one'), { code: 0, err: onlyOurs })
    t.match(await call(node, cwd, 'adopt', 'one', 'again', '--dry-run'), { code: 0, out: /signer-config\.toml/, err: onlyOurs })
    t.match(await call(node, join(cwd, 'split'), 'upgrade', '4.0.4'), { code: 0, out: /nothing to do/, err: /^$/ })

    writeFileSync(join(cwd, 'bad.env'), 'STACK_NAME=s1\nNETWORK=mainet\nCOLOUR=red\n')
    const bad = await call(node, cwd, 'bad.env', 'never')
    t.strictSame(bad, await call(process.execPath, cwd, 'bad.env', 'never'))
    t.match(bad, { code: 2, out: /^$/, err: /bad\.env:2:9: error: .*3 errors; nothing was written\n$/s })
    t.match(await call(node, cwd, '--colour'), { code: 2, out: /^$/, err: /^error: unknown option --colour/ })
    const asked = await call(node, join(cwd, 'split'), 'outdated')
    t.match(asked, { code: 2, err: /ECONNREFUSED|refused|reached/ })
    t.match(asked.err, onlyOurs)
  }))
}

t.test(`${tooOld} is told what is needed`, (t) => withNode(t, tooOld, async (node) => {
  for (const words of [[], ['--help'], ['keygen']]) {
    t.strictSame(await call(node, root, ...words), { code: 2, out: '', err: `create-stacks-signer-stack needs Node.js 20.19 or later, and this is ${tooOld}\n` })
  }
}))

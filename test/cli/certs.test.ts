/** `certs` from argv to exit code, on directories as generating makes them. */

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { certs, type CertsOptions } from '../../generator/cli/certs.ts'
import { settleCertificates } from '../../generator/cli/certificates.ts'
import { certPlaces } from '../../generator/certs/places.ts'
import { hasErrors } from '../../generator/problem.ts'
import { command } from '../support/command.ts'
import { readFiles } from '../support/files.ts'
import { day, messages } from '../support/certificates.ts'
import { repository } from '../support/repository.ts'

const now = new Date()
const answers = {
  split: 'STACK_NAME=s1\nNETWORK=testnet\nTOPOLOGY=split\nNODE_HOST=node.example.net\nSIGNER_HOST=signer.example.net\n',
  single: 'STACK_NAME=s1\nNETWORK=testnet\nTLS_SIDECARS=on\n',
} as const

/** A stack's directory whose certificates were made so long ago that as many days are left. */
async function stack(t: Test, topology: 'single' | 'split' = 'split', left = 300): Promise<string> {
  const root = t.testdir({ 'answers.env': answers[topology] })
  const places = certPlaces(topology === 'split' ? { topology, nodeHost: 'node.example.net', signerHost: 'signer.example.net' } : { topology })
  const settled = await settleCertificates(root, 's1', places, 'generated', { now: new Date(now.getTime() - (397 - left) * day - 60_000), writes: true })
  t.strictSame(settled.value?.store(), [])
  return root
}

async function ran(cwd: string, words: readonly string[], options: CertsOptions = {}, later = 0) {
  const secrets = Object.entries(readFiles(cwd)).filter(([path]) => /secrets\/.*key/.test(path)).flatMap(([, text]) => text.split('\n').slice(1, 3))
  const { exitCode, problems, lines, data } = await certs(words, options, { cwd }, { now: () => new Date(now.getTime() + later * day) })
  const text = [...lines, ...messages(problems)].join('\n')
  const shown = text + JSON.stringify(data)
  if (secrets.some((line) => line !== '' && shown.includes(line)) || shown.includes('PRIVATE KEY-')) throw new Error('a key was shown')
  return { exitCode, text, data, errors: hasErrors(problems) }
}

t.test('status: 0 fine, 1 due, 2 broken', async (t) => {
  const root = await stack(t)
  const fine = await ran(root, [])
  t.equal(fine.exitCode, 0, fine.text)
  t.match(fine.text, /node-tls {4}node-host\/certs\/node-tls.pem: 299 days left/)
  t.equal((await ran(root, ['status', '.'])).exitCode, 0)
  t.equal((await ran(root, [], {}, 270)).exitCode, 1)
  t.equal((await ran(root, [], {}, 301)).exitCode, 2)
  writeFileSync(join(root, 'node-host/certs/node-tls.pem'), 'x\n')
  const broken = await ran(root, [])
  t.equal(broken.exitCode, 2)
  t.match(broken.text, 'error: node-host/certs/node-tls.pem holds no certificate in PEM | make a new one: create-stacks-signer-stack certs renew')
})

t.test('renew: nothing to do, --check, and the certificates alone', async (t) => {
  const root = await stack(t)
  const before = readFiles(root)
  t.match(await ran(root, ['renew']), { exitCode: 0, text: /^nothing to do/ })
  t.match(await ran(root, ['renew'], { check: true }), { exitCode: 0 })
  const due = await ran(root, ['renew'], { check: true }, 280)
  t.match(due, { exitCode: 1, text: /node-tls: 19 days left\n/ })
  t.match(await ran(root, ['renew'], { dryRun: true }, 280), { exitCode: 0, text: /nothing was written/ })
  t.strictSame(readFiles(root), before, 'nothing was written')
  const renewed = await ran(root, ['renew', root], {}, 280)
  t.equal(renewed.exitCode, 0)
  t.match(renewed.text, '~ node-host/certs/node-tls.pem')
  t.match(renewed.text, 'next: bring signer-host/certs/signer-tls.pem to the signer\'s host, and there: make tls-reload')
  t.notMatch(renewed.text, 'secrets/')
  const after = readFiles(root)
  t.strictSame(Object.keys(after).filter((path) => after[path] !== before[path]), ['node-host/certs/node-tls.pem', 'signer-host/certs/signer-tls.pem'])
  t.match(await ran(root, ['renew'], {}, 280), { exitCode: 0, text: /^nothing to do/ })
})

t.test('renew --force: new keys, which have to be brought along', async (t) => {
  const root = await stack(t)
  const before = readFiles(root)
  const renewed = await ran(root, ['renew'], { force: true })
  t.match(renewed.text, 'next: bring node-host/certs/node-tls.pem, node-host/secrets/node-tls-key to the node\'s host, and there: make tls-reload')
  t.notMatch(renewed.text, '.next')
  const after = readFiles(root)
  t.not(after['node-host/secrets/node-tls-key'], before['node-host/secrets/node-tls-key'])
  t.strictSame(Object.keys(after).sort(), Object.keys(before).sort())
  t.equal((await ran(root, [])).exitCode, 0)
})

t.test('a host that moves is seen, and renewed', async (t) => {
  const root = await stack(t)
  writeFileSync(join(root, 'answers.env'), answers.split.replace('node.example.net', 'moved.example.net'))
  t.match(await ran(root, []), { exitCode: 2, text: /node-tls.pem is not for moved.example.net/ })
  t.match(await ran(root, ['renew']), { exitCode: 0, text: /^node-tls: / })
  t.match(await ran(root, []), { exitCode: 0, text: /for node-tls, moved.example.net/ })
})

t.test('rotate: three steps, each with what to deploy before the next', async (t) => {
  const root = await stack(t)
  t.match(await ran(root, ['rotate'], { check: true }), { exitCode: 1, text: /step 1 of 3.*nothing was written/s })
  const first = await ran(root, ['rotate'])
  t.match(first, { exitCode: 0, data: { step: 1 } })
  t.match(first.text, 'next: bring node-host/certs/ca.pem to the node\'s host, and there: make tls-reload')
  t.match(first.text, 'What the hosts have cannot be seen from here')
  t.match((await ran(root, [])).text, 'rotation: between step 1 and 2')
  const second = await ran(root, ['rotate'])
  t.match(second.text, /^step 2 of 3.*next: bring node-host\/certs\/node-tls.pem to the node's host.*both must have step 1/s)
  t.notOk(existsSync(join(root, 'secrets/tls-ca-key.next')))
  t.match((await ran(root, ['rotate'])).text, /^step 3 of 3.*the rotation is done/s)
  t.equal((await ran(root, [])).exitCode, 0)
  t.match(await ran(root, ['rotate']), { exitCode: 2, text: /is not a week old, and no rotation is under way/ })
  t.match(await ran(root, ['rotate'], {}, 8), { exitCode: 0, data: { step: 1 } })
})

t.test('on one host', async (t) => {
  const root = await stack(t, 'single', 10)
  t.match(await ran(root, ['renew']), { exitCode: 0, text: /~ certs\/node-tls.pem\n~ certs\/signer-tls.pem\nnext: make tls-reload, where the stack runs$/ })
  t.match(await ran(root, []), { exitCode: 0 })
})

t.test('provided: judged, never made', async (t) => {
  const root = await stack(t)
  writeFileSync(join(root, 'answers.env'), `${answers.split}TLS_CERTS=provided\n`)
  t.match(await ran(root, []), { exitCode: 0 })
  const before = readFiles(root)
  for (const action of ['renew', 'rotate']) t.match(await ran(root, [action], { force: true }), { exitCode: 2, text: /with TLS_CERTS=provided certs \w+ makes nothing/ })
  t.strictSame(readFiles(root), before)
})

t.test('usage, and stacks without TLS', async (t) => {
  const root = await stack(t)
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['status', 'a', 'b'], /certs takes an action \(status, renew, rotate\) and a directory, found "a" "b"/],
    [['renwe'], /renwe\/answers.env: there is no such answer file/],
  ]
  for (const [words, want] of cases) t.match(await ran(root, words), { exitCode: 2, text: want })
  writeFileSync(join(root, 'answers.env'), 'STACK_NAME=s1\nNETWORK=testnet\n')
  t.match(await ran(root, []), { exitCode: 2, text: /this stack has no TLS sidecars/ })
  writeFileSync(join(root, 'answers.env'), 'STACK_NAME=s1\nNETWORK=testnet\nTOPOLOGY=split\n')
  t.match(await ran(root, []), { exitCode: 2, text: /TOPOLOGY=split needs NODE_HOST/ })
})

t.test('the whole command: generate, status as JSON, a clone', async (t) => {
  const root = t.testdir({ 'a.env': `${answers.split}SIGNER_KEY=generate\n` })
  const made = await command(root, ['a.env', 'out'])
  t.equal(made.code, 0, made.err)
  const files = readFiles(join(root, 'out'))
  const manifest = files['.stack-manifest.json']!
  for (const path of Object.keys(files).filter((one) => /(^|\/)certs\/|tls-.*key/.test(one))) t.notOk(manifest.includes(`"${path}"`), `${path} is not the generator's`)
  t.ok(files['node-host/certs/node-tls.pem'] && files['secrets/tls-ca-key'])
  t.notOk(Object.keys(files).some((path) => /-host\/.*tls-ca-key/.test(path)))
  const status = await command(join(root, 'out'), ['certs', '--json'])
  t.equal(status.code, 0, status.err)
  t.match(JSON.parse(status.out), { exitCode: 0, problems: [], certificates: [{ name: 'node-tls', daysLeft: 396 }, { name: 'signer-tls' }] })
  const again = await command(join(root, 'out'), [])
  t.match(again.out, 'nothing to do')
  t.equal((await command(join(root, 'out'), ['certs', 'renew', '--check'])).code, 0)
  for (const home of ['', 'node-host', 'signer-host']) rmSync(join(root, 'out', home, 'secrets'), { recursive: true })
  const clone = await command(join(root, 'out'), ['--check'])
  t.equal(clone.code, 0, clone.out + clone.err)
  t.equal((await command(join(root, 'out'), ['certs'])).code, 0, 'the certificates are committed')
  const renew = await command(join(root, 'out'), ['certs', 'renew', '--force'])
  t.equal(renew.code, 2)
  t.match(renew.err, 'secrets/tls-ca-key is not here, and without it no certificate can be made')
})

t.test('a stack without TLS loads no X.509 library', async (t) => {
  const root = t.testdir({ 'a.env': 'STACK_NAME=s1\nNETWORK=testnet\nSIGNER_KEY=generate\n' })
  const out = join(root, 'bundle')
  mkdirSync(out)
  execFileSync(join(repository, 'node_modules/.bin/esbuild'), [join(repository, 'generator/main.ts'), '--bundle', '--splitting', '--format=esm', '--platform=node', '--main-fields=module,main',
    `--outdir=${out}`, '--out-extension:.js=.mjs', '--log-level=error', '--metafile=' + join(root, 'meta.json')])
  const { outputs } = JSON.parse(readFileSync(join(root, 'meta.json'), 'utf8')) as { outputs: Record<string, { entryPoint?: string; inputs: Record<string, unknown>; imports: { path: string; kind: string }[] }> }
  const seen = new Set<string>()
  const walk = (path: string): void => {
    if (seen.has(path)) return
    seen.add(path)
    for (const one of outputs[path]?.imports ?? []) if (one.kind === 'import-statement') walk(one.path)
  }
  walk(Object.keys(outputs).find((path) => outputs[path]?.entryPoint?.endsWith('generator/main.ts'))!)
  const loaded = [...seen].flatMap((path) => Object.keys(outputs[path]?.inputs ?? {}))
  t.ok(loaded.length > 50)
  t.strictSame(loaded.filter((path) => /@peculiar|reflect-metadata|tsyringe|asn1js/.test(path)), [])
  t.ok(Object.values(outputs).some(({ inputs }) => Object.keys(inputs).some((path) => path.includes('@peculiar/x509'))), 'it is in the bundle all the same')
})

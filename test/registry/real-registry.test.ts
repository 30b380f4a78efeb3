/** The whole commands against a real registry with real multi-platform images, behind the world's token handshake. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parseLock } from '../../generator/io/lock-file.ts'
import { readFiles } from '../support/files.ts'
import { missing, startDockerRegistry } from './support/docker-registry.ts'
import { startFront, type Front } from './support/front.ts'
import { programBefore, type Program } from './support/program.ts'
import { pushImage, pushIndex, tagManifest } from './support/push.ts'
import { answers, images, makeStack, pushAll, withoutSecrets } from './support/stacks.ts'

const required = process.env['REQUIRE_ENGINES'] === '1'
if (missing && required) t.fail(missing)

interface World { readonly registry: URL; readonly front: Front; readonly program: Program }

/** Each has a registry, a front and a command of its own. */
function real(name: string, body: (t: Test, world: World) => Promise<void>): void {
  void t.test(name, missing ? { skip: missing } : {}, async (t) => {
    const registry = await startDockerRegistry(t)
    const front = await startFront(t, registry)
    await body(t, { registry, front, program: programBefore(t, front) })
  })
}

const lockOf = (root: string) => parseLock(readFileSync(join(root, 'images.lock.json'), 'utf8')).value!
const stateOf = (out: string) => Object.fromEntries((JSON.parse(out) as { readonly images: readonly { readonly image: string; readonly state: string }[] }).images.map(({ image, state }) => [image, state]))

real('pin, generate, and nothing left to do', async (t, { registry, front, program }) => {
  const pushed = await pushAll(registry)
  const root = withoutSecrets(await makeStack(t))
  const before = await program(root, ['outdated'])
  t.equal(before.code, 0, before.err)
  t.match(before.out, 'moves; not pinned', 'a tag without a version')

  const pinned = await program(root, ['pin'])
  t.equal(pinned.code, 0, pinned.err)
  for (const [key, { name }] of Object.entries(images)) {
    const { digest } = pushed[key as keyof typeof images]
    t.strictSame(lockOf(root).get(name), { digest, index: true, platforms: ['linux/amd64', 'linux/arm64'] }, `${name}: what was pushed, without its attestation`)
    t.match(pinned.out, `+ ${name}  ${digest} (linux/amd64, linux/arm64)`)
  }
  t.match(pinned.err, /warning: docker\.io\/bitcoin\/bitcoin:31\.1 is sha256:\w+, but this generator knows it as sha256:da25cedc/)

  const stale = await program(root, ['--check'])
  t.equal(stale.code, 1, 'the stack does not have them yet')
  const generated = await program(root, [], { HTTPS_PROXY: 'http://127.0.0.1:1' })
  t.equal(generated.code, 0, generated.err)
  t.notMatch(generated.err, 'no digest is known')
  const compose = readFileSync(join(root, 'docker-compose.yml'), 'utf8')
  for (const key of ['node', 'signer', 'bitcoind'] as const) t.match(compose, `image: ${images[key].name}@${pushed[key].digest}`)
  t.match(compose, `image: ${images.nodejs.name}@${pushed.nodejs.digest}`)

  const asked = front.seen.length
  const again = await program(root, ['pin'])
  t.equal(again.code, 0, again.err)
  t.match(again.out, 'nothing to do')
  t.strictSame(front.seen.slice(asked).filter(({ url, method }) => url.includes('/manifests/') && method !== 'HEAD'), [], 'and no pull is counted')
  const after = await program(root, ['outdated', '--json'])
  t.equal(after.code, 0, after.err)
  t.strictSame(new Set(Object.values(stateOf(after.out))), new Set(['current']))
})

real('401, then a token for this repository alone, from whom the registry names', async (t, { registry, front, program }) => {
  const { signer: { text } } = await pushAll(registry)
  const root = await makeStack(t)
  const ran = await program(root, ['pin'])
  t.equal(ran.code, 0, ran.err)
  const signer = front.seen.filter(({ url }) => decodeURIComponent(url).includes('stacks-network/stacks-signer'))
  t.strictSame(signer.slice(0, 3).map(({ host, url, authorization }) => [host, decodeURIComponent(url.split('?')[0]!), authorization !== undefined]), [
    ['ghcr.io', '/v2/stacks-network/stacks-signer/manifests/4.0.4', false],
    ['ghcr.io', '/token', false],
    ['ghcr.io', '/v2/stacks-network/stacks-signer/manifests/4.0.4', true],
  ])
  const tokens = front.seen.filter(({ url }) => url.includes('scope='))
  t.ok(tokens.every(({ url }) => /scope=repository%3A[a-z-]+%2F[a-z-]+%3Apull/.test(url)))
  t.ok(tokens.some(({ host, url }) => host === 'auth.docker.io' && url.includes('service=registry-1.docker.io')))
  t.ok(front.reached.has('ghcr.io:443') && front.reached.has('auth.docker.io:443') && front.reached.has('registry-1.docker.io:443'))

  // Each answer costs a token: every page after the first finds its own run out.
  front.uses = 1
  front.pageSize = 1
  await tagManifest(registry, images.signer.repository, '4.0.5', text)
  const asked = front.seen.length
  const renewed = await program(root, ['outdated'])
  t.equal(renewed.code, 1, renewed.err)
  t.match(renewed.out, /stacks-signer +4\.0\.4 +4\.0\.5/, 'it stands on the second page')
  t.equal(front.seen.slice(asked).filter(({ url }) => decodeURIComponent(url).includes('scope=repository:stacks-network/stacks-signer:pull')).length, 2)

  front.uses = 0
  const refused = await program(root, ['outdated'])
  t.equal(refused.code, 2, 'a registry that takes none of its tokens')
  t.match(refused.err, 'does not show the list of tags to strangers (401)')
})

real('429 with Retry-After: waited for, within bounds', async (t, { registry, front, program }) => {
  await pushAll(registry)
  const root = await makeStack(t)
  let left = 2
  front.trouble = ({ url }, response) => {
    if (!url!.includes('stacks-signer/manifests') || left-- <= 0) return false
    response.writeHead(429, { 'retry-after': '2' }).end()
    return true
  }
  const ran = await program(root, ['pin'])
  t.equal(ran.code, 0, ran.err)
  t.ok(ran.seconds >= 4, `twice two seconds: ${ran.seconds}`)
  const lock = readFileSync(join(root, 'images.lock.json'), 'utf8')

  front.trouble = (_, response) => { response.writeHead(429, { 'retry-after': '3600' }).end(); return true }
  for (const command of ['pin', 'outdated']) {
    // It ends, long before the hour would be over.
    const busy = await program(root, [command])
    t.equal(busy.code, 2)
    t.match(busy.err, /registry-1\.docker\.io is too busy to answer \(429\)\n.*it asks to come back after 3600 s/)
  }
  t.equal(readFileSync(join(root, 'images.lock.json'), 'utf8'), lock)
})

real('a connection that hangs', async (t, { registry, front, program }) => {
  await pushAll(registry)
  const root = await makeStack(t)
  const before = readFiles(root)
  front.trouble = ({ url }) => url!.startsWith('/v2/stacks-network/stacks-signer/')
  const [pinned, asked] = await Promise.all([program(root, ['pin']), program(root, ['outdated'])])
  for (const ran of [pinned, asked]) {
    t.equal(ran.code, 2)
    t.match(ran.err, 'ghcr.io/stacks-network/stacks-signer: ghcr.io does not answer in time: no complete answer within 20 s')
    t.ok(ran.seconds >= 19, String(ran.seconds))
  }
  t.match(asked.out, /stacks-core +4\.0\.4 +=/, 'the others have answered')
  t.match(asked.out, /stacks-signer +4\.0\.4 +\?/)
  t.strictSame(readFiles(root), before, 'nothing was written')
})

real('10,000 tags over pages, pre-releases and variants among them', async (t, { registry, front, program }) => {
  await pushAll(registry)
  const root = await makeStack(t)
  const { text } = await pushIndex(registry, images.bitcoind.repository, 'latest', 'first')
  const tags = [
    ...Array.from({ length: 9_990 }, (_, index) => `0.${index}.1`), '31', '31.1-alpine', '31.2', '31.2-alpine', '31.3-alpine', '31.2rc2', '32.0rc1', '32.0rc1-alpine', 'v99', 'master',
  ]
  await Promise.all(tags.map((tag) => tagManifest(registry, images.bitcoind.repository, tag, text)))
  front.pageSize = 100
  const ran = await program(root, ['outdated', '--json'])
  t.equal(ran.code, 1, ran.err)
  const row = (JSON.parse(ran.out) as { readonly images: readonly { readonly image: string }[] }).images.find(({ image }) => image === 'docker.io/bitcoin/bitcoin')
  t.match(row, {
    pinned: '31.1', state: 'behind', services: ['bitcoind'],
    newest: 'docker.io/bitcoin/bitcoin:31.2', newer: ['docker.io/bitcoin/bitcoin:31.2'], preReleases: ['docker.io/bitcoin/bitcoin:32.0rc1'],
  })
  t.equal(front.seen.filter(({ url, authorization }) => url.includes('bitcoin/tags/list') && authorization).length, Math.ceil((tags.length + 2) / 100), 'page after page')
})

real('newer releases of node and signer, each of its own variant, and from one registry to the next', async (t, { registry, program }) => {
  await pushAll(registry)
  const [node, signer] = [images.node.repository, images.signer.repository]
  for (const repository of [node, signer]) {
    const { text } = await pushIndex(registry, repository, '4.0.4-alpine', 'alpine')
    for (const tag of ['4.0', '4.0.3', 'latest', '4.1.0-rc1']) await tagManifest(registry, repository, tag, text)
  }
  const current = await program(await makeStack(t), ['outdated'])
  t.equal(current.code, 0, `${current.out}${current.err}`)
  t.match(current.out, /stacks-core +4\.0\.4 += +4\.1\.0-rc1/, 'a pre-release alone is told, and does not count')

  for (const repository of [node, signer]) {
    const { text } = await pushIndex(registry, repository, '4.0.5', 'next')
    await tagManifest(registry, repository, '4.0.5-debian', text)
  }
  const behind = await program(await makeStack(t), ['outdated'])
  t.equal(behind.code, 1)
  t.match(behind.out, /ghcr\.io\/stacks-network\/stacks-signer +4\.0\.4 +4\.0\.5 /)
  t.match(behind.out, 'create-stacks-signer-stack upgrade')
  const alpine = await program(await makeStack(t, `${answers}IMAGE_VARIANT=alpine\n`), ['outdated', '--json'])
  t.match(stateOf(alpine.out), { 'ghcr.io/stacks-network/stacks-signer': 'current' }, 'there is no 4.0.5-alpine yet')

  for (const [repository, tag] of [['blockstack/stacks-core', '3.3.0.0.5'], ['blockstack/stacks-signer', '3.3.0.0.5.0']] as const) await pushIndex(registry, repository, tag, 'old')
  const old = await makeStack(t, 'STACK_NAME=pins\nNETWORK=mainnet\nSTACKS_NODE_VERSION=3.3.0.0.5\nSTACKS_SIGNER_VERSION=3.3.0.0.5.0\nALLOW_UNSUPPORTED=yes\n')
  const moved = await program(old, ['outdated', '--json'])
  t.equal(moved.code, 1, moved.err)
  t.match(JSON.parse(moved.out), { images: [{}, { image: 'docker.io/blockstack/stacks-core', newest: 'ghcr.io/stacks-network/stacks-core:4.0.5' }] })
})

real('a tag that moved is not followed unasked', async (t, { registry, program }) => {
  const first = await pushAll(registry)
  const root = await makeStack(t)
  t.equal((await program(root, ['pin'])).code, 0)
  t.equal((await program(root, [])).code, 0)
  const before = readFiles(root)
  const second = { signer: await pushIndex(registry, images.signer.repository, '4.0.4', 'moved'), nodejs: await pushIndex(registry, images.nodejs.repository, images.nodejs.tag, 'moved') }

  const asked = await program(root, ['outdated'])
  t.equal(asked.code, 1, 'a tag that is no version was built anew')
  t.match(asked.out, /node +24-trixie-slim +rebuilt since/)
  for (const argv of [['pin'], ['pin', '--check'], ['pin', '--json'], ['pin', '--diff']]) {
    const refused = await program(root, argv)
    t.equal(refused.code, 2, argv.join(' '))
    t.match(refused.out + refused.err, `${images.signer.name} now points to ${second.signer.digest}; images.lock.json says ${first.signer.digest}`)
    t.match(refused.out + refused.err, `${images.nodejs.name} now points to ${second.nodejs.digest}`)
    t.match(refused.out + refused.err, 'pin --accept')
    t.strictSame(readFiles(root), before, 'nothing was written')
  }
  const shown = await program(root, ['pin', '--accept', '--check'])
  t.equal(shown.code, 1)
  t.strictSame(readFiles(root), before)

  const followed = await program(root, ['pin', '--accept'])
  t.equal(followed.code, 0, followed.err)
  t.match(followed.out, `~ ${images.signer.name}  ${first.signer.digest} -> ${second.signer.digest}`)
  t.notMatch(followed.out, `${images.node.name} `, 'what has not moved is not told')
  t.equal((await program(root, [])).code, 0)
  const after = readFiles(root)
  const changed = Object.keys(after).filter((path) => after[path] !== before[path])
  t.strictSame(changed, ['.stack-manifest.json', 'docker-compose.yml', 'images.lock.json'])
  t.equal(after['docker-compose.yml']!.includes(first.signer.digest), false)
  t.match(after['docker-compose.yml'], `${images.signer.name}@${second.signer.digest}`)
  t.match(after['docker-compose.yml'], `${images.nodejs.name}@${second.nodejs.digest}`)
})

real('an image for one platform alone', async (t, { registry, program }) => {
  await pushAll(registry)
  const { digest } = await pushImage(registry, images.node.repository, '4.0.4', 'alone', 'linux/amd64')
  await pushIndex(registry, images.signer.repository, '4.0.4', 'docker', { docker: true, platforms: ['linux/amd64', 'linux/arm64/v8'] })
  const root = await makeStack(t)
  const ran = await program(root, ['pin'])
  t.equal(ran.code, 0, ran.err)
  t.match(ran.err, `${images.node.name} is an image for linux/amd64 alone`)
  t.strictSame(lockOf(root).get(images.node.name), { digest, index: false, platforms: ['linux/amd64'] })
  t.match(lockOf(root).get(images.signer.name), { index: true, platforms: ['linux/amd64', 'linux/arm64/v8'] }, 'Docker\'s own kind of index')
  const other = await program(await makeStack(t, `${answers}PLATFORM=linux/arm64\n`), ['pin'])
  t.match(other.err, `${images.node.name} has no image for linux/arm64, only for linux/amd64`)
})

real('a tag that is not there, a proxy that is closed, a network that is down, a certificate of nobody', async (t, { registry, front, program }) => {
  await pushAll(registry)
  const root = await makeStack(t)
  const before = readFiles(root)
  const fails = async (says: RegExp, environment: Readonly<Record<string, string>> = {}): Promise<void> => {
    for (const command of ['pin', 'outdated']) {
      const ran = await program(root, [command], environment)
      t.equal(ran.code, 2, ran.out)
      t.match(ran.err, says)
      t.notMatch(ran.err, /bug|\bat .*:\d+:\d+\)/)
    }
    t.strictSame(readFiles(root), before, 'nothing was written')
  }
  await fails(/registry-1\.docker\.io cannot be reached: the connection is refused/, { HTTPS_PROXY: 'http://127.0.0.1:1' })
  await fails(/ghcr\.io shows a certificate that is not trusted/, { NODE_EXTRA_CA_CERTS: '' })
  await fails(/HTTPS_PROXY names no http or https proxy/, { HTTPS_PROXY: 'ftp://x' })
  front.closed = true
  await fails(/ghcr\.io is not let through by the proxy/)
  front.closed = false
  writeFileSync(join(root, 'answers.env'), answers.replace('4.0.4', '4.0.3'))
  const unknown = await program(root, ['pin'])
  t.equal(unknown.code, 2)
  t.match(unknown.err, 'ghcr.io does not have the tag 4.0.3')
})

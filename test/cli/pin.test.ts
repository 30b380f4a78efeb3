/** `pin`, and what its lock changes in the stack that is generated after it. */

import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { options } from '../../generator/cli/options.ts'
import type { Outcome } from '../../generator/cli/outcome.ts'
import { pin, type PinOptions } from '../../generator/cli/pin.ts'
import { parseLock, renderLock } from '../../generator/io/lock-file.ts'
import { startFront, type Front } from '../registry/support/front.ts'
import { digestOf, indexText, memoryRegistry, type Images } from '../registry/support/memory.ts'
import { answers, images, makeStack, sbtcImages, sbtcStack } from '../registry/support/stacks.ts'
import { command } from '../support/command.ts'
import { readFiles } from '../support/files.ts'
import { limit } from '../support/wait.ts'

const names = Object.values(images)
const digests = { node: digestOf(indexText('node')), signer: digestOf(indexText('signer')), bitcoind: digestOf(indexText('bitcoind')), nodejs: digestOf(indexText('nodejs')) } as const

/** A registry that holds what the stack asks for; change it and the tags move. */
function world(): Images {
  return Object.fromEntries(Object.entries(images).map(([key, { repository, tag }]) => [repository, { [tag]: indexText(key) }]))
}

async function pins(front: Front, root: string, given: PinOptions = {}, words: readonly string[] = []): Promise<Outcome> {
  return pin(words, given, { cwd: root, environment: front.environment, version: '0.1.0' }, { trust: front.trust, seconds: limit / 1000, pause: async () => undefined })
}

const lockPath = (root: string) => join(root, 'images.lock.json')
const composeOf = (root: string) => parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8')) as {
  readonly services: Readonly<Record<string, { readonly image: string; readonly build?: { readonly args?: Readonly<Record<string, string>> } }>>
}

t.test('the image of Node.js is pinned like every other', async (t) => {
  const front = await startFront(t, memoryRegistry(world()))
  const root = await makeStack(t)
  t.equal(composeOf(root).services['guard']!.image, images.nodejs.name, 'by tag alone, before')
  const pinned = await pins(front, root)
  t.equal(pinned.exitCode, 0, JSON.stringify(pinned.problems))
  const generated = await command(root, [])
  t.equal(generated.err, '', 'every digest is known')
  t.equal(composeOf(root).services['guard']!.image, `${images.nodejs.name}@${digestOf(indexText('nodejs'))}`)
  t.equal(composeOf(root).services['init']!.image, `${images.nodejs.name}@${digestOf(indexText('nodejs'))}`)
})

t.test('pin, generate, remove the lock, generate', async (t) => {
  const front = await startFront(t, memoryRegistry(world()))
  const root = await makeStack(t)
  const before = readFiles(root)
  t.equal(composeOf(root).services['stacks-signer']!.image, images.signer.name, 'by tag alone, before')
  const pinned = await pins(front, root)
  t.equal(pinned.exitCode, 0, JSON.stringify(pinned.problems))
  t.match(pinned.lines.at(-1), 'next: create-stacks-signer-stack answers.env, which takes these digests into the stack')
  t.equal(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), before['docker-compose.yml'], 'pin writes the lock alone')

  const checked = await command(root, ['--check'])
  t.equal(checked.code, 1)
  t.match(checked.out, '~ docker-compose.yml')
  t.notMatch(checked.out, 'images.lock.json')
  const generated = await command(root, [])
  t.equal(generated.code, 0, generated.err)
  t.equal(generated.err, '', 'every digest is known')
  const { services } = composeOf(root)
  t.equal(services['stacks-node']!.image, `${images.node.name}@${digests.node}`)
  t.equal(services['stacks-signer']!.image, `${images.signer.name}@${digests.signer}`)
  t.equal(services['bitcoind']!.image, `${images.bitcoind.name}@${digests.bitcoind}`, 'what was found goes before what is known')
  t.equal(services['snapshot']!.image, `${images.nodejs.name}@${digests.nodejs}`)
  const changed = Object.entries(readFiles(root)).filter(([path, text]) => before[path] !== text).map(([path]) => path)
  t.strictSame(changed, ['.stack-manifest.json', 'docker-compose.yml', 'images.lock.json'])
  t.notMatch(readFileSync(join(root, '.stack-manifest.json'), 'utf8'), 'images.lock.json', 'the lock is an input, as the answers are')

  t.equal((await command(root, ['--check'])).code, 0)
  rmSync(lockPath(root))
  t.equal((await command(root, [])).code, 0)
  t.strictSame(readFiles(root), before, 'the same bytes as before')
})

t.test('the images of an sBTC signer', async (t) => {
  const { bitcoind, node, nodejs } = images
  const used = { bitcoind, node, nodejs, ...sbtcImages }
  const front = await startFront(t, memoryRegistry(Object.entries(used).reduce<Images>((all, [key, { repository, tag }]) => ({ ...all, [repository]: { ...all[repository], [tag]: indexText(key) } }), {})))
  const root = await makeStack(t, sbtcStack)
  const pinned = await pins(front, root)
  t.equal(pinned.exitCode, 0, JSON.stringify(pinned.problems))
  t.strictSame((await command(root, [])).code, 0)
  const { services } = composeOf(root)
  for (const [service, key] of [['sbtc-signer', 'sbtcSigner'], ['blocklist-client', 'blocklist'], ['postgres', 'postgres'], ['sbtc-bitcoind', 'bitcoind'], ['sbtc-stacks-node', 'node']] as const) {
    t.equal(services[service]!.image, `${used[key].name}@${digestOf(indexText(key))}`, service)
  }
})

t.test('git may have the lock', async (t) => {
  const root = await makeStack(t)
  const patterns = readFileSync(join(root, '.gitignore'), 'utf8').split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  t.notOk(patterns.some((pattern) => /json|lock|^\*$|^\/\*$/.test(pattern)), patterns.join(' '))
})

t.test('a lock that is not what pin writes stops everything, and nothing is written', async (t) => {
  const front = await startFront(t, memoryRegistry(world()))
  const good = renderLock(new Map([[images.signer.name, { digest: digests.signer, index: true, platforms: ['linux/amd64'] }]]))
  const plants: Readonly<Record<string, (root: string) => void>> = {
    'no JSON': (root) => { writeFileSync(lockPath(root), '<<<<<<< ours\n') },
    'a digest that is a command': (root) => { writeFileSync(lockPath(root), good.replace(digests.signer, `${digests.signer}\\n    privileged: true`)) },
    'a key beside the known ones': (root) => { writeFileSync(lockPath(root), good.replace('"index"', '"command": "sh", "index"')) },
    'of the future': (root) => { writeFileSync(lockPath(root), good.replace('"format": 1', '"format": 2')) },
    'a link to elsewhere': (root) => {
      writeFileSync(join(root, 'elsewhere'), good)
      symlinkSync('elsewhere', lockPath(root))
    },
    'a directory': (root) => { mkdirSync(lockPath(root)) },
    'no text': (root) => { writeFileSync(lockPath(root), Buffer.from([0xff, 0xfe, 0])) },
  }
  for (const [name, plant] of Object.entries(plants)) {
    const root = await makeStack(t, answers.replace('4.0.4', '4.0.3'))
    plant(root)
    // A change is due: it must not be made.
    writeFileSync(join(root, 'answers.env'), `${readFileSync(join(root, 'answers.env'), 'utf8')}NODE_P2P_PORT=30444\n`)
    const before = readFiles(root)
    for (const argv of [[], ['--force'], ['--check'], ['upgrade', '4.0.4', '--yes']]) {
      const ran = await command(root, argv)
      t.equal(ran.code, 2, `${name}: ${argv.join(' ')}`)
      t.match(ran.err, 'error: images.lock.json ', name)
      t.strictSame(readFiles(root), before, name)
    }
    const pinned = await pins(front, root, { accept: true })
    t.equal(pinned.exitCode, 2, name)
    t.match(pinned.problems, [{ code: /^(bad|newer)-lock$/ }])
    t.strictSame(readFiles(root), before, name)
  }
  t.strictSame(front.seen, [], 'nor is anybody asked')
  const fresh = t.testdir({ 'answers.env': 'STACK_NAME=s1\nNETWORK=mainnet\nSIGNER_KEY=generate\n', 'images.lock.json': 'x' })
  t.equal((await command(fresh, [])).code, 2)
  t.strictSame(Object.keys(readFiles(fresh)).sort(), ['answers.env', 'images.lock.json'], 'not even a key')
})

t.test('an entry that is no longer used does no harm, and goes with the next pin', async (t) => {
  const front = await startFront(t, memoryRegistry(world()))
  const root = await makeStack(t)
  const stale = { digest: digestOf('old'), index: true, platforms: ['linux/amd64'] }
  const old = 'ghcr.io/stacks-network/stacks-signer:4.0.3'
  writeFileSync(lockPath(root), renderLock(new Map([[old, stale]])))
  const before = readFiles(root)
  t.equal((await command(root, ['--check'])).code, 0, 'it changes nothing')
  const pinned = await pins(front, root)
  t.match(pinned, { exitCode: 0, data: { dropped: [old] } })
  t.ok(pinned.lines.includes(`- ${old}  no longer used`))
  t.strictSame([...parseLock(readFileSync(lockPath(root), 'utf8')).value!.keys()], names.map(({ name }) => name).sort())
  t.strictSame({ ...readFiles(root), 'images.lock.json': '' }, { ...before, 'images.lock.json': '' })
})

t.test('--check and --dry-run and --diff write nothing', async (t) => {
  const front = await startFront(t, memoryRegistry(world()))
  const root = await makeStack(t)
  for (const [given, exitCode] of [[{ check: true }, 1], [{ dryRun: true }, 0], [{ diff: true }, 0]] as const) {
    const ran = await pins(front, root, given)
    t.match(ran, { exitCode, data: { changed: true } })
    t.equal(ran.lines.at(-1), 'images.lock.json would change')
    t.notOk(existsSync(lockPath(root)))
  }
  await pins(front, root)
  t.match(await pins(front, root, { check: true }), { exitCode: 0, data: { changed: false }, lines: [/^nothing to do/] })
  t.ok(options.some(({ name }) => name === 'accept'))
})

t.test('moved tags, and one registry that fails: all or nothing', async (t) => {
  const registry = world()
  const front = await startFront(t, memoryRegistry(registry))
  const root = await makeStack(t)
  await pins(front, root)
  const lock = readFileSync(lockPath(root), 'utf8')
  registry[images.signer.repository] = { '4.0.4': indexText('moved') }
  t.match(await pins(front, root), { exitCode: 2, lines: [], problems: [{ code: 'tag-moved', message: /stacks-signer:4\.0\.4 now points to/, hint: /--accept/ }] })
  t.equal(readFileSync(lockPath(root), 'utf8'), lock)
  delete registry[images.node.repository]
  t.match(await pins(front, root, { accept: true }), { exitCode: 2, problems: [{ code: 'not-in-registry' }] })
  t.equal(readFileSync(lockPath(root), 'utf8'), lock)
  registry[images.node.repository] = { '4.0.4': indexText('node') }
  const followed = await pins(front, root, { accept: true })
  t.match(followed, { exitCode: 0, problems: [], data: { changed: true } })
  t.match(readFileSync(lockPath(root), 'utf8'), digestOf(indexText('moved')))
})

t.test('an answer file elsewhere, and its directory', async (t) => {
  const front = await startFront(t, memoryRegistry(world()))
  const inner = await makeStack(t)
  const root = t.testdir({ 'a.env': readFileSync(join(inner, 'answers.env'), 'utf8'), out: {} })
  const pinned = await pins(front, root, {}, ['a.env', 'out'])
  t.match(pinned.lines.at(-1), 'create-stacks-signer-stack a.env out,')
  t.ok(existsSync(lockPath(join(root, 'out'))))
  t.notOk(existsSync(lockPath(root)))
  for (const words of [['a.env', 'out', 'more'], ['nowhere'], ['a.env/x']]) t.match(await pins(front, root, {}, words), { exitCode: 2, problems: [{ code: /usage|answers/ }] }, words.join(' '))
})

/** `outdated`: what it says, and its exit code, for a CI job to go by. */

import t, { type Test } from 'tap'
import { outdated } from '../../generator/cli/outdated.ts'
import type { Outcome } from '../../generator/cli/outcome.ts'
import { startFront } from '../registry/support/front.ts'
import { indexText, memoryRegistry, type Images } from '../registry/support/memory.ts'
import { answers, images, makeStack, sbtcImages, sbtcStack } from '../registry/support/stacks.ts'
import { command } from '../support/command.ts'
import { readFiles } from '../support/files.ts'
import { limit } from '../support/wait.ts'

const world = (): Images => Object.fromEntries(Object.values(images).map(({ repository, tag }) => [repository, { [tag]: indexText('x') }]))

async function asks(t: Test, registry: Images, text = answers): Promise<Outcome> {
  const front = await startFront(t, memoryRegistry(registry))
  const root = await makeStack(t, text)
  const before = readFiles(root)
  const outcome = await outdated([], {}, { cwd: root, environment: front.environment, version: '0.1.0' }, { trust: front.trust, seconds: limit / 1000, pause: async () => undefined })
  t.strictSame(readFiles(root), before, 'it never writes')
  return outcome
}

t.test('nothing newer is 0', async (t) => {
  const outcome = await asks(t, world())
  t.equal(outcome.exitCode, 0, JSON.stringify(outcome.problems))
  t.match(outcome.lines, [/^image +pinned +newest/, /bitcoin +31\.1 += /, /node +24-trixie-slim +moves; not pinned/, /stacks-core +4\.0\.4 +=/, /stacks-signer +4\.0\.4 +=/, /pin records/])
})

t.test('something newer is 1', async (t) => {
  const registry = world()
  registry[images.signer.repository] = { ...registry[images.signer.repository], '4.0.5': '', '4.0.5-alpine': '', '4.2.0': '', '4.3.0-rc1': '', latest: '' }
  const outcome = await asks(t, registry)
  t.equal(outcome.exitCode, 1)
  t.match(outcome.data, { images: [{}, {}, { state: 'current' }, {
    pinned: '4.0.4', state: 'behind', newest: 'ghcr.io/stacks-network/stacks-signer:4.2.0', services: ['stacks-signer'],
    newer: ['ghcr.io/stacks-network/stacks-signer:4.0.5', 'ghcr.io/stacks-network/stacks-signer:4.2.0'], preReleases: ['ghcr.io/stacks-network/stacks-signer:4.3.0-rc1'],
  }] })
  t.match(outcome.lines.at(-2), /upgrade shows/)
})

t.test('a pre-release alone is told, and is no reason', async (t) => {
  const registry = world()
  registry[images.node.repository] = { ...registry[images.node.repository], '4.1.0-rc1': '', '4.1.0.0-beta2': '' }
  const outcome = await asks(t, registry)
  t.equal(outcome.exitCode, 0)
  t.match(outcome.lines[3], /stacks-core +4\.0\.4 += +4\.1\.0/)
})

t.test('a registry that cannot be asked is 2, whatever the others say', async (t) => {
  const registry = world()
  registry[images.signer.repository] = { '4.0.4': '', '4.0.5': '' }
  delete registry[images.node.repository]
  const outcome = await asks(t, registry)
  t.equal(outcome.exitCode, 2)
  t.match(outcome.problems, [{ code: 'not-in-registry', message: /stacks-core/ }])
  t.match(outcome.lines[3], /stacks-core +4\.0\.4 +\?/)
  t.match(outcome.lines[4], /stacks-signer +4\.0\.4 +4\.0\.5/)
})

t.test('an external bitcoind is not asked about', async (t) => {
  const outcome = await asks(t, world(), `${answers}BITCOIN_MODE=external\nBITCOIN_HOST=bitcoin.example.net\n`)
  t.equal(outcome.exitCode, 0, JSON.stringify(outcome.problems))
  t.notMatch(outcome.lines.join('\n'), 'bitcoin/bitcoin')
})

t.test('the images of an sBTC signer', async (t) => {
  const { bitcoind, node, nodejs } = images
  const registry = (tags: Readonly<Record<string, string>> = {}): Images => ({
    ...Object.fromEntries([bitcoind, node, nodejs, sbtcImages.postgres].map(({ repository, tag }) => [repository, { [tag]: indexText('x') }])),
    'stacks-sbtc/sbtc': { [sbtcImages.sbtcSigner.tag]: indexText('signer'), [sbtcImages.blocklist.tag]: indexText('blocklist'), ...tags },
  })
  const current = await asks(t, registry(), sbtcStack)
  t.equal(current.exitCode, 0, JSON.stringify(current.problems))
  for (const words of [/blocklist-client-v1\.3\.3 +=/, /signer-v1\.3\.3 +=/, new RegExp(`postgres +${sbtcImages.postgres.tag.replaceAll('.', '\\.')} `), /bitcoin\/bitcoin/, /stacks-core/]) t.match(current.lines.join('\n'), words)
  t.notMatch(current.lines.join('\n'), 'stacks-signer:', 'and no Stacks signer')
  const behind = await asks(t, registry({ 'signer-v1.3.4': '', 'signer-v1.3.4-debian': '', 'signer-v1.4.0-rc1': '', 'signer-latest': '' }), sbtcStack)
  t.equal(behind.exitCode, 1)
  t.match((behind.data as { images: readonly { pinned: string }[] }).images.filter(({ pinned }) => pinned.includes('v1.3.3')), [
    { pinned: 'blocklist-client-v1.3.3', state: 'current' },
    { pinned: 'signer-v1.3.3', state: 'behind', newer: ['ghcr.io/stacks-sbtc/sbtc:signer-v1.3.4'], services: ['sbtc-signer'] },
  ], 'one program\'s release says nothing of the other\'s')
})

t.test('answers that cannot be used', async (t) => {
  const root = t.testdir({ 'answers.env': 'NETWORK=mainnet\nSTACK_NAME=s\nSTACKS_VERSION=9\n' })
  for (const argv of [['outdated'], ['outdated', 'nowhere'], ['outdated', 'a', 'b', 'c'], ['pin']]) {
    const ran = await command(root, [...argv, '--json'])
    t.equal(ran.code, 2)
    t.match(JSON.parse(ran.out), { exitCode: 2, problems: [{ severity: 'error' }], images: [] })
  }
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { compareVersions, findNode, findSigner, newestRelease, nodeReleases, signerReleases } from '../../generator/catalogue/releases.ts'
import { repository } from '../support/repository.ts'

const facts = JSON.parse(readFileSync(join(repository, 'test/facts/stacks-releases.json'), 'utf8')) as {
  readonly releaseOrder: { readonly node: readonly string[]; readonly signer: readonly string[] }
}

t.test('every release is there once, oldest first', async (t) => {
  t.strictSame(nodeReleases.map(({ version }) => version), [...facts.releaseOrder.node, '4.0.3', '4.0.4'])
  t.strictSame(signerReleases.map(({ version }) => version), [...facts.releaseOrder.signer, '4.0.3', '4.0.4'])
  t.ok(nodeReleases.length + signerReleases.length >= 64)
})

t.test('a release knows its registry and how sure its keys are', async (t) => {
  t.match(findNode('3.1.0.0.13'), { repository: 'docker.io/blockstack/stacks-core', keysKnown: true, validatesAs: '3.1.0.0.13', leavesMainnet: 907740 })
  t.match(findSigner('3.1.0.0.5.0'), { repository: 'docker.io/blockstack/stacks-signer', alpineUsable: false, minNode: '3.1.0.0.1', maxNode: '3.1.0.0.13' })
  t.match(findNode('4.0.4'), { repository: 'ghcr.io/stacks-network/stacks-core', keysKnown: false, validatesAs: '4.0.2' })
  t.equal(findNode('4.0.4')!.leavesMainnet, undefined)
  t.equal(newestRelease, '4.0.4')
  for (const name of ['', 'latest', 'constructor', '4.0']) t.equal(findNode(name), undefined, name)
})

t.test('each node leaves mainnet where the next epoch began', async (t) => {
  for (const [version, height] of [
    ['3.1.0.0.13', 907740], ['3.2.0.0.1', 923222], ['3.2.0.0.2', 923222], ['3.3.0.0.5', 943333], ['3.3.0.0.6', 943333], ['3.4.0.0.4', 960230],
    ['4.0.0', 960230], ['4.0.1', undefined], ['4.0.2', undefined],
  ] as const) t.equal(findNode(version)!.leavesMainnet, height, version)
})

t.test('versions are compared as numbers', async (t) => {
  t.ok(compareVersions('3.1.0.0.9', '3.1.0.0.13') < 0)
  t.ok(compareVersions('4.0.0', '3.4.0.0.4.0') > 0)
  t.equal(compareVersions('4.0.0', '4.0.0'), 0)
  t.equal(compareVersions('4.0', '4.0.0'), 0)
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { acceptedKeys, nodeKey, nodeSections, signerKey } from '../../generator/catalogue/keys.ts'
import { findNode, findSigner } from '../../generator/catalogue/releases.ts'
import { repository } from '../support/repository.ts'

const facts = JSON.parse(readFileSync(join(repository, 'test/facts/stacks-releases.json'), 'utf8')) as {
  readonly signerConfig: { readonly acceptedKeysByRelease: Readonly<Record<string, readonly string[]>> }
  readonly nodeConfig: { readonly changesByRelease: Readonly<Record<string, Readonly<Record<string, { readonly added?: readonly string[]; readonly removed?: readonly string[] }>>>> }
}

t.test('a signer accepts what its own sources list', async (t) => {
  for (const [version, keys] of Object.entries(facts.signerConfig.acceptedKeysByRelease)) {
    t.strictSame([...acceptedKeys(findSigner(version)!)].sort(), [...keys].sort(), version)
  }
  const newest = acceptedKeys(findSigner('4.0.4')!)
  t.strictSame(acceptedKeys(findSigner('4.0.2')!).filter((key) => !newest.includes(key)).sort(), ['reset_replay_set_after_fork_blocks', 'validate_with_replay_tx'])
})

t.test('a node gains and loses keys where its sources did', async (t) => {
  for (const [version, sections] of Object.entries(facts.nodeConfig.changesByRelease)) {
    for (const [section, { added = [], removed = [] }] of Object.entries(sections)) {
      for (const key of added) t.equal(nodeKey(findNode(version)!, section, key).status, 'accepted', `${version} ${section}.${key}`)
      for (const key of removed) t.match(nodeKey(findNode(version)!, section, key), { status: 'removed', removed: version }, `${version} ${section}.${key}`)
    }
  }
})

t.test('what is wrong with a key, and what may have been meant', async (t) => {
  const node = findNode('4.0.2')!
  t.match(nodeKey(node, 'node', 'stackr'), { status: 'unknown', suggestion: 'stacker' })
  t.match(nodeKey(node, 'nod', 'stacker'), { status: 'unknown-section', suggestion: 'node' })
  t.match(nodeKey(findNode('3.1.0.0.0')!, 'node', 'txindex'), { status: 'not-yet', since: '3.1.0.0.8' })
  t.match(signerKey(findSigner('4.0.4')!, 'validate_with_replay_tx'), { status: 'removed', removed: '4.0.3' })
  t.equal(signerKey(findSigner('4.0.4')!, 'constructor').status, 'unknown')
  t.strictSame(nodeSections.filter((section) => ['node', 'burnchain', 'connection_options'].includes(section)).length, 3)
})

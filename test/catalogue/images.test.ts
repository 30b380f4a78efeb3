import t from 'tap'
import { digestFor, imageFor, toolImages } from '../../generator/catalogue/images.ts'
import { findNode, findSigner } from '../../generator/catalogue/releases.ts'

t.strictSame(imageFor(findNode('4.0.4')!, 'debian'), { repository: 'ghcr.io/stacks-network/stacks-core', tag: '4.0.4' })
t.strictSame(imageFor(findSigner('3.4.0.0.4.0')!, 'alpine'), { repository: 'ghcr.io/stacks-network/stacks-signer', tag: '3.4.0.0.4.0-alpine' })

t.test('a digest of unknown kind is for amd64 alone', async (t) => {
  const node = imageFor(findNode('4.0.4')!, 'debian')
  t.match(digestFor(node.repository, node.tag, 'linux/amd64'), /^sha256:a35bf746/)
  t.equal(digestFor(node.repository, node.tag, ''), undefined)
  t.equal(digestFor(node.repository, node.tag, 'linux/arm64'), undefined)
  t.match(digestFor(toolImages.bitcoind.repository, toolImages.bitcoind.tag, ''), /^sha256:da25cedc/)
  t.equal(digestFor(node.repository, '4.0.4-alpine', 'linux/amd64'), undefined)
})

t.test('a digest with one foreign source is not trusted', async (t) => {
  t.equal(digestFor('ghcr.io/stacks-network/stacks-core', '4.0.3', 'linux/amd64'), undefined)
  t.match(digestFor('ghcr.io/stacks-network/stacks-core', '4.0.1', 'linux/amd64'), /^sha256:ceb768f8/, 'not the superseded one')
})

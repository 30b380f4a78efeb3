import t from 'tap'
import { checkPair, checkVariant } from '../../generator/catalogue/compatibility.ts'
import { networks, type Network } from '../../generator/catalogue/networks.ts'
import { findNode, findSigner, nodeReleases } from '../../generator/catalogue/releases.ts'

const codes = (node: string, signer: string, network: Network = 'mainnet') =>
  checkPair(findNode(node)!, findSigner(signer)!, network).map(({ code }) => code)

for (const [node, signer, network, want] of [
  ['4.0.4', '4.0.4', 'mainnet', []],
  ['4.0.3', '4.0.4', 'mainnet', []],
  ['4.0.1', '4.0.2', 'mainnet', []],
  ['4.0.2', '4.0.1', 'mainnet', ['node-too-new']],
  ['4.0.2', '4.0.1', 'testnet', []],
  ['4.0.0', '4.0.1', 'mainnet', ['left-mainnet']],
  ['4.0.0', '4.0.0', 'testnet', []],
  ['3.4.0.0.4', '4.0.1', 'mainnet', ['left-mainnet', 'node-too-old']],
  ['4.0.2', '3.4.0.0.4.0', 'testnet', ['node-too-new']],
  ['3.1.0.0.13', '3.1.0.0.5.0', 'mainnet', ['left-mainnet']],
  ['3.1.0.0.12', '3.1.0.0.13.0', 'mainnet', ['left-mainnet', 'node-too-old']],
  ['3.3.0.0.6', '3.3.0.0.6.0', 'mainnet', ['left-mainnet', 'corrupting-release']],
  ['3.3.0.0.6', '3.3.0.0.6.0', 'testnet', ['corrupting-release']],
  ['4.0.4', '4.0.4', 'staking-testnet', []],
  ['4.0.3', '4.0.4', 'staking-testnet', ['network-unknown']],
  ['4.0.4', '4.0.3', 'staking-testnet', ['network-unknown']],
  ['3.1.0.0.13', '3.1.0.0.13.0', 'staking-testnet', ['network-unknown']],
] as const) t.strictSame(codes(node, signer, network), want, `${network}: node ${node}, signer ${signer}`)

t.test('what to write instead is right itself', async (t) => {
  for (const node of nodeReleases) {
    for (const network of networks) {
      for (const signer of ['3.1.0.0.0.0', '4.0.0', '4.0.4']) {
        for (const { instead } of checkPair(node, findSigner(signer)!, network)) {
          const [, kind, version] = /^write (STACKS_VERSION|STACKS_SIGNER_VERSION)=([\d.]*\d)/.exec(instead)!
          const advised = kind === 'STACKS_VERSION' ? codes(version!, version!, network) : codes(node.version, version!, network)
          t.strictSame(advised.filter((code) => code !== 'left-mainnet' || kind === 'STACKS_VERSION'), [], `${node.version}: ${instead}`)
        }
      }
    }
  }
})

t.test('alpine images that cannot run', async (t) => {
  t.match(checkVariant(findSigner('3.1.0.0.5.0')!, 'alpine'), [{ code: 'broken-image' }])
  t.strictSame(checkVariant(findSigner('3.1.0.0.5.0')!, 'debian'), [])
  t.strictSame(checkVariant(findNode('4.0.4')!, 'alpine'), [])
})

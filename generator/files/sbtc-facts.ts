/** What README says of the sBTC signer. */

import type { View } from '../render/template.ts'
import type { Host, Stack } from '../stack/model.ts'
import { discardCommand } from './data-facts.ts'
import { practicesSection } from './sbtc-practices.ts'
import { findService } from './views.ts'

/** Undefined on a host without one. */
export function sbtcFacts(stack: Stack, host: Host): View | undefined {
  const { sbtc } = stack
  if (!sbtc || !findService(host, 'sbtc-signer')) return undefined
  return {
    release: sbtc.release, shared: sbtc.shared, pair: sbtc.pair !== undefined, node: sbtc.node, identity: sbtc.identity && { publicKey: sbtc.identity.publicKey },
    count: sbtc.signingSet.length, required: sbtc.required, deployer: sbtc.deployer,
    address: sbtc.subnet.bitcoind, practices: practicesSection(stack, host),
    database: `${stack.name}_postgres-data`,
    discard: sbtc.pair && { node: discardCommand(stack, host, 'sbtc-stacks-node-data'), bitcoind: discardCommand(stack, host, 'sbtc-bitcoin-data') },
  }
}

/** What README says of the sBTC signer. */

import type { View } from '../render/template.ts'
import type { Host, Stack } from '../stack/model.ts'
import { findService } from './views.ts'

/** Undefined on a host without one. */
export function sbtcFacts({ sbtc }: Stack, host: Host): View | undefined {
  if (!sbtc || !findService(host, 'sbtc-signer')) return undefined
  return {
    release: sbtc.release, shared: sbtc.shared, pair: sbtc.pair !== undefined, node: sbtc.node, identity: sbtc.identity && { publicKey: sbtc.identity.publicKey },
    count: sbtc.signingSet.length, required: sbtc.required, deployer: sbtc.deployer,
    address: sbtc.subnet.bitcoind,
  }
}

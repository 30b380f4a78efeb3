/** A second bitcoind on a stack's own chain, for an override. */

import { testImages } from './images.ts'

/** On `network` of the stack, where its bitcoind finds it under the service's name and port 18444. */
export function regtestPeer(network: string): object {
  return {
    image: testImages.bitcoind, entrypoint: ['bitcoind'], command: ['-regtest', '-datadir=/tmp', '-listen=1', '-bind=0.0.0.0:18444', '-disablewallet=1', '-dnsseed=0'],
    tmpfs: ['/tmp'], networks: [network], init: true, logging: { driver: 'json-file', options: { 'max-size': '1m' } },
  }
}

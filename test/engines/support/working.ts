/** Whether a stack does its work, seen from outside: what its programs tell in their logs and health. */

import { waitFor } from './docker.ts'
import { health, type TestStack } from './stack.ts'

/** Where node and signer run; one stack on one host. */
export interface Parts { readonly node: TestStack; readonly signer: TestStack }

interface Sign { readonly what: string; readonly seen: (parts: Parts) => boolean }

const partOf = (service: string) => (service === 'stacks-signer' ? 'signer' : 'node')
const says = (service: string, pattern: RegExp): Sign => ({ what: `${service} says ${pattern.source}`, seen: (parts) => pattern.test(parts[partOf(service)].logs(service)) })

/** What a working stack shows; the doubles say it as the real programs do. */
const signs = (observer: string): readonly Sign[] => [
  ...['bitcoind', 'stacks-signer', 'stacks-node'].map((service) => ({
    what: `${service} is healthy`, seen: (parts: Parts) => health(parts[partOf(service)].inspect(service)) === 'healthy',
  })),
  says('stacks-node', /Bitcoin peer handshake complete/),
  says('stacks-node', new RegExp(`Registering event observer at: ${observer}`)),
  says('stacks-signer', /Received a new burn block event for block height/),
  says('stacks-signer', /received stackerdb_chunks/),
  says('stacks-signer', /block proposal accepted: 202/),
]

/** Waits until every sign is seen; returns those that are not after `seconds`. */
export async function missingSigns(stack: TestStack | Parts, seconds: number, observer = 'stacks-signer:30000'): Promise<readonly string[]> {
  const parts = 'node' in stack ? stack : { node: stack, signer: stack }
  let missing = signs(observer)
  const done = () => {
    missing = missing.filter((sign) => !sign.seen(parts))
    return missing.length === 0
  }
  await waitFor('the stack works', seconds, done).catch(() => undefined)
  return missing.map(({ what }) => what)
}

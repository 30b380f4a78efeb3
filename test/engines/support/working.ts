/** Whether a stack does its work, seen from outside: what its programs tell in their logs and health. */

import { waitFor } from './docker.ts'
import { health, type TestStack } from './stack.ts'

interface Sign { readonly what: string; readonly seen: (stack: TestStack) => boolean }

const says = (service: string, pattern: RegExp): Sign => ({ what: `${service} says ${pattern.source}`, seen: (stack) => pattern.test(stack.logs(service)) })

/** What a working stack shows; the doubles say it as the real programs do. */
const signs: readonly Sign[] = [
  ...['bitcoind', 'stacks-signer', 'stacks-node'].map((service) => ({
    what: `${service} is healthy`, seen: (stack: TestStack) => health(stack.inspect(service)) === 'healthy',
  })),
  says('stacks-node', /Bitcoin peer handshake complete/),
  says('stacks-node', /Registering event observer at: stacks-signer:30000/),
  says('stacks-signer', /Received a new burn block event for block height/),
  says('stacks-signer', /received stackerdb_chunks/),
  says('stacks-signer', /block proposal accepted: 202/),
]

/** Waits until every sign is seen; returns those that are not after `seconds`. */
export async function missingSigns(stack: TestStack, seconds: number): Promise<readonly string[]> {
  let missing = signs
  const done = () => {
    missing = missing.filter((sign) => !sign.seen(stack))
    return missing.length === 0
  }
  await waitFor('the stack works', seconds, done).catch(() => undefined)
  return missing.map(({ what }) => what)
}

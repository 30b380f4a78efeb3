/** Whether a stack does its work, seen from outside: what its programs tell in their logs and health. */

import { waitFor } from '../../support/wait.ts'
import type { TestStack } from './stack.ts'

/** Where node and signer run; one stack on one host. */
export interface Parts { readonly node: TestStack; readonly signer: TestStack }

interface Sign { readonly what: string; readonly seen: (parts: Parts) => Promise<boolean> }

const partOf = (service: string) => (service === 'stacks-signer' ? 'signer' : 'node')
const says = (service: string, pattern: RegExp): Sign => ({ what: `${service} says ${pattern.source}`, seen: async (parts) => pattern.test(await parts[partOf(service)].logs(service)) })

/** What a working stack shows; the doubles say it as the real programs do. */
const signs = (observer: string): readonly Sign[] => [
  ...['bitcoind', 'stacks-signer', 'stacks-node'].map((service) => ({
    what: `${service} is healthy`, seen: (parts: Parts) => parts[partOf(service)].allHealthy(service),
  })),
  says('stacks-node', /Bitcoin peer handshake complete/),
  says('stacks-node', new RegExp(`Registering event observer at: ${observer}`)),
  says('stacks-signer', /Received a new burn block event for block height/),
  says('stacks-signer', /received stackerdb_chunks/),
  says('stacks-signer', /block proposal accepted: 202/),
]

/** The signs that are not seen now. */
export const unseenSigns = (stack: TestStack | Parts, observer = 'stacks-signer:30000'): Promise<readonly string[]> => unseen(signs(observer), stack).then((left) => left.map(({ what }) => what))

async function unseen(wanted: readonly Sign[], stack: TestStack | Parts): Promise<readonly Sign[]> {
  const parts = 'node' in stack ? stack : { node: stack, signer: stack }
  const seen = await Promise.all(wanted.map((sign) => sign.seen(parts)))
  return wanted.filter((_, at) => !seen[at])
}

/** Waits until every sign is seen, and returns those that are not: none. Throws with them. */
export async function missingSigns(stack: TestStack | Parts, observer = 'stacks-signer:30000'): Promise<readonly string[]> {
  let left = signs(observer)
  return waitFor('the stack works, but for', async () => {
    left = await unseen(left, stack)
    return left.map(({ what }) => what)
  }, (names) => names.length === 0)
}

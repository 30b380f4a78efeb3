/** The network that the double of the sBTC signer lives in, and what its metrics tell of it. */

import { metricsOf, type Metrics } from '../shared/metrics.ts'
import { worldIn } from '../shared/world.ts'

const usual = {
  /** Undefined where it never met a peer: then there is no such number. */
  peers: undefined as number | undefined,
  /** Requests to sign in a second, by how they end. */
  signed: {} as Readonly<Record<string, number>>,
  /** Questions that its node refuses in a second. */
  refused: 0,
  /** Whether it counts Stacks blocks that it is told of, and Bitcoin blocks that it sees. */
  hears: true, sees: true,
  /** How many keys were made, its newest, and the contract's. */
  dkg: { rounds: 0, current_aggregate_key: null as string | null, contract_aggregate_key: null as string | null },
}

export class World {
  readonly now: () => typeof usual
  readonly metrics: Metrics = metricsOf('')

  /** A test may put a world.json into `directory`. Each number is there from its first event on, and not before. */
  constructor(directory: string) {
    this.now = worldIn(directory, usual)
    setInterval(() => { this.#live() }, 1000)
  }

  observed(blockchain: 'bitcoin' | 'stacks'): void {
    if (this.now()[blockchain === 'stacks' ? 'hears' : 'sees']) this.#count('blocks_observed_total', 1, { blockchain })
  }

  #live(): void {
    const { peers, signed, refused } = this.now()
    if (typeof peers === 'number') this.metrics.set('peers_connected', peers, { app: 'signer' })
    for (const [status, count] of Object.entries(signed)) this.#count('sign_requests_total', count, { blockchain: 'bitcoin', kind: 'sweep', status })
    if (refused > 0) this.#count('call_read_only_requests_total', refused, { status_code: '400' })
  }

  #count(name: string, by: number, labels: Readonly<Record<string, string>>): void {
    this.metrics.add(name, by, { app: 'signer', ...labels })
  }
}

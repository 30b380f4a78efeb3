/** What the node's RPC says of itself and of the signer: the questions that no metric answers. */

import { askObject } from '../shared/http.ts'
import type { Page } from '../shared/page.ts'

/** The set of a cycle is large and changes once in two weeks. In milliseconds. */
const setKept = 300_000
/** In bytes. 4,000 slots with their addresses and signers are half of it; JSON takes up to thirty times as much memory. */
const mostOfSet = 2 << 20
const most = 256 << 10
const within = 5_000

export class Node {
  readonly #address: string
  readonly #identity: string
  readonly #sets = new Map<number, { readonly at: number; readonly keys: ReadonlySet<string> }>()

  /** `identity` is the signer's public key, or ''. */
  constructor(address: string, identity: string) {
    this.#address = address
    this.#identity = identity.toLowerCase()
  }

  async measure(page: Page): Promise<void> {
    const info = await this.#ask('/v2/info')
    page.gauge('stack_node_rpc_up', 'Whether the RPC of the node answers.', info ? 1 : 0)
    if (!info) return
    const health = await this.#ask('/v3/health') ?? {}
    // Without a known neighbour the node says 0, which means nothing then.
    if (health['max_stacks_neighbor_address'] !== undefined && health['max_stacks_neighbor_address'] !== null) {
      page.gauge('stack_node_behind_peers', 'Stacks blocks that the highest peer is ahead.', health['difference_from_max_peer'])
      page.gauge('stack_node_peers_height', 'Stacks height of the highest peer.', health['max_stacks_height_of_neighbors'])
    }
    const pox = await this.#ask('/v2/pox') ?? {}
    const cycle = pox['reward_cycle_id']
    if (!Number.isSafeInteger(cycle)) return
    page.gauge('stack_reward_cycle', 'The running reward cycle.', cycle)
    page.gauge('stack_reward_cycle_blocks_left', 'Bitcoin blocks until the next reward cycle.', pox['next_reward_cycle_in'])
    if (this.#identity) await this.#measureSigner(page, cycle as number)
  }

  async #measureSigner(page: Page, cycle: number): Promise<void> {
    for (const [name, number] of [['current', cycle], ['next', cycle + 1]] as const) {
      const signers = await this.#signers(number)
      page.gauge('stack_signer_registered', 'Whether the signer set of a cycle holds this signer. Nothing while there is no set.', signers && Number(signers.has(this.#identity)), { cycle: name })
    }
    const signed = await this.#ask(`/v3/signer/${this.#identity}/${cycle}`) ?? {}
    page.gauge('stack_signer_blocks_signed', 'Blocks of the running cycle that this signer has signed.', signed['blocks_signed'])
  }

  /** The keys of a cycle's set; undefined while there is none. */
  async #signers(cycle: number): Promise<ReadonlySet<string> | undefined> {
    const kept = this.#sets.get(cycle)
    if (kept && performance.now() - kept.at < setKept) return kept.keys
    const set = (await this.#ask(`/v3/stacker_set/${cycle}`, mostOfSet))?.['stacker_set'] as { readonly signers?: unknown } | null | undefined
    if (!Array.isArray(set?.signers)) return undefined
    const rows = set.signers as readonly ({ readonly signing_key?: unknown } | null)[]
    const keys = new Set(rows.map((row) => String(row?.signing_key).toLowerCase().replace(/^0x/, '')))
    for (const number of this.#sets.keys()) if (number < cycle - 1) this.#sets.delete(number)
    this.#sets.set(cycle, { at: performance.now(), keys })
    return keys
  }

  #ask(path: string, largest = most): Promise<Readonly<Record<string, unknown>> | undefined> {
    return askObject(`http://${this.#address}${path}`, { within, most: largest })
  }
}

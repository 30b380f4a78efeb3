/** What no metric of the sBTC signer says: whether what it needs answers, and whether its key is the contract's. */

import { connect } from 'node:net'
import { ask, askObject } from '../shared/http.ts'
import type { Page } from '../shared/page.ts'

const within = 5_000
const most = 1 << 20
/** The signer asks both nodes when it is asked. In milliseconds. */
const keysKept = 60_000
/** Any address will do; this one is that of Bitcoin's first block. */
const screened = '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa'
/** Asks PostgreSQL whether it speaks TLS: answered before any name or password, by a server that takes connections. */
const sslRequest = Uint8Array.of(0, 0, 0, 8, 4, 210, 22, 47)

type Keys = Readonly<Record<string, unknown>>

export class Sbtc {
  readonly #info: string
  readonly #blocklist: string | undefined
  readonly #postgres: string | undefined
  readonly #signatures: number
  #kept: { readonly at: number; readonly keys: Keys } | undefined

  /** `signatures` is how many keys must sign. */
  constructor(info: string, blocklist: string | undefined, postgres: string | undefined, signatures: number) {
    this.#info = info
    this.#blocklist = blocklist
    this.#postgres = postgres
    this.#signatures = signatures
  }

  async measure(page: Page): Promise<void> {
    page.gauge('stack_sbtc_signatures_required', 'How many of the set must sign.', this.#signatures)
    if (this.#postgres) page.gauge('stack_sbtc_database_up', 'Whether PostgreSQL takes connections.', Number(await takesConnections(this.#postgres)))
    if (this.#blocklist) page.gauge('stack_sbtc_blocklist_up', 'Whether the blocklist client answers and has a list.', Number(await screens(this.#blocklist)))
    const keys = await this.#keys()
    page.gauge('stack_sbtc_dkg_rounds', 'Keys that were made and did not fail.', Number.isInteger(keys['rounds']) ? keys['rounds'] : undefined)
    page.gauge('stack_sbtc_key_matches', 'Whether the newest key is that of the contract. Nothing where either is not known.', matches(keys))
  }

  /** What the signer says of its keys; nothing where it does not. */
  async #keys(): Promise<Keys> {
    if (!this.#kept || performance.now() - this.#kept.at > keysKept) {
      const found = (await askObject(`http://${this.#info}/info`, { within, most }))?.['dkg']
      this.#kept = { at: performance.now(), keys: typeof found === 'object' && found !== null ? found as Keys : {} }
    }
    return this.#kept.keys
  }
}

/** 1 or 0; undefined where one of the two is no key. */
function matches(keys: Keys): number | undefined {
  const [own, chain] = ['current_aggregate_key', 'contract_aggregate_key'].map((name) => String(keys[name]).toLowerCase().replace(/^0x/, '')) as [string, string]
  return [own, chain].every((key) => /^0[23][0-9a-f]{64}$/.test(key)) ? Number(own === chain) : undefined
}

async function screens(address: string): Promise<boolean> {
  return ask(`http://${address}/screen/${screened}`, { within, most }).then(({ status }) => status < 500, () => false)
}

function takesConnections(address: string): Promise<boolean> {
  const [, host, port] = /^(.*):(\d+)$/.exec(address) ?? []
  return new Promise((resolve) => {
    const socket = connect({ host: host ?? '', port: Number(port), timeout: within })
    const end = (answer: boolean) => { socket.destroy(); resolve(answer) }
    socket.once('connect', () => { socket.write(sslRequest) })
    socket.once('data', (data) => { end(data[0] === 0x4e || data[0] === 0x53) })
    for (const event of ['error', 'timeout', 'close']) socket.once(event, () => { end(false) })
  })
}

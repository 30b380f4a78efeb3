/** The numbers of bitcoind, under the names of the usual exporter, by a user that may ask for nothing else. */

import { bitcoinMetricsUser, paths } from '../../../generator/catalogue/container.ts'
import { readContent } from '../shared/files.ts'
import { askObject } from '../shared/http.ts'
import type { Page } from '../shared/page.ts'
import type { Io } from '../shared/program.ts'
import { rootOf } from '../shared/root.ts'

export class Bitcoin {
  readonly #address: string
  readonly #password: string

  constructor(address: string, io: Pick<Io, 'environment'>) {
    this.#address = address
    this.#password = rootOf(io)(`${paths.metricsConfig}/bitcoin-metrics-password`)
  }

  /** Nothing where bitcoind does not answer, so that its absence shows. */
  async measure(page: Page): Promise<void> {
    const chain = await this.#call('getblockchaininfo')
    if (typeof chain !== 'object' || chain === null) return
    const blocks = chain as Readonly<Record<string, unknown>>
    const network = await this.#call('getnetworkinfo') as Readonly<Record<string, unknown>> | null | undefined
    page.gauge('bitcoin_blocks', 'Height of the chain that is verified.', blocks['blocks'])
    page.gauge('bitcoin_verification_progress', 'How much of the chain is verified, of 1.', blocks['verificationprogress'])
    page.gauge('bitcoin_size_on_disk', 'Bytes of blocks on the disk.', blocks['size_on_disk'])
    page.gauge('bitcoin_peers', 'Connections.', network?.['connections'])
    page.gauge('bitcoin_conn_in', 'Inbound connections.', network?.['connections_in'])
    page.gauge('bitcoin_conn_out', 'Outbound connections.', network?.['connections_out'])
    page.gauge('bitcoin_server_version', 'The version as a number.', network?.['version'])
    page.gauge('bitcoin_uptime', 'Seconds since the start.', await this.#call('uptime'))
  }

  /** The result of a call; undefined where there is none. */
  async #call(method: string): Promise<unknown> {
    let password
    try {
      password = readContent(this.#password).toString().trim()
    } catch {
      // The volume may not be filled yet: the same as a bitcoind that refuses.
      return undefined
    }
    const headers = { 'Authorization': `Basic ${Buffer.from(`${bitcoinMetricsUser}:${password}`).toString('base64')}`, 'Content-Type': 'application/json' }
    const body = JSON.stringify({ jsonrpc: '1.0', id: 'metrics', method, params: [] })
    return (await askObject(`http://${this.#address}/`, { within: 8_000, most: 1 << 20, headers, body }))?.['result']
  }
}

/** The signer's calls to its node. */

import { setTimeout as sleep } from 'node:timers/promises'
import { call, parseJson, type Answer } from '../shared/http.ts'
import { reason, type Log } from '../shared/log.ts'
import { isTable, isTableList, type Table } from '../shared/toml.ts'
import { compareVersions } from '../shared/version.ts'
import type { Tables } from '../tables.ts'
import type { SignerConfig } from './config.ts'

export interface NodeClient {
  /** Asks for info and pox until both answer as this release needs them, for at most 5 seconds; undefined then. */
  readonly poll: () => Promise<Table | undefined>
  /** Once, without patience; undefined where it cannot be had. */
  readonly info: () => Promise<Table | undefined>
  /** Sends a proposal with the shared token, as a registered signer does for each that a miner makes. */
  readonly propose: () => Promise<Answer>
  readonly upload: () => Promise<Answer>
}

const infoFields = ['burn_block_height', 'stacks_tip_consensus_hash', 'stacks_tip', 'stacks_tip_height', 'pox_consensus', 'server_version', 'network_id']
const poxFields = [
  'contract_id', 'pox_activation_threshold_ustx', 'first_burnchain_block_height', 'current_burnchain_block_height', 'prepare_phase_block_length',
  'reward_phase_block_length', 'reward_slots', 'total_liquid_supply_ustx', 'current_cycle', 'next_cycle', 'epochs', 'min_amount_ustx',
  'prepare_cycle_length', 'reward_cycle_id', 'reward_cycle_length', 'next_reward_cycle_in', 'contract_versions',
]
const newerPoxFields: readonly (readonly [string, string])[] = [
  ['current_epoch', '3.3.0.0.2.0'], ['pox_5_sbtc_contract', '4.0.0'], ['pox_5_sbtc_registry_contract', '4.0.0'],
]

const timeoutMs = 5000

export function nodeClient(config: SignerConfig, tables: Tables, log: Log): NodeClient {
  const get = async (path: string, fields: readonly string[]): Promise<Table> => {
    const { status, body } = await call(config.node, { method: 'GET', path, timeoutMs })
    const parsed = parseJson(body)
    if (status !== 200 || !isTable(parsed)) throw new Error(`${path} answered ${status}`)
    const missing = fields.find((field) => !(field in parsed))
    if (missing !== undefined) throw new Error(`${path}: missing field \`${missing}\``)
    return parsed
  }
  const info = () => get('/v2/info', infoFields)
  const pox = async () => {
    const fields = [...poxFields, ...newerPoxFields.filter(([, since]) => compareVersions(tables.release, since) >= 0).map(([field]) => field)]
    const unknown = unknownEpoch((await get('/v2/pox', fields))['epochs'], tables.signer.lastKnownEpoch)
    if (unknown !== undefined) throw new Error(`/v2/pox: unknown variant \`${unknown}\``)
  }
  const post = (path: string, type: string, body: string) => call(config.node, {
    // The password as it stands, with no scheme before it.
    method: 'POST', path, body, timeoutMs, headers: { 'Content-Type': type, Authorization: config.authPassword },
  })
  return {
    poll: async () => {
      const end = Date.now() + timeoutMs
      for (let pause = 128; ; pause = Math.min(pause * 2, 16_000)) {
        try {
          const answer = await info()
          await pox()
          return answer
        } catch (thrown) {
          log('WARN', `Failed to initialize signer runloop: ${reason(thrown)}`)
          if (Date.now() + pause > end) return undefined
          await sleep(pause)
        }
      }
    },
    info: () => info().catch(() => undefined),
    propose: () => post('/v3/block_proposal', 'application/json', JSON.stringify({ block: '00'.repeat(64), chain_id: config.chainId, replay_txs: [] })),
    upload: () => post('/v3/blocks/upload/?broadcast=1', 'application/octet-stream', '\0'),
  }
}

/** The first epoch in the node's list whose name this release cannot read: `Epoch31` is 3.1, `Epoch2_05` is 2.05. */
function unknownEpoch(epochs: unknown, last: string): string | undefined {
  if (!isTableList(epochs)) return String(epochs)
  return epochs.map((epoch) => String(epoch['epoch_id'])).find((id) => {
    const [, major, minor] = /^Epoch(\d)_?(\d+)$/.exec(id) ?? []
    return major === undefined || compareVersions(`${major}.${minor}`, last) > 0
  })
}

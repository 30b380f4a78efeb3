/** What the node refuses although its decoder took it. */

import { isPublicKey } from '../../../generator/public-key.ts'
import { parseAddress, parseSocketAddress } from '../shared/address.ts'
import { integerOf, isTableList, section, stringOf, type Table } from '../shared/toml.ts'
import type { Tables } from '../tables.ts'

/** Modes that this double can run; the other ones of the real node it refuses. */
const modes = ['mainnet', 'xenon', 'krypton', 'neon', 'nakamoto-neon']

const eventKeys = ['*', 'stx', 'memtx', 'burn_blocks', 'microblocks', 'stackerdb', 'block_proposal']

/** The line that the program ends with, or undefined. */
export function valueProblem(table: Table, tables: Tables): string | undefined {
  const mode = stringOf(section(table, 'burnchain'), 'mode')
  if (mode === undefined || !modes.includes(mode)) return `Invalid config: burnchain.mode ${mode ?? '(missing)'} is none that this double runs`
  const invalid = (text: string | undefined) => text === undefined ? undefined : `Invalid config: ${text}`
  return invalid(mode === 'mainnet' ? mainnetProblem(table, tables) : undefined)
    ?? invalid(chainProblem(table))
    ?? invalid(epochsProblem(table, tables))
    ?? addressPanic(table)
    ?? observerPanic(table)
}

/** Keys and values that only other networks may have. */
function mainnetProblem(table: Table, tables: Tables): string | undefined {
  for (const [name, { keys }] of Object.entries(tables.node.sections)) {
    const values = section(table, name)
    const refused = Object.entries(keys).find(([key, { mainnet }]) =>
      mainnet === 'rejected on mainnet' ? values[key] !== undefined : mainnet === 'true rejected on mainnet' && values[key] === true)
    if (refused) return `Attempted to run mainnet node with custom \`${refused[0]}\` (${name})`
  }
  const burnchain = section(table, 'burnchain')
  const chainId = integerOf(burnchain, 'chain_id')
  if (chainId !== undefined && chainId !== 1) return `Attempted to run mainnet node with chain_id \`${chainId}\``
  const magic = stringOf(burnchain, 'magic_bytes')
  if (magic !== undefined && magic !== 'X2') return `Attempted to run mainnet node with bad magic bytes \`${magic}\``
  const balances = ['ustx_balance', 'mstx_balance'].find((name) => isTableList(table[name]) && table[name].length > 0)
  return balances && 'Attempted to run mainnet node with specified `initial_balances`'
}

function chainProblem(table: Table): string | undefined {
  const burnchain = section(table, 'burnchain')
  if ((stringOf(burnchain, 'chain') ?? 'bitcoin') !== 'bitcoin') return 'Only support: bitcoin'
  if ((stringOf(burnchain, 'magic_bytes') ?? 'X2').length !== 2) return 'magic_bytes must be 2 characters'
  const prepare = integerOf(burnchain, 'pox_prepare_length')
  const reward = integerOf(burnchain, 'pox_reward_length')
  if ((prepare !== undefined && prepare < 3) || (reward !== undefined && reward <= (prepare ?? 0))) return 'pox_prepare_length or pox_reward_length out of range'
  if (section(table, 'node')['miner'] === true) return 'miner = true: this double does not mine'
  return undefined
}

/** A list of one's own starts at 1.0 and height 0, skips nothing, may end early, and names no epoch that is unknown. */
function epochsProblem(table: Table, { node: { epochNames } }: Tables): string | undefined {
  const epochs = section(table, 'burnchain')['epochs']
  if (!isTableList(epochs)) return undefined
  let before = 0
  for (const [at, epoch] of epochs.entries()) {
    const name = stringOf(epoch, 'epoch_name')
    const start = integerOf(epoch, 'start_height')
    if (name === undefined || start === undefined) return `missing or wrong field in [[burnchain.epochs]] ${at + 1}`
    if (!epochNames.includes(name)) return `Unknown epoch name: ${name}`
    if (name !== epochNames[at]) return `Missing or misplaced epoch: ${epochNames[at] ?? name}`
    if (at === 0 ? start !== 0 : start < before) return `Epoch ${name} starts at ${start}, out of order`
    before = start
  }
  return epochs.length === 0 ? 'epochs list is empty' : undefined
}

function addressPanic(table: Table): string | undefined {
  const node = section(table, 'node')
  const panic = (key: string, value: string) => `Process abort due to thread panic: Failed to parse ${key} ${value}`
  for (const [key, text] of [
    ...['rpc_bind', 'p2p_bind', 'p2p_address'].map((one) => [one, stringOf(node, one)] as const),
    ['public_ip_address', stringOf(section(table, 'connection_options'), 'public_ip_address')] as const,
  ]) if (text !== undefined && !parseSocketAddress(text)) return panic(key, text)
  const prometheus = stringOf(node, 'prometheus_bind')
  if (prometheus !== undefined && !parseAddress(prometheus)) return panic('prometheus_bind', prometheus)
  // Only the form: the real node also resolves each name, which a test without the internet cannot.
  const seeds = (stringOf(node, 'bootstrap_node') ?? '').split(',').map((one) => one.trim()).filter(Boolean)
  const seed = seeds.find((one) => !/^0[23][0-9a-f]{64}@/i.test(one) || !isPublicKey(one.slice(0, 66)) || !parseAddress(one.slice(67)))
  if (seed !== undefined) return panic('bootstrap_node', seed)
  const hex = ['seed', 'local_peer_seed'].find((key) => !/^([0-9a-f]{2})*$/i.test(stringOf(node, key) ?? ''))
  return hex && `Process abort due to thread panic: ${hex} should be a hex encoded string`
}

function observerPanic(table: Table): string | undefined {
  const observers = table['events_observer']
  for (const observer of isTableList(observers) ? observers : []) {
    const endpoint = stringOf(observer, 'endpoint')!
    if (!parseAddress(endpoint)) return `Process abort due to thread panic: Failed to parse endpoint ${endpoint}`
    const unknown = (observer['events_keys'] as readonly string[]).find((key) => !eventKeys.includes(key) && !/^S[0-9A-Z]+\.[\w-]+(::|\.)[\w-]+$/.test(key))
    if (unknown !== undefined) return `Process abort due to thread panic: unable to parse event key ${unknown}`
  }
  return undefined
}

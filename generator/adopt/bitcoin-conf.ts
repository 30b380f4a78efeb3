/** `bitcoin.conf` as lines with a place and a fate. Only whether the chain is pruned is carried on. */

import { looksSecret } from '../answers/mask.ts'
import { label } from './label.ts'
import type { Finding, Origin, SourceFile } from './model.ts'

export interface BitcoinConf {
  readonly entries: readonly { readonly key: string; readonly value: string; readonly origin: Origin }[]
  readonly pruned: boolean
}

export function readBitcoinConf({ name: file, text }: SourceFile): BitcoinConf {
  let section = ''
  const entries = text.split(/\r?\n/).flatMap((line, index) => {
    const header = /^\s*\[([^\]]+)\]/.exec(line)
    if (header) section = header[1] === 'main' ? '' : `${header[1]}.`
    const match = /^(\s*)([^#=\s[][^#=]*?)\s*(?:=\s*(.*?)\s*)?$/.exec(line)
    return !match || header ? [] : [{ key: `${section}${match[2]}`, value: match[3] ?? '', origin: { file, line: index + 1, column: match[1]!.length + 1 } }]
  })
  return { entries, pruned: entries.some(({ key, value }) => isPruning(key, value)) }
}

/** Whether this is `prune` with anything but 0. */
export function isPruning(key: string, value: string): boolean {
  return /(^|\.)prune$/.test(key) && /^[1-9]/.test(value)
}

const written = new Set(['chain', 'testnet', 'regtest', 'server', 'disablewallet', 'printtoconsole', 'nodebuglogfile', 'dbcache', 'listen', 'bind', 'whitebind', 'rpcbind', 'rpcallowip', 'addnode', 'prune'])

/** Why the stack has no use for a key that many have set. */
const unused: readonly (readonly [RegExp, string, boolean?])[] = [
  [/^rpcallowip$/, 'nothing in this stack speaks Bitcoin RPC over the network'],
  [/^(rpc(user|password|auth|port|threads|workqueue|timeout|servertimeout)|rest)$/, 'nothing in this stack speaks Bitcoin RPC over the network'],
  [/^(txindex|coinstatsindex|blockfilterindex)$/, 'the stacks-node asks for no index'],
  [/^(datadir|blocksdir|conf|includeconf)$/, 'the paths are those of the container'],
  [/^(zmq.*)$/, 'nothing in this stack listens to ZMQ'],
]

/** `own` tells whether the stack gets a bitcoind of its own. */
export function bitcoinConfFindings({ entries }: BitcoinConf, own: boolean): readonly Finding[] {
  return entries.map(({ key, value, origin }) => {
    const bare = key.split('.').at(-1)!
    const base = { origin, key: label(key) }
    if (!own) return { ...base, fate: 'left-out', note: 'the stack has no bitcoind of its own' }
    if (bare === 'prune') return { ...base, fate: 'answer', answers: ['BITCOIN_MODE'], note: isPruning(key, value) ? 'pruned; how far is set by the generator' : 'not pruned' }
    if (bare === 'rpcallowip' && /\/0$|^\*$/.test(value)) return { ...base, fate: 'left-out', note: 'the generated bitcoind answers RPC on its own loopback alone', danger: true }
    const [, why] = unused.find(([pattern]) => pattern.test(bare)) ?? []
    if (written.has(bare) && !looksSecret(bare)) return { ...base, fate: 'fixed', note: 'the generator writes it itself in config/bitcoin.conf' }
    return { ...base, fate: 'left-out', note: why ?? 'the generated bitcoin.conf leaves it at bitcoind\'s default' }
  })
}

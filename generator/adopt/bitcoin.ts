/** Where a deployment's node gets its Bitcoin blocks from, and the answers that keep it so. */

import { valueFault } from '../answers/values.ts'
import { machineHost, paths } from '../catalogue/container.ts'
import { networkFacts, type Network } from '../catalogue/networks.ts'
import { newestRelease } from '../catalogue/releases.ts'
import { thisMachine } from '../stack/bitcoin.ts'
import { isPruning, type BitcoinConf } from './bitcoin-conf.ts'
import type { ComposeFacts, ComposeService } from './compose.ts'
import { exposure } from './hiding.ts'
import type { ConfigFile, DraftAnswer, Finding } from './model.ts'
import { isTable } from './units.ts'

export interface BitcoinFacts {
  /** Whether the stack has a bitcoind of its own. */
  readonly own: boolean
  readonly answers: readonly DraftAnswer[]
  /** What became of each key, but its place. */
  readonly host: Pick<Finding, 'fate' | 'answers' | 'note' | 'danger'>
  readonly port: Pick<Finding, 'fate' | 'answers' | 'note'>
  /** The service of the Compose file that becomes the stack's own bitcoind. */
  readonly service?: ComposeService
}

/** What a stacks-node takes where its config names no port. */
const defaultPort = 8333

export function bitcoinOf(node: ConfigFile, network: Network, compose: ComposeFacts | undefined, conf: BitcoinConf | undefined, secretTexts: readonly string[]): BitcoinFacts {
  const burnchain = isTable(node.data['burnchain']) ? node.data['burnchain'] : {}
  const host = typeof burnchain['peer_host'] === 'string' ? burnchain['peer_host'] : ''
  const port = isPort(burnchain['peer_port']) ? burnchain['peer_port'] : undefined
  const at = node.place('burnchain.peer_host')
  const service = compose?.services.find((one) => one.program === 'bitcoind' && (one.names.includes(host) || isHere(host)))
  const fault = host === '' ? undefined : valueFault({ kind: 'host' }, host) ?? (exposure({ secretTexts }, 'peer_host', host) ? { message: 'holds a secret' } : undefined)
  const own = service !== undefined || isHere(host) || (!compose && !/[.:]/.test(host)) || fault !== undefined
  const pruned = (conf?.pruned ?? false) || prunesByCommand(service)
  if (own) {
    const mode = pruned ? 'pruned' : 'full'
    const fate = { fate: 'fixed', answers: ['BITCOIN_MODE'] } as const
    return {
      own, answers: [{ key: 'BITCOIN_MODE', value: mode, from: [service?.origin ?? at] }],
      ...(service && { service }),
      host: fault ? { fate: 'left-out', answers: ['BITCOIN_MODE'], note: `it ${fault.message.split(', found')[0]}; the stack gets a bitcoind of its own`, danger: true }
        : service ? { ...fate, note: 'the bitcoind of the stack' } : { ...fate, danger: true, note: ownNote },
      port: { ...fate, note: 'the port of the stack\'s own bitcoind for its node' },
    }
  }
  const p2p = port ?? defaultPort
  return {
    own,
    answers: [
      { key: 'BITCOIN_MODE', value: 'external', from: [at] },
      { key: 'BITCOIN_HOST', value: host === machineHost ? thisMachine : host, from: [at] },
      { key: 'BITCOIN_P2P_PORT', value: String(p2p), from: port === undefined ? [] : [node.place('burnchain.peer_port')], ...(port === undefined && { remark: 'what the node takes where its config names none' }) },
    ],
    host: { fate: 'answer', answers: ['BITCOIN_MODE', 'BITCOIN_HOST'], note: hostNote(host, network), ...(!host.includes('.') && !host.includes(':') && { danger: true }) },
    port: { fate: 'answer', answers: ['BITCOIN_P2P_PORT'], note: 'the P2P port of that bitcoind' },
  }
}

const ownNote = 'a bitcoind on this host: the stack gets one of its own, with an empty volume '
  + `(${paths.bitcoinData}). To follow the old one, write BITCOIN_MODE=external and BITCOIN_HOST=host`

function hostNote(host: string, network: Network): string {
  if (host === machineHost) return 'the bitcoind of the machine that runs the stack'
  if (/[.:]/.test(host)) return network === 'mainnet' ? 'a bitcoind that runs elsewhere' : `the Bitcoin ${networkFacts(network, newestRelease).bitcoinChain} that the node follows`
  return 'a name without a dot is known only where the old containers stand: write one that the new ones can resolve'
}

/** Whether a value of a TOML is a port that can be connected to. */
export function isPort(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65535
}

function isHere(host: string): boolean {
  return /^(|localhost|127\.[\d.]+|0\.0\.0\.0|\[::1?\])$/.test(host)
}

function prunesByCommand(service: ComposeService | undefined): boolean {
  return [...(service?.command ?? '').matchAll(/(?:^|\s)--?(prune)=(\d+)/g)].some(([, key, value]) => isPruning(key!, value!))
}

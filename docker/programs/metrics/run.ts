/**
 * Gives out the numbers of signers, nodes and bitcoind on one port, and lets nothing else of them through:
 *
 *   /metrics            what RPC and bitcoind say
 *   /signer, /node      their own metrics, as they are
 *   /signer/heartbeat   whether the signer reaches its node
 *   /signer/metrics, /signer/info   the same as /signer, and which signer it is: Sidekick asks for them by these names
 *   /sbtc               the same as /metrics, of the sBTC signer's nodes, and of what else it needs
 *   /sbtc-signer, /sbtc-node   their own metrics, as they are
 *   /healthy            whether this program runs
 *
 *   metrics [--health]
 *
 * SIGNER, NODE, NODE_RPC and BITCOIN_RPC are host:port, each only where there is one; SIGNER_IDENTITY is its public key.
 * SBTC_SIGNER, SBTC_INFO, SBTC_NODE, SBTC_NODE_RPC, SBTC_BITCOIN_RPC, BLOCKLIST and POSTGRES are the sBTC signer's, and
 * SBTC_SIGNATURES says how many of its set must sign.
 */

import { ask } from '../shared/http.ts'
import { Page } from '../shared/page.ts'
import type { Io } from '../shared/program.ts'
import { answersHealthy, metricsType, serve, textPage, type Routes, type ServedPage } from '../shared/server.ts'
import { Bitcoin } from './bitcoin.ts'
import { Node } from './node.ts'
import { Sbtc } from './sbtc.ts'

/** Something that is asked for its numbers. */
interface Source { measure(page: Page): Promise<void> }

/** Prometheus waits for 15 seconds. */
const within = 13_000
/** In bytes. */
const most = 16 << 20
/** How long two that read at the same time share an answer, in milliseconds. */
const shared = 5_000

export async function run(words: readonly string[], io: Io): Promise<number> {
  const { environment } = io
  const port = Number(environment['LISTEN'])
  if (words[0] === '--health') return await answersHealthy(port) ? 0 : 1
  const routes = routesOf(environment, io)
  await serve(port, routes, io, () => { io.say(`metrics: listening on ${port}: ${Object.keys(routes).sort().join(' ')}`) })
  return 0
}

function routesOf(environment: Io['environment'], io: Io): Routes {
  const { SIGNER: signer, NODE: node, SBTC_INFO: info, SBTC_SIGNER: sbtcSigner, SBTC_NODE: sbtcNode } = environment
  const pair = (rpc: string | undefined, bitcoin: string | undefined, identity = ''): readonly Source[] => [
    ...(rpc ? [new Node(rpc, identity)] : []), ...(bitcoin ? [new Bitcoin(bitcoin, io)] : []),
  ]
  return {
    '/metrics': measured(pair(environment['NODE_RPC'], environment['BITCOIN_RPC'], environment['SIGNER_IDENTITY'])),
    ...(signer && { '/signer': handedOn(`http://${signer}/metrics`), '/signer/heartbeat': handedOn(`http://${signer}/heartbeat`), '/signer/metrics': handedOn(`http://${signer}/metrics`), '/signer/info': handedOn(`http://${signer}/info`) }),
    ...(node && { '/node': handedOn(`http://${node}/metrics`) }),
    ...(info && { '/sbtc': measured([
      ...pair(environment['SBTC_NODE_RPC'], environment['SBTC_BITCOIN_RPC']),
      new Sbtc(info, environment['BLOCKLIST'], environment['POSTGRES'], Number(environment['SBTC_SIGNATURES'])),
    ]) }),
    ...(sbtcSigner && { '/sbtc-signer': handedOn(`http://${sbtcSigner}/metrics`) }),
    ...(sbtcNode && { '/sbtc-node': handedOn(`http://${sbtcNode}/metrics`) }),
  }
}

/** What is asked here, and not handed on. */
function measured(sources: readonly Source[]): () => Promise<ServedPage> {
  let last: { readonly at: number; readonly body: Promise<string> } | undefined
  const measure = async () => {
    const page = new Page()
    // One after the other: several large answers at once would take the memory of all together.
    for (const source of sources) await source.measure(page)
    return page.text()
  }
  return async () => {
    const now = performance.now()
    if (!last || now - last.at > shared) last = { at: now, body: measure() }
    return { status: 200, type: metricsType, body: await last.body }
  }
}

/** The answer as it is. Nothing but this one address can be reached through here. */
function handedOn(url: string): () => Promise<ServedPage> {
  return async () => {
    const answer = await ask(url, { within, most }).catch(() => undefined)
    if (!answer) return textPage(502, 'the program does not answer\n')
    if (answer.status !== 200) return textPage(answer.status, 'the program refused\n')
    return { status: 200, type: answer.type ?? metricsType, body: answer.body }
  }
}

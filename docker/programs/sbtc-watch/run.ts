/**
 * Asks the sBTC signer and its blocklist client whether they answer, since their images hold no tool that could:
 *
 *   sbtc-watch            until it is told to stop; says when something changes
 *   sbtc-watch --health   once: 0 if both answer
 *   sbtc-watch --info     prints what the sBTC signer says of itself
 *   sbtc-watch --state    prints what both answer, and what the node says of itself, for make status and make doctor
 *   sbtc-watch --set      compares the configured signer set with that of the chain
 *
 * SBTC_SIGNER, BLOCKLIST and NODE_RPC are host:port. What --set reads besides stands in set.ts.
 */

import { renderJson } from '../../../generator/printable.ts'
import { ask, askObject } from '../shared/http.ts'
import { pause, type Io } from '../shared/program.ts'
import { compareSet } from './set.ts'

/** In milliseconds. */
const [within, every] = [5_000, 30_000]
/** In bytes. */
const most = 1 << 20
/** Any address will do; this one is that of Bitcoin's first block. */
const screened = '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa'

export async function run([word]: readonly string[], io: Io): Promise<number> {
  switch (word) {
    case '--health': return health(io)
    case '--info': return info(io)
    case '--state': return state(io)
    case '--set': return compareSet(io)
    default: return watch(io)
  }
}

async function health(io: Io): Promise<number> {
  const found = await faults(io)
  io.say(found)
  return found === '' ? 0 : 1
}

async function info({ environment, warn, write }: Io): Promise<number> {
  const told = await askObject(`http://${environment['SBTC_SIGNER']}/info`, { within, most })
  if (!told) {
    warn('sbtc-info: sbtc-signer does not answer: make logs S=sbtc-signer')
    return 1
  }
  write(renderJson(told))
  return 0
}

async function state({ environment, write }: Io): Promise<number> {
  const { SBTC_SIGNER: signer, NODE_RPC: node } = environment
  const [[code, blocklist], told, tip, health] = await Promise.all([statuses(environment), ...[`${signer}/info`, `${node}/v2/info`, `${node}/v3/health`].map((url) => askObject(`http://${url}`, { within, most }))])
  write(`${JSON.stringify({ signer: code, dkg: told?.['dkg'] ?? null, blocklist, node: tip ?? null, health: health ?? null })}\n`)
  return 0
}

async function watch(io: Io): Promise<number> {
  let before: string | undefined
  while (!io.stop.aborted) {
    const now = await faults(io)
    if (now !== before) io.say(`sbtc-watch: ${now || 'both answer'}`)
    before = now
    await pause(every, io.stop)
  }
  return 0
}

/** What is wrong; '' where nothing is. */
async function faults({ environment }: Io): Promise<string> {
  const [signer, blocklist] = await statuses(environment)
  return [
    ...(signer === 200 ? [] : [`sbtc-signer ${signer === null ? 'does not answer' : `answers with ${signer}`}`]),
    ...(blocklist === null ? ['blocklist-client does not answer'] : blocklist < 500 ? [] : [`blocklist-client has no list yet (it answers with ${blocklist})`]),
  ].join('; ')
}

/** What the signer and its blocklist client answer with; null where one does not. */
function statuses({ SBTC_SIGNER: signer, BLOCKLIST: blocklist }: Io['environment']): Promise<readonly [signer: number | null, blocklist: number | null]> {
  const status = (url: string) => ask(`http://${url}`, { within, most }).then(({ status }) => status, () => null)
  return Promise.all([status(`${signer}/`), status(`${blocklist}/screen/${screened}`)])
}

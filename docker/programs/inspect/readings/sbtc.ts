/** What the sBTC signer, its blocklist client and its node tell. */

import type { Evidence } from '../evidence/evidence.ts'
import { type Fields, fieldsOf, numberOf } from '../evidence/fields.ts'
import { Missing } from '../evidence/missing.ts'
import { plain } from '../evidence/text.ts'
import { behindPeers } from './programs.ts'
import { keyText } from './signer.ts'

/** What sbtc-watch gathered. */
function watched(seen: Evidence): Fields {
  return seen.answer('sbtc.state')
}

/** Which of signer and blocklist client does not answer as it should, and how. */
export function silentPrograms(seen: Evidence): readonly string[] {
  const programs = [['sbtc-signer', 'signer', (code: number) => code !== 200], ['blocklist-client', 'blocklist', (code: number) => code >= 500]] as const
  return programs.flatMap(([name, key, isBad]) => {
    const code = watched(seen)[key] ?? null
    if (code === null) return [`${name} does not answer`]
    return isBad(numberOf(code, `${key} of sbtc.state`)) ? [`${name} answers with ${code}`] : []
  })
}

/** Whether the newest key is that of the contract; undefined where one of them is not known. */
export function keyMatches(seen: Evidence): boolean | undefined {
  const keys = watched(seen)['dkg'] ?? null
  if (keys === null) return undefined
  const [own, contract] = ['current_aggregate_key', 'contract_aggregate_key'].map((name) => keyText(fieldsOf(keys, 'sbtc.state')[name]))
  return [own, contract].every((key) => /^0[23][0-9a-f]{64}$/.test(key ?? '')) ? own === contract : undefined
}

/** How the signer set differs from that of the chain, a line each. */
export function setDifferences(seen: Evidence): readonly string[] {
  const section = seen.section('sbtc.set')
  const said = (text: string) => text.replace(/^sbtc-set: /, '').trim()
  if (!section || section.code > 1) throw new Missing(plain(said(section?.err.trim() || section?.out.trim() || ''), 500) || 'the signer set was not compared')
  const lines = section.out.split('\n').filter((line) => line.startsWith('sbtc-set: ')).map(said)
  if (lines.length === 0) throw new Missing('sbtc.set says nothing')
  return section.code === 0 ? [] : lines
}

/** Where its node is; `behind` is undefined where that knows no peer. */
export function heights(seen: Evidence): { readonly stacks: number; readonly bitcoin: number; readonly behind: number | undefined } {
  const node = watched(seen)['node'] ?? null
  if (node === null) throw new Missing('the node does not answer')
  const { stacks_tip_height: stacks, burn_block_height: bitcoin } = fieldsOf(node, 'node of sbtc.state')
  return { stacks: numberOf(stacks, 'stacks_tip_height of sbtc.state'), bitcoin: numberOf(bitcoin, 'burn_block_height of sbtc.state'), behind: behindPeers(watched(seen)['health'], 'health of sbtc.state') }
}

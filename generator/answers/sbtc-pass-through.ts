/** `SBTC__section__key`: keys of the sBTC signer's TOML. The program ignores what it does not know, so this is the only check. */

import { sbtcKey, sbtcRelease } from '../catalogue/sbtc.ts'
import { error, type Problem } from '../problem.ts'
import { shown } from './mask.ts'
import { passedValue, type PassedValue } from './passed-value.ts'
import type { Entry } from './read.ts'
import { didYouMean } from './values.ts'

export interface SbtcPassed { readonly section: string; readonly key: string; readonly value: PassedValue }

/** Keys that the generator writes, or that hold secrets; those of a whole table end in a dot. */
const governed: readonly (readonly [key: string, why: string, instead: string])[] = [
  ['signer.private_key', 'holds a secret', 'write SBTC_PRIVATE_KEY, or put the key into secrets/sbtc-signer-private-key'],
  ['signer.db_endpoint', 'holds a secret', 'leave it out: the database is in the stack'],
  ['emily.endpoints', 'holds a secret', 'write EMILY_API_KEY and SBTC_EMILY_URL'],
  ['bitcoin.rpc_endpoints', 'holds a secret', 'leave it out: bitcoind is in the stack'],
  ['stacks.endpoints', 'is fixed by the layout of the containers', 'leave it out'],
  ['blocklist_client.endpoint', 'is fixed by the layout of the containers: without it every request would be accepted', 'leave it out'],
  ['signer.network', 'follows NETWORK', 'write NETWORK'],
  ['signer.deployer', 'follows an answer', 'write SBTC_DEPLOYER'],
  ['signer.bootstrap_signing_set', 'follows an answer', 'write SBTC_SIGNING_SET'],
  ['signer.bootstrap_signatures_required', 'follows an answer', 'write SBTC_SIGNATURES_REQUIRED'],
  ['signer.bootstrap_aggregate_key', 'follows an answer', 'write SBTC_AGGREGATE_KEY'],
  ['signer.prometheus_exporter_endpoint', 'is fixed by the layout of the containers', 'leave it out'],
  ['signer.event_observer.', 'is fixed by the layout of the containers', 'leave it out'],
  ['signer.p2p.enable_mdns', 'is always false: the peers are not on this network', 'leave it out'],
  ['signer.p2p.', 'follows the answers', 'write SBTC_SEEDS, SBTC_P2P_PORT, SBTC_PUBLIC_HOST or SBTC_QUIC'],
]

/** One entry at its type, or why it may not be passed. */
export function passSbtc(entry: Entry): Problem | SbtcPassed {
  const names = entry.key.split('__').slice(1)
  if (names.length < 2 || names.includes('')) {
    return error('bad-key-name', `a key is passed through as SBTC__section__key, found ${shown(entry.key)}`, entry.keyPlace, 'name the section of its TOML too, as in SBTC__signer__context_window')
  }
  const right = ['SBTC', ...names.map((name) => name.toLowerCase())].join('__')
  if (right !== entry.key) {
    return error('bad-key-name', `SBTC__section__key has its prefix in capitals and the rest in small letters, found ${shown(entry.key)}`, entry.keyPlace, `did you mean ${right}?`)
  }
  const name = names.join('.')
  const rule = governed.find(([key]) => key === name || (key.endsWith('.') && name.startsWith(key)))
  if (rule) {
    const secret = rule[1] === 'holds a secret'
    return error(secret ? 'secret-key' : 'governed-key', `${name} cannot be passed through: it ${rule[1]}${secret ? ', and both the answers and the TOML are committed' : ''}`, entry.keyPlace, rule[2])
  }
  const [section, key] = [names[0]!, names.slice(1).join('.')]
  const verdict = sbtcKey(section, key)
  const shownName = shown(name).slice(1, -1)
  switch (verdict.status) {
    case 'dead': return error('removed-key', `sbtc-signer ${sbtcRelease} takes no notice of ${shownName}: ${verdict.why}`, entry.keyPlace, 'leave it out')
    case 'unknown-section': return error('unknown-key', `sbtc-signer ${sbtcRelease} has no section ${shown(section)}`, entry.keyPlace, didYouMean(verdict.suggestion && `SBTC__${verdict.suggestion}__${key}`).hint)
    case 'unknown': return error('unknown-key', `sbtc-signer ${sbtcRelease} has no key ${shownName}, and would ignore it without a word`, entry.keyPlace,
      didYouMean(verdict.suggestion && `SBTC__${section}__${verdict.suggestion}`).hint)
    case 'accepted': {
      const read = passedValue(verdict.fact, entry.value)
      return 'fault' in read ? error('bad-value', `${entry.key} ${read.fault.message}`, entry.valuePlace, read.fault.hint) : { section, key, value: read.value }
    }
  }
}

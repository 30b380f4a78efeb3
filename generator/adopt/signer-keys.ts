/** What becomes of the keys of signer-config.toml. */

import { findGoverned } from '../answers/governed.ts'
import { ports } from '../catalogue/container.ts'
import { networkFacts } from '../catalogue/networks.ts'
import { showable } from './hiding.ts'
import type { KeyFacts } from './keys.ts'
import type { DraftAnswer, Finding, Mapped, Setting } from './model.ts'
import { leftOut, pass } from './pass.ts'
import { leavesOf, type Leaf } from './units.ts'

export function mapSigner(setting: Setting, keys: KeyFacts): Mapped {
  const answers: DraftAnswer[] = []
  const findings = leavesOf('signer', setting.signer).map((leaf) => {
    const governed = governedKey(setting, keys, leaf)
    if (governed) return governed
    const { finding, answer } = pass(setting, leaf)
    if (answer) answers.push(answer)
    return finding
  })
  return { findings, answers }
}

function governedKey(setting: Setting, keys: KeyFacts, leaf: Leaf): Finding | undefined {
  const { origin, path: key, value } = leaf
  const written = networkFacts(setting.network, setting.releases.signer.version).signer
  switch (key) {
    case 'stacks_private_key': return { origin, key, ...keys.privateKey }
    case 'auth_password': return { origin, key, ...keys.authPassword }
    case 'chain_id': return written.chain_id === value ? { origin, key, fate: 'fixed', note: 'it follows NETWORK' } : undefined
    case 'network': return value === written.network ? { origin, key, fate: 'answer', answers: ['NETWORK'], note: setting.network }
      : { origin, key, fate: 'fixed', answers: ['NETWORK'], note: `written as ${written.network}, which with chain_id is the same network` }
    case 'db_path': return value === ':memory:' ? { origin, key, fate: 'fixed', danger: true, note: 'its database was lost at each stop; now it is in a volume' }
      : { origin, key, fate: 'fixed', danger: true, note: `the volume stacks-signer-data; what this signer has seen and signed is in ${showable(setting, key, value)}: move it there while both are stopped` }
    case 'metrics_endpoint': return { origin, key, fate: 'fixed', note: `metrics and health are on port ${ports.signerMetrics.number} of the loopback of the container` }
    // Keys of the first signer: the catalogue, which begins after them, calls them unknown.
    case 'message_private_key': return leftOut(leaf, 'a second key of the first signer: the signer now has one key for all', true)
  }
  const rule = findGoverned('signer', '', key)
  return rule && { origin, key, fate: 'fixed', note: `it ${rule.why}` }
}

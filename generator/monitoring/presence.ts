/** What of a stack stands on a host, in the words of the alerts. */

import type { Host, Stack } from '../stack/model.ts'
import type { Need } from './alert.ts'
import type { ScopeLabels } from './scope.ts'

/** What the Prometheus of this host can know, or the one outside that reads this host. */
export function presence(stack: Stack, host: Host): ReadonlySet<Need> {
  const runs = (name: string) => host.services.some((service) => service.name === name)
  const sidecar = runs('node-tls') || runs('signer-tls')
  const all: Readonly<Record<Need, boolean>> = {
    signer: runs('stacks-signer'),
    node: runs('stacks-node'),
    bitcoin: runs('bitcoind'),
    heartbeat: runs('blackbox') && runs('stacks-signer') && stack.role === 'active',
    certificates: runs('blackbox') && sidecar,
    host: runs('node-exporter'),
    releases: runs('releases'),
    sbtc: runs('sbtc-signer'),
    sbtcPair: runs('sbtc-stacks-node'),
    sbtcShared: runs('sbtc-signer') && !runs('sbtc-stacks-node'),
    backup: runs('backup') && runs('node-exporter'),
    sbtcBackup: runs('sbtc-backup') && runs('node-exporter'),
    identity: stack.identity !== undefined,
    // On a standby nothing is at stake: its signer is off.
    registered: stack.monitoring?.registered === true && stack.role === 'active',
    standby: stack.role === 'standby' && runs('stacks-signer'),
    mainnet: stack.network === 'mainnet',
    snapshot: runs('snapshot') && runs('stacks-node'),
  }
  return new Set((Object.keys(all) as Need[]).filter((need) => all[need]))
}

/** The labels that tell this stack, and this part of a split one, from others that the same Prometheus reads. */
export function scopeOf(stack: Stack, host: Host): ScopeLabels {
  return { stack: stack.name, ...(host.directory !== '' && { part: host.name }) }
}

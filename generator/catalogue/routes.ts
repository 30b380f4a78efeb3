/**
 * What signer and node call of each other over HTTP: the only requests that a TLS sidecar passes on. Written for the
 * text as it stands on the wire, `METHOD PATH?QUERY`, so that nothing can be hidden by writing a path in another way.
 */

import data from './data/calls.json' with { type: 'json' }
import { compareVersions } from './releases.ts'

/** A request with a name in braces for each part that differs: `GET /v3/stacker_set/{cycle}`. */
export type Call = string

interface Row {
  /** `guard` and `gate` are programs of this stack: the first stands on the signer's side, the second on the node's. */
  readonly by: string
  readonly call: Call
  /** The signer releases that make the call; absent ends are open. */
  readonly since?: string
  readonly until?: string
}

/** PCRE and JavaScript alike. */
const parts: Readonly<Record<string, string>> = {
  address: 'S[0-9A-Z]{20,45}',
  cycle: '[0-9]{1,10}',
  slot: '[0-9]{1,10}',
  set: '[01]',
  consensus_hash: '[0-9a-f]{40}',
  burn_hash: '[0-9a-f]{64}',
}

/** The regular expression for the whole of a request. */
export function pattern(call: Call): string {
  return call.replaceAll('?', '\\?').replace(/\{(\w+)\}/g, (_, name: string) => parts[name]!)
}

/** The calls of a signer of this release to its node, and those of the guard that stands before it. */
export function rpcCalls(signer: string): readonly Call[] {
  return calls('signer', signer).concat(calls('guard', signer))
}

/** The calls of a node to its signer, and that of the gate, which asks before the node may start. */
export const eventCalls: readonly Call[] = [...calls('node'), ...calls('gate')]

/** The numbers of the StackerDB contracts that a signer of this release writes: 1 responses, 2 state updates, 3 pre-commits. */
export function signerLanes(signer: string): readonly string[] {
  return calls('signer', signer).flatMap((call) => /-(\d)\/chunks$/.exec(call)?.[1] ?? [])
}

function calls(by: string, signer?: string): readonly Call[] {
  return (data as readonly Row[])
    .filter((row) => row.by === by)
    .filter(({ since, until }) => !signer || ((!since || compareVersions(signer, since) >= 0) && (!until || compareVersions(signer, until) <= 0)))
    .map(({ call }) => call)
}

/**
 * What signer and node say to each other over HTTP: the only requests that a TLS sidecar lets through. Written for the
 * text as it stands on the wire, `METHOD PATH?QUERY`, so that nothing can be hidden by writing a path in another way.
 */

import { compareVersions } from './releases.ts'

/** A regular expression (PCRE and JavaScript alike) for the whole of `METHOD PATH?QUERY`. */
export type Route = string

interface Row {
  readonly route: string
  /** The signer releases that make the call; absent ends are open. */
  readonly since?: string
  readonly until?: string
}

const address = 'S[0-9A-Z]{20,45}'
const hash = '[0-9a-f]{40}'
const call = `POST /v2/contracts/call-read/${address}/signers`

const rpc: readonly Row[] = [
  { route: 'GET /v2/info' },
  { route: 'GET /v2/pox' },
  { route: 'GET /v3/stacker_set/[0-9]{1,10}' },
  { route: `${call}/get-last-set-cycle` },
  { route: `${call}/stackerdb-get-signer-slots-page` },
  { route: 'POST /v3/block_proposal' },
  { route: 'POST /v3/blocks/upload/\\?broadcast=1' },
  { route: 'GET /v3/sortitions/latest_and_last' },
  { route: `GET /v3/sortitions/consensus/${hash}`, since: '3.1.0.0.10.0' },
  { route: `GET /v3/tenures/fork_info/${hash}/${hash}` },
  { route: `GET /v3/tenures/tip/${hash}`, until: '3.3.0.0.3.0' },
  { route: `GET /v3/tenures/tip_metadata/${hash}`, since: '3.3.0.0.4.0' },
  { route: `GET /v2/accounts/${address}\\?proof=0` },
  ...lane('1'),
  ...lane('2', '3.1.0.0.8.0'),
  ...lane('3', '3.2.0.0.2.0'),
]

/** A contract of the signers' StackerDB: 1 holds responses, 2 state updates, 3 pre-commits. */
function lane(number: string, since?: string): readonly Row[] {
  const contract = `/v2/stackerdb/${address}/signers-[01]-${number}`
  return [
    { route: `GET ${contract}(/[0-9]{1,10}(/[0-9]{1,10})?)?`, ...(since && { since }) },
    { route: `POST ${contract}/chunks`, ...(since && { since }) },
  ]
}

/** The numbers of the contracts that a signer of this release writes. */
export function signerLanes(signer: string): readonly string[] {
  const known = rpcRoutes(signer)
  return ['1', '2', '3'].filter((number) => lane(number).some(({ route }) => known.includes(route)))
}

/** What a signer of this release asks its node. */
export function rpcRoutes(signer: string): readonly Route[] {
  return rpc
    .filter(({ since, until }) => (!since || compareVersions(signer, since) >= 0) && (!until || compareVersions(signer, until) <= 0))
    .map(({ route }) => route)
}

/**
 * What a node tells a signer by the event keys of this stack; blocks and attachments go to every observer. `GET /status`
 * is what the gate and `make verify-tls` ask before the node may start.
 */
export const eventRoutes: readonly Route[] = [
  'POST /stackerdb_chunks', 'POST /proposal_response', 'POST /new_burn_block', 'POST /new_block', 'POST /attachments/new', 'GET /status',
]

/** What a signer's database holds, asked with psql: of the running one in one snapshot, and of one restored from a dump. */

import { readFileSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { OperatorError } from '../shared/program.ts'
import type { Job } from './config.ts'
import { at, begin, type Running } from './programs.ts'

/** Answers a query with its JSON value. A query is text of this file: nothing from a database stands in one. */
export type Ask = (query: string) => Promise<unknown>

export interface Share {
  readonly key: string
  readonly status: string
  readonly threshold: number
  readonly set: readonly string[]
  /** The SHA-256 of the encrypted private shares; null where there are none. */
  readonly private: string | null
  readonly public: string | null
}

/** What is compared. The names stand in manifests. */
export interface Facts {
  readonly verified: readonly string[]
  readonly shares: readonly Share[]
  /** The hashes are those at `depth`, which is below what reorganisations undo. */
  readonly blocks: { readonly height: number | null; readonly depth: number | null; readonly hashes: readonly string[] }
  readonly journal: readonly string[]
  readonly rows: Readonly<Record<string, number>>
}

/** Whether the signer has made its tables. */
export const hasTables = "to_json(to_regclass('sbtc_signer.dkg_shares') IS NOT NULL)"

/** The verified keys, the newest first. As the guide asks for them, but for encode(), which does not depend on how the server shows bytes. */
export const verifiedKeys = `SELECT coalesce(json_agg(encode(aggregate_key, 'hex') ORDER BY created_at DESC, aggregate_key), '[]')
FROM sbtc_signer.dkg_shares WHERE dkg_shares_status = 'verified'`

const shares = `SELECT coalesce(json_agg(json_build_object(
  'key', encode(aggregate_key, 'hex'), 'status', dkg_shares_status, 'threshold', signature_share_threshold,
  'set', (SELECT coalesce(json_agg(encode(each, 'hex') ORDER BY each), '[]') FROM unnest(signer_set_public_keys) AS each),
  'private', CASE WHEN octet_length(encrypted_private_shares) > 0 THEN encode(sha256(encrypted_private_shares), 'hex') END,
  'public', CASE WHEN octet_length(public_shares) > 0 THEN encode(sha256(public_shares), 'hex') END
) ORDER BY created_at DESC, aggregate_key), '[]') FROM sbtc_signer.dkg_shares`

const blocks = `SELECT json_build_object('height', max(block_height), 'depth', max(block_height) - 10, 'hashes', (
  SELECT coalesce(json_agg(encode(block_hash, 'hex') ORDER BY block_hash), '[]') FROM sbtc_signer.bitcoin_blocks
  WHERE block_height = (SELECT max(block_height) - 10 FROM sbtc_signer.bitcoin_blocks)
)) FROM sbtc_signer.bitcoin_blocks`

const journal = "SELECT coalesce(json_agg(key ORDER BY key), '[]') FROM public.__sbtc_migrations"

/** The server itself counts each table: a dump can have tables of any name. */
const rows = `SELECT coalesce(json_object_agg(format('%I.%I', nspname, relname),
  (xpath('//rows/text()', query_to_xml(format('SELECT count(*) AS rows FROM %I.%I', nspname, relname), false, false, '')))[1]::text::bigint), '{}')
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE relkind IN ('r', 'p') AND nspname <> 'information_schema' AND nspname !~ '^pg_'`

export async function factsOf(ask: Ask): Promise<Facts> {
  const found: Record<string, unknown> = {}
  for (const [name, query] of Object.entries({ verified: verifiedKeys, shares, blocks, journal, rows })) found[name] = await ask(query)
  return found as unknown as Facts
}

/** What psql and pg_dump must know beside the address; the password is in no argument and in no container's settings. */
export async function environmentOf({ passwordFile }: Job): Promise<Readonly<Record<string, string>>> {
  const known = { PGCONNECT_TIMEOUT: '15', PGAPPNAME: 'sbtc-backup' }
  if (passwordFile === undefined) return known
  return { ...known, PGPASSWORD: await at(passwordFile, () => readFileSync(passwordFile, 'utf8').replace(/\n+$/, '')) }
}

/** Calls `action` with a function that asks the signer's own database; `first` is a statement before. */
export async function inDatabase<T>(job: Job, action: (ask: Ask) => Promise<T>, first?: string): Promise<T> {
  return inSession(job.database, { stop: job.stop, environment: await environmentOf(job) }, action, first)
}

/** In one snapshot, in which nothing can be written. */
export const snapshot = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'

/** Calls `action` with a function that asks the database at `address`. */
export async function inSession<T>(address: string, running: Running, action: (ask: Ask) => Promise<T>, first?: string): Promise<T> {
  const { child, ended, said } = begin(['psql', '-X', '-A', '-t', '-q', '-w', '-v', 'ON_ERROR_STOP=1', '-d', address], running)
  const answers = linesOf(child.stdout)
  const ask: Ask = async (query) => {
    // As jsonb, a value is one line.
    child.stdin.write(`SELECT (${query})::jsonb;\n`)
    const { value } = await answers.next()
    if (value !== undefined) return JSON.parse(value) as unknown
    await ended
    throw new OperatorError(`the database did not answer: ${said()}`)
  }
  try {
    if (first !== undefined) child.stdin.write(`${first};\n`)
    return await action(ask)
  } finally {
    child.stdin.end()
    await ended.catch(() => {})
  }
}

async function* linesOf(stream: Readable): AsyncGenerator<string, undefined> {
  let text = ''
  for await (const part of stream.setEncoding('utf8') as AsyncIterable<string>) {
    text += part
    if (text.length > 1 << 26) throw new OperatorError('an answer of the database is too long')
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      yield text.slice(0, end)
      text = text.slice(end + 1)
    }
  }
  return undefined
}

/**
 * What this host's signer has written, by its own database: it keeps there the last version that it sent to each of its slots
 * (`stackerdb_tracking` in stacks-signer/src/signerdb.rs, since 3.1.0.0.10.0). One number counts for all contracts of a cycle.
 */

import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { paths } from '../../../generator/catalogue/container.ts'
import type { Root } from '../shared/root.ts'
import { NotYet } from './stackerdb.ts'

const database = `${paths.signerData}/signer.sqlite`
/** In milliseconds: so long somebody else may hold a lock. */
const wait = 5000

/**
 * The last version by slot number; empty where nothing was written yet, undefined where this release does not say. Throws NotYet
 * where the database cannot be read now.
 */
export function writtenBy(root: Root, key: string): ReadonlyMap<number, bigint> | undefined {
  const path = root(database)
  if (!existsSync(path)) return new Map()
  try {
    const opened = new DatabaseSync(path, { readOnly: true, timeout: wait })
    try {
      return versions(opened, key)
    } finally {
      opened.close()
    }
  } catch (error) {
    throw new NotYet(`the signer's database cannot be read now (${error instanceof Error ? error.message : error})`)
  }
}

function versions(opened: DatabaseSync, key: string): ReadonlyMap<number, bigint> | undefined {
  const tables = opened.prepare('SELECT name FROM sqlite_master').all().map(({ name }) => name)
  if (!tables.includes('stackerdb_tracking')) return tables.length > 0 ? undefined : new Map()
  // The key stands there compressed or not, as it was given: what tells keys apart is in both.
  const query = opened.prepare('SELECT slot_id, max(slot_version) AS version FROM stackerdb_tracking WHERE substr(public_key, 3, 64) = ? GROUP BY slot_id')
  query.setReadBigInts(true)
  return new Map(query.all(key.slice(2)).map(({ slot_id: slot, version }) => {
    if (typeof slot !== 'bigint' || typeof version !== 'bigint') throw new Error('stackerdb_tracking holds something else than numbers')
    return [Number(slot), version]
  }))
}

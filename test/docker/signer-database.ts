/** The signer's database, as far as the guard reads it: as stacks-signer makes it (stacks-signer/src/signerdb.rs). */

import { getBuiltinModule } from 'node:process'
import type { Root } from './tools.ts'

interface Database { exec(sql: string): void; prepare(sql: string): { run(...values: readonly unknown[]): void }; close(): void }
// The types of the oldest promised Node.js, which the project is checked against, do not know it yet.
const { DatabaseSync } = getBuiltinModule('node:sqlite') as unknown as { readonly DatabaseSync: new (path: string) => Database }

const file = '/var/lib/stacks-signer/signer.sqlite'

/** A database of a release that keeps the versions of its slots, or of one before 3.1.0.0.10.0. */
export function makeDatabase(root: Root, tracks = true): void {
  const database = new DatabaseSync(root.at(file))
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS db_config(version TEXT NOT NULL)')
  if (tracks) {
    database.exec(`CREATE TABLE IF NOT EXISTS stackerdb_tracking(
      public_key TEXT NOT NULL, slot_id INTEGER NOT NULL, slot_version INTEGER NOT NULL, PRIMARY KEY (public_key, slot_id)) STRICT`)
  }
  database.close()
}

/** The signer has sent `version` to slot `slot`, and its node has taken it. */
export function hasWritten(root: Root, publicKey: string, slot: number, version: number): void {
  makeDatabase(root)
  const database = new DatabaseSync(root.at(file))
  database.prepare('INSERT OR REPLACE INTO stackerdb_tracking (public_key, slot_id, slot_version) VALUES (?, ?, ?)').run(publicKey, slot, version)
  database.close()
}

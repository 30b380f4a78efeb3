/** The signer's database, as far as the guard reads it: as stacks-signer makes it (stacks-signer/src/signerdb.rs). */

import { DatabaseSync } from 'node:sqlite'
import type { Root } from './tools.ts'

/** A database of a release that keeps the versions of its slots, or of one before 3.1.0.0.10.0. */
export function makeDatabase(root: Root, tracks = true): void {
  inDatabase(root, (database) => { makeTables(database, tracks) })
}

/** The signer has sent `version` to slot `slot`, and its node has taken it. */
export function hasWritten(root: Root, publicKey: string, slot: number, version: number | bigint): void {
  inDatabase(root, (database) => {
    makeTables(database, true)
    database.prepare('INSERT OR REPLACE INTO stackerdb_tracking (public_key, slot_id, slot_version) VALUES (?, ?, ?)').run(publicKey, slot, version)
  })
}

/** Opens the database as the signer does. */
export function openDatabase(root: Root): DatabaseSync {
  const database = new DatabaseSync(root.at('/var/lib/stacks-signer/signer.sqlite'))
  database.exec('PRAGMA journal_mode = WAL')
  return database
}

function inDatabase(root: Root, action: (database: DatabaseSync) => void): void {
  const database = openDatabase(root)
  try {
    action(database)
  } finally {
    database.close()
  }
}

function makeTables(database: DatabaseSync, tracks: boolean): void {
  database.exec('CREATE TABLE IF NOT EXISTS db_config(version TEXT NOT NULL)')
  if (tracks) database.exec('CREATE TABLE IF NOT EXISTS stackerdb_tracking(public_key TEXT NOT NULL, slot_id INTEGER NOT NULL, slot_version INTEGER NOT NULL, PRIMARY KEY (public_key, slot_id)) STRICT')
}

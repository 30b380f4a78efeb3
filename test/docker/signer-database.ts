/** The signer's database, as far as the guard reads it: as stacks-signer makes it (stacks-signer/src/signerdb.rs). */

import { spawnSync } from 'node:child_process'
import type { Root } from './tools.ts'

const program = `
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute('PRAGMA journal_mode = WAL')
database.execute('CREATE TABLE IF NOT EXISTS db_config(version TEXT NOT NULL)')
if sys.argv[2] == 'tracks':
    database.execute('CREATE TABLE IF NOT EXISTS stackerdb_tracking('
                     'public_key TEXT NOT NULL, slot_id INTEGER NOT NULL, slot_version INTEGER NOT NULL, PRIMARY KEY (public_key, slot_id)) STRICT')
for row in [sys.argv[3:]] if len(sys.argv) > 3 else []:
    database.execute('INSERT OR REPLACE INTO stackerdb_tracking (public_key, slot_id, slot_version) VALUES (?, ?, ?)', row)
`

function python(root: Root, ...more: readonly string[]): void {
  const { status, stderr } = spawnSync('python3', ['-c', program, root.at('/var/lib/stacks-signer/signer.sqlite'), ...more], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
}

/** A database of a release that keeps the versions of its slots, or of one before 3.1.0.0.10.0. */
export const makeDatabase = (root: Root, tracks = true): void => { python(root, tracks ? 'tracks' : 'does not') }

/** The signer has sent `version` to slot `slot`, and its node has taken it. */
export const hasWritten = (root: Root, publicKey: string, slot: number, version: number): void => { python(root, 'tracks', publicKey, String(slot), String(version)) }

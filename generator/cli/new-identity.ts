/** Another key than the one that the directory was generated for: refused, or with --new-signer-key told loudly. */

import { join } from 'node:path'
import { error, warning, type Problem } from '../problem.ts'
import { stackFile } from '../catalogue/container.ts'
import { readEntry } from '../io/tree.ts'
import type { Identity } from '../stack/model.ts'

/** `file` holds the key, and `name` is how its signer is called; nothing where the key is the recorded one. */
export function otherKey(file: string, name: string, recorded: Identity | undefined, found: Identity | undefined, allowed: boolean): readonly Problem[] {
  if (!recorded || !found || recorded.publicKey === found.publicKey) return []
  if (allowed) {
    return [warning('new-identity', `THE ${name} HAS CHANGED: it was ${shown(recorded)}, and now it is ${shown(found)}`, undefined,
      'the new key signs nothing until it is registered; one key must never run in two signers')]
  }
  return [error('other-key', `${file} is the key of ${shown(found)}, but this stack was generated for ${shown(recorded)}`, undefined,
    'put the right key back; if this is meant to be another signer, run once with --new-signer-key')]
}

function shown({ address, publicKey }: Identity): string {
  return `${address} (public key ${publicKey})`
}

/**
 * The identity that config/stack.json names, or the config/facts.env of an older directory: where the manifest is lost, they still tell
 * whose the directory is.
 */
export function recordedIdentity(directory: string): Identity | undefined {
  for (const path of [stackFile.path, join('signer-host', stackFile.path), 'config/facts.env', 'signer-host/config/facts.env']) {
    const entry = readEntry(directory, path)
    const text = entry?.kind === 'file' ? entry.content : ''
    const [, address] = /^(?:address=| *"address": ")'?(S[PT][0-9A-Z]+)/m.exec(text) ?? []
    const [, publicKey] = /^(?:public_key=| *"publicKey": ")'?(0[23][0-9a-f]{64})/m.exec(text) ?? []
    if (address && publicKey) return { address, publicKey }
  }
  return undefined
}

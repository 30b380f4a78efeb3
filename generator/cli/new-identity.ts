/** Another key than the one that the directory was generated for: refused, or with --new-signer-key told loudly. */

import { join } from 'node:path'
import { error, warning, type Problem } from '../problem.ts'
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

/** The identity that config/facts.env names: where the manifest is lost, it still tells whose the directory is. */
export function identityOfFacts(directory: string): Identity | undefined {
  for (const home of ['', 'signer-host']) {
    const entry = readEntry(directory, join(home, 'config/facts.env'))
    const text = entry?.kind === 'file' ? entry.content : ''
    const [, address] = /^address='?(S[PT][0-9A-Z]+)'?$/m.exec(text) ?? []
    const [, publicKey] = /^public_key='?(0[23][0-9a-f]{64})'?$/m.exec(text) ?? []
    if (address && publicKey) return { address, publicKey }
  }
  return undefined
}

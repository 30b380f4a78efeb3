/** Init's part in whether the signer may start: it says what the guard must clear, which is a role, a host and a key. */

import { chmodSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { paths, type Role } from '../../../generator/catalogue/container.ts'
import { inFolder, readText, removeFile, writeAtomically, type Owner } from '../shared/files.ts'
import { clearance, guardFiles, makeGuardFolder, readLine } from '../shared/guarded.ts'
import { hostId, hostName } from '../shared/host.ts'
import { isOutdated, roleWord } from '../shared/role.ts'
import type { Root } from '../shared/root.ts'

/** What the signer's config volume holds besides its config. */
export const keptFiles: readonly string[] = [guardFiles.line, hostId, roleWord].map((path) => path.slice(paths.signerConfig.length + 1))

/** For as many seconds a key that the generator has made counts as new. */
const newKeyLasts = 3600

/** Before the config changes: a line for another role or key lets nothing start any more, even if init is killed now. */
export function withhold(at: Root, role: Role, publicKey: string): void {
  const line = readLine(readText(at(guardFiles.line)))
  if (line?.role === role && line.key === publicKey) return
  unlock(at)
  removeFile(at(guardFiles.line))
}

/** Says what must be cleared before the signer may start. Both volumes belong to `owner`. */
export function requireClearance(at: Root, role: Role, publicKey: string, owner: Owner, say: (line: string) => void): void {
  unlock(at)
  if (isOutdated(at)) {
    removeFile(at(roleWord))
    say('what make promote or make demote said no longer counts: the answer ROLE has changed since')
  }
  const isFresh = readText(at(hostId)).trim().length !== 64
  if (isFresh) writeAtomically(at(hostId), `${randomBytes(32).toString('hex')}\n`, { mode: 0o400, owner })
  makeGuardFolder(at, owner)
  const line = `v1 ${role} ${hostName(at)} ${publicKey}\n`
  const isCleared = readText(at(guardFiles.cleared)).startsWith(line)
  if (role === 'standby') removeFile(at(guardFiles.cleared))
  // The host that was cleared, in whatever boot: only root can read what tells so.
  else if (isCleared) writeAtomically(at(guardFiles.cleared), clearance(at, line), { mode: 0o444, owner })
  else if (isFresh && isNewKey(at, publicKey)) writeAtomically(at(guardFiles.skip), `${line}new key\n`, { mode: 0o444, owner })
  for (const path of [guardFiles.line, guardFiles.wanted]) if (readText(at(path)) !== line) writeAtomically(at(path), line, { mode: 0o444, owner })
  inFolder(at(paths.signerConfig), (place) => { chmodSync(place, 0o500) })
}

/** Nobody knows what this host is: it gets no key, and what was cleared counts no more. */
export function withholdAll(at: Root): void {
  unlock(at)
  for (const path of [guardFiles.line, `${paths.signerConfig}/signer-config.toml`]) removeFile(at(path))
}

function unlock(at: Root): void {
  inFolder(at(paths.signerConfig), (place) => { chmodSync(place, 0o700) })
}

/** Whether the generator has made this key just now: nothing can be registered for it yet, and nobody else runs with it. */
function isNewKey(at: Root, publicKey: string): boolean {
  const [, key, made] = /^([0-9a-f]{66}) ([0-9]{1,12})\n$/.exec(readText(at(`${paths.stackConfig}/new-key`))) ?? []
  const age = Date.now() / 1000 - Number(made)
  return key === publicKey && age >= 0 && age < newKeyLasts
}

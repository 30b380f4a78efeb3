/**
 * Changes over between two hosts that hold one key. Runs as init does: no network, the volumes, the secrets.
 *
 *   handover token    prints what this host may say of itself, when it is a standby; SLOTS is what guard --slots has printed
 *   handover ready    0 when TOKEN lets this active host be demoted; OTHER=none goes without a token
 *   handover demote   makes this host the standby, and takes the key out of the signer's volume
 *   handover promote  makes this host the active one when TOKEN says that the other was demoted; OTHER=lost goes without a token
 */

import { chmodSync } from 'node:fs'
import { paths, users, type Role } from '../../../generator/catalogue/container.ts'
import { inFolder, removeFile, writeAtomically, type Owner } from '../shared/files.ts'
import { guardFiles, makeGuardFolder } from '../shared/guarded.ts'
import { hostName } from '../shared/host.ts'
import { toJson } from '../shared/json.ts'
import { ownerOf } from '../shared/owner.ts'
import { OperatorError, type Io, type Run } from '../shared/program.ts'
import { roleOf, roleWord, wordFor } from '../shared/role.ts'
import { rootOf, type Root } from '../shared/root.ts'
import { readSignerKey } from '../shared/signer-key.ts'
import { readStackFile } from '../shared/stack-file.ts'
import { makeToken, readSlots, readToken, type Token } from './token.ts'

type Step = (root: Root, io: Io) => void

export const run: Run = (words, io) => {
  const root = rootOf(io)
  const step = words.length === 1 ? steps.get(words[0]!) : undefined
  if (!step) throw new OperatorError('say token, ready, demote or promote')
  // Without it nobody knows the role of this host.
  readStackFile(root)
  step(root, io)
  return 0
}

const steps: ReadonlyMap<string, Step> = new Map([['token', token], ['ready', ready], ['demote', demote], ['promote', promote]])

function token(root: Root, io: Io): void {
  const { role, byHand } = roleOf(root)
  if (role !== 'standby') throw new OperatorError('this host is the active one; make demote first, and give the other host\'s token to it')
  const slots = readSlots(io.environment['SLOTS'] ?? '')
  const key = readSignerKey(root)
  io.say(makeToken({ at: BigInt(Math.floor(Date.now() / 1000)), host: hostName(root), key: key.publicKey, demoted: byHand, ...slots }, key))
}

function ready(root: Root, io: Io): void {
  if (roleOf(root).role !== 'active') throw new OperatorError('this host is the standby already: make handover-token prints its token again')
  if (io.environment['OTHER'] === 'none') return
  const { stacks, burn } = given(root, io)
  io.say(`handover: the other host is a standby, its node is at Stacks block ${stacks}, Bitcoin block ${burn}`)
}

/** Only after `ready`, with the signer stopped. The word goes first: from then on init takes the key away, should this be killed in between. */
function demote(root: Root, io: Io): void {
  changeRole(root, 'standby', ownerOf(users.stacksSigner, io), () => {
    removeFile(root(guardFiles.cleared))
    removeFile(root(guardFiles.line))
    removeFile(root(`${paths.signerConfig}/signer-config.toml`))
  })
  io.say('handover: this host is the standby now; its signer has no key')
}

function promote(root: Root, io: Io): void {
  if (roleOf(root).role === 'active') throw new OperatorError('this host is the active one already; if its signer waits: make logs S=guard')
  const receipt = io.environment['OTHER'] === 'lost' ? { lost: true } : receiptOf(given(root, io))
  const owner = ownerOf(users.stacksSigner, io)
  makeGuardFolder(root, owner)
  removeFile(root(guardFiles.cleared))
  removeFile(root(guardFiles.refused))
  writeAtomically(root(guardFiles.receipt), `${toJson(receipt)}\n`, { owner })
  changeRole(root, 'active', owner)
  io.say('handover: this host is the active one now; its signer starts when the guard has seen that nobody else signs')
}

function receiptOf({ demoted, cycle, slots }: Token): object {
  if (!demoted) throw new OperatorError('the token is of a host that has not signed: it must be of the one that was demoted')
  return { cycle, slots }
}

/** Writes the role's word into the config volume, which is locked before and after it. */
function changeRole(root: Root, role: Role, owner: Owner, andThen: () => void = () => undefined): void {
  const lock = (mode: number) => { inFolder(root(paths.signerConfig), (place) => { chmodSync(`${place}/.`, mode) }) }
  lock(0o700)
  writeAtomically(root(roleWord), wordFor(root, role), { mode: 0o444, owner })
  andThen()
  lock(0o500)
}

function given(root: Root, io: Io): Token {
  return readToken(io.environment['TOKEN'] ?? '', hostName(root), readSignerKey(root), Date.now() / 1000)
}

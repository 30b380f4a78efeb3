/**
 * The files by which init, the guard, the gate of the signer and handover know whether the signer may start. The gate compares
 * `cleared`, beside the signer's database, with init's own line beside the config, and with the present boot of the machine. A copy
 * of the database brings its old `cleared` along, but never this host's line; a copy of the whole disk has both, but not the boot
 * that they were written in.
 */

import { lstatSync } from 'node:fs'
import { guardStates, paths, type GuardState } from '../../../generator/catalogue/container.ts'
import { makeFolder, readText, removeFile, writeAtomically, type Owner } from './files.ts'
import { bootId } from './host.ts'
import type { Root } from './root.ts'

const place = `${paths.signerData}/guard`

export const guardFiles = {
  /** The line 'v1 ROLE HOST KEY' by init, for the gate. */
  line: `${paths.signerConfig}/guard`,
  /** The same line by init, for the guard: what must be cleared. */
  wanted: `${place}/wanted`,
  /** The line that was cleared, and the boot in which the guard, or init after it, has seen that this is the host. */
  cleared: `${place}/cleared`,
  /** The line for which the guard has seen everything: it compares nothing any more. */
  proven: `${place}/proven`,
  /** Two lines: what may start without a check, and on whose word. Used once. */
  skip: `${place}/skip`,
  /** Two lines: the state and why. */
  verdict: `${place}/verdict`,
  /** Two lines: what was wanted when it was refused, and why. It stays until make guard-retry. */
  refused: `${place}/refused`,
  /** What the other host's token said, for the guard to compare the slots with. */
  receipt: `${place}/receipt.json`,
  /** Written by whatever puts a database back from a backup. */
  restored: `${paths.signerData}/restored`,
} as const

/** Whether the signer may start. */
export interface Verdict {
  readonly state: GuardState
  readonly words: string
}

/** Makes the folder that these files lie in. */
export function makeGuardFolder(root: Root, owner: Owner): void {
  makeFolder(root(place), owner)
}

/** The parts of a line 'v1 ROLE HOST KEY'; undefined for anything else. */
export function readLine(line: string): { readonly role: string; readonly host: string; readonly key: string } | undefined {
  const [version, role, host, key, ...more] = line.trim().split(/\s+/)
  return version === 'v1' && role && host && key && more.length === 0 ? { role, host, key } : undefined
}

export function verdictOf(root: Root): Verdict | undefined {
  const [first, words, ...rest] = readText(root(guardFiles.verdict)).split('\n')
  const state = guardStates.find((each) => each === first)
  return state && words !== undefined && rest.join('') === '' ? { state, words } : undefined
}

/** For the gate, for make status and for people. Not written again when it is the same. */
export function writeVerdict(root: Root, state: GuardState, words: string): void {
  const [now, line] = [verdictOf(root), onOneLine(words)]
  if (now?.state === state && now.words === line) return
  writeAtomically(root(guardFiles.verdict), `${state}\n${line}\n`, { mode: 0o644, durable: false })
}

export function refuse(root: Root, wanted: string, words: string): void {
  writeAtomically(root(guardFiles.refused), `${wanted.trim()}\n${onOneLine(words)}\n`, { mode: 0o644 })
}

/** Why this was refused; undefined where it was not. */
export function refusalOf(root: Root, wanted: string): string | undefined {
  const [first, ...words] = readText(root(guardFiles.refused)).split('\n')
  return wanted.trim() !== '' && first === wanted.trim() ? words.join(' ').trim() || 'the reason is missing' : undefined
}

/** Lets the signer start. `restored` goes first: a kill in between costs another watch, never a start without one. */
export function clear(root: Root, wanted: string): void {
  removeFile(root(guardFiles.proven))
  removeFile(root(guardFiles.restored))
  writeAtomically(root(guardFiles.cleared), clearance(root, wanted), { mode: 0o444 })
  removeFile(root(guardFiles.receipt))
}

/** What is in `cleared` for a host that may start its signer in this boot. */
export function clearance(root: Root, wanted: string): string {
  return `${wanted}${bootId(root)}\n`
}

/** Whether the gate lets the signer start. */
export function isCleared(root: Root, wanted: string): boolean {
  return wasCleared(root, wanted) && bootId(root) !== '' && readText(root(guardFiles.cleared)) === clearance(root, wanted)
}

/** Whether it was cleared in this boot or an earlier one. It may be the same machine, or one with a copy of its disk. */
export function wasCleared(root: Root, wanted: string): boolean {
  return wanted !== '' && readText(root(guardFiles.cleared)).startsWith(wanted) && lstatSync(root(guardFiles.restored), { throwIfNoEntry: false }) === undefined
}

/** The gate stops the signer, or does not start it. */
export function withdraw(root: Root): void {
  removeFile(root(guardFiles.cleared))
  removeFile(root(guardFiles.proven))
}

function onOneLine(words: string): string {
  return words.trim().split(/\s+/).join(' ')
}

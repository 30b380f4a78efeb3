/**
 * The role of this host: what the answers say, unless make promote or make demote has said something else since. Their word is a
 * file in the signer's config volume, which no backup carries to another host. It holds the role that the answer had, and the role
 * that counts in its place, and it counts until the answer has said something else once; then init deletes it.
 */

import { lstatSync } from 'node:fs'
import { paths, roles, type Role } from '../../../generator/catalogue/container.ts'
import { readText } from './files.ts'
import { OperatorError } from './program.ts'
import type { Root } from './root.ts'
import { readStackFile } from './stack-file.ts'

export const roleWord = `${paths.signerConfig}/role`

/** The role in the committed files; undefined where they do not say it. */
export function answeredRole(root: Root): Role | undefined {
  try {
    return readStackFile(root).role
  } catch (error) {
    if (error instanceof OperatorError) return undefined
    throw error
  }
}

/** The role that counts, and whether make promote or make demote has said it. Without a clear answer this host is a standby. */
export function roleOf(root: Root): { readonly role: Role; readonly byHand: boolean } {
  const answer = answeredRole(root)
  const [then, now, ...more] = readText(root(roleWord)).trim().split(/\s+/)
  const said = answer && then === answer && more.length === 0 ? roles.find((role) => role === now) : undefined
  return { role: said ?? answer ?? 'standby', byHand: said !== undefined }
}

/** Whether the answer has said something else since make promote or make demote, whose word must not count again later. */
export function isOutdated(root: Root): boolean {
  return answeredRole(root) !== undefined && lstatSync(root(roleWord), { throwIfNoEntry: false }) !== undefined && !roleOf(root).byHand
}

/** The content of the word by which `role` counts from now on. */
export function wordFor(root: Root, role: Role): string {
  return `${answeredRole(root) ?? ''} ${role}\n`
}

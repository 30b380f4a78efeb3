/** For programs that a test runs as another user. The checkout may be in a home that this user cannot enter, so their files are elsewhere. */

import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { repository } from './repository.ts'

/** The uid of a user without a name. Only root can run programs as this user. */
export const otherUser = 1234

/** A new folder that all users may enter, removed after the test. Throws if `user` cannot enter the system's temporary folder. */
export function openFolder(t: Pick<Test, 'teardown'>, user = otherUser): string {
  const folder = mkdtempSync(join(tmpdir(), 'open-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  chmodSync(folder, 0o755)
  if (!entered(folder, ['true'], user)) throw new Error(`user ${user} cannot enter ${folder}: set TMPDIR to a folder that others may enter`)
  return folder
}

/** Copies the built command into such a folder, with a Node.js that the other user can start. */
export function openCommand(t: Pick<Test, 'teardown'>): { readonly node: string; readonly main: string } {
  const folder = openFolder(t)
  mkdirSync(join(folder, 'package'))
  copyFileSync(join(repository, 'package.json'), join(folder, 'package/package.json'))
  cpSync(join(repository, 'dist'), join(folder, 'package/dist'), { recursive: true })
  letIn(folder)
  return { node: openNode(folder), main: join(folder, 'package/dist/main.js') }
}

/** The path of this Node.js, or of a copy in `folder` if other users cannot start it. */
export function openNode(folder: string): string {
  if (entered(folder, [process.execPath, '-e', '0'])) return process.execPath
  const copy = join(folder, 'node')
  copyFileSync(process.execPath, copy)
  return copy
}

/** Lets all users read the files in `folder`. The umask of the checkout may forbid it. */
export function letIn(folder: string): void {
  spawnSync('chmod', ['-R', 'a+rX', folder])
}

/** Whether `user` can run this in `folder`. Without root rights the user does not change. */
function entered(folder: string, [program = '', ...argv]: readonly string[], user = otherUser): boolean {
  return spawnSync(program, argv, { cwd: folder, ...(process.getuid?.() === 0 && { uid: user, gid: user }) }).status === 0
}

/** What a test runs as another user than the checkout's stands where that user may enter: a checkout may lie in a home that is closed to all others. */

import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { repository } from './repository.ts'

/** A user of whom nothing is known but this number. Only root can become it. */
export const otherUser = 1234

/** A new folder that all may enter, gone after the test. Throws where the place of temporary files is closed to `user`. */
export function openFolder(t: Pick<Test, 'teardown'>, user = otherUser): string {
  const folder = mkdtempSync(join(tmpdir(), 'open-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  chmodSync(folder, 0o755)
  if (!entered(folder, ['true'], user)) throw new Error(`user ${user} cannot enter ${folder}: set TMPDIR to a folder that others may enter`)
  return folder
}

/** The built command in such a folder, and a Node.js that the other user can start. */
export function openCommand(t: Pick<Test, 'teardown'>): { readonly node: string; readonly main: string } {
  const folder = openFolder(t)
  mkdirSync(join(folder, 'package'))
  copyFileSync(join(repository, 'package.json'), join(folder, 'package/package.json'))
  cpSync(join(repository, 'dist'), join(folder, 'package/dist'), { recursive: true })
  letIn(folder)
  return { node: openNode(folder), main: join(folder, 'package/dist/main.js') }
}

/** This Node.js, or its copy in `folder` where its own place is closed to others. */
export function openNode(folder: string): string {
  if (entered(folder, [process.execPath, '-e', '0'])) return process.execPath
  const copy = join(folder, 'node')
  copyFileSync(process.execPath, copy)
  return copy
}

/** Lets all users read what is in `folder`, whatever the umask of the checkout was. */
export function letIn(folder: string): void {
  spawnSync('chmod', ['-R', 'a+rX', folder])
}

/** Whether `user` can run this in `folder`; who is not root stays who he is. */
function entered(folder: string, [program = '', ...argv]: readonly string[], user = otherUser): boolean {
  return spawnSync(program, argv, { cwd: folder, ...(process.getuid?.() === 0 && { uid: user, gid: user }) }).status === 0
}

/** Whom init, as root, gives files to. */

import type { Owner } from './files.ts'
import type { Io } from './program.ts'

/** `user` is 'uid:gid'. A test that is not root keeps what it makes to itself. */
export function ownerOf(user: string, { environment }: Pick<Io, 'environment'>): Owner {
  const [own, group] = [process.geteuid?.() ?? 0, process.getegid?.() ?? 0]
  if (environment['STACK_ROOT'] && own !== 0) return { uid: own, gid: group }
  const [uid = 0, gid = 0] = user.split(':').map(Number)
  return { uid, gid }
}

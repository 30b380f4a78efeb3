/** Public keys to which age encrypts: its own, and those of SSH. */

import type { Fault } from './fault.ts'
import { listWords } from './list.ts'
import { shown } from './mask.ts'

const agePublic = /^age1[02-9ac-hj-np-z]{58}$/
const sshPublic = /^(ssh-ed25519 AAAAC3NzaC1lZDI1NTE5[A-Za-z0-9+/]{48}|ssh-rsa AAAAB3NzaC1yc2E[A-Za-z0-9+/]{200,}=*)( [\w.@+-]+)?$/

/** What is wrong with a list of recipients. A private key among them is told without showing it. */
export function recipientsFault(value: string): Fault | undefined {
  if (/AGE-SECRET-KEY-|PRIVATE KEY/i.test(value)) return { message: 'holds a private key, and this file is committed', hint: 'write the public key, which begins with age1 or ssh-; make a new pair, since this one was written down here' }
  const list = listWords(value)
  const wrong = list.find((word) => !agePublic.test(word) && !sshPublic.test(word))
  if (wrong !== undefined) return { message: `expects public keys like age1… or ssh-ed25519 AAAA…, with commas between them, found ${shown(wrong)}` }
  const twice = list.find((word, index) => list.indexOf(word) !== index)
  return twice === undefined ? undefined : { message: `names ${shown(twice)} twice` }
}

/** Public keys of age, to which backups are encrypted. */

import type { Fault } from './fault.ts'
import { listWords } from './list.ts'
import { shown } from './mask.ts'

const agePublic = /^age1[02-9ac-hj-np-z]{58}$/

/** What is wrong with a list of recipients. A private key among them is told without showing it. */
export function recipientsFault(value: string): Fault | undefined {
  if (/AGE-SECRET-KEY-|PRIVATE KEY/i.test(value)) return { message: 'holds a private key, and this file is committed', hint: 'write the public key, which begins with age1; make a new pair, since this one was written down here' }
  const list = listWords(value)
  const wrong = list.find((word) => !agePublic.test(word))
  if (wrong?.startsWith('ssh-')) return { message: 'holds an SSH key, and only age keys are accepted', hint: 'age-keygen on a machine of yours makes a pair; write its public key, which begins with age1' }
  if (wrong !== undefined) return { message: `expects public keys like age1…, with commas between them, found ${shown(wrong)}` }
  const twice = list.find((word, index) => list.indexOf(word) !== index)
  return twice === undefined ? undefined : { message: `names ${shown(twice)} twice` }
}

/** What age has encrypted, as text: for paper, for git, and for a pipe on which the identity follows. */

import { armor } from 'age-encryption'
import { open, seal } from '../shared/age.ts'
import { OperatorError } from '../shared/program.ts'

const [begin, end] = ['-----BEGIN AGE ENCRYPTED FILE-----', '-----END AGE ENCRYPTED FILE-----']

export const sealText = async (recipients: readonly string[], content: Uint8Array): Promise<string> => armor.encode(await seal(recipients.join('\n'), content))

/** Opens the encrypted text in `content` with the age identities that follow it. */
export async function openText(content: string): Promise<Buffer> {
  const { sealed, rest } = sealedIn(content)
  const identities = rest.filter((line) => line.startsWith('AGE-SECRET-KEY-'))
  if (identities.length === 0) throw new OperatorError('IDENTITY is not an age identity, as age-keygen makes them; what is encrypted for an SSH key is opened by the program age itself')
  return Buffer.from(await open(identities.join('\n'), decoded(sealed)))
}

/** The encrypted text as age writes it, without what a sheet has before and behind its lines; and the lines that follow it. */
export function sealedIn(content: string): { readonly sealed: string; readonly rest: readonly string[] } {
  const lines = content.split('\n').map((line) => line.trim().split('  ')[0]!)
  const [first, last] = [lines.indexOf(begin), lines.indexOf(end)]
  if (first < 0 || last < first) throw new OperatorError('it has no encrypted text of age')
  return { sealed: `${lines.slice(first, last + 1).join('\n')}\n`, rest: lines.slice(last + 1) }
}

export function decoded(sealed: string): Uint8Array {
  try {
    return armor.decode(sealed)
  } catch {
    throw new OperatorError('a line of it is not base64: compare it with the sheet')
  }
}

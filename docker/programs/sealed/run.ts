/**
 * Encrypts secrets with age, and opens them. docker/host/sealed.sh and sbtc.sh run it:
 *
 *   sealed seal RECIPIENT...                a file of secrets/ on standard input; prints it encrypted, as text
 *   sealed open                             that text, and after it an age identity; prints the file
 *   sealed key seal PUBLIC RECIPIENT...     the same for the key of the sBTC signer, which must be that of PUBLIC
 *   sealed key open PUBLIC
 *   sealed key check PUBLIC                 as open, but says only whether it is that key
 *   sealed key sheet STACK NETWORK PUBLIC   the encrypted text; prints a sheet for paper
 */

import { readInput } from '../shared/input.ts'
import { OperatorError, type Io } from '../shared/program.ts'
import { openText, sealText } from './armored.ts'
import { runKey } from './key.ts'

/** In bytes; encrypted, as text and with an identity behind it, a file is larger. */
const most = 1 << 16

export async function run([action = '', ...words]: readonly string[], io: Io): Promise<number> {
  if (!['seal', 'open', 'key'].includes(action)) {
    io.warn('sealed: say seal, open or key')
    return 2
  }
  const content = await readInput(io, 2 * most)
  if (action === 'key') return runKey(words, content.toString('latin1'), io)
  if (action === 'open') {
    io.write(await openText(content.toString('latin1')))
    return 0
  }
  if (content.length === 0 || content.length > most) throw new OperatorError(`a secret has 1 to ${most} bytes, not ${content.length}`)
  io.write(await sealText(words, content))
  return 0
}

/** The key of the sBTC signer on its way to a place away from this machine, and back. No message holds anything secret. */

import { createHash } from 'node:crypto'
import { decoded, openText, sealedIn, sealText } from './armored.ts'
import { OperatorError, type Io } from '../shared/program.ts'
import { publicKeyOf } from '../shared/public-key.ts'
import { privateKey } from '../shared/secrets.ts'

/** `content` is the standard input. The public key in `words` is the one that the stack is for, or - where it is not known. */
export async function runKey([action, ...words]: readonly string[], content: string, io: Io): Promise<number> {
  const [wanted = '-', ...others] = words
  switch (action) {
    case 'seal': {
      const key = content.trim()
      checkKey(key, wanted)
      io.write(await sealText(others, Buffer.from(`${key}\n`)))
      return 0
    }
    case 'check': {
      const publicKey = checkKey(await openKey(content), wanted)
      io.say(`sealed: it opens, and it is the key of ${publicKey}${wanted === '-' ? '' : ', as it should be'}`)
      return 0
    }
    case 'open': {
      const key = await openKey(content)
      checkKey(key, wanted)
      io.write(`${key}\n`)
      return 0
    }
    case 'sheet':
      io.write(sheet(sealedIn(content).sealed, words))
      return 0
    default:
      io.warn('sealed: say key seal, key check, key open or key sheet')
      return 2
  }
}

/** The public key. Throws for what is not a key, or another one. */
function checkKey(key: string, wanted: string): string {
  const publicKey = privateKey.pattern.test(key) ? publicKeyOf(key) : undefined
  if (publicKey === undefined) throw new OperatorError('that is not the key of a signer')
  if (wanted !== '-' && publicKey !== wanted.toLowerCase()) throw new OperatorError(`it is the key of ${publicKey}, and this stack is for ${wanted}`)
  return publicKey
}

const openKey = async (content: string): Promise<string> => (await openText(content)).toString('latin1').trim()

/** Each line with the first four digits of its SHA-256, which tell whoever types it in where an error is. */
function sheet(sealed: string, [stack, network, publicKey]: readonly string[]): string {
  const hash = (text: string) => createHash('sha256').update(text).digest('hex')
  decoded(sealed)
  return `RECOVERY SHEET: the key of the sBTC signer of ${stack}, ${network}
public key   ${publicKey}
SHA-256      ${hash(sealed)}

Whoever has this sheet and the age identity has the key. Keep the two apart, and both apart from the dumps
of the database: the key opens the shares in them.

To restore it: type the lines below into a file, without the four digits at their ends. The SHA-256 of
each line begins with these. Then, in the stack's directory: make sbtc-key-restore FILE=… IDENTITY=…
Anywhere else, with age alone: age --decrypt --identity IDENTITY FILE
Never start the key while it may still run elsewhere.

${sealed.trimEnd().split('\n').map((line) => `${line.padEnd(66)}${hash(line).slice(0, 4)}\n`).join('')}
Encrypted on ____________  by ____________  seen by ____________  kept at ____________
Opened in a drill: ____________  ____________  ____________  ____________

`
}

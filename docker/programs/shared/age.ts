/** age, the encryption of backups: a file is sealed to public keys, and opened by an identity. Errors of the library are not shown: they may quote a key. */

import { Readable } from 'node:stream'
import { Decrypter, Encrypter } from 'age-encryption'
import { errorCode } from '../../../generator/io/disk.ts'
import { OperatorError } from './program.ts'

/** `recipients` is the text of a file with a public key on each line. */
export async function seal(recipients: string, content: Uint8Array): Promise<Uint8Array> {
  return encrypterFor(recipients).encrypt(content).catch(() => { throw unusable() })
}

/** The same for what is too large for memory. What fails in `content` fails in the stream that is returned. */
export async function sealStream(recipients: string, content: Readable): Promise<Readable> {
  return Readable.fromWeb(await encrypterFor(recipients).encrypt(Readable.toWeb(content)).catch(() => { throw unusable() }))
}

/** `identities` is the text of a file with an age identity on each line. */
export async function open(identities: string, content: Uint8Array): Promise<Uint8Array> {
  return decrypterFor(identities).decrypt(content).catch(() => { throw unopened() })
}

/** The same for what is too large for memory. Damage further inside is an OperatorError of the stream that is returned. */
export async function openStream(identities: string, content: Readable): Promise<Readable> {
  const opened = await decrypterFor(identities).decrypt(Readable.toWeb(content)).catch((error: unknown) => { throw unopened(error) })
  return Readable.from((async function* () {
    try {
      yield* opened
    } catch (error) {
      throw unopened(error)
    }
  })(), { objectMode: false })
}

function encrypterFor(recipients: string): Encrypter {
  const encrypter = new Encrypter()
  const keys = keysIn(recipients)
  if (keys.length === 0) throw new OperatorError('there is no age recipient')
  for (const [index, key] of keys.entries()) {
    try {
      encrypter.addRecipient(key)
    } catch {
      const fault = key.startsWith('ssh-') ? 'is an SSH key, and only age keys are accepted: make one with age-keygen' : 'is not an age public key, which begins with age1'
      throw new OperatorError(`age recipient ${index + 1} ${fault}`)
    }
  }
  return encrypter
}

function decrypterFor(identities: string): Decrypter {
  const decrypter = new Decrypter()
  const keys = keysIn(identities)
  try {
    for (const key of keys) decrypter.addIdentity(key)
  } catch {
    keys.length = 0
  }
  if (keys.length === 0) throw new OperatorError('this is not an age identity, which is a line that begins with AGE-SECRET-KEY-1')
  return decrypter
}

const keysIn = (text: string): string[] => text.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'))
const unusable = () => new OperatorError('age cannot encrypt to these recipients')
/** A file that cannot be read keeps its own error. */
const unopened = (error?: unknown) => (typeof errorCode(error) === 'string' ? error : new OperatorError('the age identity does not open it, or it is damaged'))

/** age identities: this host's own, with which each dump is tried out, and the operator's, which comes from standard input or a file. */

import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { writeAtomically } from '../shared/files.ts'
import { OperatorError } from '../shared/program.ts'
import { timestamp } from '../shared/time.ts'
import { at } from './programs.ts'

/** The text of the identities in a file. */
export async function readIdentity(file: string): Promise<string> {
  if (!existsSync(file)) throw new OperatorError(`there is no identity to decrypt with at ${file}`)
  return checkIdentity(await at(file, () => readFileSync(file, 'utf8')), file)
}

/** Returns the text; throws where `where` holds no age identity. */
export async function checkIdentity(text: string, where: string): Promise<string> {
  await recipientOf(text).catch(() => { throw new OperatorError(`${where} holds no age identity, which is a line that begins with AGE-SECRET-KEY-1`) })
  return text
}

/** The public key of this host's own identity. Makes the identity if the file does not exist. */
export async function ownRecipient(file: string): Promise<string> {
  if (!existsSync(file)) {
    const identity = await generateX25519Identity()
    const text = `# created: ${timestamp()}\n# public key: ${await identityToRecipient(identity)}\n${identity}\n`
    await at(file, () => {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
      writeAtomically(file, text, { mode: 0o600 })
    })
  }
  return recipientOf(await readIdentity(file))
}

async function recipientOf(identity: string): Promise<string> {
  return identityToRecipient(identity.split('\n').find((line) => line.startsWith('AGE-SECRET-KEY-'))!.trim())
}

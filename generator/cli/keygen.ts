/** `keygen`: a new signer key and its mnemonic into `secrets/`, and only its public side on the screen. */

import { resolve } from 'node:path'
import { readSecrets, storeSecret } from '../io/secret-store.ts'
import { error, hasErrors } from '../problem.ts'
import { identity, newSignerKey } from '../stack/keys.ts'
import type { Generated } from './generate.ts'
import type { Io } from './run.ts'

/** Makes the key in DIRECTORY/secrets (0600). Refuses where a key or mnemonic already stands: exit 2. */
export async function keygen(words: readonly string[], io: Io): Promise<Generated> {
  const directory = resolve(io.cwd, words[0] ?? '.')
  const failed = (problems: Generated['problems']): Generated => ({ exitCode: 2, directory, problems, changes: [], notes: [] })
  if (words.length > 1) return failed([error('usage', `keygen takes one directory, found ${words.length} words`)])
  const stored = readSecrets(directory)
  if (hasErrors(stored.problems) || !stored.value) return failed(stored.problems)
  const taken = (['signer-private-key', 'signer-mnemonic'] as const).filter((name) => stored.value?.[name] !== undefined)
  if (taken.length > 0) {
    return failed([...stored.problems, error('key-exists', `${taken.map((name) => `secrets/${name}`).join(' and ')} already exists in ${directory}`,
      undefined, 'a key is never overwritten; move it away first if it is truly not in use')])
  }
  const made = await newSignerKey()
  const problems = [...stored.problems, ...storeSecret(directory, 'signer-mnemonic', made.mnemonic)]
  if (!hasErrors(problems)) problems.push(...storeSecret(directory, 'signer-private-key', made.privateKey))
  if (hasErrors(problems)) return failed(problems)
  const mainnet = identity(made.privateKey, 'mainnet')
  const testnet = identity(made.privateKey, 'testnet')
  return {
    exitCode: 0,
    directory,
    problems,
    changes: [],
    identity: mainnet,
    notes: [
      '+ secrets/signer-mnemonic (write it down offline; whoever has it has the key)',
      '+ secrets/signer-private-key',
      `address     ${mainnet.address} (mainnet)  ${testnet.address} (testnet)`,
      `public key  ${mainnet.publicKey}`,
    ],
  }
}

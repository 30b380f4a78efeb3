/** `keygen`: a new signer key and its mnemonic into `secrets/`, and only its public side on the screen. */

import { resolve } from 'node:path'
import { realPath } from '../io/held-directory.ts'
import { readSecrets, storeSecret, sweepSecrets } from '../io/secret-store.ts'
import { error, hasErrors, type Problem } from '../problem.ts'
import { identity, newSignerKey } from '../stack/keys.ts'
import type { Options } from './options.ts'
import type { Outcome } from './outcome.ts'
import { quoted } from './quoted.ts'
import { keyOfStored } from './secrets.ts'
import type { Io } from './io.ts'

/**
 * Makes the key in DIRECTORY/secrets (0600). Refuses where a key already stands: exit 2. The mnemonic is written first: where it
 * stands alone, a run was killed between the two, and the key is made from it.
 */
export async function keygen(words: readonly string[], options: Options, io: Io): Promise<Outcome> {
  const directory = realPath(resolve(io.cwd, words[0] ?? '.'))
  const failed = (problems: readonly Problem[]): Outcome => ({ exitCode: 2, problems, lines: [], data: { directory, written: false } })
  if (words.length > 1) return failed([error('usage', `keygen takes one directory, found ${words.length} words`)])
  const stored = readSecrets(directory)
  if (hasErrors(stored.problems) || !stored.value) return failed(stored.problems)
  const { 'signer-private-key': key, 'signer-mnemonic': halfMade } = stored.value
  const writes = !(options.dryRun || options.diff || options.check)
  if (key !== undefined) {
    const { address, publicKey } = identity(key, 'mainnet')
    return failed([...stored.problems, ...(writes ? sweepSecrets(directory) : []), error('key-exists', `secrets/signer-private-key already exists in ${directory}: it is the key of ${address} (public key ${publicKey})`,
      undefined, 'a key is never overwritten; move it away first if it is truly not in use')])
  }
  const secrets = ['secrets/signer-mnemonic', 'secrets/signer-private-key'] as const
  if (!writes) {
    return { exitCode: options.check ? 1 : 0, problems: stored.problems, lines: [...secrets.slice(halfMade === undefined ? 0 : 1).map((path) => `would write ${path}`), 'nothing was written'], data: { directory, written: false } }
  }
  io.status?.('making a signer key')
  const again = halfMade === undefined ? undefined : await keyOfStored(halfMade, '')
  if (again && again.value === undefined) return failed([...stored.problems, ...again.problems])
  const made = again?.value === undefined ? await newSignerKey() : { privateKey: again.value, mnemonic: undefined }
  const problems = [...stored.problems, ...(made.mnemonic === undefined ? [] : storeSecret(directory, 'signer-mnemonic', made.mnemonic))]
  if (!hasErrors(problems)) problems.push(...storeSecret(directory, 'signer-private-key', made.privateKey))
  if (hasErrors(problems)) return failed(problems)
  const mainnet = identity(made.privateKey, 'mainnet')
  const testnet = identity(made.privateKey, 'testnet')
  return {
    exitCode: 0,
    problems,
    lines: [
      `${halfMade === undefined ? '+' : '='} ${secrets[0]}     24 words: write them down offline, whoever has them has the key`,
      `+ ${secrets[1]}  what the signer signs with: one running signer per key`,
      '',
      `address     ${mainnet.address} (mainnet)  ${testnet.address} (testnet)`,
      `public key  ${mainnet.publicKey}`,
      `next: create-stacks-signer-stack ANSWERS ${quoted(words[0] ?? '.')}`,
    ],
    data: { directory, written: true, signer: mainnet, addresses: { mainnet: mainnet.address, testnet: testnet.address }, secrets },
  }
}

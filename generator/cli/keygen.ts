/** `keygen`: a new signer key and its mnemonic into `secrets/`, and only its public side on the screen. */

import { resolve } from 'node:path'
import { readSecrets, storeSecret } from '../io/secret-store.ts'
import { error, hasErrors, type Problem } from '../problem.ts'
import { identity, newSignerKey } from '../stack/keys.ts'
import type { Options } from './options.ts'
import type { Outcome } from './outcome.ts'
import { quoted } from './report.ts'
import type { Io } from './run.ts'

/** Makes the key in DIRECTORY/secrets (0600). Refuses where a key or mnemonic already stands: exit 2. */
export async function keygen(words: readonly string[], options: Options, io: Io): Promise<Outcome> {
  const directory = resolve(io.cwd, words[0] ?? '.')
  const failed = (problems: readonly Problem[]): Outcome => ({ exitCode: 2, problems, lines: [], data: { directory, written: false } })
  if (words.length > 1) return failed([error('usage', `keygen takes one directory, found ${words.length} words`)])
  const stored = readSecrets(directory)
  if (hasErrors(stored.problems) || !stored.value) return failed(stored.problems)
  const taken = (['signer-private-key', 'signer-mnemonic'] as const).filter((name) => stored.value?.[name] !== undefined)
  if (taken.length > 0) {
    return failed([...stored.problems, error('key-exists', `${taken.map((name) => `secrets/${name}`).join(' and ')} already exists in ${directory}`,
      undefined, 'a key is never overwritten; move it away first if it is truly not in use')])
  }
  const secrets = ['secrets/signer-mnemonic', 'secrets/signer-private-key'] as const
  if (options.dryRun || options.diff || options.check) {
    return { exitCode: options.check ? 1 : 0, problems: stored.problems, lines: [...secrets.map((path) => `would write ${path}`), 'nothing was written'], data: { directory, written: false } }
  }
  io.status?.('making a signer key')
  const made = await newSignerKey()
  const problems = [...stored.problems, ...storeSecret(directory, 'signer-mnemonic', made.mnemonic)]
  if (!hasErrors(problems)) problems.push(...storeSecret(directory, 'signer-private-key', made.privateKey))
  if (hasErrors(problems)) return failed(problems)
  const mainnet = identity(made.privateKey, 'mainnet')
  const testnet = identity(made.privateKey, 'testnet')
  return {
    exitCode: 0,
    problems,
    lines: [
      `+ ${secrets[0]}     24 words: write them down offline, whoever has them has the key`,
      `+ ${secrets[1]}  what the signer signs with: one running signer per key`,
      '',
      `address     ${mainnet.address} (mainnet)  ${testnet.address} (testnet)`,
      `public key  ${mainnet.publicKey}`,
      `next: create-stacks-signer-stack ANSWERS ${quoted(words[0] ?? '.')}`,
    ],
    data: { directory, written: true, signer: mainnet, addresses: { mainnet: mainnet.address, testnet: testnet.address }, secrets },
  }
}

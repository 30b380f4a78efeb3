/**
 * Which secrets this run has: given in the answers, stored before, or to be made now. Decided before anything is
 * written; stored before any generated file, so that a killed run never leaves a stack whose key is lost.
 */

import type { Answers } from '../answers/check.ts'
import { makeToken, readSecrets, storeSecret, type StoredSecrets } from '../io/secret-store.ts'
import { error, warning, type Problem, type Result } from '../problem.ts'
import { identity, keyFromMnemonic, newSignerKey, sameKey } from '../stack/keys.ts'
import type { Identity } from '../stack/model.ts'

export interface SettledSecrets {
  readonly identity?: Identity
  /** What `store` will have made, a line each; never a value. */
  readonly made: readonly string[]
  /** Writes what is new to `secrets/`; an existing file is never touched. */
  readonly store: () => readonly Problem[]
}

type Name = 'signer-mnemonic' | 'signer-private-key' | 'auth-token'
interface New { readonly name: Name; readonly value: string; readonly note: string }

/**
 * `recorded` is the identity in the committed manifest. Where it is known and `secrets/` is not here (the ops
 * repository's CI, an operator's laptop), the files can be generated all the same and no secret is invented.
 */
export async function settleSecrets(
  answers: Answers, directory: string, recorded: Identity | undefined, options: { readonly writes: boolean; readonly force: boolean },
): Promise<Result<SettledSecrets>> {
  const stored = readSecrets(directory)
  if (!stored.value) return { problems: stored.problems }
  const conflicts = conflicting(answers, stored.value)
  if (conflicts.length > 0) return { problems: [...stored.problems, ...conflicts] }
  const key = await signerKey(answers, stored.value, recorded, options.writes)
  if (!key.value) return { problems: [...stored.problems, ...key.problems] }
  const { privateKey, fresh } = key.value
  const found = privateKey ? await identity(privateKey, answers.values.NETWORK) : recorded
  const problems = [...stored.problems, ...key.problems]
  if (recorded && found && recorded.publicKey !== found.publicKey && !options.force) {
    problems.push(error('other-key', `secrets/signer-private-key is the key of ${found.address}, but this stack was generated for ${recorded.address}`,
      undefined, 'put the right key back; if it was changed on purpose, run once with --force'))
    return { problems }
  }
  const elsewhere = recorded !== undefined && !privateKey
  const toStore = elsewhere ? [] : [...fresh, ...token(answers, stored.value)]
  return {
    value: {
      ...(found && { identity: found }),
      made: toStore.map(({ note }) => note),
      store: () => storeAll(directory, toStore),
    },
    problems,
  }
}

function storeAll(directory: string, secrets: readonly New[]): readonly Problem[] {
  for (const { name, value } of secrets) {
    const problems = storeSecret(directory, name, value)
    if (problems.length > 0) return problems
  }
  return []
}

interface Key { readonly privateKey?: string; readonly fresh: readonly New[] }

async function signerKey(answers: Answers, stored: StoredSecrets, recorded: Identity | undefined, writes: boolean): Promise<Result<Key>> {
  const known = stored['signer-private-key']
  if (known) return { value: { privateKey: known, fresh: [] }, problems: [] }
  const given = answers.secrets.SIGNER_PRIVATE_KEY?.reveal()
  if (given) return { value: { privateKey: given, fresh: [keyFile(given, 'from the answers')] }, problems: [] }
  if (recorded) {
    const problem = warning('no-secrets-here', `secrets/signer-private-key is not here; this stack signs as ${recorded.address}`, undefined,
      'the host that runs it must have that key; nothing was made in its place')
    return { value: { fresh: [] }, problems: writes ? [problem] : [] }
  }
  if (answers.values.SIGNER_KEY === 'provided') {
    return { problems: [error('no-signer-key', 'there is no signer key, and none is ever made unasked', answers.place('SIGNER_KEY'),
      'put an existing key into secrets/signer-private-key, or make a new one: create-stacks-signer-stack keygen (or SIGNER_KEY=generate)')] }
  }
  // A run killed between the two files left the mnemonic alone: the key is made from it again, not anew.
  const halfMade = stored['signer-mnemonic']
  if (halfMade) {
    const privateKey = await keyFromMnemonic(halfMade).catch(() => undefined)
    if (privateKey === undefined) {
      return { problems: [error('bad-secret', 'secrets/signer-mnemonic holds no valid mnemonic', undefined, 'put the right words there, or move the file away if it is of no use')] }
    }
    return { value: { privateKey, fresh: [keyFile(privateKey, 'from secrets/signer-mnemonic')] }, problems: [] }
  }
  if (!writes) return { value: { fresh: [] }, problems: [] }
  const made = await newSignerKey()
  return {
    value: {
      privateKey: made.privateKey,
      fresh: [
        { name: 'signer-mnemonic', value: made.mnemonic, note: 'secrets/signer-mnemonic (new; write it down offline)' },
        keyFile(made.privateKey, 'new'),
      ],
    },
    problems: [],
  }
}

function keyFile(value: string, origin: string): New {
  return { name: 'signer-private-key', value, note: `secrets/signer-private-key (${origin})` }
}

function token(answers: Answers, stored: StoredSecrets): readonly New[] {
  if (stored['auth-token']) return []
  const given = answers.secrets.AUTH_TOKEN?.reveal()
  return [{ name: 'auth-token', value: given ?? makeToken(), note: `secrets/auth-token (${given ? 'from the answers' : 'new'})` }]
}

function conflicting(answers: Answers, stored: StoredSecrets): readonly Problem[] {
  const givenKey = answers.secrets.SIGNER_PRIVATE_KEY?.reveal()
  const givenToken = answers.secrets.AUTH_TOKEN?.reveal()
  const knownKey = stored['signer-private-key']
  const say = (answer: 'SIGNER_PRIVATE_KEY' | 'AUTH_TOKEN', file: string) => error('secret-conflict',
    `${answer} differs from the stored secrets/${file}, and an existing secret is never changed`, answers.place(answer),
    `remove the line to keep the stored one, or move secrets/${file} away first`)
  return [
    ...(givenKey && knownKey && !sameKey(givenKey, knownKey) ? [say('SIGNER_PRIVATE_KEY', 'signer-private-key')] : []),
    ...(givenToken && stored['auth-token'] && givenToken !== stored['auth-token'] ? [say('AUTH_TOKEN', 'auth-token')] : []),
  ]
}

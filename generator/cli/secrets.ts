/**
 * Which secrets this run has: given in the answers, stored before, or to be made now. Decided before anything is
 * written; stored before any generated file, so that a killed run never leaves a stack whose key is lost.
 */

import { join } from 'node:path'
import type { Answers } from '../answers/check.ts'
import { markNewKey } from '../io/new-key.ts'
import { makeToken, readSecrets, storeSecrets, type NewSecret, type StoredSecrets } from '../io/secret-store.ts'
import { error, hasErrors, warning, type Problem, type Result } from '../problem.ts'
import { identity, keyFromMnemonic, newSignerKey, sameKey } from '../stack/keys.ts'
import type { Identity } from '../stack/model.ts'
import type { Mode } from './generated.ts'
import { otherKey } from './new-identity.ts'
import { quoted } from './quoted.ts'
import { secretConflict } from './secret-conflict.ts'

export interface SettledSecrets {
  readonly identity?: Identity
  /** True where `secrets/` is not here: nothing is made in its place. */
  readonly elsewhere: boolean
  /** What `store` will have made, a line each; never a value. */
  readonly made: readonly string[]
  /** Writes what is new to `secrets/`; an existing file is never touched. */
  readonly store: () => readonly Problem[]
}

type Name = 'signer-mnemonic' | 'signer-private-key' | 'auth-token'

/** Where each secret lives: each host of a split stack has its own, and only the token stands on both. */
type Homes = Readonly<Record<Name, readonly string[]>>
const homesOf: Readonly<Record<'single' | 'split', Homes>> = {
  single: { 'signer-private-key': [''], 'signer-mnemonic': [''], 'auth-token': [''] },
  split: { 'signer-private-key': ['signer-host/'], 'signer-mnemonic': ['signer-host/'], 'auth-token': ['signer-host/', 'node-host/'] },
}

/**
 * `recorded` is the identity in the committed manifest. Where it is known and `secrets/` is not here (the ops
 * repository's CI, an operator's laptop), the files can be generated all the same and no secret is invented. Without a
 * Stacks signer there is nothing to settle.
 */
export async function settleSecrets(
  answers: Answers, directory: string, recorded: Identity | undefined, options: { readonly mode: Mode; readonly newSignerKey: boolean; readonly shown: string },
): Promise<Result<SettledSecrets>> {
  if (answers.values.SIGNER === 'off') return { value: { elsewhere: false, made: [], store: () => [] }, problems: [] }
  const homes = homesOf[answers.values.TOPOLOGY]
  const stored = readHomes(directory, homes)
  if (!stored.value) return { problems: stored.problems }
  const conflicts = conflicting(answers, stored.value, homes)
  if (conflicts.length > 0) return { problems: [...stored.problems, ...conflicts] }
  const key = await signerKey(answers, stored.value, recorded, homes, options)
  if (!key.value) return { problems: [...stored.problems, ...key.problems] }
  const { privateKey, fresh } = key.value
  const found = privateKey ? identity(privateKey, answers.values.NETWORK) : recorded
  const problems = [...stored.problems, ...key.problems]
  problems.push(...otherKey(`${homes['signer-private-key'][0]}secrets/signer-private-key`, 'SIGNER OF THIS STACK', recorded, found, options.newSignerKey))
  if (hasErrors(problems)) return { problems }
  const elsewhere = recorded !== undefined && !privateKey
  const toStore = elsewhere ? [] : [...fresh, ...token(answers, stored.value, homes)]
  return {
    value: {
      ...(found && { identity: found }),
      elsewhere,
      made: [...key.value.planned ?? [], ...toStore.map(({ note }) => note)],
      store: () => {
        const failures = storeSecrets(directory, toStore)
        return hasErrors(failures) || !key.value?.made || !found ? failures : markNewKey(directory, homes['signer-private-key'][0]!, found.publicKey)
      },
    },
    problems,
  }
}

interface Key {
  readonly privateKey?: string
  readonly fresh: readonly NewSecret[]
  /** This very run has made it. */
  readonly made?: true
  /** What a run that writes makes, a line each. */
  readonly planned?: readonly string[]
}

async function signerKey(answers: Answers, stored: Stored, recorded: Identity | undefined, homes: Homes, { mode, shown }: { readonly mode: Mode; readonly shown: string }): Promise<Result<Key>> {
  const home = homes['signer-private-key'][0]!
  const known = stored['signer-private-key']
  if (known) return { value: { privateKey: known, fresh: [] }, problems: [] }
  const given = answers.secrets.SIGNER_PRIVATE_KEY?.reveal()
  if (given) return { value: { privateKey: given, fresh: [keyFile(given, 'from the answers', home)] }, problems: [] }
  if (recorded) {
    const problem = warning('no-secrets-here', `${home}secrets/signer-private-key is not here; this stack signs as ${recorded.address}`, undefined,
      'the host that runs it must have that key; nothing was made in its place')
    return { value: { fresh: [] }, problems: mode === 'dryRun' ? [] : [problem] }
  }
  if (answers.values.SIGNER_KEY === 'provided') {
    return { problems: [error('no-signer-key', 'no signer key found; keys are never generated automatically', answers.place('SIGNER_KEY'),
      `put an existing key into ${join(shown, home, 'secrets/signer-private-key')}, or make a new one: create-stacks-signer-stack keygen ${quoted(join(shown, home).replace(/\/$/, ''))} (or SIGNER_KEY=generate)`)] }
  }
  // A run killed between the two files left the mnemonic alone: the key is made from it again, not anew.
  const halfMade = stored['signer-mnemonic']
  if (halfMade) {
    const again = await keyOfStored(halfMade, home)
    return again.value ? { value: { privateKey: again.value, fresh: [keyFile(again.value, `from ${home}secrets/signer-mnemonic`, home)] }, problems: [] } : { problems: again.problems }
  }
  if (mode !== 'write') return { value: { fresh: [], planned: ['signer-mnemonic', 'signer-private-key'].map((name) => `${home}secrets/${name} (new)`) }, problems: [] }
  const made = await newSignerKey()
  return {
    value: {
      privateKey: made.privateKey, made: true,
      fresh: [
        { name: 'signer-mnemonic', value: made.mnemonic, note: `${home}secrets/signer-mnemonic (new; write it down offline)`, home },
        keyFile(made.privateKey, 'new', home),
      ],
    },
    problems: [],
  }
}

/** The key of a stored mnemonic. */
export async function keyOfStored(mnemonic: string, home: string): Promise<Result<string>> {
  try {
    return { value: await keyFromMnemonic(mnemonic), problems: [] }
  } catch {
    return { problems: [error('bad-secret', `${home}secrets/signer-mnemonic holds no valid mnemonic`, undefined, 'put the right words there, or move the file away if you do not need it')] }
  }
}

function keyFile(value: string, origin: string, home: string): NewSecret {
  return { name: 'signer-private-key', value, note: `${home}secrets/signer-private-key (${origin})`, home }
}

/** The one token, for every home that has none yet. */
function token(answers: Answers, stored: Stored, homes: Homes): readonly NewSecret[] {
  const missing = homes['auth-token'].filter((home) => !stored.tokenHomes.includes(home))
  if (missing.length === 0) return []
  const given = answers.secrets.AUTH_TOKEN?.reveal()
  const known = stored['auth-token']
  const value = known ?? given ?? makeToken()
  return missing.map((home) => ({ name: 'auth-token', value, home, note: `${home}secrets/auth-token (${known ? 'as on the other host' : given ? 'from the answers' : 'new'})` }))
}

interface Stored extends StoredSecrets { readonly tokenHomes: readonly string[] }

/** What all homes hold together; a token that differs between them is an error. */
function readHomes(directory: string, homes: Homes): Result<Stored> {
  const reads = [...new Set(Object.values(homes).flat())].map((home) => ({ home, ...readSecrets(directory, home) }))
  const problems = reads.flatMap((read) => read.problems)
  if (reads.some(({ value }) => !value)) return { problems }
  const secret = (name: Name) => reads.filter(({ home, value }) => homes[name].includes(home) && value?.[name] !== undefined)
  const tokens = secret('auth-token')
  if (new Set(tokens.map(({ value }) => value!['auth-token'])).size > 1) {
    return { problems: [...problems, error('secret-conflict', `${tokens.map(({ home }) => `${home}secrets/auth-token`).join(' and ')} differ, and signer and node need the same`,
      undefined, 'move the wrong one away; it is made again from the other')] }
  }
  const [key, mnemonic, shared] = (['signer-private-key', 'signer-mnemonic', 'auth-token'] as const).map((name) => secret(name)[0]?.value?.[name])
  return { value: {
    ...(key && { 'signer-private-key': key }), ...(mnemonic && { 'signer-mnemonic': mnemonic }), ...(shared && { 'auth-token': shared }),
    tokenHomes: tokens.map(({ home }) => home),
  }, problems }
}

function conflicting(answers: Answers, stored: Stored, homes: Homes): readonly Problem[] {
  const givenKey = answers.secrets.SIGNER_PRIVATE_KEY?.reveal()
  const givenToken = answers.secrets.AUTH_TOKEN?.reveal()
  const knownKey = stored['signer-private-key']
  const say = (answer: 'SIGNER_PRIVATE_KEY' | 'AUTH_TOKEN', name: Name) => secretConflict(answers, answer, homes[name].map((home) => `${home}secrets/${name}`))
  return [
    ...(givenKey && knownKey && !sameKey(givenKey, knownKey) ? [say('SIGNER_PRIVATE_KEY', 'signer-private-key')] : []),
    ...(givenToken && stored['auth-token'] && givenToken !== stored['auth-token'] ? [say('AUTH_TOKEN', 'auth-token')] : []),
  ]
}

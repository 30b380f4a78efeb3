/** The secrets of an sBTC signer: its key and the API key, which are never made here, and the passwords inside of the stack, which are. */

import type { Answers } from '../answers/check.ts'
import { makeToken, readSecrets, storeSecrets, type NewSecret, type SbtcSecret, type StoredSecrets } from '../io/secret-store.ts'
import { error, hasErrors, warning, type Problem, type Result } from '../problem.ts'
import { identity as identityOf, sameKey } from '../stack/keys.ts'
import type { Identity } from '../stack/model.ts'
import type { Mode } from './generated.ts'
import { otherKey } from './new-identity.ts'
import { secretConflict } from './secret-conflict.ts'
import type { SettledSecrets } from './secrets.ts'

const given = { 'sbtc-signer-private-key': 'SBTC_PRIVATE_KEY', 'emily-api-key': 'EMILY_API_KEY' } as const
const invented = ['postgres-password', 'sbtc-bitcoin-rpc-password'] as const

/** `recorded` is the identity in the committed manifest, `signer` that of the Stacks signer beside it. */
export function settleSbtcSecrets(
  answers: Answers, directory: string, recorded: Identity | undefined, signer: Identity | undefined, { mode, newSignerKey }: { readonly mode: Mode; readonly newSignerKey: boolean },
): Result<SettledSecrets> {
  if (answers.values.SBTC_SIGNER === 'off') return { value: { elsewhere: false, made: [], store: () => [] }, problems: [] }
  const read = readSecrets(directory)
  // What is wrong with a stored file is said where the Stacks signer's are read, unless there is none.
  const problems: Problem[] = answers.values.SIGNER === 'off' ? [...read.problems] : []
  if (!read.value) return { problems: read.problems }
  const stored = read.value
  const key = stored['sbtc-signer-private-key'] ?? answers.secrets.SBTC_PRIVATE_KEY?.reveal()
  const elsewhere = recorded !== undefined && key === undefined
  const identity = key === undefined ? recorded : identityOf(key, answers.values.NETWORK)
  problems.push(...keyProblems(answers, { recorded, identity, signer, elsewhere, newSignerKey, mode }))
  const fresh = (Object.keys(given) as (keyof typeof given)[]).flatMap((name) => provided(answers, stored, name, elsewhere, problems))
  if (!elsewhere) fresh.push(...invented.filter((name) => stored[name] === undefined).map((name): NewSecret => ({ name, value: makeToken(), home: '', note: `secrets/${name} (new)` })))
  if (hasErrors(problems)) return { problems }
  return { value: { ...(identity && { identity }), elsewhere, made: fresh.map(({ note }) => note), store: () => storeSecrets(directory, fresh) }, problems }
}

/** What is stored stays; what is given is stored; what is missing is asked for, since nobody here can make it. */
function provided(answers: Answers, stored: StoredSecrets, name: keyof typeof given & SbtcSecret, elsewhere: boolean, problems: Problem[]): NewSecret[] {
  const answer = given[name]
  const value = answers.secrets[answer]?.reveal()
  const known = stored[name]
  if (known !== undefined) {
    const same = name === 'sbtc-signer-private-key' ? value === undefined || sameKey(value, known) : value === undefined || value === known
    if (!same) problems.push(secretConflict(answers, answer, [`secrets/${name}`]))
    return []
  }
  if (value !== undefined) return [{ name, value, home: '', note: `secrets/${name} (from the answers)` }]
  if (!elsewhere) problems.push(error('no-sbtc-secret', `secrets/${name} is not here, and none is ever made`, answers.place('SBTC_SIGNER'),
    name === 'emily-api-key' ? 'put the API key there that the sBTC team has given you' : 'put the key of your admitted sBTC signer there, as 64 hexadecimal digits on one line'))
  return []
}

interface Keys {
  readonly recorded: Identity | undefined; readonly identity: Identity | undefined; readonly signer: Identity | undefined
  readonly elsewhere: boolean; readonly newSignerKey: boolean; readonly mode: Mode
}

function keyProblems(answers: Answers, { recorded, identity, signer, elsewhere, newSignerKey, mode }: Keys): readonly Problem[] {
  return [
    ...otherKey('secrets/sbtc-signer-private-key', 'sBTC SIGNER OF THIS STACK', recorded, identity, newSignerKey)
      .map((problem) => ({ ...problem, hint: `without the right key nobody can open the shares in the database\n${problem.hint}` })),
    ...(identity && signer && identity.publicKey === signer.publicKey ? [error('one-key-twice', 'the sBTC signer and the Stacks signer have one key, and each must have its own', answers.place('SBTC_SIGNER'),
      'put the right key into secrets/sbtc-signer-private-key')] : []),
    ...(elsewhere && mode !== 'dryRun' ? [warning('no-secrets-here', `secrets/sbtc-signer-private-key is not here; the sBTC signer of this stack is ${recorded!.publicKey}`, undefined,
      'the host that runs it must have that key; nothing was made in its place')] : []),
  ]
}

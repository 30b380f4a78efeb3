/** `adopt DIR [OUTPUT]`: an existing deployment becomes an answer file and its secrets, in a directory of their own. */

import { existsSync, lstatSync, realpathSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { adoptDeployment } from '../adopt/adopt.ts'
import type { Adopted, Deployment } from '../adopt/model.ts'
import { applyChanges } from '../io/apply.ts'
import { diskProblem } from '../io/disk.ts'
import { realPath } from '../io/held-directory.ts'
import { readDeployment } from '../io/deployment.ts'
import { readSecrets, storeSecret, type StoredSecrets } from '../io/secret-store.ts'
import { error, hasErrors, type Problem, type Result } from '../problem.ts'
import { identity, sameKey } from '../stack/keys.ts'
import type { Identity } from '../stack/model.ts'
import { adoptData, adoptLines } from './adopt-text.ts'
import type { Options } from './options.ts'
import type { Outcome } from './outcome.ts'
import type { Io } from './io.ts'

const file = 'answers.env'

/** Writes OUTPUT/answers.env and OUTPUT/secrets; DIR itself is only read. Nothing that exists is ever replaced. */
export async function adopt(words: readonly string[], options: Options, io: Io): Promise<Outcome> {
  const [from] = words
  if (from === undefined || words.length > 2) {
    return failed([error('usage', `adopt takes the directory of a deployment and where to write, found ${words.length === 0 ? 'nothing' : `${words.length} words`}`, undefined, 'adopt DIR [OUTPUT]')])
  }
  const directory = resolve(io.cwd, from)
  const shown = words[1] ?? `${basename(directory) || 'adopted'}-stack`
  const output = realPath(resolve(io.cwd, shown))
  const read = readDeployment(directory, from)
  if (!read.value) return failed(read.problems)
  const adopted = adoptDeployment(read.value)
  const early = [...read.problems, ...adopted.problems]
  if (!adopted.value) return failed(early, read.value)
  const taken = occupied(directory, output, shown, adopted.value)
  const problems = [...early, ...taken.problems]
  if (!taken.value) return failed(problems, read.value)

  const writes = !(options.dryRun || options.diff || options.check)
  const written = writes ? await write(output, adopted.value, taken.value) : []
  if (hasErrors(written)) return failed([...problems, ...written], read.value)
  const signer = await identityOf(adopted.value)
  const shownResult = { deployment: read.value, adopted: adopted.value, output: shown, written: writes, ...(signer && { signer }) }
  return { exitCode: options.check ? 1 : 0, problems: [...problems, ...written], lines: adoptLines(shownResult), data: adoptData(shownResult) }
}

function failed(problems: readonly Problem[], deployment?: Deployment): Outcome {
  return { exitCode: 2, problems, lines: [], data: { written: false, ...(deployment && { passedOver: deployment.passedOver }) } }
}

/** What stands in the output already: only the same secrets may. */
function occupied(directory: string, output: string, shown: string, { secrets }: Adopted): Result<StoredSecrets> {
  if (real(output) === real(directory)) {
    return { problems: [error('same-directory', 'the output is the deployment itself, whose files the generated ones would meet', undefined, 'name another directory: adopt DIR OUTPUT')] }
  }
  let exists
  try {
    exists = lstatSync(join(output, file), { throwIfNoEntry: false }) !== undefined
  } catch (cause) {
    return { problems: [diskProblem(cause, `${shown}/${file}`, 'read')] }
  }
  if (exists) {
    return { problems: [error('answers-exist', `${shown}/${file} already exists, and is never replaced`, undefined, 'name another directory: adopt DIR OUTPUT, or move it away first')] }
  }
  const stored = readSecrets(output)
  if (!stored.value) return stored
  const clashes = (['signer-private-key', 'auth-token'] as const).filter((name) => {
    const [old, now] = [stored.value![name], secrets[name]?.reveal()]
    return old !== undefined && now !== undefined && !(name === 'auth-token' ? old === now : sameKey(old, now))
  })
  if (clashes.length === 0) return stored
  return { problems: [...stored.problems, ...clashes.map((name) => error('secret-conflict', `the deployment has another one than ${shown}/secrets/${name}, and an existing secret is never changed`,
    undefined, 'name another directory: adopt DIR OUTPUT'))] }
}

function real(path: string): string {
  return existsSync(path) ? realpathSync.native(path) : path
}

/** The answer file comes last: where it stands, all is there. */
async function write(output: string, { secrets, text }: Adopted, stored: StoredSecrets): Promise<readonly Problem[]> {
  for (const name of ['signer-private-key', 'auth-token'] as const) {
    const value = secrets[name]?.reveal()
    if (value === undefined || stored[name] !== undefined) continue
    const problems = storeSecret(output, name, value)
    if (hasErrors(problems)) return problems
  }
  return applyChanges(output, [{ kind: 'create', path: file, after: text, mode: 0o644 }], { force: false })
}

async function identityOf({ secrets, network }: Adopted): Promise<Identity | undefined> {
  const key = secrets['signer-private-key']
  return key && identity(key.reveal(), network)
}

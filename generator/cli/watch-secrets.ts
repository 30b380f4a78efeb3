/** The secrets of a stack that is watched or backed up: passwords that are made on the first run, and what receivers of alerts and targets of backups need. */

import type { Answers } from '../answers/check.ts'
import { answers as rows, type SecretKey } from '../answers/schema.ts'
import { makeToken, readSecrets, storeSecrets, watchSecrets, type NewSecret, type WatchSecret } from '../io/secret-store.ts'
import { error, hasErrors, type Problem, type Result } from '../problem.ts'
import type { Host } from '../stack/model.ts'
import { secretConflict } from './secret-conflict.ts'

export interface SettledWatchSecrets {
  /** What `store` will have made, a line each; never a value. */
  readonly made: readonly string[]
  /** Writes what is new to `secrets/`; an existing file is never touched. */
  readonly store: () => readonly Problem[]
}

/** Nobody but the stack itself uses these, so they are made where they are missing. */
const invented: ReadonlySet<string> = new Set<WatchSecret>(['bitcoin-metrics-password', 'grafana-admin-password', 'sidekick-auth-token', 'backup-password'])

/** The secrets that each directory needs, by their names. */
export interface Wanted { readonly home: string; readonly names: readonly string[] }

export const wantedBy = (hosts: readonly Host[]): readonly Wanted[] => hosts.map((host) => ({ home: host.directory, names: host.secrets.map(({ name }) => name) }))

/** `elsewhere` says that `secrets/` is not here: then nothing is made, and nothing missed. */
export function settleWatchSecrets(answers: Answers, directory: string, needed: readonly Wanted[], elsewhere: boolean): Result<SettledWatchSecrets> {
  const wanted = needed.map(({ home, names }) => ({ home, names: names.filter(isWatchSecret) })).filter(({ names }) => names.length > 0)
  const reads = wanted.map(({ home, names }) => ({ home, names, ...readSecrets(directory, home) }))
  // What is wrong with a stored file was said when all of them were read, and has ended the run.
  const problems: Problem[] = []
  const fresh: NewSecret[] = []
  const known = (name: WatchSecret) => reads.map(({ value }) => value?.[name]).find((value) => value !== undefined)
  for (const { home, names, value } of reads) {
    if (!value) continue
    for (const name of names) {
      const [stored, given] = [value[name], givenSecret(answers, name)]
      if (stored !== undefined) {
        if (given && given.value !== stored) problems.push(secretConflict(answers, given.key, [`${home}secrets/${name}`]))
      } else if (invented.has(name) && !given) {
        if (!elsewhere) fresh.push({ name, home, value: makeToken(), note: `${home}secrets/${name} (new${name === 'backup-password' ? '; keep a copy elsewhere: without it no backup can be read' : ''})` })
      } else {
        const other = given?.value ?? known(name)
        if (other !== undefined) fresh.push({ name, home, value: other, note: `${home}secrets/${name} (${given ? 'from the answers' : 'as on the other host'})` })
        else if (!elsewhere) problems.push(missing(answers, name, home))
      }
    }
  }
  if (hasErrors(problems)) return { problems }
  return { value: { made: fresh.map(({ note }) => note), store: () => storeSecrets(directory, fresh) }, problems }
}

function missing(answers: Answers, name: WatchSecret, home: string): Problem {
  const key = answerOf(name)
  const asks = name.startsWith('backup-') ? 'BACKUP' : 'ALERT_RECEIVERS'
  const said = `${home}secrets/${name} is not here, and ${asks} needs it`
  if (name === 'backup-ssh-key') {
    return error('no-backup-secret', said, answers.place('BACKUP'), `make a key for this alone: ssh-keygen -t ed25519 -N '' -f ${home}secrets/${name}; then take ${home}secrets/${name}.pub to the server`)
  }
  const hint = `put it into that file, on one line${key ? `, or write ${key} into an answer file outside of the directory` : ''}`
  return error(asks === 'BACKUP' ? 'no-backup-secret' : 'no-alert-secret', said, answers.place(asks), hint)
}

function isWatchSecret(name: string): name is WatchSecret {
  return Object.hasOwn(watchSecrets, name)
}

function answerOf(name: WatchSecret): SecretKey | undefined {
  return rows.find(({ type }) => type.kind === 'secret' && type.file === name)?.key as SecretKey | undefined
}

function givenSecret(answers: Answers, name: WatchSecret): { readonly key: SecretKey; readonly value: string } | undefined {
  const key = answerOf(name)
  const value = key && answers.secrets[key]?.reveal()
  return key && value !== undefined ? { key, value } : undefined
}

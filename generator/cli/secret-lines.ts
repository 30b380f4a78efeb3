/** Of an answer file that gives secrets: whether it is kept from others and out of git, and when its lines can go. */

import { basename, dirname, join } from 'node:path'
import type { Answers } from '../answers/check.ts'
import type { KnownSecret } from '../answers/known-secrets.ts'
import type { Entry } from '../answers/read.ts'
import { findAnswer, isSecretAnswer, secretKeys, type SecretKey } from '../answers/schema.ts'
import { gitState, openMode } from '../io/private-file.ts'
import { error, warning, type Problem } from '../problem.ts'
import { sameKey } from '../stack/keys.ts'
import type { Place } from './place.ts'
import { quoted } from './quoted.ts'

/** Errors at the first secret of a file that others may read, or that git would commit. */
export function exposedFile({ path, file, shownDirectory }: Place, entries: readonly Entry[]): readonly Problem[] {
  const first = entries.find(({ key, value }) => isSecretAnswer(key) && value !== '')
  if (!first) return []
  const [mode, git] = [openMode(path), gitState(path)]
  return [
    ...(mode ? [error('open-answers', `${first.key} is a secret, and other users may read this file (mode ${mode})`, first.keyPlace, `chmod 600 ${quoted(file)}`)] : []),
    ...(git === 'outside' || git === 'ignored' ? [] : [error('answers-in-git', `${first.key} is a secret, and ${inGit[git]}`, first.keyPlace,
      [...moved(first.key, shownDirectory), ...(git === 'tracked' ? tracked(file) : git === 'untracked' ? ignored(file) : [])].join('\n'))]),
  ]
}

const inGit = {
  untracked: 'this file lies in a git work tree that does not ignore it', tracked: 'git tracks this file',
  unknown: 'this file lies in a git work tree, and git does not say whether it ignores it',
} as const

function moved(key: string, directory: string): readonly string[] {
  const type = findAnswer(key)!.type
  const folder = quoted(join(directory, 'secrets'))
  const name = type.kind === 'secret' ? type.file : ''
  return [
    'remove the line, and put the value into a file that git ignores. Paste it after the last command, then type Ctrl-D:',
    `  mkdir -p ${folder} && chmod 700 ${folder} && echo '*' >${folder}/.gitignore`,
    `  (umask 077; cat >${folder}/${name})`,
  ]
}

function ignored(file: string): readonly string[] {
  return ['or let git ignore this file:', `  echo ${quoted(`/${basename(file)}`)} >>${quoted(join(dirname(file), '.gitignore'))}`]
}

function tracked(file: string): readonly string[] {
  return ['and take the file out of git; whoever has a copy of its history has the secret, so use another:', `  git rm --cached ${quoted(file)}`]
}

/** A warning that names the answers whose values are stored by now, at the first of them. `stored` are the secrets in the output directory. */
export function storedLines(answers: Answers, stored: readonly KnownSecret[]): readonly Problem[] {
  const keys = secretKeys.filter((key) => {
    const value = answers.secrets[key]?.reveal()
    return value !== undefined && stored.some((one) => isSame(key, value, one))
  })
  const places = keys.flatMap((key) => answers.place(key) ?? []).sort((a, b) => a.line - b.line)
  const [first] = places
  if (!first) return []
  const said = keys.length === 1 ? 'is stored in secrets/ now: this line can go' : 'are stored in secrets/ now: these lines can go'
  return [warning('secret-stored', `${keys.join(', ')} ${said}`, { file: first.file, line: first.line, column: 1 })]
}

function isSame(key: SecretKey, value: string, { what, value: stored }: KnownSecret): boolean {
  const type = findAnswer(key)!.type
  if (type.kind !== 'secret' || basename(what) !== type.file) return false
  return type.form === 'private-key' ? sameKey(value, stored) : value === stored
}

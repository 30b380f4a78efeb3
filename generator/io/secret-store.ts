/** `secrets/`: reading what is there without ever showing it, and adding what is new without ever replacing a file. */

import { randomBytes } from 'node:crypto'
import { existsSync, closeSync, constants, linkSync, lstatSync, openSync, readFileSync, unlinkSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { platform } from 'node:process'
import type { SecretForm } from '../answers/definition.ts'
import { privateKeyFault, secretFault, tokenFault } from '../answers/secrets.ts'
import { error, hasErrors, warning, type Problem, type Result } from '../problem.ts'
import { diskProblem, errorCode, sweepLeftovers, syncDirectory, writeBeside } from './disk.ts'
import { inDirectory } from './held-directory.ts'

/** Those that only a stack that is watched or backed up has, and their forms. */
export const watchSecrets = {
  'bitcoin-metrics-password': 'token', 'grafana-admin-password': 'password', 'sidekick-auth-token': 'token', 'alert-webhook-url': 'url', 'alert-slack-url': 'url',
  'alert-pagerduty-key': 'token', 'alert-telegram-token': 'token', 'alert-smtp-password': 'password',
  'backup-password': 'password', 'backup-ssh-key': 'pem', 'backup-s3-key-id': 'password', 'backup-s3-secret-key': 'password',
} as const satisfies Readonly<Record<string, SecretForm>>
export type WatchSecret = keyof typeof watchSecrets

/** Those that only an sBTC signer has. */
const sbtcSecrets = {
  'sbtc-signer-private-key': 'private-key', 'emily-api-key': 'word', 'postgres-password': 'word', 'sbtc-bitcoin-rpc-password': 'word',
} as const satisfies Readonly<Record<string, SecretForm>>
export type SbtcSecret = keyof typeof sbtcSecrets

const forms = { ...watchSecrets, ...sbtcSecrets }

export const secretNames = ['signer-private-key', 'signer-mnemonic', 'auth-token', ...(Object.keys(forms) as (WatchSecret | SbtcSecret)[])] as const
export type SecretName = (typeof secretNames)[number]

/** The values found, each without its one line end. */
export type StoredSecrets = Readonly<Partial<Record<SecretName, string>>>

const folderName = 'secrets'
const longest = 4096

/**
 * Reads the secrets of a stack, or of one of its hosts, whose part of the directory is `home` (with a slash at its end).
 * Absent ones are no problem; unusable ones are errors, readable by others is a warning.
 */
export function readSecrets(directory: string, home = ''): Result<StoredSecrets> {
  const problems: Problem[] = []
  const folder = `${home}${folderName}`
  try {
    const found = lstatSync(join(directory, folder), { throwIfNoEntry: false })
    if (!found) return { value: {}, problems }
    problems.push(...folderProblems(found, folder))
  } catch (cause) {
    // Where the stack's directory itself is a file, there are no secrets; writing will say what is wrong.
    if (errorCode(cause) === 'ENOTDIR') return { value: {}, problems }
    problems.push(diskProblem(cause, folder, 'read'))
  }
  if (hasErrors(problems)) return { problems }
  const values: Partial<Record<SecretName, string>> = {}
  for (const name of secretNames) {
    const read = readSecret(directory, folder, name)
    problems.push(...read.problems)
    if (read.value !== undefined) values[name] = read.value
  }
  return hasErrors(problems) ? { problems } : { value: values, problems }
}

/** What is wrong with a folder of secrets, as `lstat` finds it. */
export function folderProblems(found: Stats, folder: string): readonly Problem[] {
  if (found.isSymbolicLink()) return [error('bad-secrets', `${folder} is a symbolic link`, undefined, 'put a real directory in its place')]
  if (!found.isDirectory()) return [error('bad-secrets', `${folder} is not a directory`, undefined, 'move it away')]
  return openToOthers(found, folder, '700')
}

/** A warning where others than its owner may read a secret. On Windows a mode says nothing of that. */
export function openToOthers(found: Pick<Stats, 'mode'>, path: string, want: string, system: NodeJS.Platform = platform): readonly Problem[] {
  if (system === 'win32' || (found.mode & 0o077) === 0) return []
  return [warning('open-secrets', `${path} is open to other users (mode 0${(found.mode & 0o777).toString(8)})`, undefined, `chmod ${want} ${path}`)]
}

function readSecret(directory: string, folder: string, name: SecretName): Result<string> {
  const path = `${folder}/${name}`
  const bad = (message: string, hint?: string) => ({ problems: [error('bad-secret', `${path} ${message}`, undefined, hint)] })
  try {
    const found = lstatSync(join(directory, path), { throwIfNoEntry: false })
    if (!found) return { problems: [] }
    if (found.isSymbolicLink()) return bad('is a symbolic link', 'put the file itself there')
    if (!found.isFile()) return bad('is not a file', 'an engine that misses a mounted file makes a directory of its name; remove that')
    if (found.size > longest) return bad(`is too large (${found.size} bytes)`)
    const text = readText(join(directory, path))
    if (text === undefined) return bad('is not text')
    const value = text.replace(/\n$/, '')
    const fault = faultOf(name, value)
    return fault === undefined ? { value, problems: openToOthers(found, path, '600') } : bad(`cannot be used: ${fault}`)
  } catch (cause) {
    return { problems: [diskProblem(cause, path, 'read')] }
  }
}

function readText(path: string): string | undefined {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const bytes = readFileSync(file)
    const text = bytes.toString('utf8')
    return Buffer.from(text).equals(bytes) ? text : undefined
  } finally {
    closeSync(file)
  }
}

function faultOf(name: SecretName, value: string): string | undefined {
  if (value === '') return 'it is empty'
  if (/\r$/.test(value)) return 'its line ends in CR LF, not in LF alone'
  switch (name) {
    case 'signer-private-key': return privateKeyFault(value)
    case 'auth-token': return tokenFault(value)
    case 'signer-mnemonic': {
      const count = value.split(' ').length
      if (!/^[a-z]+( [a-z]+)*$/.test(value)) return 'it is not a row of small-letter words with one blank between them'
      return count === 12 || count === 24 ? undefined : `it has ${count} words, not 12 or 24`
    }
    default: return secretFault(forms[name], value)
  }
}

/**
 * Adds one secret: directory 0700, file 0600, one line. The file appears complete or not at all, and one that exists is
 * never replaced: that is an error. `directory` is a real path; where a level of it has become a link, nothing is written.
 */
export function storeSecret(directory: string, name: SecretName, value: string, home = ''): readonly Problem[] {
  const folder = `${home}${folderName}`
  const path = `${folder}/${name}`
  try {
    inDirectory(directory, folder, 0o700, (place) => {
      sweepLeftovers(place)
      hide(place)
      publish(join(place, name), `${value}\n`)
      syncDirectory(place)
    })
    return []
  } catch (cause) {
    if (errorCode(cause) === 'EEXIST') return [error('secret-exists', `${path} already exists, and a secret is never replaced`)]
    return [diskProblem(cause, path, 'written')]
  }
}

/** Removes what a killed run has left there; its files hold secrets. */
export function sweepSecrets(directory: string, home = ''): readonly Problem[] {
  const folder = `${home}${folderName}`
  try {
    inDirectory(directory, folder, 0o700, sweepLeftovers)
    return []
  } catch (cause) {
    return [diskProblem(cause, `what a killed run left in ${folder}`, 'removed')]
  }
}

/** A secret that `secrets/` of `home` is to get; `note` tells of it and holds no value. */
export interface NewSecret {
  readonly name: SecretName
  readonly value: string
  readonly home: string
  readonly note: string
}

/** Adds them in their order; the first that fails ends it. */
export function storeSecrets(directory: string, secrets: readonly NewSecret[]): readonly Problem[] {
  for (const { name, value, home } of secrets) {
    const problems = storeSecret(directory, name, value, home)
    if (problems.length > 0) return problems
  }
  return []
}

/** Keeps git away from the folder itself: `keygen` makes it before there is a generated .gitignore. */
export function hide(home: string): void {
  const path = join(home, '.gitignore')
  if (!existsSync(path)) publish(path, '*\n')
}

/** Writes a new file whole. Unlike a rename, a link fails where the name is taken. */
export function publish(path: string, text: string, mode = 0o600): void {
  const temporary = writeBeside(path, text, mode)
  try {
    linkSync(temporary, path)
  } finally {
    unlinkSync(temporary)
  }
}

/** A fresh token: 256 bits from the system, as hexadecimal digits. */
export function makeToken(): string {
  return randomBytes(32).toString('hex')
}

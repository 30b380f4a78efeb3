/** A signer's volume, a place for copies and a repository, under a root of their own; docker/programs/backup runs on this machine. */

import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import type { Test } from 'tap'
import { makeRepository, repositoryPassword } from './repository-fixture.ts'
import { makeRoot, programPath, start, type Ended, type Root, type Running } from './tools.ts'

export const signerKey = '753b7cc01a1a2e86221266a154af739463fce51219d97e4f856cd7200c3bd2a6'

export interface Setting extends Root {
  /** A pair of age, its private half in a file. */
  readonly identity: string
  /** Runs the program with these words. */
  run(...words: readonly string[]): Promise<Ended>
  /** A process group of its own, which `process.kill(-pid)` ends whole. */
  begin(...words: readonly string[]): Running
  /** With something on stdin. */
  fed(command: string, input: string | Buffer): { readonly code: number | null; readonly out: string }
  json(path: string): Record<string, unknown>
  settings(more?: Readonly<Record<string, string>>): void
  /** restic beside the program, as an operator would call it; throws where it fails. */
  restic(...args: readonly string[]): string
}

/** With a repository that is there already, whose key is cheap, unless it is `none`. */
export function backupSetting(t: Test, repository: 'made' | 'none' = 'made'): Setting {
  const root = makeRoot(t, ['/var/lib/stacks-signer', '/var/lib/backup', '/var/lib/backup-drill', '/var/lib/backup-metrics', '/etc/backup', '/repository', '/stack/config/backup', '/run/secrets'])
  const environment = { STACK_ROOT: root.path, BACKUP_ALIVE: root.at('/alive'), BACKUP_AT: '03:17', BACKUP_LOOK_SECONDS: '0.2' }
  const program = [process.execPath, programPath('backup')] as const
  const identity = root.at('/identity')
  const made = spawnSync('age-keygen', ['-o', identity], { encoding: 'utf8' })
  root.write('/stack/config/backup/recipients.txt', `# a comment\n${/age1\w+/.exec(made.stderr)?.[0] ?? ''}\n`)
  root.write('/etc/backup/backup-password', repositoryPassword)
  if (repository === 'made') makeRepository(root.at('/repository'))
  const setting: Setting = {
    ...root,
    identity,
    run: (...words) => start(t, program[0], [program[1], ...words], environment).ended,
    begin: (...words) => start(t, 'setsid', [...program, ...words], environment),
    fed: (command, input) => {
      const { status, stdout, stderr } = spawnSync(program[0], [program[1], command], { input, encoding: 'utf8', env: { PATH: process.env['PATH'], ...environment } })
      return { code: status, out: stdout + stderr }
    },
    json: (path) => JSON.parse(root.read(path)) as Record<string, unknown>,
    settings: (more = {}) => {
      const all = { stack: 'sample', public_key: '', kind: 'path', where: '/mnt/backup', keep_daily: '7', keep_weekly: '5', keep_monthly: '12', ...more }
      for (const place of ['/etc/backup', '/stack/config/backup']) root.write(`${place}/backup.env`, `# generated\n${Object.entries(all).map(([key, value]) => `${key}=${value}\n`).join('')}`)
    },
    restic: (...args) => {
      const { status, stdout, stderr } = spawnSync('restic', ['--no-cache', '--repo', root.at('/repository'), '--password-file', root.at('/etc/backup/backup-password'), ...args],
        { encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: root.path } })
      if (status !== 0) throw new Error(stderr)
      return stdout
    },
  }
  setting.settings()
  return setting
}

/** A program that opens the database as the signer does, and what follows. */
export function sql(setting: Setting, ...lines: readonly string[]): string {
  const code = ['import { existsSync } from \'node:fs\'', 'import { randomBytes } from \'node:crypto\'', 'import { DatabaseSync } from \'node:sqlite\'',
    `const db = new DatabaseSync(${JSON.stringify(setting.at('/var/lib/stacks-signer/signer.sqlite'))})`,
    'db.exec("PRAGMA journal_mode=WAL; CREATE TABLE IF NOT EXISTS blocks (stacks_height INTEGER, info TEXT)")', ...lines].join('\n')
  const path = setting.at(`/sql-${lines.join().length}.mjs`)
  writeFileSync(path, code)
  return path
}

/** Rows of `bytes` bytes each, in one transaction. */
export const insert = (from: number, to: number, bytes = 300): string =>
  `db.exec("SAVEPOINT added"); for (let n = ${from}; n < ${to}; n++) db.prepare("INSERT INTO blocks VALUES (?, ?)").run(n, randomBytes(${bytes} / 2).toString("hex")); db.exec("RELEASE added")`
/** Ends the program as a kill does: the log stays. */
export const die = 'process.kill(process.pid, "SIGKILL")'
/** Keeps the database open until the program is killed. */
export const stay = 'console.log("open"); setInterval(() => {}, 100_000)'
export const newest = 'console.log(db.prepare("SELECT max(stacks_height) AS height FROM blocks").get().height)'

/** Runs such a program to its end. */
export function once(setting: Setting, ...lines: readonly string[]): string {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [sql(setting, ...lines)], { encoding: 'utf8' })
  if (status !== 0 && !(signal === 'SIGKILL' && lines.at(-1) === die)) throw new Error(stderr)
  return stdout
}

/** A tar of secrets/ as `make backup-secrets` makes it. */
export function secretsTar(setting: Setting, key = signerKey): Buffer {
  setting.write('/host/secrets/signer-private-key', `${key}\n`)
  setting.write('/host/secrets/auth-token', 'sixteen-signs-and-more\n')
  setting.write('/host/answers.env', 'STACK_NAME=sample\n')
  return spawnSync('tar', ['-c', '-C', setting.at('/host'), 'secrets', 'answers.env']).stdout
}

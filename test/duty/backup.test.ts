/** Backups on the engine: beside a running stack into a folder of this machine, the drill, and back after the volumes are gone. */

import { spawnSync } from 'node:child_process'
import { chownSync, mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { testKey } from '../support/command.ts'
import { ownName, ownPort } from '../support/own.ts'
import { waitFor } from '../support/wait.ts'
import { docker } from '../engines/support/docker.ts'
import { release, withEngine } from '../engines/support/setting.ts'
import { makeStack } from '../engines/support/stack.ts'

const script = (code: string) => ['--entrypoint', 'node', 'init', '-e', `const fs = require("node:fs"); const database = "/var/lib/stacks-signer/signer.sqlite"; const db = new (require("node:sqlite").DatabaseSync)(database); ${code}`]
const insert = (from: number, to: number) => `db.exec("PRAGMA journal_mode=WAL; CREATE TABLE IF NOT EXISTS blocks (stacks_height INTEGER, info TEXT); BEGIN");
for (let n = ${from}; n < ${to}; n++) db.prepare("INSERT INTO blocks VALUES (?, 'x')").run(n)
db.exec("COMMIT")`
const sftp = {
  BACKUP: 'sftp', BACKUP_SFTP_HOST: '192.0.2.1', BACKUP_SFTP_USER: 'backups', BACKUP_PATH: '/backups',
  BACKUP_SFTP_HOST_KEY: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUm',
} as const

await withEngine(t, async (root) => {
  const target = join(root, 'disk')
  mkdirSync(target)
  const identity = join(root, 'identity')
  const made = spawnSync('age-keygen', ['-o', identity], { encoding: 'utf8' })
  const recipient = /age1\w+/.exec(made.stderr)?.[0]
  if (!recipient) {
    t.fail('age-keygen is not on this machine')
    return
  }
  const stack = await makeStack(root, {
    release,
    answers: {
      STACK_NAME: 'backed-up', NETWORK: 'mainnet', STACKS_VERSION: release, SNAPSHOT: 'off', SIGNER_PRIVATE_KEY: testKey,
      BACKUP: 'path', BACKUP_PATH: target, BACKUP_AGE_RECIPIENT: recipient, MONITORING: 'off', BITCOIN_P2P_PUBLISH: 'off', NODE_P2P_PORT: String(await ownPort()),
    },
  })
  const make = (...args: readonly string[]) => spawnSync('make', args, { cwd: stack.directory, encoding: 'utf8', env: { ...process.env, COMPOSE: `docker compose --project-name ${stack.name}` } })
  const run = (...args: readonly string[]) => stack.compose('run', '--rm', '--no-deps', '-T', ...args)
  const built = stack.compose('build')
  t.equal(built.status, 0, built.err)

  await t.test('a target that nobody may write does not keep the stack from starting', async (t) => {
    const up = stack.compose('up', '-d')
    t.equal(up.status, 0, up.err)
    await stack.becomesHealthy('stacks-signer', 'backup-copy', 'backup')
    // It says why nothing is stored.
    t.match(await stack.says('backup', /cannot be written: is its disk mounted\?/), /cannot be written/)
  })

  await t.test('what each of the two may reach', async (t) => {
    const [copier, backup] = [(await stack.inspect('backup-copy'))!, (await stack.inspect('backup'))!]
    t.strictSame(copier.Mounts.filter(({ RW }) => RW).map(({ Destination }) => Destination), ['/var/lib/backup'])
    t.ok(copier.Mounts.some(({ Destination, RW }) => Destination === '/var/lib/stacks-signer' && !RW))
    t.notOk(backup.Mounts.some(({ Destination }) => ['/var/lib/stacks-signer', '/etc/stacks-signer'].includes(Destination)))
    for (const container of [copier, backup]) {
      t.equal(container.HostConfig.NetworkMode, 'none')
      t.notOk(JSON.stringify(container).includes(readFileSync(join(stack.directory, 'secrets/backup-password'), 'utf8').trim()))
    }
  })

  await t.test('make backup, status and list', async (t) => {
    chownSync(target, 2002, 2002)
    // A writer that has died with its log unmerged.
    const wrote = run(...script(`${insert(0, 1000)}; for (const end of ["", "-wal", "-shm"]) fs.chownSync(database + end, 2002, 2002); console.log("written"); process.kill(process.pid, "SIGKILL")`))
    t.match(wrote.out, /written/, wrote.err)
    const backup = make('backup')
    t.equal(backup.status, 0, backup.stdout + backup.stderr)
    t.match(backup.stdout, /newest block 999/)
    t.match(make('backup-list').stdout, / {2}verified /)
    // A busy machine does not tell everything at once, and later than within a minute.
    const status = /^backup +\d+ \w+ ago, verified, secrets sealed 20/m
    t.match(await waitFor('the status tells of the backup', () => make('status').stdout, (said) => status.test(said)), status)
    const stored = readdirSync(target, { recursive: true, encoding: 'utf8' }).filter((name) => /[0-9a-f]{64}$/.test(name))
    for (const name of stored) t.notOk(readFileSync(join(target, name)).includes(testKey.slice(0, 64)), 'no key in the clear')
  })

  await t.test('make restore-drill', async (t) => {
    const drill = make('restore-drill', `IDENTITY=${identity}`)
    t.equal(drill.status, 0, drill.stdout + drill.stderr)
    t.match(drill.stdout, /database whole, .* newest block 999/)
    t.match(drill.stdout, /the key is that of this stack/)
    const volumes = docker(['volume', 'ls', '--format', '{{.Name}}']).out.split('\n').filter((name) => name.startsWith(stack.name))
    t.ok(volumes.length > 0)
    t.strictSame(volumes.filter((name) => name.includes('restore-drill')), [], 'the scratch volume is gone')
  })

  await t.test('make restore, after the volumes are gone', async (t) => {
    t.equal(make('restore').status, 2, 'not unasked')
    const refused = make('restore', 'CONFIRM=yes')
    t.match(refused.stderr, /the signer runs: make stop S=stacks-signer first/)
    t.equal(stack.compose('down', '--volumes', '--timeout', '20').status, 0)
    const restored = make('restore', 'CONFIRM=yes')
    t.equal(restored.status, 0, restored.stdout + restored.stderr)
    const found = run(...script('console.log(db.prepare("SELECT max(stacks_height) AS height FROM blocks").get().height, fs.statSync(database).uid, fs.existsSync("/var/lib/stacks-signer/restored"))'))
    t.equal(found.out.trim().split('\n').at(-1), '999 2002 true')
  })

  await t.test('the image for a server has an SSH client that knows its user', async (t) => {
    const secrets = join(root, ownName('backed-up-there'), 'secrets')
    mkdirSync(secrets, { recursive: true, mode: 0o700 })
    spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(secrets, 'backup-ssh-key')])
    const remote = await makeStack(root, { release, answers: {
      ...sftp, STACK_NAME: 'backed-up-there', NETWORK: 'mainnet', STACKS_VERSION: release, SNAPSHOT: 'off', SIGNER_PRIVATE_KEY: testKey, BACKUP_AGE_RECIPIENT: recipient, MONITORING: 'off',
    } })
    const made = remote.compose('build', 'backup')
    t.equal(made.status, 0, made.err)
    const asked = remote.compose('run', '--rm', '--no-deps', '-T', '--entrypoint', 'sh', 'backup', '-c', 'restic version && ssh -F none -G example.net | grep ^user')
    t.match(asked.out, /restic 0\.\d+[^]*user stacks-signer/, asked.err)
  })
})

/** docker/host/dumps.sh, called by make in a directory as it is generated, against a stand-in for Compose that writes down what it is asked. */

import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { paths } from '../../generator/catalogue/container.ts'
import { stackFile } from '../../generator/files/stack-file.ts'
import { makefileFile } from '../../generator/files/makefile.ts'
import { readTemplates } from '../../generator/io/templates.ts'
import { repository } from '../support/repository.ts'
import { sampleStack } from '../support/sample-stack.ts'
import { gateFolder, needs } from './tools.ts'

const options = needs('make')
const script = join(gateFolder, '../host/dumps.sh')
const name = 'sbtc-signer-000041-20261121T100000Z'

interface World { readonly runs?: string; readonly backup?: number; readonly store?: number; readonly fetch?: number; readonly restore?: number; readonly psFails?: boolean }

/** `make` with these words; what Compose was asked, and with what on stdin sbtc-backup was started. */
function make(t: Test, words: readonly string[], world: World = {}, sbtc: 'alone' | 'beside' = 'alone') {
  const { stack, host } = sampleStack({ sbtc, backup: 'path' })
  const top = t.testdir({ stack: { docker: { host: {} }, config: {} }, bin: {}, key: 'AGE-SECRET-KEY-1NOBODYS\n' })
  const directory = join(top, 'stack')
  cpSync(script, join(directory, 'docker/host/dumps.sh'))
  writeFileSync(join(directory, 'config/stack.json'), stackFile(stack, host).content)
  writeFileSync(join(directory, 'Makefile'), makefileFile(stack, host, readTemplates(repository)).content)
  const bin = join(top, 'bin')
  writeFileSync(join(bin, 'docker'), `#!/bin/sh
[ "$1" = compose ] || exit 64
shift
echo "$*" >>"${bin}/asked"
case "$*" in
  *'sbtc-backup.mjs backup '*) exit ${world.backup ?? 0} ;;
  *'backup.mjs store --now') exit ${world.store ?? 0} ;;
  *' backup fetch'*) echo 'backup: told'; exit ${world.fetch ?? 0} ;;
  *'backup.mjs arrive') echo ${name} ;;
  *' sbtc-backup restore'*) cat >"${bin}/fed"; exit ${world.restore ?? 0} ;;
  'ps --quiet'*) ${world.psFails ? 'exit 1' : `printf '${world.runs ?? ''}'`} ;;
esac
`)
  chmodSync(join(bin, 'docker'), 0o755)
  const ran = spawnSync('make', words, { cwd: directory, encoding: 'utf8', env: { PATH: `${bin}:${process.env['PATH']}`, IDENTITY: '/nonexistent', DUMP: 'of-the-environment', FEWER_ROWS: 'yes', DESPITE: 'stale' } })
  const read = (file: string) => (existsSync(join(bin, file)) ? readFileSync(join(bin, file), 'utf8') : '')
  return { code: ran.status, out: ran.stdout + ran.stderr, asked: read('asked').trimEnd().split('\n'), fed: read('fed'), key: join(top, 'key') }
}

const run = (words: string) => `run --rm --no-deps -T sbtc-backup ${words}`
const arrive = 'run --rm --no-deps -T --entrypoint node init /stack/docker/backup.mjs arrive'
const fetched = `${paths.sbtcBackupWork}/fetched`

t.test('a dump now goes beside the others, whatever was found of it', options, async (t) => {
  const both = (reason: string) => [`exec -T sbtc-backup node ${paths.programs}/sbtc-backup.mjs backup --reason ${reason}`, `exec -T backup node ${paths.programs}/backup.mjs store --now`]
  for (const sbtc of ['alone', 'beside'] as const) t.match(make(t, ['sbtc-backup'], {}, sbtc), { code: 0, asked: both('by-hand') })
  t.match(make(t, ['sbtc-backup', 'REASON=upgrade']), { code: 0, asked: both('upgrade') })
  for (const backup of [10, 11]) t.match(make(t, ['sbtc-backup'], { backup }), { code: 0, asked: both('by-hand') }, `${backup} is proven`)
  for (const backup of [12, 14, 16, 17]) t.match(make(t, ['sbtc-backup'], { backup }), { code: 2, asked: both('by-hand') }, `${backup} is not`)
  t.match(make(t, ['sbtc-backup'], { store: 1 }), { code: 2 })
  for (const backup of [1, 2]) t.strictSame(make(t, ['sbtc-backup'], { backup }).asked, both('by-hand').slice(0, 1), 'there is none to store')
})

t.test('a dump is verified again', options, async (t) => {
  const verify = `exec -T sbtc-backup node ${paths.programs}/sbtc-backup.mjs verify`
  for (const [words, more] of [[[], ''], [[`DUMP=${name}`], ` ${paths.sbtcBackupData}/${name}.dump.age`], [['FEWER_ROWS=yes'], ' --fewer-rows-are-right']] as const) {
    t.match(make(t, ['sbtc-backup-verify', ...words]), { code: 0, asked: [`${verify}${more}`] })
  }
})

t.test('a drill', options, async (t) => {
  const { key } = make(t, ['help'])
  const bring = ['run --rm --no-deps -T init', 'run --rm --no-deps -T backup fetch', arrive]
  const own = make(t, ['sbtc-restore-drill'])
  t.strictSame(own.asked.map((line) => line.trimEnd()), [...bring, run(`restore-drill --from ${fetched}`)])
  t.match(own, { code: 0, fed: '', out: /IDENTITY=FILE tries yours/ })
  writeFileSync(key, 'AGE-SECRET-KEY-1NOBODYS\n')
  const theirs = make(t, ['sbtc-restore-drill', 'IDENTITY=../key'])
  t.equal(theirs.asked.at(-1), run(`restore-drill --from ${fetched} --identity -`))
  t.match(theirs, { code: 0, fed: 'AGE-SECRET-KEY-1NOBODYS\n' })
  t.match(make(t, ['sbtc-restore-drill', 'IDENTITY=missing']), { code: 2, asked: [''], out: /cannot read IDENTITY=missing/ })
  t.equal(make(t, ['sbtc-restore-drill'], { fetch: 1 }).asked.length, 2, 'nothing is tried out that did not come')
  t.match(make(t, ['sbtc-restore-drill'], { restore: 14 }), { code: 2 })
})

t.test('a restore', options, async (t) => {
  t.match(make(t, ['sbtc-restore']), { code: 2, asked: [''], out: /Say CONFIRM=yes/ })
  t.match(make(t, ['sbtc-restore', 'CONFIRM=yes'], { runs: 'abc\\n' }), { code: 2, out: /the signer runs: first make stop S='sbtc-stacks-node sbtc-signer'/ })
  t.match(make(t, ['sbtc-restore', 'CONFIRM=yes'], { psFails: true }), { code: 2, out: /does not say whether the signer runs/ })
  for (const dump of ['../x', 'a.dump.age']) t.match(make(t, ['sbtc-restore', 'CONFIRM=yes', `DUMP=${dump}`]), { code: 2, asked: [''], out: /DUMP is a name/ })

  const restored = make(t, ['sbtc-restore', 'CONFIRM=yes', 'IDENTITY=../key', 'SNAPSHOT=e76e95df', 'DESPITE=chain-unreachable'])
  t.match(restored, { code: 0, fed: 'AGE-SECRET-KEY-1NOBODYS\n', out: /the signer is still stopped: make start/ })
  t.strictSame(restored.asked.map((line) => line.trimEnd()), [
    'ps --quiet --status running --status restarting --status paused sbtc-signer', 'run --rm --no-deps -T init', 'run --rm --no-deps -T backup fetch e76e95df', arrive,
    'up -d --no-deps --no-recreate postgres', 'exec -T postgres pg_isready --quiet --username=signer --dbname=signer',
    run(`restore ${fetched}/${name}.dump.age --confirm signer --despite chain-unreachable --identity -`),
  ])
  const own = make(t, ['sbtc-restore', 'CONFIRM=yes', `DUMP=${name}`])
  t.notOk(own.asked.some((line) => line.includes('backup fetch')))
  t.equal(own.asked.at(-1), run(`restore ${paths.sbtcBackupData}/${name}.dump.age --confirm signer`))
  t.match(make(t, ['sbtc-restore', 'CONFIRM=yes'], { fetch: 1 }).asked.length, 3, 'nothing is put back that did not come')
  t.match(make(t, ['sbtc-restore', 'CONFIRM=yes'], { restore: 12 }), { code: 2 })
})

t.test('shellcheck has nothing to say', needs('shellcheck'), async (t) => {
  const { status, stdout } = spawnSync('shellcheck', ['--shell', 'sh', script], { encoding: 'utf8' })
  t.equal(status, 0, stdout)
})

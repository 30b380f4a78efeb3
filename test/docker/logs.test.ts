/** docker/host/logs.sh and the targets about logs, run by real shells below a root of their own; systemctl and journalctl are stand-ins. */

import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { journaldDropIn, journaldFiles } from '../../generator/files/logging.ts'
import { makefileFile } from '../../generator/files/makefile.ts'
import { readTemplates } from '../../generator/io/templates.ts'
import { letIn } from '../support/other-user.ts'
import { repository } from '../support/repository.ts'
import { sampleStack, type SampleOptions } from '../support/sample-stack.ts'
import { gateFolder, needs, root } from './tools.ts'

interface Place { readonly directory: string; readonly root: string; readonly bin: string; readonly dropIn: string }

function place(t: Test, options: SampleOptions = { logDays: 90 }): Place {
  const { stack, host } = sampleStack(options)
  const top = mkdtempSync(join(tmpdir(), 'logs-'))
  t.teardown(() => { rmSync(top, { recursive: true }) })
  const [directory, bin, below] = [join(top, 'stack'), join(top, 'bin'), join(top, 'root')]
  for (const folder of ['stack/docker', 'stack/config', 'bin', 'root/etc/systemd']) mkdirSync(join(top, folder), { recursive: true })
  cpSync(join(gateFolder, '../host'), join(directory, 'docker/host'), { recursive: true })
  for (const { path, content } of [makefileFile(stack, host, readTemplates(repository)), ...journaldFiles(stack, host)]) writeFileSync(join(directory, path), content)
  for (const name of ['systemctl', 'journalctl']) {
    writeFileSync(join(bin, name), `#!/bin/sh\n[ ! -e "${bin}/broken" ] || exit 1\n{ printf '${name}'; printf ' <%s>' "$@"; echo; } >>"${bin}/asked"\n`)
    chmodSync(join(bin, name), 0o755)
  }
  letIn(top)
  return { directory, bin, root: below, dropIn: join(below, journaldDropIn(stack)) }
}

function run(where: Place, command: readonly string[]): { readonly status: number | null; readonly out: string; readonly err: string } {
  const [name = 'sh', ...args] = command
  const ran = spawnSync(name, args, { cwd: where.directory, encoding: 'utf8', env: { PATH: `${where.bin}:${process.env['PATH'] ?? ''}`, HOME: where.directory, STACK_ROOT: where.root, STACK: sampleStack().stack.name } })
  return { status: ran.status, out: ran.stdout, err: ran.stderr }
}

const asked = ({ bin }: Place) => (existsSync(join(bin, 'asked')) ? readFileSync(join(bin, 'asked'), 'utf8').trimEnd().split('\n') : [])
const asRoot = (...commands: readonly string[]) => (root ? needs(...commands) : { skip: 'needs root' })
const settings = ['Storage=persistent', 'MaxRetentionSec=91day', 'MaxFileSec=1day', 'SystemMaxUse=20G', 'SystemMaxFiles=10000', 'RateLimitIntervalSec=0', '']

for (const shell of [['sh'], ['busybox', 'sh']] as const) {
  t.test(`${shell.join(' ')}: the limits of the journal are put in place, and removed`, asRoot('systemd-analyze', shell[0]), async (t) => {
    const where = place(t)
    const logs = (what: string) => run(where, [...shell, 'docker/host/logs.sh', what])
    t.match(logs('check'), { status: 0, out: /^journald has Storage=\(its default\), not Storage=persistent\n/ }, 'before')
    const installed = logs('install')
    t.match(installed, { status: 0, err: '' })
    t.equal(installed.out, `logs-install: ${where.dropIn} is in place. Its limits are for the whole journal of this machine:\n${settings.join('\n')}`)
    t.equal(readFileSync(where.dropIn, 'utf8'), readFileSync(join(where.directory, 'config/journald.conf'), 'utf8'))
    t.strictSame(asked(where), ['systemctl <restart> <systemd-journald>', 'journalctl <--flush>'])
    t.strictSame(logs('check'), { status: 0, out: '', err: '' })

    const neighbour = join(where.root, 'etc/systemd/journald.conf.d/stacks-signer-zzz.conf')
    writeFileSync(neighbour, '[Journal]\nMaxRetentionSec=8day\nSystemMaxUse=\n')
    const told = 'journald has MaxRetentionSec=8day, not MaxRetentionSec=91day\njournald has SystemMaxUse=(its default), not SystemMaxUse=20G\n'
    t.strictSame(logs('check'), { status: 0, out: told, err: '' }, 'another stack of this machine has the last word')
    t.match(logs('install').out, told, 'and the installation says so')

    t.match(logs('remove'), { status: 0, out: `logs-remove: ${where.dropIn} is removed; the journal has the limits of this machine again\n` })
    t.strictSame(readdirSync(join(where.root, 'etc/systemd/journald.conf.d')), ['stacks-signer-zzz.conf'])
    t.match(logs('remove'), { status: 0, out: 'logs-remove: nothing is installed\n' })
  })
}

t.test('without root, or with a journald that does not come back', asRoot('make', 'setpriv'), async (t) => {
  const where = place(t)
  for (const target of ['logs-install', 'logs-remove']) {
    t.match(run(where, ['setpriv', '--reuid', '65534', '--clear-groups', 'make', target]), { status: 2, err: new RegExp(`needs root: sudo make ${target}\n`) })
  }
  t.notOk(existsSync(where.dropIn))
  writeFileSync(join(where.bin, 'broken'), '')
  t.match(run(where, ['make', 'logs-install']), { status: 2, err: /journald did not take it/ })
})

t.test('the search asks the journal for what was typed, and for nothing else', needs('make'), async (t) => {
  const where = place(t)
  const search = (...words: readonly string[]) => {
    rmSync(join(where.bin, 'asked'), { force: true })
    t.equal(run(where, ['make', 'logs-search', ...words]).status, 0)
    return asked(where).join('\n').replace('journalctl <--quiet> <--no-pager> <--output=short-iso> <--case-sensitive=yes> ', '')
  }
  t.equal(search('TEXT=block response', 'S=stacks-signer', 'SINCE=-2h', 'UNTIL=2026-11-21 10:00'),
    '<--grep=\\Qblock response\\E> <--since=-2h> <--until=2026-11-21 10:00> <CONTAINER_NAME=sample-stacks-signer-1>')
  t.equal(search('REGEX=WARN|ERRO', 'S=bitcoind'), '<--grep=WARN|ERRO> <CONTAINER_NAME=sample-bitcoind-1>')
  t.match(search('TEXT=x'), /<--grep=\\Qx\\E> <CONTAINER_NAME=sample-init-1> .*<CONTAINER_NAME=sample-stacks-node-1>$/, 'all services')
  t.equal(search(`TEXT='"\`id\`; (\\E.*) #{{é}}`, 'S=bitcoind'), `<--grep=\\Q'"\`id\`; (\\E\\\\E\\Q.*) #{{é}}\\E> <CONTAINER_NAME=sample-bitcoind-1>`)
  t.equal(search('TEXT=$(shell touch pwned)$$HOME', 'S=bitcoind'), '<--grep=\\Q$(shell touch pwned)$$HOME\\E> <CONTAINER_NAME=sample-bitcoind-1>')
  t.equal(search('Q=old', 'S=bitcoind'), search('TEXT=old', 'S=bitcoind'), 'the old name still works')
  t.equal(search('R=old', 'S=bitcoind'), search('REGEX=old', 'S=bitcoind'))
  t.equal(search('S=a;touch pwned', 'SINCE=`touch pwned`', 'UNTIL=$(shell touch pwned)'), '<--grep=\\Q\\E> <--since=`touch pwned`> <--until=$(shell touch pwned)> <CONTAINER_NAME=sample-a;touch-1> <CONTAINER_NAME=sample-pwned-1>')
  t.notOk(existsSync(join(where.directory, 'pwned')))
})

t.test('without the journal there is no search, and nothing to install', async (t) => {
  const { stack, host } = sampleStack()
  t.notMatch(makefileFile(stack, host, readTemplates(repository)).content, /journalctl|logs-(search|install|remove):/)
  t.strictSame(journaldFiles(stack, host), [])
})

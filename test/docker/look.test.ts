/** docker/host/*.sh, run by real shells in a directory as it is generated, against a stand-in for docker. */

import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { stackFile } from '../../generator/files/stack-file.ts'
import { makefileFile } from '../../generator/files/makefile.ts'
import type { SampleOptions } from '../support/sample-stack.ts'
import { readTemplates } from '../../generator/io/templates.ts'
import { edit, healthy, logLine, now, patchContainer, publicKey, type Setting } from './evidence.ts'
import { repository } from '../support/repository.ts'
import { asked, fakeDocker } from './fake-docker.ts'
import { gateFolder, needs } from './tools.ts'

const secret = { 'signer-private-key': `${'5e'.repeat(32)}\n`, 'auth-token': 'a-token-that-nobody-may-see\n', 'node-tls-key': 'PRIVATE\n', 'signer-tls-key': 'PRIVATE\n' }

/** The stack's directory and a folder with the stand-in. */
function place(t: Test, setting: Setting, options?: Parameters<typeof fakeDocker>[2]): { readonly directory: string; readonly bin: string } {
  const { stack, host } = setting
  const top = t.testdir({ stack: { docker: { host: {} }, config: {}, secrets: {} }, bin: {}, temporary: {} })
  const directory = join(top, 'stack')
  cpSync(join(gateFolder, '../host'), join(directory, 'docker/host'), { recursive: true })
  const file = (path: string, content: string, mode = 0o644) => {
    mkdirSync(join(directory, path, '..'), { recursive: true })
    writeFileSync(join(directory, path), content, { mode })
  }
  file('config/stack.json', stackFile({ ...stack, ...(stack.identity && { identity: { ...stack.identity, publicKey } }) }, host).content)
  file('Makefile', makefileFile(stack, host, readTemplates(repository)).content)
  file('config/node-config.toml', '[node]\nstacker = true\nseed = "00ff-by-hand"\n[connection_options]\nauth_token = "hunter2-by-hand"\n[[events_observer]]\nendpoint = "stacks-signer:30000"\nevents_keys = [ "stackerdb", "block_proposal", "burn_blocks" ]\n')
  file('config/signer-config.toml', 'node_host = "stacks-node:20443"\nauth_password = "@AUTH_TOKEN@"\nstacks_private_key = "@SIGNER_PRIVATE_KEY@"\n')
  for (const { name } of host.secrets) file(`secrets/${name}`, secret[name as keyof typeof secret], 0o600)
  chmodSync(join(directory, 'secrets'), 0o700)
  file('docker/init.mjs', '')
  fakeDocker(join(top, 'bin'), setting, options)
  return { directory, bin: join(top, 'bin') }
}

interface Said { readonly code: number | null; readonly out: string; readonly err: string }

function run({ directory, bin }: { readonly directory: string; readonly bin: string }, command: readonly string[], environment: Readonly<Record<string, string>> = {}): Said {
  const [program = 'sh', ...args] = command
  const ran = spawnSync(program, args, { cwd: directory, encoding: 'utf8', maxBuffer: 1 << 26, env: { PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: directory, TMPDIR: join(bin, '../temporary'), ...environment } })
  return { code: ran.status, out: ran.stdout, err: ran.stderr }
}

/** Evidence has the age it had; the stand-in's clock is this machine's. */
function fresh(setting: Setting): Setting {
  const shift = Math.floor(Date.now() / 1000) - now
  const moved = (text: string) => text.replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?=\.\d+Z)/g, (moment) => new Date(Date.parse(`${moment}Z`) + shift * 1000).toISOString().slice(0, 19))
  for (const [name, section] of setting.sections) setting.sections.set(name, { ...section, out: moved(section.out) })
  return setting
}

/** One evidence holds what status asks and what doctor does. */
function both(options?: SampleOptions): Setting {
  const setting = healthy('doctor', options)
  for (const [name, section] of healthy('status', options).sections) if (!setting.sections.has(name)) setting.sections.set(name, section)
  return fresh(setting)
}

const shells = [['sh'], ['busybox', 'sh']] as const

for (const shell of shells) {
  const options = needs('python3', 'awk', 'timeout', shell[0])

  t.test(`${shell.join(' ')}: what it asks, and only that`, options, async (t) => {
    const where = place(t, both({ tls: 'single' }))
    for (const mode of ['status', 'doctor', 'host-check'] as const) {
      const { code, out, err } = run(where, [...shell, 'docker/host/evidence.sh', mode])
      t.equal(code, 0, err)
      t.match(out, new RegExp(`^stack-evidence 1 ${mode}\n`))
      t.match(out, /\nend \d+\n$/)
      t.match(out, /^section containers 0 /m)
      t.notMatch(out, /hunter2|00ff-by-hand|a-token-that|5e5e5e5e5e5e5e5e|PRIVATE\n/, 'neither secret nor what only looks like one')
    }
    const verbs = new Set(asked(where.bin).map((line) => line.split(' ').slice(0, line.startsWith('compose') || line.startsWith('volume') ? 2 : 1).join(' ')))
    t.strictSame([...verbs].sort(), ['compose config', 'compose version', 'exec', 'image', 'info', 'inspect', 'logs', 'ps', 'run', 'version', 'volume ls'], 'only verbs that read')
    const runs = asked(where.bin).filter((line) => line.startsWith('run ')).map((line) => line.replaceAll(where.directory, '/stack'))
    t.ok(runs.length >= 3)
    for (const line of runs) {
      t.match(line, /--rm (--interactive )?--pull never --network (none|container:\w+) .*--read-only (--user \S+ )?--cap-drop ALL --security-opt no-new-privileges/)
      t.ok(line.split(' --mount ').slice(1).every((mount) => /^\S+,readonly( |$)/.test(mount)), 'every mount is read-only')
    }
    t.match(runs.find((line) => line.endsWith('/init.mjs compare')), /--user 0:0 --cap-add DAC_READ_SEARCH .*source=sample_stacks-signer-config,target=\/etc\/stacks-signer,readonly/)
    t.equal(run(where, ['ls', '-A', join(where.bin, '../temporary')]).out, '', 'nothing is left behind')
    // Docker unpacks what is older, up to a gigabyte for each container.
    const logs = asked(where.bin).filter((line) => line.startsWith('logs '))
    t.strictSame(logs.filter((line) => !line.includes(' --since ')).length, 1, 'all logs of init, which has ended, and the last days of what runs')
    t.ok(logs.length > 3)
  })

  t.test(`${shell.join(' ')}: what journald does not have of the settings`, needs('python3', 'awk', 'timeout', 'systemd-analyze', shell[0]), async (t) => {
    const where = place(t, both({ logDays: 90 }))
    writeFileSync(join(where.directory, 'config/journald.conf'), '[Journal]\nMaxRetentionSec=91day\n')
    const root = join(where.bin, '../root')
    const status = () => JSON.parse(run(where, [...shell, 'docker/host/look.sh', 'status', '--json'], { STACK_ROOT: root }).out) as { logs: unknown }
    t.match(status().logs, { fine: false, text: 'in the journal, but not for 90 days: sudo make logs-install' })
    mkdirSync(join(root, 'etc/systemd/journald.conf.d'), { recursive: true })
    cpSync(join(where.directory, 'config/journald.conf'), join(root, 'etc/systemd/journald.conf.d/stacks-signer-sample.conf'))
    t.match(status().logs, { fine: true, text: 'in the journal, for 90 days' })
  })

  t.test(`${shell.join(' ')}: status tells of a signer that cannot begin, which its health check calls healthy`, options, async (t) => {
    const setting = both()
    const ago = (seconds: number) => logLine(now - Math.floor(Date.now() / 1000) + seconds, 'ERRO Failed to initialize signer runloop: backoff retry timeout occurred. Stacks node may be down.')
    edit(setting.sections, 'logs.stacks-signer', () => [600, 300, 1].map(ago).join(''))
    const { code, out } = run(place(t, setting), [...shell, 'docker/host/look.sh', 'status'])
    t.match(out, /^stacks-signer!running for 3 days, cannot begin/m)
    t.equal(code, 1)
  })

  t.test(`${shell.join(' ')}: from the question to the verdict`, options, async (t) => {
    const setting = both()
    const where = place(t, setting)
    const look = (...args: readonly string[]) => run(where, [...shell, 'docker/host/look.sh', ...args])
    const status = look('status', '--json')
    t.equal(status.err, '')
    t.match(JSON.parse(status.out), { stack: 'sample', registration: { cycle: 140, registered: true, registeredNext: true }, signing: { blocksSigned: 1234, responses: 1299 }, bitcoind: { peers: 24 }, snapshot: { inPlace: true } })
    t.equal(status.code, 0, status.out)
    const screen = look('status')
    t.match(screen.out, /^stacks-node +healthy for 3 days +4\.0\.4/m)
    t.ok(screen.out.trimEnd().split('\n').length <= 24)
    // This machine has its own clock, memory and processor; the rest is the stand-in's.
    const own = /^(clock|memory|avx2|disk-type|disk-full|inodes|observer-config|secrets-in-git|wrong-network)$/
    const report = JSON.parse(look('doctor', '--json').out) as { findings: { id: string }[]; unknown: { id: string; why: string; expected: boolean }[]; ok: string[] }
    t.strictSame(report.findings.filter(({ id }) => !own.test(id)), [])
    t.strictSame(report.unknown.filter(({ id, expected }) => !expected && !own.test(id)), [])
    t.ok(report.ok.length > 40)
    const host = look('host-check', '--json')
    t.ok([0, 1].includes(host.code ?? -1), host.err)
    t.strictSame((JSON.parse(host.out) as { lines: { id: string; state: string }[] }).lines.find(({ id }) => id === 'secret-files'), { ...(JSON.parse(host.out) as { lines: { id: string }[] }).lines.find(({ id }) => id === 'secret-files'), state: 'ok' })
  })

  t.test(`${shell.join(' ')}: a planted fault comes through`, options, async (t) => {
    const setting = both()
    edit(setting.sections, 'logs.stacks-node', (log) => `${log}${logLine(now - Math.floor(Date.now() / 1000) + 2, 'WARN Event dispatcher: connection or request failed to stacks-signer:30000, auth_token=hunter2')}${logLine(now - Math.floor(Date.now() / 1000) + 1, 'WARN Event dispatcher: connection or request failed to stacks-signer:30000')}`)
    patchContainer(setting.sections, 'stacks-signer', { published: { '30000/tcp': [{ HostIp: '', HostPort: '30000' }] } })
    const { code, out } = run(place(t, setting), [...shell, 'docker/host/look.sh', 'doctor', '--json'])
    t.equal(code, 1)
    const ids = (JSON.parse(out) as { findings: { id: string }[] }).findings.map(({ id }) => id)
    t.ok(ids.includes('ports-open') && ids.includes('observer-failing'), ids.join(', '))
    t.notMatch(out, /hunter2/)
  })

  t.test(`${shell.join(' ')}: what it cannot look at`, options, async (t) => {
    const cases = [
      [{ daemon: false }, ['status'], /status: Docker does not answer: Cannot connect to the Docker daemon/, ''],
      [{ built: false }, ['doctor'], /the image node:24 is not on this machine yet: make pull/, ''],
      [{ built: false }, ['status'], /is not on this machine yet/, 'SERVICE STATUS\ninit Exited (0)\n'],
      [{}, ['doktor'], /say status, doctor or host-check/, ''],
      [{}, ['doctor', '--yaml'], /the only option is --json/, ''],
    ] as const
    for (const [docker, args, message, out] of cases) {
      const said = run(place(t, both(), docker), [...shell, 'docker/host/look.sh', ...args])
      t.equal(said.code, 2)
      t.match(said.err, message)
      t.equal(said.out, out)
    }
    const bare = place(t, both())
    writeFileSync(join(bare.directory, 'config/stack.json'), '')
    t.match(run(bare, [...shell, 'docker/host/look.sh', 'doctor']), { code: 2, err: /config\/stack\.json is empty; generate the stack again/ })
  })
}

t.test('shellcheck has nothing to say', needs('shellcheck'), async (t) => {
  for (const name of ['evidence.sh', 'look.sh']) {
    const { status, stdout } = spawnSync('shellcheck', ['--shell', 'sh', join(gateFolder, '../host', name)], { encoding: 'utf8' })
    t.equal(status, 0, stdout)
  }
})

t.test('make reaches them, from anywhere, with JSON and with another Compose', needs('python3', 'make'), async (t) => {
  const where = place(t, both())
  const make = (...args: readonly string[]) => run(where, ['make', '--no-print-directory', ...args])
  t.match(make('status').out, /^sample on mainnet\n/)
  t.match(JSON.parse(make('-s', 'status', 'JSON=1').out), { stack: 'sample', code: 0 })
  t.match(make('COMPOSE=docker compose --project-name x', 'status').out, /^sample on mainnet\n/)
  t.ok(asked(where.bin).includes('compose --project-name x config --format json'))
  t.match(run({ ...where, directory: '/' }, ['sh', join(where.directory, 'docker/host/look.sh'), 'status']).out, /^sample on mainnet\n/)
  t.match(make('-n', 'host-check').out, 'sh docker/host/look.sh host-check')
})

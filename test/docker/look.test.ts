/** docker/host/*.sh, run by real shells in a directory as it is generated, against a stand-in for docker. */

import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { id, edit, logLine, now, patchContainer } from './evidence.ts'
import { asked } from './fake-docker.ts'
import { both, place, run } from './look-place.ts'
import { gateFolder, needs } from './tools.ts'

const shells = [['sh'], ['busybox', 'sh']] as const

for (const shell of shells) {
  const options = needs('awk', 'timeout', shell[0])

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
    const verbs = new Set(asked(where.bin).map((line) => line.split(' ').slice(0, /^(compose|image|volume) /.test(line) ? 2 : 1).join(' ')))
    t.strictSame([...verbs].sort(), ['compose config', 'compose version', 'exec', 'image inspect', 'info', 'inspect', 'logs', 'ps', 'run', 'version', 'volume ls'], 'only verbs that read')
    const runs = asked(where.bin).filter((line) => line.startsWith('run ')).map((line) => line.replaceAll(where.directory, '/stack'))
    t.ok(runs.length >= 3)
    for (const line of runs) {
      t.match(line, / --network (none|container:\w+) /)
      for (const word of ['--rm', '--pull never', '--read-only', '--cap-drop ALL', '--security-opt no-new-privileges']) t.ok(line.includes(` ${word} `), `${word}: ${line}`)
      t.ok(line.split(' --mount ').slice(1).every((mount) => /^\S+,readonly( |$)/.test(mount)), 'every mount is read-only')
    }
    t.match(runs.find((line) => line.endsWith('/init.mjs compare')), /--user 0:0 --cap-add DAC_READ_SEARCH .*source=sample_stacks-signer-config,target=\/etc\/stacks-signer,readonly/)
    t.equal(run(where, ['ls', '-A', join(where.bin, '../temporary')]).out, '', 'nothing is left behind')
    // Docker unpacks what is older, up to a gigabyte for each container.
    const logs = asked(where.bin).filter((line) => line.startsWith('logs '))
    const whole = logs.filter((line) => !line.includes(' --since '))
    t.strictSame(whole.filter((line) => !['init', 'snapshot'].some((name) => line.includes(id(name)))), [], 'all logs of what has ended, and the last days of what runs')
    t.ok(logs.length > 3)
  })

  t.test(`${shell.join(' ')}: what journald does not have of the settings`, needs('awk', 'timeout', 'systemd-analyze', shell[0]), async (t) => {
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

  t.test(`${shell.join(' ')}: a key in a log does not come through, wherever the line is cut`, options, async (t) => {
    const setting = both()
    const key = '5e'.repeat(32)
    for (const before of [0, 500, 530, 560, 590]) edit(setting.sections, 'logs.stacks-node', (log) => `${log}${logLine(now - Math.floor(Date.now() / 1000) + 2, `${'x '.repeat(before / 2)}${key}`)}`)
    const { out } = run(place(t, setting), [...shell, 'docker/host/evidence.sh', 'doctor'])
    t.match(out, /x x 5e5e5e5e5e\.\.\.$/m)
    t.notMatch(out, /5e5e5e5e5e5e/)
  })

  t.test(`${shell.join(' ')}: what it cannot look at`, options, async (t) => {
    const cases = [
      [{ daemon: false }, ['status'], /status: Docker does not answer: Cannot connect to the Docker daemon/, ''],
      [{ built: false }, ['doctor'], /the image node:24 is not on this machine yet: make pull/, ''],
      [{ built: false }, ['status'], /is not on this machine yet/, 'SERVICE STATUS\ninit Exited (0)\n'],
      [{}, ['doktor'], /say status, doctor, host-check or support/, ''],
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

t.test('make reaches them, from anywhere, with JSON and with another Compose', needs('make'), async (t) => {
  const where = place(t, both())
  const make = (...args: readonly string[]) => run(where, ['make', '--no-print-directory', ...args])
  t.match(make('status').out, /^sample on mainnet\n/)
  t.match(JSON.parse(make('-s', 'status', 'JSON=1').out), { stack: 'sample', code: 0 })
  t.match(make('COMPOSE=docker compose --project-name x', 'status').out, /^sample on mainnet\n/)
  t.ok(asked(where.bin).includes('compose --project-name x config --format json'))
  t.match(run({ ...where, directory: '/' }, ['sh', join(where.directory, 'docker/host/look.sh'), 'status']).out, /^sample on mainnet\n/)
  t.match(make('-n', 'host-check').out, 'sh docker/host/look.sh host-check')
})

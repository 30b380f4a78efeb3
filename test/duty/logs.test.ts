/** LOGS=journald on a real engine with a real journald: what containers said is found again, also when they are gone, and no container waits for journald. */

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ports } from '../../generator/catalogue/container.ts'
import { loggingOf } from '../../generator/files/logging.ts'
import { ownPort } from '../support/own.ts'
import { sampleStack } from '../support/sample-stack.ts'
import { waitFor } from '../support/wait.ts'
import { docker, must } from '../engines/support/docker.ts'
import { doublesImage } from '../engines/support/images.ts'
import { stateOf } from '../engines/support/own-engine.ts'
import { journaldPid, writeSystemctl } from '../engines/support/own-journal.ts'
import { release, withOwnEngine } from '../engines/support/setting.ts'
import { makeStack } from '../engines/support/stack.ts'
import { missingSigns } from '../engines/support/working.ts'

const talk = 'i=0; while :; do i=$$((i+1)); echo "out $$i"; echo "err $$i" >&2; sleep 1; done'

await withOwnEngine(t, async (root, engine) => {
  const state = stateOf(process.pid)
  const options = loggingOf(sampleStack({ logDays: 90 }).stack, 'talker').options
  const talker = {
    image: doublesImage(release), restart: 'unless-stopped', init: true, network_mode: 'none', user: '0:0', stop_grace_period: '2s',
    entrypoint: ['/bin/sh', '-c', talk], logging: { driver: 'journald', options },
  }
  const stack = await makeStack(root, {
    release,
    answers: {
      STACK_NAME: 'kept-logs', NETWORK: 'testnet', BITCOIN_MODE: 'full', STACKS_VERSION: release, SIGNER_KEY: 'generate', SNAPSHOT: 'off', BITCOIN_P2P_PUBLISH: 'off', NODE_P2P_PORT: String(await ownPort()),
      LOGS: 'journald', LOG_RETENTION_DAYS: '9', LOG_MAX_SIZE: '500M',
    },
    override: { talker },
  })
  const bin = join(root, 'bin')
  mkdirSync(bin)
  writeSystemctl(state, bin)
  const inside = (...args: readonly string[]) => engine.inside('env', `PATH=${bin}:${process.env['PATH']}`, ...args)
  const make = (...args: readonly string[]) => inside('make', '--no-print-directory', '-C', stack.directory, ...args)
  const find = (...args: readonly string[]) => make('logs-search', ...args).out.split('\n').slice(0, -1)
  const look = (what: string) => JSON.parse(inside('sh', `${stack.directory}/docker/host/look.sh`, what, '--json').out) as { logs?: { fine: boolean; days: number }; ok: string[]; findings: { id: string }[] }

  await t.test('the limits are those of the answers', async (t) => {
    const said = make('logs-install')
    t.equal(said.status, 0, said.err)
    t.match(said.out, /MaxRetentionSec=10day\nMaxFileSec=1day\nSystemMaxUse=500\.0M|MaxRetentionSec=10day\nMaxFileSec=1day\nSystemMaxUse=500M/)
    t.notMatch(said.out, /journald has/)
    await waitFor('journald says its limit', () => inside('journalctl', '--no-pager', '--identifier', 'systemd-journald').out, (told) => /System Journal \(\/var\/log\/journal\/.*max 500\.0M/.test(told))
  })

  await t.test('the signer works, and docker logs reads the journal', async (t) => {
    const built = await engine.build(stack)
    t.equal(built.status, 0, built.err)
    const up = stack.compose('up', '-d')
    t.equal(up.status, 0, up.err)
    t.strictSame(await missingSigns(stack), [])
    t.match((await stack.inspect('stacks-signer'))?.HostConfig.LogConfig, { Type: 'journald', Config: { tag: `${stack.name}/stacks-signer` } })
    t.match(await stack.logs('stacks-signer'), /Signer spawned successfully/)
  })

  await t.test('what was said is found, once', async (t) => {
    const lines = await waitFor('the signer is found', () => find('TEXT=Signer spawned successfully.', 'S=stacks-signer'), (found) => found.length > 0)
    t.match(lines[0], new RegExp(`^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\+0000 \\S+ ${stack.name}/stacks-signer\\[\\d+\\]: .*Signer spawned successfully`))
    const talked = (await waitFor('the talker is found', () => find('REGEX=^(out|err) \\d+$', 'S=talker'), (found) => found.length > 10)).map((line) => line.replace(/^.*\]: /, ''))
    for (const stream of ['out', 'err']) {
      const numbers = talked.filter((line) => line.startsWith(stream)).map((line) => Number(line.slice(4)))
      t.strictSame(numbers, numbers.map((_, at) => at + 1), `${stream}: each line once`)
    }
    t.strictSame(find('TEXT=Signer spawned successfully.', 'S=talker'), [], 'not in the logs of others')
    t.strictSame(find('TEXT=Signer spawned successfully.', 'UNTIL=-1day'), [])
    t.not(find('TEXT=Signer spawned successfully.', 'SINCE=-1day').length, 0, 'in those of all services')
    t.strictSame(find('TEXT=signer spawned successfully?'), [], 'TEXT is a text, and as it is written')
  })

  await t.test('a journald that hangs holds up no program, and no stop', async (t) => {
    const pid = journaldPid(state)
    process.kill(pid, 'SIGSTOP')
    try {
      const flood = await stack.exec('talker', 'sh', '-c', 'i=0; while [ $i -lt 40000 ]; do echo "flood $i"; i=$((i+1)); done >/proc/1/fd/1')
      t.equal(flood.status, 0, 'more than the sockets and pipes between them hold')
      t.match(await stack.exec('stacks-signer', 'sh', '/etc/stacks-signer/http-get.sh', '127.0.0.1', String(ports.signerMetrics.number), '/info'), { status: 0, out: /stxAddress/ }, 'the signer answers')
      const stopped = stack.compose('restart', '--no-deps', 'stacks-signer')
      t.equal(stopped.status, 0, stopped.err)
      await stack.becomesHealthy('stacks-signer')
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    await stack.exec('talker', 'sh', '-c', 'echo "there again" >/proc/1/fd/1')
    await waitFor('what is said afterwards is found', () => find('TEXT=there again', 'S=talker'), (found) => found.length === 1)
  })

  await t.test('logs outlive the containers', async (t) => {
    const down = make('down')
    t.equal(down.status, 0, down.err)
    t.equal(await stack.inspect('talker'), undefined)
    t.equal(find('TEXT=there again', 'S=talker').length, 1)
    t.equal(stack.compose('up', '-d').status, 0)
    t.strictSame(await missingSigns(stack), [])
    const starts = await waitFor('the new talker is found beside the old', () => find('REGEX=^out 1$', 'S=talker'), (found) => found.length === 2)
    t.equal(starts.length, 2)
  })

  await t.test('status and doctor know', async (t) => {
    // A busy machine does not tell everything at once.
    t.match(await waitFor('the status tells of the logs', () => look('status').logs, (logs) => logs?.fine === true), { fine: true, days: 9 })
    await waitFor('the doctor has looked at them', () => look('doctor').ok, (ok) => ok.includes('logs-not-kept') && ok.includes('logs-elsewhere'))
    const other = `${state}/etc/journald.conf.d/stacks-signer-zzz.conf`
    writeFileSync(other, '[Journal]\nSystemMaxUse=100M\n')
    t.match(look('status').logs, { fine: false })
    await waitFor('the doctor finds it', () => look('doctor').findings.map(({ id }) => id), (found) => found.includes('logs-not-kept'))
    rmSync(other)
  })

  await t.test('remove takes the limits away, and no log', async (t) => {
    const said = make('logs-remove')
    t.equal(said.status, 0, said.err)
    t.match(look('status').logs, { fine: false })
    t.equal(find('TEXT=there again', 'S=talker').length, 1)
  })

  await t.test('LOGS=docker: the engine takes the options, and reads what it has compressed', async (t) => {
    const { driver, options: files } = loggingOf(sampleStack().stack, 'bitcoind')
    // As generated but for the size, so that a test need not write a gigabyte.
    const name = `${stack.name}-files`
    must(['run', '--name', name, '--network', 'none', '--log-driver', driver, ...Object.entries({ ...files, 'max-size': '100k' }).flatMap(([key, value]) => ['--log-opt', `${key}=${value}`]), doublesImage(release), '/bin/sh', '-c', 'i=0; while [ $i -lt 5000 ]; do i=$((i+1)); echo "line $i of many that are alike"; done'])
    const lines = docker(['logs', name]).out.trimEnd().split('\n')
    t.equal(lines.at(-1), 'line 5000 of many that are alike')
    t.ok(lines.length > 2000, `${lines.length} lines: more than the newest file holds`)
  })
}, [], true)

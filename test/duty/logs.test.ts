/**
 * The kept logs on a real engine: what the containers said is found again, nothing of it depends on the collection, and no
 * collection, however it fails, is felt by the signer.
 */

import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ownPort } from '../support/own.ts'
import { waitFor } from '../support/wait.ts'
import { docker, must, program } from '../engines/support/docker.ts'
import { containersBy } from '../engines/support/engine.ts'
import { doublesImage } from '../engines/support/images.ts'
import { release, withEngine } from '../engines/support/setting.ts'
import { makeStack } from '../engines/support/stack.ts'
import { missingSigns } from '../engines/support/working.ts'

await withEngine(t, async (root) => {
  // Says a line a second, and at first one that Docker cuts into pieces, and bytes that are no text. What comes on the other
  // stream meanwhile stands between the pieces, for `docker logs` too: hence the pause.
  const talker = {
    image: doublesImage(release), restart: 'unless-stopped', init: true, network_mode: 'none', user: '0:0', stop_grace_period: '2s',
    entrypoint: ['/bin/sh', '-c', `head -c 40000 /dev/zero | tr '\\0' x; echo; printf '\\033[31mred\\377\\n'; sleep 1; i=0; while :; do i=$$((i+1)); echo "out $$i"; echo "err $$i" >&2; sleep 1; done`],
    logging: { driver: 'json-file', options: { 'max-size': '20m', 'max-file': '5' } },
  }
  const stack = await makeStack(root, {
    release,
    answers: { STACK_NAME: 'kept-logs', NETWORK: 'testnet', BITCOIN_MODE: 'full', STACKS_VERSION: release, SIGNER_KEY: 'generate', SNAPSHOT: 'off', BITCOIN_P2P_PUBLISH: 'off', NODE_P2P_PORT: String(await ownPort()) },
    override: { talker },
  })
  const logs = (...args: readonly string[]) => program('sh', ['docker/host/logs.sh', ...args], { cwd: stack.directory })
  const find = (text: string, ...args: readonly string[]) => logs('search', 'fixed', text, ...args).out.split('\n').slice(0, -1)
  const signerRuns = async () => {
    const { Id, RestartCount, State: { Status, StartedAt, FinishedAt } } = (await stack.inspect('stacks-signer'))!
    return { Id, RestartCount, Status, StartedAt, FinishedAt }
  }
  const kept = `${stack.name}_logs`
  const collectors = () => containersBy({ volume: [kept] }, false)

  await t.test('before the first start there is nothing to collect, and that is said', async (t) => {
    const said = logs('collect')
    t.equal(said.status, 2)
    t.match(said.err, /make up first/)
  })

  await t.test('the signer starts and works with nothing collected', async (t) => {
    const up = stack.compose('up', '-d', '--build')
    t.equal(up.status, 0, up.err)
    t.strictSame(await missingSigns(stack), [])
    t.equal((await stack.inspect('stacks-signer'))?.HostConfig.LogConfig.Config['max-size'], '20m', 'Docker\'s own log, bounded')
  })

  await t.test('what was said is found, once, and as it was said', async (t) => {
    for (const round of [1, 2, 3]) {
      const said = logs('collect')
      t.equal(said.status, 0, `${round}: ${said.err}`)
    }
    t.match(find('Signer spawned successfully', '', '', 'stacks-signer')[0], /^stacks-signer \d{4}-\d\d-\d\dT\S+Z .*Signer spawned successfully/)
    const talked = logs('search', 'regex', '^(out|err) \\d+$', '', '', 'talker').out.split('\n').slice(0, -1).map((line) => line.replace(/^\S+ \S+ /, ''))
    t.ok(talked.length > 10)
    t.equal(new Set(talked).size, talked.length, 'no line twice')
    for (const stream of ['out', 'err']) {
      const numbers = talked.filter((line) => line.startsWith(stream)).map((line) => Number(line.slice(4)))
      t.strictSame(numbers, numbers.map((_, at) => at + 1), `${stream}: none is missing`)
    }
    t.match(logs('search', 'regex', '^x+$', '', '', 'talker').out, new RegExp(`^talker \\S+ x{40000}\\n$`), 'the pieces of a long line are one line again')
    // Docker's own file is JSON: a byte that is no UTF-8 is gone before anybody reads it.
    t.match(find('red', '', '', 'talker')[0], /\\x1b\[31mred\ufffd$/)
    await waitFor('docker logs works as ever', () => {
      const last = docker(['logs', '--tail', '1', stack.container('talker')])
      return last.out + last.err
    }, (said) => /(out|err) \d+/.test(said))
  })

  await t.test('a collection that hangs or is killed is not felt', async (t) => {
    const before = await signerRuns()
    // Each log is read five seconds late, so that there is time to stop it while its container works.
    writeFileSync(join(root, 'late-docker'), '[ "$1" != logs ] || sleep 5\nexec docker "$@"\n')
    const hung = spawn('sh', ['docker/host/logs.sh', 'collect'], {
      cwd: stack.directory, detached: true, stdio: 'ignore', env: { ...process.env, DOCKER: `sh ${join(root, 'late-docker')}` },
    })
    const ended = new Promise((resolve) => { hung.on('close', resolve) })
    await waitFor('a collection is under way', collectors, (names) => names.length > 0)
    process.kill(-hung.pid!, 'SIGSTOP')
    const at = async () => Number([...(await stack.logs('talker')).matchAll(/out (\d+)/g)].at(-1)?.[1])
    const then = await at()
    await waitFor('the others go on talking', at, (now) => now >= then + 3)
    const stopped = stack.compose('stop', '--timeout', '20', 'talker')
    t.equal(stopped.status, 0, stopped.err)
    t.equal(stack.compose('start', 'talker').status, 0)
    for (const name of await collectors()) docker(['kill', name])
    process.kill(-hung.pid!, 'SIGKILL')
    await ended
    t.strictSame(await signerRuns(), before, 'the signer has not been touched')
    t.equal(logs('collect').status, 0, 'and the next collection works')
  })

  await t.test('a stream that nobody reads holds no writer up', async (t) => {
    // As a collection whose container stands still: the pipe fills, and docker logs waits.
    const stuck = spawn('sh', ['-c', `docker logs --follow --timestamps ${stack.container('talker')} 2>&1 | sleep infinity`], { detached: true, stdio: 'ignore' })
    const ended = new Promise((resolve) => { stuck.on('close', resolve) })
    const flood = await stack.exec('talker', 'sh', '-c', 'i=0; while [ $i -lt 20000 ]; do echo "flood $i"; i=$((i+1)); done >/proc/1/fd/1')
    t.equal(flood.status, 0, flood.err)
    const stopped = stack.compose('stop', '--timeout', '20', 'talker')
    t.equal(stopped.status, 0, stopped.err)
    process.kill(-stuck.pid!, 'SIGKILL')
    await ended
    t.equal(logs('collect').status, 0)
    t.equal(find('flood 19999', '', '', 'talker').length, 1, 'a container that has ended is read to its end')
    t.equal(stack.compose('start', 'talker').status, 0)
  })

  await t.test('the volume full, or gone from under it', async (t) => {
    const place = docker(['volume', 'inspect', '--format', '{{.Mountpoint}}', kept]).out.trim()
    t.equal(program('mount', ['-t', 'tmpfs', '-o', 'size=100k,uid=2004,gid=2004,mode=700', 'tmpfs', place]).status, 0)
    const full = logs('collect')
    t.equal(full.status, 1)
    t.match(full.err, /no room for more logs|No space left/)
    t.equal(await stack.health('stacks-signer'), 'healthy')
    const again = stack.compose('restart', 'stacks-signer')
    t.equal(again.status, 0, again.err)
    await stack.becomesHealthy('stacks-signer')
    t.equal(program('umount', [place]).status, 0)
    t.equal(logs('collect').status, 0)
  })

  await t.test('down keeps what was said last, and up goes on', async (t) => {
    const down = program('make', ['down'], { cwd: stack.directory })
    t.equal(down.status, 0, down.err)
    t.equal(await stack.inspect('talker'), undefined)
    const last = logs('search', 'regex', '^out \\d+$', '', '', 'talker').out.trimEnd().split('\n').at(-1) ?? ''
    t.match(last, /^talker /, 'the kept logs outlive the containers')
    t.equal(stack.compose('up', '-d').status, 0)
    t.strictSame(await missingSigns(stack), [])
    t.equal(logs('collect').status, 0)
    const told = logs('status')
    t.equal(told.status, 0, told.err)
    t.notMatch(told.out, /gap: talker/, 'nothing was lost between the two containers')
  })

  await t.test('retention and days', async (t) => {
    const { toolImage } = JSON.parse(readFileSync(join(stack.directory, 'config/stack.json'), 'utf8')) as { readonly toolImage: string }
    const run = (now: number) => docker(['run', '--rm', '--network', 'none', '--user', '2004:2004', '--env', `LOGS_NOW=${now}`, '--interactive',
      '--mount', `type=volume,source=${kept},target=/var/lib/stack-logs`, toolImage, 'python3', '/opt/stack/logs.py', 'store', 'nonce', '7'], { input: 'nonce done\n' })
    const today = Math.floor(Date.now() / 1000)
    const files = () => must(['run', '--rm', '--network', 'none', '--user', '2004:2004', '--mount', `type=volume,source=${kept},target=/l,readonly`, toolImage, 'find', '/l/talker', '-name', '*.log*'])
    t.equal(run(today + 2 * 86400).status, 0)
    t.match(files(), /\.log\.zst$/m)
    t.notMatch(files(), /\.log$/m)
    t.ok(find('out 1', '', '', 'talker').length > 0, 'what is packed is found')
    t.equal(run(today + 9 * 86400).status, 0)
    t.equal(files(), '')
  })

  await t.test('status and doctor know', async (t) => {
    t.equal(logs('collect').status, 0)
    const look = (what: string) => JSON.parse(program('sh', ['docker/host/look.sh', what, '--json'], { cwd: stack.directory }).out) as { logs?: { fine: boolean; days: number }; ok: string[] }
    // A busy machine does not tell everything at once.
    t.match(await waitFor('the status tells of the logs', () => look('status').logs, (logs) => logs?.fine === true), { fine: true, days: 7 })
    t.ok((await waitFor('the doctor has looked at them', () => look('doctor').ok, (ok) => ok.includes('logs-not-kept'))).includes('logs-not-kept'))
  })
})

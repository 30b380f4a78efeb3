/**
 * docker/gate/*.sh with each shell that the official images have: bash behind sh (debian), and busybox alone (alpine).
 * The second needs a busybox on this machine: on PATH, or named by BUSYBOX.
 */

import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttp, type RequestListener } from 'node:http'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { freePort } from '../support/port.ts'
import { alive, gateFolder, makeRoot, needs, start, until, type Running } from './tools.ts'

interface Shell {
  readonly name: string
  readonly options: { readonly skip?: string }
  /** `before` is a folder of programs that are found before all others. */
  run(t: Test, script: string, argv: readonly string[], env?: Readonly<Record<string, string>>, before?: string): Running
}

const busybox = process.env['BUSYBOX'] ?? 'busybox'
const shells: readonly Shell[] = [
  {
    name: 'debian',
    options: needs('bash', 'timeout'),
    run: (t, script, argv, env = {}, before = '') => start(t, 'sh', [join(gateFolder, script), ...argv], { PATH: `${before}:${process.env['PATH'] ?? ''}`, ...env }),
  },
  {
    name: 'alpine',
    options: needs(busybox),
    run: (t, script, argv, env = {}, before = '') => {
      const applets = t.testdir({})
      spawnSync(busybox, ['--install', '-s', applets])
      return start(t, join(applets, 'sh'), [join(gateFolder, script), ...argv], { PATH: `${before}:${applets}`, ...env })
    },
  },
]

async function listen(t: Test, server: Server, host = '127.0.0.1'): Promise<number> {
  await new Promise<void>((resolve) => { server.listen(0, host, resolve) })
  t.teardown(() => { server.close() })
  return (server.address() as AddressInfo).port
}

const http = (t: Test, answer: RequestListener, host?: string) => listen(t, createHttp(answer), host)

/** Sends `text` to whoever connects, and hangs up if told to. */
const raw = (t: Test, text: string, hangUp = true) => listen(t, createServer((socket) => {
  socket.on('error', () => undefined)
  socket.once('data', () => (hangUp ? socket.end(text) : socket.write(text)))
}))

/** Waits until a gate has looked twice more: each of its pauses is a process of its own. */
async function looksAgain(gate: Running): Promise<void> {
  const pauses = new Set<string>()
  await gate.until(() => {
    for (const pid of readFileSync(`/proc/${gate.process.pid}/task/${gate.process.pid}/children`, 'utf8').split(' ').filter(Boolean)) {
      try {
        if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('sleep')) pauses.add(pid)
      } catch { /* it ended meanwhile */ }
    }
    return pauses.size > 2
  }, () => `its pauses so far: ${pauses.size}`)
}

for (const shell of shells) {
  t.test(`a health check, ${shell.name}`, shell.options, async (t) => {
    const ask = async (port: number, path = '/', host = '127.0.0.1') => shell.run(t, 'http-get.sh', [host, String(port), path, 'status']).ended
    let request = ''
    const port = await http(t, (incoming, response) => {
      request = `${incoming.httpVersion} ${incoming.method} ${incoming.url} ${incoming.headers.host} ${incoming.headers.connection}`
      response.writeHead(Number(incoming.url?.slice(1)), incoming.url === '/302' ? { Location: '/200' } : {}).end('body')
    })
    t.equal((await ask(port, '/200')).code, 0)
    t.match(request, `1.1 GET /200 127.0.0.1:${port} close`)
    for (const status of [201, 302, 401, 404, 500, 503]) t.not((await ask(port, `/${status}`)).code, 0, String(status))
    t.not((await ask(await freePort())).code, 0, 'nobody there')
    t.not((await ask(await raw(t, 'SSH-2.0-x\r\n'))).code, 0, 'another protocol')
    t.not((await ask(await raw(t, ''))).code, 0, 'no answer')
    t.not((await ask(await raw(t, '', false))).code, 0, 'it gives up by itself where nothing comes')
  })

  t.test(`http-get, ${shell.name}`, shell.options, async (t) => {
    const ask = async (port: number, path = '/') => shell.run(t, 'http-get.sh', ['127.0.0.1', String(port), path]).ended
    const large = JSON.stringify({ text: 'ünïcode\n'.repeat(60_000), end: true })
    const port = await http(t, (incoming, response) => {
      if (incoming.url === '/chunked') {
        for (let at = 0; at < large.length; at += 10_007) response.write(large.slice(at, at + 10_007))
        response.end()
      } else if (incoming.url === '/sized') response.writeHead(200, { 'Content-Length': Buffer.byteLength(large) }).end(large)
      else response.writeHead(404).end('not this')
    })
    for (const path of ['/chunked', '/sized']) {
      const { code, out } = await ask(port, path)
      t.equal(code, 0, path)
      t.ok(out === large, `${path}: ${out.length} of ${large.length} characters`)
    }
    const missing = await ask(port, '/none')
    t.not(missing.code, 0)
    t.notMatch(missing.out, /not this/)
    t.match(await ask(await raw(t, 'HTTP/1.1 200 OK\r\n\r\nuntil the end\n')), { code: 0, out: /^until the end\n$/ })
    t.match(await ask(await raw(t, 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')), { code: 0, out: /^$/ })
    t.not((await ask(await raw(t, 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nearly'))).code, 0, 'the answer ends early')
    t.not((await ask(await raw(t, 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nearly\r\n'))).code, 0, 'the chunks end early')
  })

  t.test(`hostile answers, ${shell.name}`, shell.options, async (t) => {
    const elsewhere: string[] = []
    const other = await http(t, (incoming, response) => { elsewhere.push(incoming.url ?? ''); response.end('from elsewhere') })
    const endless = (head: string, text: string) => listen(t, createServer((socket) => {
      const more = (): void => { while (!socket.destroyed && socket.write(text)); }
      socket.on('error', () => undefined).on('drain', more).once('data', () => { socket.write(head); more() })
    }))
    const block = 'x'.repeat(65536)
    const cases: readonly (readonly [name: string, port: number, says: RegExp])[] = [
      ['a redirect', await http(t, (_, response) => { response.writeHead(302, { Location: `http://127.0.0.1:${other}/there` }).end() }), /status 302/],
      ['a body without an end', await endless('HTTP/1.1 200 OK\r\n\r\n', block), /more than 8 MiB/],
      ['a length of 10 GB', await endless('HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n', block), /more than 8 MiB/],
      ['chunks without an end', await endless('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', `10000\r\n${block}\r\n`), /more than 8 MiB/],
      ['a chunk of 4 GB', await endless('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n', block), /more than 8 MiB/],
      ['a first line without an end', await endless('HTTP/1.1 200 ', block), /status 200.|not an HTTP answer|too long a line|ended early/],
      ['a line of the head without an end', await endless('HTTP/1.1 200 OK\r\nX: ', block), /too long a line/],
      ['a head without an end', await endless('HTTP/1.1 200 OK\r\n', 'X: y\r\n'.repeat(5000)), /too long a head/],
      ['a status for the terminal', await raw(t, 'HTTP/1.1 \u001b]0;x\u0007 OK\r\n\r\n'), /not an HTTP answer/],
    ]
    for (const [name, port, says] of cases) {
      // With 64 MiB, what takes the answer into its memory dies of it.
      const ended = await shell.run(t, '../../test/docker/bounded.sh', [join(gateFolder, 'http-get.sh'), '127.0.0.1', String(port), '/']).ended
      t.not(ended.code, 0, name)
      // On a machine that is busy enough its own limit of 30 s comes first, and then it says nothing.
      if (ended.code !== 124) t.match(ended.out.slice(-300), says, name)
      t.ok(ended.out.length < (9 << 20), name)
    }
    t.not((await shell.run(t, 'http-get.sh', ['127.0.0.1', String(cases[0]![1]), '/', 'status']).ended).code, 0)
    t.strictSame(elsewhere, [], 'nobody else was asked')
  })

  t.test(`whether the node observes, ${shell.name}`, shell.options, async (t) => {
    const place = makeRoot(t, [])
    const ask = async (endpoint = 'node-tls:31000') => {
      const { code, out } = await shell.run(t, 'observes.sh', [place.at('/own.toml'), endpoint], { STACK_ROOT: place.path }).ended
      return [code, out.trim()]
    }
    place.write('/own.toml', '[[events_observer]]\nendpoint = "node-tls:31000"\n')
    place.write('/proc/1/cmdline', `sh\0stacks-node.sh\0/bin/stacks-node\0start\0--config\0${place.at('/own.toml')}\0`)
    t.strictSame(await ask(), [3, 'the node is not started yet'], 'its gate is not the node')
    place.write('/proc/7/cmdline', '/bin/stacks-node\0start\0--config\0/etc/stacks-node/node-config-alone.toml\0')
    t.match(await ask(), [4, /follows without its event observer/])
    place.write('/proc/7/cmdline', `/bin/stacks-node\0start\0--config\0${place.at('/own.toml')}\0`)
    t.strictSame(await ask(), [0, 'the node runs with its event observer at node-tls:31000'])
    t.match(await ask('stacks-signer:30000'), [1, /names no event observer at stacks-signer:30000/])
  })

  t.test(`the gate, ${shell.name}`, shell.options, async (t) => {
    const root = makeRoot(t, ['/var/lib/stacks-node'])
    const env = (more: Readonly<Record<string, string>>) => ({ STACK_ROOT: root.path, ...more })

    await t.test('nothing to wait for: it becomes the program', async (t) => {
      const ended = await shell.run(t, 'stacks-node.sh', ['sh', '-c', 'echo "$0" "$1" "$2"; exit 7', 'a b', '$c', ''], env({})).ended
      t.strictSame([ended.code, ended.out], [7, 'a b $c \n'])
    })

    await t.test('waits for each in turn, then becomes the program', async (t) => {
      const [bitcoin, signer] = [await freePort(), await freePort()]
      const gate = shell.run(t, 'stacks-node.sh', ['sh', '-c', 'echo started; exec sleep 100000'], env({
        WAIT_SNAPSHOT: 'mainnet', WAIT_BITCOIN: `127.0.0.1:${bitcoin}`, WAIT_SIGNER: `localhost:${signer}`,
      }))
      const waiting = ['the snapshot (mainnet)', `bitcoind at 127.0.0.1:${bitcoin}`, `the signer at localhost:${signer}`]
      await gate.says(/waiting for the snapshot/)
      await looksAgain(gate)
      t.equal(gate.said(), `gate: waiting for ${waiting[0]}\n`, 'said once')
      root.write('/var/lib/stacks-node/.snapshot.json', '{}')
      await gate.says(/waiting for bitcoind/)
      const first = createServer((socket) => { socket.on('error', () => undefined).resume() })
      await new Promise<void>((resolve) => { first.listen(bitcoin, '127.0.0.1', resolve) })
      t.teardown(() => { first.close() })
      await gate.says(/waiting for the signer/)
      const second = createServer((socket) => { socket.on('error', () => undefined).resume() })
      await new Promise<void>((resolve) => { second.listen(signer, 'localhost', resolve) })
      t.teardown(() => { second.close() })
      await gate.says(/started/)
      t.equal(gate.said(), `${waiting.map((one) => `gate: waiting for ${one}\ngate: ${one}: there\n`).join('')}started\n`)
      gate.process.kill('SIGTERM')
      await gate.ended
      t.equal(gate.process.signalCode, 'SIGTERM', 'the program, not the gate, has the signal')
    })

    await t.test('asks ever less often, and not every second for hours', async (t) => {
      const place = makeRoot(t, [])
      place.write('/bin/sleep', `#!/bin/sh\necho "slept $1"\nexec 2>/dev/null\n[ "$(wc -l <"${place.at('/slept')}")" -lt 8 ] || exec tail -f /dev/null\necho >>"${place.at('/slept')}"\n`)
      place.write('/slept', '')
      chmodSync(place.at('/bin/sleep'), 0o755)
      const away = await freePort()
      for (const [name, more] of [
        ['a signer behind its sidecar', { WAIT_SIGNER_STATUS: `127.0.0.1:${away}` }], ['bitcoind', { WAIT_BITCOIN: `127.0.0.1:${away}` }],
        ['a signer that is followed without', { WAIT_SIGNER: `127.0.0.1:${away}`, ALONE_CONFIG: 'alone.toml', ALONE_AFTER: '3600' }],
      ] as const) {
        place.write('/slept', '')
        const gate = shell.run(t, 'stacks-node.sh', ['echo', 'started'], env(more), place.at('/bin'))
        await gate.says(/(slept \d+\n){8}/)
        t.match(gate.said(), /slept 1\nslept 2\nslept 4\nslept 8\nslept 16\nslept 16\nslept 16\nslept 16\n/, name)
        gate.process.kill('SIGTERM')
        await gate.ended
      }
    })

    await t.test('ends at once when it is told to', async (t) => {
      for (const [name, program, more] of [
        ['waiting for the snapshot', 'sleep', { WAIT_SNAPSHOT: 'krypton' }],
        ['waiting for a port', 'sleep', { WAIT_SIGNER: `127.0.0.1:${await freePort()}` }],
        ['in a connection that hangs', 'timeout', { WAIT_SIGNER: '192.0.2.1:30000' }],
      ] as const) {
        for (const [signal, code] of [['SIGTERM', 143], ['SIGINT', 130]] as const) {
          const place = makeRoot(t, ['/bin'])
          // What it waits for never ends by itself, so that nothing but the signal can end it.
          place.write(`/bin/${program}`, `#!/bin/sh\necho $$ >${place.at('/begun')}.new\nmv ${place.at('/begun')}.new ${place.at('/begun')}\nexec /bin/sleep 100000\n`)
          chmodSync(place.at(`/bin/${program}`), 0o755)
          const gate = shell.run(t, 'stacks-node.sh', ['echo', 'started'], { STACK_ROOT: place.path, ...more }, place.at('/bin'))
          await gate.until(() => place.has('/begun'))
          gate.process.kill(signal)
          const ended = await gate.ended
          t.equal(ended.code, code, `${name}, ${signal}`)
          t.notMatch(ended.out, /started/)
          await until(() => !alive(Number(place.read('/begun'))), () => `${name}, ${signal}: what it waited for lives on`)
        }
      }
    })

    await t.test('a signer that stays away: the node runs alone, and with its observer once the signer is there', async (t) => {
      const signer = await freePort()
      const place = makeRoot(t, [])
      place.write('/node', '#!/bin/sh\ntrap \'echo "ended $3"; exit 0\' TERM\necho "node $1 $2 $3"\nwhile :; do sleep 1 & wait $!; done\n')
      chmodSync(place.at('/node'), 0o755)
      const gate = shell.run(t, 'stacks-node.sh', [place.at('/node'), 'start', '--config', 'own.toml'], env({ WAIT_SIGNER: `127.0.0.1:${signer}`, ALONE_CONFIG: 'alone.toml', ALONE_AFTER: '2' }))
      await gate.says(/node start --config alone\.toml/)
      t.match(gate.said(), /^gate: waiting for the signer [^]*is away: the node follows without its event observer until it is there\n/)
      const server = createServer((socket) => { socket.on('error', () => undefined).resume() })
      await new Promise<void>((resolve) => { server.listen(signer, '127.0.0.1', resolve) })
      t.teardown(() => { server.close() })
      await gate.says(/node start --config own\.toml/)
      t.match(gate.said(), /there; stopping the node[^]*ended alone\.toml\nnode start --config own\.toml\n$/, 'one after the other')
    })

    await t.test('a stop lets a node that runs alone end by itself, and its end is the gate\'s', async (t) => {
      const place = makeRoot(t, [])
      place.write('/node', '#!/bin/sh\ntrap \'sleep 1; echo written; exit 0\' TERM\necho up\nwhile :; do sleep 1 & wait $!; done\n')
      place.write('/broken', '#!/bin/sh\nexit 7\n')
      for (const name of ['node', 'broken']) chmodSync(place.at(`/${name}`), 0o755)
      const more = { WAIT_SIGNER: `127.0.0.1:${await freePort()}`, ALONE_CONFIG: 'alone.toml', ALONE_AFTER: '0' }
      const gate = shell.run(t, 'stacks-node.sh', [place.at('/node'), 'start', '--config', 'own.toml'], env(more))
      await gate.says(/up/)
      gate.process.kill('SIGTERM')
      const ended = await gate.ended
      t.equal(ended.code, 0)
      t.match(ended.out, /written/)
      t.equal((await shell.run(t, 'stacks-node.sh', [place.at('/broken'), 'start', '--config', 'own.toml'], env(more)).ended).code, 7)
    })

    await t.test('the signer starts only on a host that is cleared for its key', async (t) => {
      const data = '/var/lib/stacks-signer'
      const line = 'v1 active aa 02ab\n'
      const [boot, otherBoot] = ['6f1c1f4e-0000-4000-8000-000000000001\n', '6f1c1f4e-0000-4000-8000-000000000002\n']
      const bootFile = '/proc/sys/kernel/random/boot_id'
      const cases: readonly (readonly [name: string, files: Readonly<Record<string, string>>, says: RegExp])[] = [
        ['nothing is there', {}, /init has not said what this host is/],
        ['no word of the guard', { '/etc/stacks-signer/guard': line }, /the guard: no word yet/],
        ['the guard watches', { '/etc/stacks-signer/guard': line, [`${data}/guard/verdict`]: 'watching\nsigning interval 1 of 2\n' }, /the guard: signing interval 1 of 2/],
        ['the guard refuses', { '/etc/stacks-signer/guard': line, [`${data}/guard/verdict`]: 'refused\nslot 3 went from version 4 to 9\n' }, /the guard: slot 3 went from version 4 to 9/],
        ['cleared for another host', { '/etc/stacks-signer/guard': line, [`${data}/guard/cleared`]: `v1 active bb 02ab\n${boot}` }, /the guard/],
        ['cleared for another key', { '/etc/stacks-signer/guard': line, [`${data}/guard/cleared`]: `v1 active aa 03cd\n${boot}` }, /the guard/],
        ['a copied volume with both of its files', { '/etc/stacks-signer/guard': line, [`${data}/guard/wanted`]: 'v1 active bb 02ab\n', [`${data}/guard/cleared`]: `v1 active bb 02ab\n${boot}` }, /the guard/],
        ['cleared in an earlier boot', { '/etc/stacks-signer/guard': line, [`${data}/guard/cleared`]: `${line}${otherBoot}` }, /the guard/],
        ['cleared by an earlier version, without a boot', { '/etc/stacks-signer/guard': line, [`${data}/guard/cleared`]: line }, /the guard/],
        ['an empty clearance', { '/etc/stacks-signer/guard': '', [`${data}/guard/cleared`]: '' }, /init has not said/],
        ['a database from a backup', { '/etc/stacks-signer/guard': line, [`${data}/guard/cleared`]: `${line}${boot}`, [`${data}/restored`]: '' }, /the guard/],
        ['a standby', { '/etc/stacks-signer/guard': 'v1 standby aa 02ab\n', [`${data}/guard/cleared`]: `v1 standby aa 02ab\n${boot}` }, /this host is the standby/],
      ]
      await Promise.all(cases.map(async ([name, files, says]) => {
        const place = makeRoot(t, [])
        place.write(bootFile, boot)
        for (const [path, content] of Object.entries(files)) place.write(path, content)
        const gate = shell.run(t, 'stacks-signer.sh', ['echo', 'started'], { STACK_ROOT: place.path })
        await gate.says(says)
        await looksAgain(gate)
        t.notMatch(gate.said(), /^started/m, name)
        gate.process.kill('SIGTERM')
        t.equal((await gate.ended).code, 143, name)
      }))
      const place = makeRoot(t, [])
      place.write(bootFile, boot)
      place.write('/etc/stacks-signer/guard', line)
      const gate = shell.run(t, 'stacks-signer.sh', ['sh', '-c', 'echo "$0 $1"; exit 7', 'a b', '$c'], { STACK_ROOT: place.path })
      await gate.says(/not started/)
      place.write(`${data}/guard/cleared`, `${line}${boot}`)
      const ended = await gate.ended
      t.match(ended.out, /gate: cleared by the guard\na b \$c\n$/)
      t.equal(ended.code, 7, 'its end is the signer\'s')
      t.equal((await shell.run(t, 'stacks-signer.sh', ['echo', 'at once'], { STACK_ROOT: place.path }).ended).out, 'at once\n', 'a restart asks nobody again')
    })

    await t.test('the signer is stopped when it is cleared no more, and started when it is again', async (t) => {
      const data = '/var/lib/stacks-signer'
      const place = makeRoot(t, [])
      const line = 'v1 active aa 02ab\n'
      place.write('/proc/sys/kernel/random/boot_id', 'one\n')
      place.write('/etc/stacks-signer/guard', line)
      place.write(`${data}/guard/cleared`, `${line}one\n`)
      const gate = shell.run(t, 'stacks-signer.sh', ['sh', '-c', 'echo "signs as $$"; exec sleep 600'], { STACK_ROOT: place.path })
      const alive = (pid: string) => existsSync(`/proc/${pid}`)
      const signer = async (count: number) => {
        await gate.says(new RegExp(`(signs as \\d+[^]*){${count}}`))
        return [...gate.said().matchAll(/signs as (\d+)/g)][count - 1]![1]!
      }
      const first = await signer(1)
      rmSync(place.at(`${data}/guard/cleared`))
      place.write(`${data}/guard/verdict`, 'refused\nslot 1 rose\n')
      await gate.says(/gate: the guard has taken back what it had cleared: the signer was stopped\ngate: the signer is not started: the guard: slot 1 rose/)
      t.notOk(alive(first))
      place.write(`${data}/guard/cleared`, `${line}one\n`)
      const second = await signer(2)
      t.ok(alive(second))
      gate.process.kill('SIGTERM')
      t.equal((await gate.ended).code, 143)
      t.notOk(alive(second), 'and with the gate')
    })

    await t.test('an IPv6 address in brackets', async (t) => {
      const server = createServer((socket) => { socket.on('error', () => undefined).resume() })
      const listening = await listen(t, server, '::1').catch(() => undefined)
      if (!listening) {
        t.comment('no IPv6 on this machine')
        return
      }
      const ended = await shell.run(t, 'stacks-node.sh', ['echo', 'started'], env({ WAIT_BITCOIN: `[::1]:${listening}` })).ended
      t.equal(ended.out, 'started\n')
    })
  })
}

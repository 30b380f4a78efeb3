/** The firewall at work: real rules in a kernel, all ports scanned from outside, rolled back by their own process. */

import { appendFileSync, chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { withBridges } from '../../generator/stack/firewall.ts'
import type { Host } from '../../generator/stack/model.ts'
import { container, host, inner, makeWorld, outside, type World } from './firewall-world.ts'
import { needs, root } from './tools.ts'

const table = 'stacks_signer_wall'
const base = 'STACK_NAME=wall\nNETWORK=mainnet\nFIREWALL=on\n'
const listed = `${base}SSH_FROM=${outside.listed}/32,${outside.listed6}\nFIREWALL_OPEN=9100/tcp@${outside.listed}\n`
const twoHosts = `TOPOLOGY=split\nNODE_HOST=${outside.other}\nSIGNER_HOST=signer.example.net\nSIGNER_ADDRESS=${host.v4}\n`
const bridge = (place: string, network: string) => withBridges('wall', [{ name: place, networks: [{ name: network, internal: true }] } as unknown as Host])[0]!.networks[0]!.bridge!
const everything = [22, 80, 3443, 9100, 9999, 20444, 'echo']

const options = root ? needs('nft', 'ip', 'nmap', 'unshare', 'flock', 'setsid') : { skip: 'not root' }
const rules = (world: World) => world.run('host', ['nft', '-s', 'list', 'ruleset']).out

t.test('one host', options, async (t) => {
  const world = await makeWorld(t, bridge('single', 'signer-link'))
  const stack = world.stack(t, listed)
  const untouched = rules(world)

  /** What arrives outside of a datagram that is sent from there. */
  const datagram = async (t: Test, from: 'inner') => {
    const waiting = world.start(t, 'outside', [process.execPath, '-e', `const socket = require('node:dgram').createSocket('udp4')
socket.on('message', (text) => { console.log(String(text)); socket.close() }).bind(5555, '${outside.listed}', () => { console.log('ready') })`])
    await waiting.says(/ready/)
    // What the host sends arrives in any case, and after what was sent before.
    for (const [where, text] of [[from, 'hello'], ['host', 'nothing']] as const) {
      world.run(where, [process.execPath, '-e', `const socket = require('node:dgram').createSocket('udp4'); socket.send('${text}', 5555, '${outside.listed}', () => { socket.close() })`])
    }
    return (await waiting.ended).out.trim().split('\n').at(-1)
  }

  await t.test('before: everything is open, and every way is one', async (t) => {
    t.strictSame(world.scan(host.v4, outside.other), everything)
    t.strictSame(world.scan(host.v6, outside.other6), [22, 80, 9100, 20444, 'echo'])
    t.equal(world.ask('outside', container, 9999), 'container', 'directly to a container')
    t.equal(world.ask('outside', inner, 30000), 'inner')
    t.equal(world.ask('inner', outside.listed, 443), 'outside')
    t.equal(await datagram(t, 'inner'), 'hello')
    t.match(stack.firewall('check'), { status: 1, out: /^firewall-check: not loaded: no table stacks_signer_wall$/m })
    t.match(stack.firewall('confirm'), { status: 1, out: /no rules are on trial/ })
  })

  await t.test('nobody confirms', async (t) => {
    const applied = stack.firewall('apply')
    t.match(applied, { status: 0, out: /loaded on trial; in 3600 s what was there before comes back/ })
    t.equal(world.ask('outside', host.v4, 80), 'nothing')
    t.match(stack.firewall('check'), { status: 1, out: /on trial: make firewall-confirm/ })
    await stack.timeUp()
    t.equal(rules(world), untouched)
    t.equal(world.ask('outside', host.v4, 80), 'host')
    t.match(stack.firewall('check'), { status: 1, out: /rolled back, since nobody confirmed: .*\n.*not loaded/ })
    t.match(stack.firewall('confirm'), { status: 1, out: /too late: rolled back/ })
  })

  await t.test('confirmed: open is what is meant, and nothing else', async (t) => {
    t.equal(stack.firewall('apply').status, 0)
    t.match(stack.firewall('confirm'), { status: 0, out: /the rules stay, until the next reboot\n[^]*systemctl enable stacks_signer_wall.service/ })
    await stack.timeUp()
    t.strictSame(world.scan(host.v4, outside.listed), [22, 9100, 20444, 'echo'])
    t.strictSame(world.scan(host.v4, outside.other), [20444, 'echo'])
    t.strictSame(world.scan(host.v6, outside.listed6), [22, 20444, 'echo'])
    t.strictSame(world.scan(host.v6, outside.other6), [20444, 'echo'])
    const checked = stack.firewall('check')
    t.equal(checked.status, 0, checked.out)
    t.match(checked.out, [
      'firewall-check: loaded as firewall/firewall.nft says. Open:',
      '  22/tcp SSH, from 10.99.1.2/32, fd99:1::2',
      '  8333/tcp bitcoind: Bitcoin peers, from everywhere',
      '  20444/tcp stacks-node: Stacks peers, from everywhere',
      '  9100/tcp as FIREWALL_OPEN says, from 10.99.1.2',
      'firewall-check: a reboot loads nothing, or other rules.',
    ].join('\n'))
  })

  await t.test('what is forwarded', async (t) => {
    t.equal(world.ask('outside', host.v4, 20444, outside.other), 'container', 'a published port that is open')
    t.equal(world.ask('outside', host.v4, 9999), 'nothing', 'one that an override published')
    t.equal(world.ask('outside', container, 9999), 'nothing', 'past the published port')
    t.equal(world.ask('outside', container, 20444), 'nothing')
    t.equal(world.ask('container', outside.listed, 443), 'outside', 'a container asks the world')
    t.equal(world.ask('container', host.v4, 9100), 'nothing', 'a container is not the host')
    t.equal(world.ask('host', container, 9999), 'container', 'the host asks its containers')
    t.equal(world.ask('host', outside.listed, 443), 'outside')
    const rename = (from: string, to: string) => world.run('host', ['sh', '-c', `ip link set ${from} down && ip link set ${from} name ${to} && ip link set ${to} up`])
    t.equal(rename('br-0123456789ab', 'own0').status, 0)
    t.equal(world.ask('outside', host.v4, 20444), 'container', 'on a bridge that an operator has named')
    t.equal(world.ask('outside', host.v4, 9999), 'nothing')
    rename('own0', 'br-0123456789ab')
  })

  await t.test('a network without a way out', async (t) => {
    t.equal(world.ask('inner', outside.listed, 443), 'nothing')
    t.equal(world.ask('inner', '172.31.8.1', 20444), 'nothing', 'the host included, on a port that is open to the world')
    t.equal(world.ask('inner', container, 20444), 'nothing')
    t.equal(world.ask('outside', inner, 30000), 'nothing')
    t.equal(world.ask('container', inner, 30000), 'nothing')
    t.equal(world.ask('host', inner, 30000), 'inner', 'the host itself may look')
    t.equal(await datagram(t, 'inner'), 'nothing', 'not even one way')
  })

  await t.test('neighbours find each other anew', async (t) => {
    world.run('host', ['ip', 'neigh', 'flush', 'dev', 'eth0'])
    world.run('outside', ['ip', 'neigh', 'flush', 'dev', 'eth0'])
    t.equal(world.ask('outside', host.v6, 20444), 'host', 'over IPv6')
  })

  await t.test('applied again, it is the same; not confirmed, the confirmed one comes back', async (t) => {
    const confirmed = rules(world)
    t.equal(stack.firewall('apply').status, 0)
    t.equal(rules(world), confirmed)
    const other = world.stack(t, `${base}SSH_FROM=${outside.other}\n`)
    t.equal(other.firewall('apply', { FIREWALL_STATE: join(stack.directory, 'state') }).status, 0, 'applied while on trial')
    t.not(rules(world), confirmed)
    t.equal(world.ask('outside', host.v4, 22, outside.other), 'host')
    await stack.timeUp()
    t.equal(rules(world), confirmed)
    t.match(stack.firewall('check'), { status: 0 })
  })

  await t.test('what somebody changed is told', async (t) => {
    t.equal(world.run('host', ['nft', 'insert', 'rule', 'inet', table, 'input_allow', 'tcp', 'dport', '80', 'goto', 'let_in']).status, 0)
    t.match(stack.firewall('check'), { status: 1, out: /is not what firewall\/firewall.nft says.*\n< \t\ttcp dport 80 goto let_in\n$/ })
    t.equal(stack.firewall('apply').status, 0)
    t.equal(stack.firewall('confirm').status, 0)
    t.match(stack.firewall('check'), { status: 0 })
  })

  await t.test('several stacks add up', async (t) => {
    const second = world.stack(t, 'STACK_NAME=second\nNETWORK=testnet\nFIREWALL=on\nNODE_P2P_PORT=20555\nSSH_FROM=192.0.2.1\nFIREWALL_OPEN=80/tcp\n')
    t.equal(second.firewall('apply').status, 0)
    t.equal(second.firewall('confirm').status, 0)
    const asked = () => [22, 80, 9100, 9999, 20444].map((port) => world.ask('outside', host.v4, port, outside.listed))
    t.strictSame(asked(), ['host', 'host', 'host', 'nothing', 'container'])
    t.equal(second.firewall('remove').status, 0)
    t.strictSame(asked(), ['host', 'nothing', 'host', 'nothing', 'container'])
  })

  await t.test('removed, nothing of it is left, and nothing else is gone', async (t) => {
    t.match(stack.firewall('remove'), { status: 0, out: /table stacks_signer_wall is gone/ })
    t.equal(rules(world), untouched)
    t.match(stack.firewall('remove'), { status: 0, out: /not loaded/ })
    t.strictSame(world.scan(host.v4, outside.other), everything)
  })
})

t.test('a bitcoind of the host, for the node alone', options, async (t) => {
  const world = await makeWorld(t, withBridges('wall', [{ name: 'single', networks: [{ name: 'stacks-p2p', internal: false }] } as unknown as Host], () => true)[0]!.networks[0]!.bridge!)
  const stack = world.stack(t, `${base}BITCOIN_MODE=external\nBITCOIN_HOST=host\nBITCOIN_P2P_PORT=80\n`)
  t.strictSame((['inner', 'container', 'outside'] as const).map((from) => world.ask(from, host.v4, 80)), ['host', 'host', 'host'], 'before')
  t.equal(stack.firewall('apply').status, 0)
  t.equal(stack.firewall('confirm').status, 0)
  t.strictSame((['inner', 'container', 'outside'] as const).map((from) => world.ask(from, host.v4, 80)), ['host', 'nothing', 'nothing'])
  t.equal(world.ask('inner', host.v4, 9100), 'nothing', 'no other port of the host')
  t.equal(world.ask('inner', outside.listed, 443), 'outside', 'the node still has its way out')
})

t.test('an SSH session', options, async (t) => {
  const world = await makeWorld(t, bridge('single', 'signer-link'))
  const stack = world.stack(t, listed)
  const session = (from: string) => world.start(t, 'outside', [process.execPath, '-e', `let lines = 0
const socket = require('node:net').connect({ host: '${host.v4}', port: 22, localAddress: '${from}' })
socket.on('data', () => { console.log(lines === 0 ? 'in' : lines); lines += 1; setTimeout(() => socket.write(lines + '\\n'), 100) })`])
  const [kept, cut] = [session(outside.listed), session(outside.other)]
  await Promise.all([kept.says(/^in\n/), cut.says(/^in\n/)])
  t.equal(stack.firewall('apply').status, 0)
  const lines = (running: typeof kept) => running.said().split('\n').length
  // What was on its way may still arrive; then the one session goes on, and the other stands still.
  let [keptThen, cutThen] = [0, 0]
  await kept.until(() => {
    if (lines(cut) !== cutThen) [keptThen, cutThen] = [lines(kept), lines(cut)]
    return lines(kept) >= keptThen + 20
  }, () => `the other, from an address that could not log in again: ${cut.said()}`)
  await stack.timeUp()
  await cut.until(() => lines(cut) > cutThen)
  t.pass('and goes on after the roll-back')
})

t.test('the roll-back needs no session', options, async (t) => {
  const world = await makeWorld(t, bridge('single', 'signer-link'))
  const stack = world.stack(t, listed)
  const env = { FIREWALL_STATE: join(stack.directory, 'state'), FIREWALL_SYSTEMD: '/nonexistent', FIREWALL_SECONDS: '3600' }
  // A terminal that goes away: every process of its session gets SIGHUP, and then SIGKILL.
  const before = rules(world)
  const shell = world.start(t, 'host', ['setsid', 'sh', '-c', `sh ${stack.directory}/docker/host/firewall.sh apply; echo $$ $(ps -o pgid= $$); sleep 100000`], env)
  const [, pid] = /^(\d+) +\d+$/m.exec(await shell.says(/^\d+ +\d+$/m))!
  world.run('host', ['sh', '-c', `pkill -HUP -s ${pid}; sleep 0.2; pkill -KILL -s ${pid}; true`])
  t.equal(world.ask('outside', host.v4, 80), 'nothing')
  writeFileSync(join(stack.directory, 'docker/host/firewall.sh'), 'exit 1\n')
  await stack.timeUp()
  t.equal(rules(world), before)
})

t.test('where systemd runs, it keeps the way back', options, async (t) => {
  const world = await makeWorld(t, bridge('single', 'signer-link'))
  const stack = world.stack(t, listed)
  const programs = t.testdir({ 'systemd-run': '#!/bin/sh\necho "$@" >"${0%/*}/asked"\nshift 4\nexec setsid "$@" </dev/null >/dev/null 2>&1 &\n' })
  chmodSync(join(programs, 'systemd-run'), 0o755)
  const env = { FIREWALL_SYSTEMD: programs, PATH: `${programs}:${process.env['PATH']}` }
  t.equal(stack.firewall('apply', env).status, 0)
  t.match(readFileSync(join(programs, 'asked'), 'utf8'), /^--quiet --collect --unit stacks_signer_wall-undo-[0-9a-f-]{36} sh .*\/undo-[0-9a-f-]{36}\.sh 3600\n$/)
  await stack.timeUp()
  t.notMatch(rules(world), table)
  writeFileSync(join(programs, 'systemd-run'), '#!/bin/sh\nexit 1\n')
  t.match(stack.firewall('apply', env), { status: 2, out: /cannot start the roll-back, so nothing is loaded/ })
  t.notMatch(rules(world), table)
})

t.test('refused, and nothing is loaded', options, async (t) => {
  const world = await makeWorld(t, bridge('single', 'signer-link'))
  const stack = world.stack(t, listed)
  const file = join(stack.directory, 'firewall/firewall.nft')
  const good = readFileSync(file, 'utf8')
  const programs = t.testdir({ ss: '#!/bin/sh\necho "LISTEN 0 128 0.0.0.0:2222 0.0.0.0:* users:((\\"sshd\\",pid=1,fd=3))"\necho "LISTEN 0 128 [::]:2222 [::]:*"\n' })
  chmodSync(join(programs, 'ss'), 0o755)
  const refused = (want: RegExp, env: Readonly<Record<string, string>> = {}) => {
    t.match(stack.firewall('apply', env), { status: 2, out: want })
    t.notMatch(rules(world), table)
  }
  refused(/sshd listens on 2222, and the rules keep 22 open: write SSH_PORT=2222/, { PATH: `${programs}:${process.env['PATH']}` })
  refused(/holds a character that a script would have to quote/, { FIREWALL_STATE: '/tmp/$(id)' })
  refused(/FIREWALL_SECONDS=1h is no number/, { FIREWALL_SECONDS: '1h' })
  refused(/cannot write to/, { FIREWALL_STATE: '/proc/nowhere' })
  appendFileSync(file, 'add rule inet filter input accept\n')
  refused(/nft refuses firewall\/firewall.nft/)
  writeFileSync(file, good.replace(/^table.*\{$/gm, '# table'))
  refused(/names no table/)
  writeFileSync(file, good)
  world.run('host', ['ip', 'link', 'add', 'br-ex', 'type', 'bridge'])
  world.run('host', ['ip', 'link', 'set', 'br-ex', 'up'])
  world.run('host', ['ip', 'route', 'replace', 'default', 'dev', 'br-ex'])
  refused(/br-ex is this host's way out/)
  chmodSync(stack.directory, 0o755)
  t.match(world.run('host', ['setpriv', '--reuid', '65534', '--clear-groups', 'sh', join(stack.directory, 'docker/host/firewall.sh'), 'check']), { status: 2, out: /needs root: sudo make firewall-check/ })
  t.match(stack.firewall('open'), { status: 2, out: /say apply, confirm, check or remove/ })
})

t.test('rules that a kernel does not take', options, async (t) => {
  const world = await makeWorld(t, bridge('single', 'signer-link'))
  const [stack, other] = [world.stack(t, listed), world.stack(t, `${base}SSH_FROM=${outside.other}\n`)]
  const nft = world.run('host', ['sh', '-c', 'PATH=$PATH:/usr/sbin command -v nft']).out.trim()
  const programs = t.testdir({ nft: `#!/bin/sh\ncase "$*" in *trial.nft) exit 1 ;; esac\nexec ${nft} "$@"\n` })
  chmodSync(join(programs, 'nft'), 0o755)
  const before = rules(world)
  const env = { FIREWALL_STATE: join(stack.directory, 'state'), PATH: `${programs}:${process.env['PATH']}` }
  t.match(stack.firewall('apply', env), { status: 2, out: /could not load the rules; what was there before is back/ })
  t.equal(rules(world), before)
  t.match(stack.firewall('confirm'), { status: 1, out: /no rules are on trial/ })
  t.equal(stack.firewall('apply').status, 0)
  t.equal(other.firewall('apply', env).status, 2, 'while others are on trial')
  t.equal(rules(world), before, 'those are not left without a way back')
})

t.test('the signer\'s host of two', options, async (t) => {
  const world = await makeWorld(t, bridge('signer', 'tls-wire'))
  const stack = world.stack(t, `${base}${twoHosts}SSH_FROM=${outside.listed}\n`, 'signer-host/')
  t.equal(stack.firewall('apply').status, 0)
  t.equal(stack.firewall('confirm').status, 0)
  t.strictSame(world.scan(host.v4, outside.other), [3443, 'echo'], 'the node\'s host reaches the sidecar')
  t.strictSame(world.scan(host.v4, outside.listed), [22, 'echo'], 'nobody else does')
  t.equal(world.ask('inner', outside.other, 2443), 'outside', 'the sidecar reaches the node\'s host')
  t.equal(world.ask('inner', outside.other, 443), 'nothing', 'there alone on one port')
  t.equal(world.ask('inner', outside.listed, 2443), 'nothing')
  t.equal(world.ask('inner', outside.other, 53), 'nothing', 'an address needs no DNS')
})

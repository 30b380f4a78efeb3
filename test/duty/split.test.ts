/** Signer and node on two hosts that share a routed link and nothing else: it works, it heals, and strangers get nothing. */

import { createPublicKey } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import t, { type Test } from 'tap'
import { day, issueLeaf } from '../../generator/certs/issue.ts'
import { command, testKey } from '../support/command.ts'
import { ownPort } from '../support/own.ts'
import { waitFor } from '../support/wait.ts'
import { docker, program } from '../engines/support/docker.ts'
import { containersOf, inspectContainer, networkOf } from '../engines/support/engine.ts'
import { release, withEngine } from '../engines/support/setting.ts'
import { makeSplit, type SplitStack } from '../engines/support/split.ts'
import { missingSigns } from '../engines/support/working.ts'

await withEngine(t, async (root, after) => {
  const stack = await makeSplit(root, release, {
    STACK_NAME: 'apart', NETWORK: 'mainnet', STACKS_VERSION: release, SIGNER_PRIVATE_KEY: testKey, SNAPSHOT: 'off',
    BITCOIN_P2P_PUBLISH: 'off', NODE_P2P_PORT: String(await ownPort()),
  })
  const { node, signer } = stack
  after(stack.remove)
  const works = () => missingSigns(stack, 'node-tls:31000')

  await t.test('the real nginx takes the configs', async (t) => {
    for (const side of ['node', 'signer'] as const) {
      const checked = program('make', [`COMPOSE=docker compose --project-name ${stack[side].name}`, 'check-config'], { cwd: stack[side].directory })
      t.equal(checked.status, 0, checked.err)
    }
  })

  await t.test('the node first: it waits for the signer inside its container', async (t) => {
    const up = node.compose('up', '-d')
    t.equal(up.status, 0, up.err)
    await node.says('stacks-node', /waiting for the signer behind node-tls:31000/)
    await node.says('node-tls', / 31000 50\d "GET \/status"/)
    t.notMatch(await node.logs('stacks-node'), /Registering event observer/, 'the sidecar alone is not the signer')
    const second = signer.compose('up', '-d')
    t.equal(second.status, 0, second.err)
    t.strictSame(await works(), [])
  })

  await t.test('what an operator types', async (t) => {
    for (const side of ['node', 'signer'] as const) {
      const make = (target: string) => program('make', [`COMPOSE=docker compose --project-name ${stack[side].name}`, target], { cwd: stack[side].directory })
      const verified = make('verify-tls')
      t.equal(verified.status, 0, `${side}: ${verified.out}${verified.err}`)
      t.match(verified.out, /node-tls +ok +39[67] days left/)
      t.match(verified.out, /signer-tls +ok +39[67] days left/)
      t.match(verified.out, side === 'node' ? /the node runs with its event observer at node-tls:31000/ : /"burn_block_height"/)
      const reloaded = make('tls-reload')
      t.equal(reloaded.status, 0, reloaded.err)
      t.match(make('status').out, new RegExp(`${side}-tls`))
    }
  })

  await t.test('each host has only its own secrets', async (t) => {
    const secret = (path: string) => readFileSync(join(stack.directory, path), 'utf8').trim()
    const on = async (side: 'node' | 'signer', value: string) => (await containersOf(stack[side].name, false))
      .some((name) => docker(['exec', '--interactive', '--privileged', '--user', '0:0', name, 'sh', '-c', 'exec grep -rqFf - /etc /run /var /tmp 2>/dev/null'], { input: `${value}\n` }).status === 0)
    const line = (path: string) => secret(path).split('\n')[1]!
    t.ok(await on('signer', secret('signer-host/secrets/signer-private-key')), 'the search finds what is there')
    t.notOk(await on('node', secret('signer-host/secrets/signer-private-key')))
    t.notOk(await on('node', line('signer-host/secrets/signer-tls-key')))
    t.notOk(await on('signer', line('node-host/secrets/node-tls-key')))
    for (const side of ['node', 'signer'] as const) t.notOk(await on(side, line('secrets/tls-ca-key')), 'the authority\'s key is on neither')
  })

  await t.test('a restart of each container', async (t) => {
    for (const [side, service] of [['node', 'bitcoind'], ['node', 'node-tls'], ['node', 'stacks-node'], ['signer', 'signer-tls'], ['signer', 'stacks-signer']] as const) {
      const restarted = docker(['restart', stack[side].container(service)])
      t.equal(restarted.status, 0, restarted.err)
      t.ok(await eventsFlow(stack), `events flow after a restart of ${service}`)
    }
    t.equal(signer.compose('up', '-d').status, 0, 'and init runs again without harm')
    t.equal(node.compose('up', '-d').status, 0)
    t.ok(await eventsFlow(stack))
  })

  await t.test('the signer first', async (t) => {
    t.equal(node.compose('down').status, 0)
    t.equal(signer.compose('down').status, 0)
    t.equal(signer.compose('up', '-d').status, 0)
    await signer.says('stacks-signer', /Signer spawned/)
    t.equal(node.compose('up', '-d').status, 0)
    t.strictSame(await works(), [])
  })

  await t.test('the link is cut', async (t) => {
    const failures = async () => (await node.logs('stacks-node')).match(/connection or request failed/g)?.length ?? 0
    const fails = async (times: number) => {
      const before = await failures()
      await waitFor(`${times} deliveries more have failed`, async () => await failures() - before, (count) => count >= times)
    }
    stack.link('down')
    await fails(2)
    const during = (await taken(stack)).length
    await fails(2)
    t.equal((await taken(stack)).length, during, 'nothing passes')
    stack.link('up')
    t.ok(await eventsFlow(stack))
    await allArrived(t, stack)
  })

  await t.test('a reboot of each side', async (t) => {
    for (const side of ['signer', 'node'] as const) {
      const names = (await containersOf(stack[side].name)).filter((name) => !name.endsWith('-init-1'))
      docker(['kill', ...names])
      await waitFor('all have ended', () => Promise.all(names.map(async (name) => (await inspectContainer(name))?.State.Status)), (states) => states.every((state) => state === 'exited'))
      // The daemon starts what ran before, all at once and in no order.
      t.equal(docker(['start', ...[...names].reverse()]).status, 0)
      t.ok(await eventsFlow(stack), `events flow after a reboot of the ${side}'s host`)
    }
    await allArrived(t, stack)
  })

  await t.test('strangers on the link', async (t) => {
    const openssl = (...args: readonly string[]) => program('openssl', args, { cwd: root })
    const ran = await command(stack.directory, ['certs', 'status'])
    t.equal(ran.code, 0, ran.err)
    await expired(root, stack)
    openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'other.key', '-out', 'other.pem', '-subj', `/CN=node-tls.${basename(stack.directory)}`, '-days', '9')
    const host = { node: `https://${stack.addresses.node}:2443`, signer: `https://${stack.addresses.signer}:3443` }
    const shared = `/shared/${basename(stack.directory)}`
    const ask = (to: 'node' | 'signer', path: string, ...args: readonly string[]) =>
      stack.outside(to === 'node' ? 'signer' : 'node', ['curl', '-sS', '-m', '60', '-o', '/dev/null', '-w', '%{http_code}', '--cacert', `${shared}/certs/ca.pem`, ...args, `${host[to]}${path}`])
    const as = (side: 'node' | 'signer') => ['--cert', `${shared}/${side}-host/certs/${side}-tls.pem`, '--key', `${shared}/${side}-host/secrets/${side}-tls-key`]
    await waitFor('the right one is let in, or this test would prove nothing', () => ask('node', '/v2/info', ...as('signer')).out, (status) => status === '200')
    for (const [name, ...args] of [
      ['no certificate'],
      ['one of another authority with the right name', '--cert', '/shared/other.pem', '--key', '/shared/other.key'],
      ['one for another name', ...as('node')],
      ['TLS 1.2', ...as('signer'), '--tls-max', '1.2'],
      ['one that has run out', '--cert', '/shared/expired.pem', '--key', `${shared}/signer-host/secrets/signer-tls-key`],
    ] as const) t.equal(ask('node', '/v2/info', ...args).out, '000', name)
    t.equal(stack.outside('signer', ['curl', '-sS', '-m', '60', '-o', '/dev/null', '-w', '%{http_code}', `http://${stack.addresses.node}:2443/v2/info`]).out, '000', 'plain HTTP')
    t.equal(ask('signer', '/status', ...as('node')).out, '200')
    for (const [to, method, path] of [
      ['signer', 'POST', '/shutdown'], ['signer', 'GET', '/'], ['signer', 'POST', '/new_block/../shutdown'], ['signer', 'POST', '//shutdown'], ['signer', 'POST', '/%73hutdown'], ['signer', 'PUT', '/status'],
      ['node', 'GET', '/v2/peers'], ['node', 'GET', '/v2/neighbors'], ['node', 'POST', '/v2/transactions'], ['node', 'GET', '/v3/health'], ['node', 'POST', '/v2/info'], ['node', 'GET', '/v2/info?x=1'],
      ['node', 'GET', '/v2/info/../peers'], ['node', 'POST', '/v3/block_proposal/'], ['node', 'POST', '/v3/blocks/upload/'], ['node', 'GET', '/v3/block/replay/x'], ['node', 'GET', '/v2/pox?tip=x'], ['node', 'OPTIONS', '/v2/info'],
    ] as const) t.equal(ask(to, path, ...as(to === 'node' ? 'signer' : 'node'), '--path-as-is', '-X', method).out, '403', `${method} ${path}`)
    t.match(await signer.logs('signer-tls'), /3443 403 "POST \/shutdown" from 10\.77/, 'and it is logged')
    t.equal((await signer.inspect('stacks-signer'))?.State.Status, 'running')
  })

  await t.test('the signer has no way out of its host', async (t) => {
    const container = (await signer.inspect('stacks-signer'))!
    const routes = program('nsenter', ['-t', String(container.State.Pid), '-n', 'ip', 'route'])
    t.equal(routes.status, 0, routes.err)
    t.notMatch(routes.out, /default/)
    t.strictSame(Object.keys(container.NetworkSettings.Networks), [`${signer.name}_signer-link`])
    t.equal(await networkOf(`${signer.name}_signer-link`), 'true 2', 'exactly the signer and its sidecar')
    t.equal(await networkOf(`${node.name}_node-link`), 'true 2', 'exactly the node and its sidecar')
  })
})

/** A certificate like the signer's own, of the same authority and for the same key, two years ago. */
async function expired(root: string, { directory }: SplitStack): Promise<void> {
  const read = (path: string) => readFileSync(join(directory, path), 'utf8')
  const certificate = await issueLeaf({
    issuer: { certificate: read('certs/ca.pem'), key: read('secrets/tls-ca-key') }, commonName: `signer-tls.${basename(directory)}`, hosts: ['signer-tls'],
    publicKey: createPublicKey(read('signer-host/secrets/signer-tls-key')), serial: '1234567890abcdef', now: new Date(Date.now() - 600 * day),
  })
  writeFileSync(join(root, 'expired.pem'), certificate)
}

function events(log: string, what: 'sent' | 'taken'): readonly string[] {
  return [...log.matchAll(new RegExp(`event ${what} (\\S+ [0-9a-f]{16})`, 'g'))].map(([, event]) => event!)
}

async function taken({ signer }: SplitStack): Promise<readonly string[]> {
  return events(await signer.logs('stacks-signer'), 'taken')
}

/** Waits until the signer takes events that it had not taken when asked. */
async function eventsFlow(stack: SplitStack): Promise<boolean> {
  const before = (await taken(stack)).length
  return await waitFor('events more', async () => (await taken(stack)).length - before, (count) => count > 1) > 1
}

/** Every event that the node knows to be delivered was taken, in the order of sending; one may come twice, as upstream. */
async function allArrived(t: Test, stack: SplitStack): Promise<void> {
  const wanted = await waitFor('more than ten events were sent', async () => events(await stack.node.logs('stacks-node'), 'sent'), (sent) => sent.length > 10)
  const found = (await taken(stack)).filter((event, index, all) => event !== all[index - 1])
  t.strictSame(found.slice(0, wanted.length), wanted, 'as sent, in order')
}

/** The rehearsal: both sidecars on one host, and every certificate replaced while requests go through. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { command, testKey } from '../support/command.ts'
import { ownPort } from '../support/own.ts'
import { waitFor } from '../support/wait.ts'
import { must, program } from './support/docker.ts'
import { networkOf } from './support/engine.ts'
import { testImages } from './support/images.ts'
import { release, withEngine } from './support/setting.ts'
import { makeStack, type TestStack } from './support/stack.ts'
import { missingSigns } from './support/working.ts'

await withEngine(t, async (root) => {
  const stack = await makeStack(root, {
    release,
    answers: {
      STACK_NAME: 'rehearsal', NETWORK: 'mainnet', STACKS_VERSION: release, SIGNER_PRIVATE_KEY: testKey, SNAPSHOT: 'off', BITCOIN_P2P_PUBLISH: 'off',
      NODE_P2P_PORT: String(await ownPort()), TLS_SIDECARS: 'on',
    },
  })
  const up = stack.compose('up', '-d', '--build')
  t.equal(up.status, 0, up.err)
  t.strictSame(await missingSigns(stack, 'node-tls:31000'), [])
  const make = (target: string) => program('make', [target], { cwd: stack.directory })
  const verified = make('verify-tls')
  t.equal(verified.status, 0, verified.out + verified.err)

  await t.test('nothing of the wire is published, and nobody else is on it', async (t) => {
    for (const name of ['node-tls', 'signer-tls']) t.strictSame(Object.keys((await stack.inspect(name))!.HostConfig.PortBindings ?? {}), [])
    for (const [network, members] of [['tls-wire', 2], ['node-link', 2], ['signer-link', 2]] as const) {
      t.equal(await networkOf(`${stack.name}_${network}`), `true ${members}`, network)
    }
  })

  await t.test('requests out of the ordinary', async (t) => {
    const event = (...args: readonly string[]) => odd(stack, 'stacks-node', 'node-tls', 'node-link', '31000', ...args)
    const call = (...args: readonly string[]) => odd(stack, 'stacks-signer', 'signer-tls', 'signer-link', '21443', ...args)
    t.equal(await event('POST', '/attachments/new', '250', 'Content-Type=application/json', `Content-Length=${250 << 20}`), '200', 'as large as sBTC observers are sent')
    t.equal(await event('POST', '/attachments/new', '257', 'Content-Type=application/json', `Content-Length=${257 << 20}`), '413', 'and no larger')
    t.equal(await event('POST', '/attachments/new', '3', 'Content-Type=application/json'), '200', 'chunks come out as one body')
    t.equal(await call('GET', '/v2/info', '0'), '200')
    t.equal(await call('GET', '/v2/info', '0', 'Connection=upgrade', 'Upgrade=websocket'), '200', 'the node is not asked to upgrade')
    t.equal(await call('GET', '/v2/info', '0', `X-Large=${'x'.repeat(3000)}`), '200', 'what it does not read it is not sent')
    t.match(await call('GET', '/v2/info', '0', `X-Large=${'x'.repeat(8000)}`), /400|431|494|ECONNRESET/, 'a head that no signer sends')
    t.equal(await call('GET', '/v2/peers', '0'), '403', 'a status that is no answer')
    t.equal(await event('POST', '/shutdown', '0', 'Content-Length=0'), '403')
    t.equal((await stack.inspect('stacks-signer'))?.RestartCount, 0)
  })

  await t.test('renewal and a new authority under load', async (t) => {
    const events = await load(stack, 'stacks-node', 'node-tls', 'node-link', '31000', 'POST', '/attachments/new')
    const calls = await load(stack, 'stacks-signer', 'signer-tls', 'signer-link', '21443', 'GET', '/v2/info')
    const shown: string[] = []
    const bundles: number[] = []
    /** Many requests after what was done last. */
    const more = async () => {
      for (const running of [events, calls]) {
        const before = running.done()
        await waitFor('a hundred requests more', () => running.done() - before, (count) => count >= 100)
      }
    }
    for (const words of [['renew', '--force'], ['rotate', '--force'], ['rotate'], ['rotate']]) {
      await more()
      const ran = await command(stack.directory, ['certs', ...words])
      t.equal(ran.code, 0, ran.err)
      const reloaded = make('tls-reload')
      t.equal(reloaded.status, 0, reloaded.err)
      bundles.push(readFileSync(join(stack.directory, 'certs/ca.pem'), 'utf8').split('BEGIN CERTIFICATE').length - 1)
      shown.push(readFileSync(join(stack.directory, 'certs/node-tls.pem'), 'utf8'))
    }
    t.equal(new Set(shown).size, 2, 'renewed, and in the second step issued by the new authority')
    t.strictSame(bundles, [1, 2, 2, 1], 'old and new authority overlap')
    await more()
    // What a reload replaced ends when its last connections do.
    for (const sidecar of ['node-tls', 'signer-tls']) await waitFor(`the old workers of ${sidecar} are gone`, () => stack.top(sidecar), (said) => !/shutting down/.test(said))
    await more()
    for (const [what, running] of [['events', events], ['calls', calls]] as const) {
      const outcomes = await running.stop()
      t.comment(`${what}: ${JSON.stringify(outcomes)}`)
      t.strictSame(Object.keys(outcomes), ['200'], `none of the ${what} failed`)
      t.ok(outcomes['200']! >= 600, `${outcomes['200']} ${what}`)
    }
    const after = make('verify-tls')
    t.match(after.out, 'the node runs with its event observer at node-tls:31000')
    t.not(after.status, 0, 'what was refused before is told')
    t.match(after.err, /^ *1 GET \/v2\/peers$/m)
    t.match(after.err, /^ *1 POST \/shutdown$/m)
    t.match((await command(stack.directory, ['certs', 'status'])).out, /node-tls/)
  })

  await t.test('a wrong certificate on the wire is told', async (t) => {
    must(['run', '--rm', '--user', '0:0', '--volume', `${stack.name}_node-tls-config:/config`, '--volume', `${stack.name}_signer-tls-config:/other:ro`, testImages.base,
      'sh', '-c', 'cp /other/signer-tls.pem /config/node-tls.pem && cp /other/signer-tls.key /config/node-tls.key'])
    must(['exec', stack.container('node-tls'), 'nginx', '-c', '/etc/node-tls/node-tls.conf', '-s', 'reload'])
    // A reload is done a moment after it was asked for.
    const status = await waitFor('the new one is shown', () => make('certs-status'), (seen) => seen.status !== 0)
    t.not(status.status, 0)
    t.match(status.out, /node-tls +FAIL .*does not match/i)
    t.equal(make('tls-reload').status, 0, 'which init puts right')
    t.equal((await waitFor('the right one is shown', () => make('certs-status'), (seen) => seen.status === 0)).status, 0)
  })
})

/** Where a program stands, and the address of its sidecar there. */
async function place(stack: TestStack, from: string, to: string, network: string): Promise<readonly [pid: string, address: string]> {
  return [String((await stack.inspect(from))!.State.Pid), (await stack.inspect(to))!.NetworkSettings.Networks[`${stack.name}_${network}`]!.IPAddress]
}

async function odd(stack: TestStack, from: string, to: string, network: string, port: string, ...args: readonly string[]): Promise<string> {
  const [pid, address] = await place(stack, from, to, network)
  return program('nsenter', ['-t', pid, '-n', process.execPath, fileURLToPath(new URL('support/odd-request.mjs', import.meta.url)), address, port, ...args]).out.trim()
}

interface Load {
  /** How many requests have come to an end. */
  readonly done: () => number
  readonly stop: () => Promise<Readonly<Record<string, number>>>
}

/** Puts load on a sidecar from where its own program stands. */
async function load(stack: TestStack, from: string, to: string, network: string, port: string, method: string, path: string): Promise<Load> {
  const [pid, address] = await place(stack, from, to, network)
  const script = fileURLToPath(new URL('support/load.mjs', import.meta.url))
  const child = spawn('nsenter', ['-t', pid, '-n', process.execPath, script, address, port, method, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  const outcomes: Record<string, number> = {}
  let done = 0
  createInterface(child.stdout).on('line', (outcome) => {
    done += 1
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
  })
  return {
    done: () => done,
    stop: async () => {
      child.kill('SIGTERM')
      await once(child, 'close')
      return outcomes
    },
  }
}

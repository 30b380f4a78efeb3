/** A stack that is up: what its programs do with each other, what may change without harm, a reboot, and the stop. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { command } from '../../support/command.ts'
import { waitFor } from '../../support/wait.ts'
import { docker, program } from '../support/docker.ts'
import type { OwnEngine } from '../support/own-engine.ts'
import { searchSecrets } from '../support/search.ts'
import type { TestStack } from '../support/stack.ts'

const longRunning = ['snapshot', 'bitcoind', 'stacks-signer', 'stacks-node']

async function ids(stack: TestStack): Promise<Readonly<Record<string, string | undefined>>> {
  return Object.fromEntries(await Promise.all(longRunning.map(async (name) => [name, (await stack.inspect(name))?.Id])))
}

/** What changes nothing of it. */
export async function looks(t: Test, stack: TestStack): Promise<void> {
  await t.test('the engine holds every container as tightly as the file says', async (t) => {
    for (const name of [...longRunning, 'init']) {
      const { Config, HostConfig } = (await stack.inspect(name))!
      t.match(HostConfig, { ReadonlyRootfs: true, CapDrop: ['ALL'], Privileged: false }, name)
      t.ok(HostConfig.SecurityOpt?.some((one) => one.startsWith('no-new-privileges')), name)
      t.ok(HostConfig.PidsLimit > 0 && HostConfig.Memory > 0 && HostConfig.LogConfig.Config['max-size'] !== undefined, name)
      t.equal(Config.User === '0:0', name === 'init', `${name} runs as ${Config.User}`)
      t.strictSame(Object.keys(HostConfig.PortBindings ?? {}), { bitcoind: ['8333/tcp'], 'stacks-node': ['20444/tcp'] }[name] ?? [], name)
    }
  })

  await t.test('the node meets bitcoind by Bitcoin\'s own protocol, on the listener that is for it alone', async (t) => {
    const peers = await stack.exec('bitcoind', 'bitcoin-cli', '-conf=/etc/bitcoin/bitcoin.conf', '-datadir=/var/lib/bitcoin', 'getpeerinfo')
    const node = (JSON.parse(peers.out) as { subver: string; inbound: boolean; permissions: string[]; addrbind: string; version: number }[])
      .filter(({ subver }) => subver.includes('Stacks'))
    t.equal(node.length, 1, peers.out)
    t.match(node[0], { inbound: true, version: 70001, addrbind: /:8335$/ })
    t.strictSame([...node[0]!.permissions].sort(), ['download', 'noban'])
  })

  await t.test('the signer signs as the address that was shown', async (t) => {
    const info = program('make', ['signer-info'], { cwd: stack.directory })
    t.equal(info.status, 0, info.err)
    const manifest = JSON.parse(readFileSync(join(stack.directory, '.stack-manifest.json'), 'utf8')) as { public: { address: string; publicKey: string } }
    t.match(info.out, `"stxAddress":"${manifest.public.address}"`)
    t.match(info.out, manifest.public.publicKey)
  })

  await t.test('a call with another token is refused', async (t) => {
    const token = readFileSync(join(stack.directory, 'secrets/auth-token'), 'utf8').trim()
    t.equal(await propose(stack, token), '202')
    t.equal(await propose(stack, `${token}x`), '401')
    t.equal(await propose(stack, ''), '401')
  })

  await t.test('each secret is where it belongs, and nowhere else', async (t) => {
    for (const { secret, places, want } of await searchSecrets(stack)) t.strictSame(places, want, `places of ${secret}`)
  })

  await t.test('the operator\'s targets work', async (t) => {
    for (const [target, ...pattern] of [
      ['help', /status/], ['ps', /stacks-node/], ['status', /bitcoind +!?block 0/, /chain +!?Stacks block \d+, .*Bitcoin block \d+/, /snapshot +in place/],
      ['check-config', /Loaded config!/], ['check-secrets', /all there/], ['rpc', /burn_block_height/], ['bitcoin-cli', /"chain": "main"/],
    ] as readonly [string, ...RegExp[]][]) {
      // A busy machine does not tell everything at once.
      const ran = await waitFor(`make ${target} tells all`, () => program('make', [target], { cwd: stack.directory }), ({ out, err }) => pattern.every((one) => one.test(out + err)))
      t.equal(ran.status, 0, `make ${target}: ${ran.err}`)
      for (const one of pattern) t.match(ran.out + ran.err, one, `make ${target}`)
    }
    t.ok(await stack.allHealthy(...longRunning), 'and leave the stack as it was')
  })

}

/** What may be done to it without harm, and its end. */
export async function afterChanges(t: Test, stack: TestStack, engine: OwnEngine): Promise<void> {
  await t.test('generating and starting again change nothing', async (t) => {
    const before = await ids(stack)
    const ran = await command(stack.directory, ['--check'])
    t.equal(ran.code, 0, ran.out)
    t.equal(stack.compose('up', '-d').status, 0)
    t.strictSame(await ids(stack), before)
  })

  await t.test('a changed answer makes exactly the container anew that it concerns', async (t) => {
    const before = await ids(stack)
    const path = join(stack.directory, 'answers.env')
    writeFileSync(path, `${readFileSync(path, 'utf8')}SIGNER__event_timeout_ms=6000\n`)
    const ran = await command(stack.directory, [])
    t.equal(ran.code, 0, ran.err)
    t.equal(stack.compose('up', '-d').status, 0)
    const after = await ids(stack)
    t.strictSame(longRunning.filter((name) => after[name] !== before[name]), ['stacks-signer'])
    t.match((await stack.exec('stacks-signer', 'grep', 'event_timeout_ms', '/etc/stacks-signer/signer-config.toml')).out, /= 6_?000/)
    await stack.becomesHealthy(...longRunning)
  })

  await t.test('a reboot when all is up', async (t) => {
    const before = await ids(stack)
    await engine.stop()
    await engine.start()
    await stack.becomesHealthy(...longRunning)
    t.strictSame(await ids(stack), before)
    t.match((await stack.logs('snapshot')).split('\n').slice(-6).join('\n'), /in place: .*nothing more to do/, 'the snapshot is not fetched again')
  })

  await t.test('stop lets each program end by itself', async (t) => {
    const stopped = stack.compose('stop', 'snapshot', 'stacks-node', 'stacks-signer', 'bitcoind')
    t.equal(stopped.status, 0, stopped.err)
    const exits = Object.fromEntries(await Promise.all(longRunning.map(async (name) => [name, (await stack.inspect(name))?.State.ExitCode])))
    t.strictSame(exits, { snapshot: 0, bitcoind: 0, 'stacks-signer': 143, 'stacks-node': 0 }, 'nothing was killed')
    t.match(await stack.logs('bitcoind'), /Shutdown: done/i)
    t.match(await stack.logs('stacks-node'), /Graceful termination request received[^]*Exiting stacks-node/)
  })
}

/** The status that the node gives to a block proposal, asked from where the signer stands. */
async function propose(stack: TestStack, token: string): Promise<string> {
  const script = 'const answer = await fetch("http://stacks-node:20443/v3/block_proposal", { method: "POST", body: JSON.stringify({ block: "00", chain_id: 1 }),'
    + ' headers: { "Content-Type": "application/json", ...(process.argv[2] && { Authorization: process.argv[2] }) } })\nconsole.log(answer.status)\n'
  const { Image } = (await stack.inspect('init'))!
  const ran = docker(['run', '--rm', '--interactive', '--network', `${stack.name}_signer-link`, Image, 'node', '--input-type=module', '-', token], { input: script })
  return ran.out.trim() || ran.err
}

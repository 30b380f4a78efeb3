/**
 * BITCOIN_HOST=host with a real bitcoind: it runs in the network namespace of an engine of this test's own, which is the machine
 * that the containers see, with the lines that the README of the stack names.
 */

import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { paths, ports } from '../../generator/catalogue/container.ts'
import { waitFor } from '../support/wait.ts'
import { docker, program } from './support/docker.ts'
import { testImages } from './support/images.ts'
import { release, withOwnEngine } from './support/setting.ts'
import { makeStack } from './support/stack.ts'

const port = ports.bitcoinRegtest.number
/** Docker's own address, which host-gateway stands for. */
const machine = '172.17.0.1'

interface Peer { readonly addr: string; readonly subver: string; readonly permissions: readonly string[] }

await withOwnEngine(t, async (root, engine) => {
  const missing = ['bitcoind', 'bitcoin-cli', 'nft', 'python3'].filter((name) => program('sh', ['-c', `command -v ${name}`]).status !== 0)
  if (missing.length > 0) {
    if (process.env['REQUIRE_ENGINES'] === '1') t.fail(`${missing.join(', ')} not installed`)
    else t.pass('skipped', { skip: `${missing.join(', ')} not installed` })
    return
  }
  const stack = await makeStack(root, {
    release,
    answers: { STACK_NAME: 'machine', NETWORK: 'testnet', STACKS_VERSION: release, SIGNER_KEY: 'generate', SNAPSHOT: 'off', BITCOIN_MODE: 'external', BITCOIN_HOST: 'host', FIREWALL: 'on' },
  })
  const readme = readFileSync(join(stack.directory, 'README.md'), 'utf8')
  const lines = /## The bitcoind of this machine\n[^]*?```\n([^]*?)```/.exec(readme)![1]!
  const data = join(root, 'bitcoind')
  mkdirSync(data)
  writeFileSync(join(data, 'bitcoin.conf'), `regtest=1\n${lines}`)
  const bitcoind = spawn('nsenter', ['--target', String(engine.pid()), '--net', 'bitcoind', `-datadir=${data}`], { stdio: 'ignore' })
  const cli = (...words: readonly string[]) => engine.inside('bitcoin-cli', `-datadir=${data}`, ...words)
  try {
    await waitFor('bitcoind answers', () => Promise.resolve(cli('getblockcount')), ({ status }) => status === 0)
    const built = await engine.build(stack)
    t.equal(built.status, 0, built.err)
    const up = stack.compose('up', '-d')
    t.equal(up.status, 0, up.err)

    await t.test('the node follows it, as a peer that is never banned', async (t) => {
      await stack.says('stacks-node', /Bitcoin peer handshake complete: \/Satoshi:/)
      const peers = await waitFor('bitcoind has the node as a peer', () => Promise.resolve(JSON.parse(cli('getpeerinfo').out) as readonly Peer[]), (found) => found.length > 0)
      const address = (await stack.inspect('stacks-node'))!.NetworkSettings.Networks[`${stack.name}_stacks-p2p`]!.IPAddress
      t.ok(peers.every(({ addr }) => addr.startsWith(`${address}:`)), JSON.stringify(peers))
      for (const permission of ['noban', 'download']) t.ok(peers.every(({ permissions }) => permissions.includes(permission)), permission)
    })

    await t.test('host-check sees it', async (t) => {
      const ran = engine.inside('sh', join(stack.directory, 'docker/host/look.sh'), 'host-check', '--json')
      const { lines: found } = JSON.parse(ran.out) as { readonly lines: readonly { readonly id: string }[] }
      t.match(found.find(({ id }) => id === 'machine-bitcoind'), { state: 'ok', seen: new RegExp(`listens on 0\\.0\\.0\\.0:${port}`) })
    })

    await t.test('with the firewall the node alone reaches it', async (t) => {
      const reaches = (pid: number) => {
        const { status, err } = program('nsenter', ['--target', String(pid), '--net', 'python3', '-c', 'import socket,sys\nsocket.create_connection((sys.argv[1],int(sys.argv[2])),timeout=10)', machine, String(port)])
        if (status !== 0 && !/^(TimeoutError|ConnectionRefusedError|OSError)\b/m.test(err)) throw new Error(err)
        return status === 0
      }
      t.equal(docker(['run', '--detach', '--name', 'stranger', testImages.base, 'sleep', 'infinity']).status, 0)
      const stranger = Number(docker(['inspect', '--format', '{{.State.Pid}}', 'stranger']).out)
      const node = (await stack.inspect('stacks-node'))!.State.Pid
      t.strictSame([reaches(node), reaches(stranger)], [true, true], 'before')
      for (const word of ['apply', 'confirm']) {
        const ran = engine.inside('env', '-C', stack.directory, `FIREWALL_STATE=${root}/state`, 'FIREWALL_SYSTEMD=/nonexistent', 'make', '--no-print-directory', `firewall-${word}`)
        t.equal(ran.status, 0, ran.out + ran.err)
      }
      t.strictSame([reaches(node), reaches(stranger)], [true, false])
    })

    t.equal(stack.compose('run', '--rm', '--no-deps', '-T', '--entrypoint', '/bin/stacks-node', 'stacks-node', 'check-config', '--config', `${paths.nodeConfig}/node-config.toml`).status, 0)
  } finally {
    bitcoind.kill('SIGTERM')
    docker(['rm', '--force', 'stranger'])
  }
})

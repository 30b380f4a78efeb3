/** A running stack moved one release up: what is announced is what Compose does, and the signer comes back. */

import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { memoryLimit } from '../../generator/stack/memory.ts'
import { command, testKey } from '../support/command.ts'
import { readFiles } from '../support/files.ts'
import { makeArchive } from '../engines/support/archive.ts'
import { docker } from '../engines/support/docker.ts'
import { buildTestImages } from '../engines/support/images.ts'
import { release, withEngine } from '../engines/support/setting.ts'
import { makeStack, overrideImages, type TestStack } from '../engines/support/stack.ts'
import { missingSigns } from '../engines/support/working.ts'

t.setTimeout(900_000)

const before = '4.0.2'
const services = ['init', 'snapshot', 'bitcoind', 'stacks-signer', 'stacks-node']

interface Announced { readonly containers: readonly { readonly service: string; readonly what: string }[]; readonly written: boolean }

await withEngine(t, async (root) => {
  await buildTestImages(before)
  const served = join(root, 'served')
  const sha256 = makeArchive(served, 'mainnet', 1)
  const stack = await makeStack(root, {
    release: before,
    served,
    answers: {
      STACK_NAME: 'upgraded', NETWORK: 'mainnet', STACKS_VERSION: before, SIGNER_PRIVATE_KEY: testKey, NODE_P2P_PORT: '20750',
      BITCOIN_P2P_PUBLISH: 'off', SNAPSHOT_URL: 'http://archive:8080/chain.tar.zst', SNAPSHOT_SHA256: sha256,
    },
  })
  const up = stack.compose('up', '-d', '--build')
  t.equal(up.status, 0, up.err)
  t.strictSame(await missingSigns(stack, 180), [])
  for (const name of [...services, 'guard']) t.equal(stack.inspect(name)?.HostConfig.Memory, memoryLimit(name) * 1024 * 1024, `${name}: the memory that the engine lets it have`)
  const old = { ids: ids(stack), volumes: volumes(stack), secrets: secrets(stack), answers: readFileSync(join(stack.directory, 'answers.env'), 'utf8') }

  const told = await command(stack.directory, ['upgrade', release, '--yes', '--json'])
  t.equal(told.code, 0, told.err || told.out)
  const { containers, written } = JSON.parse(told.out) as Announced
  t.ok(written)
  t.strictSame(ids(stack), old.ids, 'upgrade itself starts and stops nothing')
  t.equal(readFileSync(join(stack.directory, 'answers.env'), 'utf8'), old.answers.replace(`STACKS_VERSION=${before}`, `STACKS_VERSION=${release}`))
  overrideImages(stack.directory, { release, served })

  const events = watchDeaths(old.ids['stacks-signer']!)
  const again = stack.compose('up', '-d')
  t.equal(again.status, 0, again.err)
  const now = ids(stack)
  t.strictSame(services.filter((name) => now[name] !== old.ids[name]).sort(), containers.map(({ service }) => service).sort(), 'exactly the announced containers are new')
  t.ok(containers.every(({ what }) => what === 'anew'))
  t.strictSame(await missingSigns(stack, 120), [], 'the signer is back and its node talks to it')
  t.strictSame(volumes(stack), old.volumes, 'the volumes are the same ones')
  t.strictSame(secrets(stack), old.secrets)
  t.match(stack.logs('stacks-signer'), new RegExp(`Version: ${release.replaceAll('.', '\\.')}`))

  const died = events()
  const event = /^(\S+) .*Received a new burn block event/m.exec(stack.logs('stacks-signer'))![1]!
  const away = (Date.parse(event) - died) / 1000
  t.comment(`the signer was away for ${away.toFixed(1)} s, up took ${again.seconds.toFixed(1)} s`)
  t.ok(away > 0)

  const last = await command(stack.directory, ['upgrade', before])
  t.equal(last.code, 2, 'and there is no way back')
  t.strictSame(ids(stack), now)
})

/** From now on: the engine remembers few of what is past. The returned function says when it died, in milliseconds. */
function watchDeaths(container: string): () => number {
  const watching = spawn('docker', ['events', '--filter', 'event=die', '--filter', `container=${container}`, '--format', '{{json .}}'], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => { watching.kill() })
  let said = ''
  watching.stdout.setEncoding('utf8').on('data', (text: string) => { said += text })
  return () => (JSON.parse(said.split('\n')[0]!) as { readonly timeNano: number }).timeNano / 1e6
}

function ids(stack: TestStack): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(services.map((name) => [name, stack.inspect(name)?.Id]))
}

/** Name and time of making: a volume made anew has another time. */
function volumes(stack: TestStack): readonly string[] {
  const names = docker(['volume', 'ls', '--quiet', '--filter', `label=com.docker.compose.project=${stack.name}`]).out.trim().split('\n').sort()
  return names.map((name) => docker(['volume', 'inspect', '--format', '{{.Name}} {{.CreatedAt}}', name]).out.trim())
}

function secrets(stack: TestStack): Readonly<Record<string, string>> {
  return readFiles(join(stack.directory, 'secrets'))
}

/** A running stack moved one release up: what is announced is what Compose does, and the signer comes back. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { memoryLimit } from '../../generator/stack/memory.ts'
import { command, testKey } from '../support/command.ts'
import { readFiles } from '../support/files.ts'
import { ownPort } from '../support/own.ts'
import { makeArchive } from '../engines/support/archive.ts'
import { volumesOf, watchDeath } from '../engines/support/engine.ts'
import { buildTestImages } from '../engines/support/images.ts'
import { release, withEngine } from '../engines/support/setting.ts'
import { makeStack, overrideImages, type TestStack } from '../engines/support/stack.ts'
import { missingSigns } from '../engines/support/working.ts'

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
      STACK_NAME: 'upgraded', NETWORK: 'mainnet', STACKS_VERSION: before, SIGNER_PRIVATE_KEY: testKey, NODE_P2P_PORT: String(await ownPort()),
      BITCOIN_P2P_PUBLISH: 'off', SNAPSHOT_URL: 'http://archive:8080/chain.tar.zst', SNAPSHOT_SHA256: sha256,
    },
  })
  const up = stack.compose('up', '-d', '--build')
  t.equal(up.status, 0, up.err)
  t.strictSame(await missingSigns(stack), [])
  for (const name of [...services, 'guard']) t.equal((await stack.inspect(name))?.HostConfig.Memory, memoryLimit(name) * 1024 * 1024, `${name}: the memory that the engine lets it have`)
  const old = { ids: await ids(stack), volumes: await volumesOf(stack.name), secrets: secrets(stack), answers: readFileSync(join(stack.directory, 'answers.env'), 'utf8') }

  const told = await command(stack.directory, ['upgrade', release, '--yes', '--json'])
  t.equal(told.code, 0, told.err || told.out)
  const { containers, written } = JSON.parse(told.out) as Announced
  t.ok(written)
  t.strictSame(await ids(stack), old.ids, 'upgrade itself starts and stops nothing')
  t.equal(readFileSync(join(stack.directory, 'answers.env'), 'utf8'), old.answers.replace(`STACKS_VERSION=${before}`, `STACKS_VERSION=${release}`))
  overrideImages(stack.directory, { release, served })

  const death = await watchDeath(old.ids['stacks-signer']!)
  const again = stack.compose('up', '-d')
  t.equal(again.status, 0, again.err)
  const now = await ids(stack)
  t.strictSame(services.filter((name) => now[name] !== old.ids[name]).sort(), containers.map(({ service }) => service).sort(), 'exactly the announced containers are new')
  t.ok(containers.every(({ what }) => what === 'anew'))
  t.strictSame(await missingSigns(stack), [], 'the signer is back and its node talks to it')
  t.strictSame(await volumesOf(stack.name), old.volumes, 'the volumes are the same ones')
  t.strictSame(secrets(stack), old.secrets)
  t.match(await stack.logs('stacks-signer'), new RegExp(`Version: ${release.replaceAll('.', '\\.')}`))

  const died = await death.time
  const event = /^(\S+) .*Received a new burn block event/m.exec(await stack.logs('stacks-signer'))![1]!
  const away = (Date.parse(event) - died) / 1000
  t.comment(`the signer was away for ${away.toFixed(1)} s`)
  t.ok(away > 0)

  const last = await command(stack.directory, ['upgrade', before])
  t.equal(last.code, 2, 'and there is no way back')
  t.strictSame(await ids(stack), now)
})

async function ids(stack: TestStack): Promise<Readonly<Record<string, string | undefined>>> {
  return Object.fromEntries(await Promise.all(services.map(async (name) => [name, (await stack.inspect(name))?.Id])))
}

function secrets(stack: TestStack): Readonly<Record<string, string>> {
  return readFiles(join(stack.directory, 'secrets'))
}

/**
 * Blocks that need an engine, typed as the reader finds them: the second half of the quick start, and "Recovery" of the
 * generated README. The test has an engine of its own, because these blocks use the default ports.
 */

import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { generatedLines, recoveryTest } from '../readme/generated-runs.ts'
import { runs } from '../readme/runs.ts'
import { command } from '../support/command.ts'
import { fencedBlocks } from '../support/markdown.ts'
import { repository } from '../support/repository.ts'
import { limit } from '../support/wait.ts'
import { release, withOwnEngine } from './support/setting.ts'
import { handles, overrideImages } from './support/stack.ts'

const blocks = fencedBlocks(readFileSync(join(repository, 'README.md'), 'utf8')).filter(({ language }) => language === 'sh')

t.test('these are all', async (t) => {
  const wanted = Object.entries(runs['README.md']!).flatMap(([heading, all]) => all.flatMap(({ by }, index) => (by === recoveryTest ? [`${heading} ${index + 1}`] : [])))
  t.strictSame(wanted, ['On testnet 2', 'On mainnet 2'])
  // On mainnet it is the same in another directory.
  const [testnet, mainnet] = ['On testnet', 'On mainnet'].map((heading) => blocks.filter((block) => block.heading === heading)[1]!.text)
  t.equal(mainnet, testnet!.replace('testnet-signer', 'my-signer'))
})

await withOwnEngine(t, async (root, engine) => {
  // What the first block leaves, with the images that stand in for those of the registries.
  const directory = join(root, 'testnet-signer')
  cpSync(join(repository, 'examples/testnet.env'), join(root, 'testnet.env'))
  const made = await command(root, ['testnet.env', 'testnet-signer'])
  t.equal(made.code, 0, made.err)
  overrideImages(directory, { release })
  const stack = handles(directory, 'testnet-signer')
  const built = await engine.build(stack)
  t.equal(built.status, 0, built.err)
  mkdirSync(join(root, 'checkout'))

  // The blocks write below the home. Docker's own settings are still those of this user.
  const environment = { ...process.env, HOME: root, DOCKER_CONFIG: process.env['DOCKER_CONFIG'] ?? join(homedir(), '.docker') }
  const type = (block: string, cwd: string) => spawnSync('sh', ['-euc', block], { cwd, encoding: 'utf8', timeout: limit, env: environment })

  await t.test('docker compose up -d, as the quick start has it', async (t) => {
    const typed = type(blocks.filter(({ heading }) => heading === 'On testnet')[1]!.text, join(root, 'checkout'))
    t.equal(typed.status, 0, typed.stderr)
    t.equal(await stack.health('snapshot'), 'starting', 'it comes back and does not wait for the snapshot')
    // The archive and the public regtest cannot be reached from here: the node waits. The signer does not: its key was generated just now.
    await stack.becomesHealthy('guard', 'stacks-signer')
    await stack.says('guard', /the key was generated just now: no other instance can have it/)
  })

  await t.test('what the text names next', async (t) => {
    const status = type('make status', directory)
    t.equal(status.status, 0, status.stderr)
    t.match(status.stdout, /^snapshot +\S/m)
    t.match(type('make signer-info', directory), { status: 0, stdout: /^generated for ST\w+, public key 0[23][0-9a-f]{64}\n/ })
    t.equal(type('make help', directory).status, 0)
    t.equal(type('make check-secrets', directory).status, 0)
  })

  await t.test('recovery, as the generated README has it', async (t) => {
    const here = generatedLines.filter(({ by }) => by?.[0] === recoveryTest)
    const recovery = fencedBlocks(readFileSync(join(directory, 'README.md'), 'utf8'))
      .filter(({ text }) => text.trim().split('\n').every((line) => here.some((one) => one.line.test(line)))).map(({ text }) => text)
    const [save, restore, chain] = ['> ~/', '< ~/', 'docker volume rm'].map((part) => recovery.find((text) => text.includes(part)) ?? '')
    t.strictSame([...recovery].sort(), [save, restore, chain].sort(), 'these are all')

    const saved = type(save!, directory)
    t.equal(saved.status, 0, saved.stderr)
    t.match(type('tar -tf ~/signer-data.tar', directory).stdout, /^\.\/\S/m, 'the archive has files')
    t.equal(type('make stop', directory).status, 0)
    const restored = type(restore!, directory)
    t.equal(restored.status, 0, restored.stderr)
    const listed = type('docker compose run --rm --no-deps -T --entrypoint ls init -A /var/lib/stacks-signer', directory)
    t.match(listed.stdout, /^restored$/m, 'the guard will watch')
    t.notMatch(listed.stdout, /^guard$/m, 'an old clearance does not come back')

    const again = type(chain!, directory)
    t.equal(again.status, 0, again.stderr)
    t.equal(await stack.health('snapshot'), 'starting', 'the archive is fetched again')
  })
})

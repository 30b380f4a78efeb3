/**
 * The README's blocks that need an engine, typed as they stand: the second half of the quick start. The engine is the
 * test's own, as what is typed takes the ports that any stack has by default.
 */

import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runs } from '../readme/runs.ts'
import { command } from '../support/command.ts'
import { fencedBlocks } from '../support/markdown.ts'
import { repository } from '../support/repository.ts'
import { limit } from '../support/wait.ts'
import { release, withOwnEngine } from './support/setting.ts'
import { handles, overrideImages } from './support/stack.ts'

const blocks = fencedBlocks(readFileSync(join(repository, 'README.md'), 'utf8')).filter(({ language }) => language === 'sh')

t.test('these are all', async (t) => {
  const wanted = Object.entries(runs).flatMap(([heading, all]) => all.flatMap(({ by }, index) => (by === 'engine' ? [`${heading} ${index + 1}`] : [])))
  t.strictSame(wanted, ['Quick start 2'])
})

await withOwnEngine(t, async (root, engine) => {
  // What the first block leaves, with the images that stand in for those of the registries.
  const directory = join(root, 'my-signer')
  cpSync(join(repository, 'examples/testnet.env'), join(root, 'testnet.env'))
  const made = await command(root, ['testnet.env', 'my-signer'])
  t.equal(made.code, 0, made.err)
  overrideImages(directory, { release })
  const stack = handles(directory, 'testnet-signer')
  const built = await engine.build(stack)
  t.equal(built.status, 0, built.err)
  mkdirSync(join(root, 'checkout'))

  const type = (block: string, cwd: string) => spawnSync('sh', ['-euc', block], { cwd, encoding: 'utf8', timeout: limit })

  await t.test('docker compose up -d, as the quick start has it', async (t) => {
    const typed = type(blocks.filter(({ heading }) => heading === 'Quick start')[1]!.text, join(root, 'checkout'))
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
})

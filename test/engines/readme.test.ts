/**
 * The README's blocks that need an engine, typed as they stand: the second half of the quick start. No other stack runs
 * meanwhile, as what is typed takes the ports that any stack has by default.
 */

import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runs } from '../readme/runs.ts'
import { command } from '../support/command.ts'
import { fencedBlocks } from '../support/markdown.ts'
import { repository } from '../support/repository.ts'
import { waitFor } from './support/docker.ts'
import { release, withEngine } from './support/setting.ts'
import { handles, health, overrideImages } from './support/stack.ts'

const blocks = fencedBlocks(readFileSync(join(repository, 'README.md'), 'utf8')).filter(({ language }) => language === 'sh')

t.test('these are all', async (t) => {
  const wanted = Object.entries(runs).flatMap(([heading, all]) => all.flatMap(({ by }, index) => (by === 'engine' ? [`${heading} ${index + 1}`] : [])))
  t.strictSame(wanted, ['Quick start 2'])
})

await withEngine(t, async (root) => {
  // What the first block leaves, with the images that stand in for those of the registries.
  const directory = join(root, 'my-signer')
  cpSync(join(repository, 'examples/testnet.env'), join(root, 'testnet.env'))
  const made = await command(root, ['testnet.env', 'my-signer'])
  t.equal(made.code, 0, made.err)
  overrideImages(directory, { release })
  const stack = handles(directory, 'testnet-signer')
  const built = stack.compose('build')
  t.equal(built.status, 0, built.err)
  mkdirSync(join(root, 'checkout'))

  const type = (block: string, cwd: string) => spawnSync('sh', ['-euc', block], { cwd, encoding: 'utf8', timeout: 300_000 })

  await t.test('docker compose up -d, as the quick start has it', async (t) => {
    const begun = Date.now()
    const typed = type(blocks.filter(({ heading }) => heading === 'Quick start')[1]!.text, join(root, 'checkout'))
    t.equal(typed.status, 0, typed.stderr)
    t.ok(Date.now() - begun < 60_000, 'it comes back within a minute, as the text says')
    // The archive and the public regtest cannot be reached from here: the node waits, so the guard does, and so the signer.
    await waitFor('the signer says what it waits for', 120, () => /the signer is not started: the guard: the node at stacks-node:20443 does not answer yet/.test(stack.logs('stacks-signer')))
    await waitFor('the guard is healthy', 120, () => health(stack.inspect('guard')) === 'healthy')
  })

  await t.test('what the text names next', async (t) => {
    const status = type('make status', directory)
    t.equal(status.status, 0, status.stderr)
    t.match(status.stdout, /^snapshot +\S/m)
    t.match(type('make signer-info', directory).stderr, /The signer does not answer: make logs S=stacks-signer/)
    t.equal(type('make help', directory).status, 0)
    t.equal(type('make check-secrets', directory).status, 0)
  })
}, 'alone')

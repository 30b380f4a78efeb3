/** examples/*.env → test/golden/NAME/, byte for byte. `npm run golden` rewrites the trees. */

import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { command, testKey } from './support/command.ts'
import { repository } from './support/repository.ts'
import { readFiles } from './support/files.ts'

const golden = join(repository, 'test/golden')
/** Our own git would obey a .gitignore in a golden tree. */
const storedName = '.gitignore'
const shelvedName = 'dot-gitignore'

for (const example of readdirSync(join(repository, 'examples')).sort()) {
  const name = example.replace(/\.env$/, '')
  t.test(example, async (t) => {
    const root = t.testdir({})
    cpSync(join(repository, 'examples', example), join(root, example))
    mkdirSync(join(root, 'out/secrets'), { recursive: true, mode: 0o700 })
    writeFileSync(join(root, 'out/secrets/signer-private-key'), `${testKey}\n`, { mode: 0o600 })
    const ran = await command(root, [example, 'out'])
    t.equal(ran.code, 0, ran.err)
    rmSync(join(root, 'out/secrets'), { recursive: true })
    // Copied as they are, so one comparison with the source is enough, and no golden tree holds them again.
    t.strictSame(readFiles(join(root, 'out/docker')), readFiles(join(repository, 'docker'), ['tools/__pycache__']))
    rmSync(join(root, 'out/docker'), { recursive: true })
    renameSync(join(root, 'out', storedName), join(root, 'out', shelvedName))
    const want = join(golden, name)
    if (t.writeSnapshot) {
      rmSync(want, { recursive: true, force: true })
      mkdirSync(dirname(want), { recursive: true })
      cpSync(join(root, 'out'), want, { recursive: true })
    }
    t.ok(existsSync(want), 'there is a golden tree; npm run golden makes it')
    t.strictSame(readFiles(join(root, 'out')), readFiles(want))
  })
}

t.test('every golden tree has its example', async (t) => {
  t.strictSame(readdirSync(golden).sort(), readdirSync(join(repository, 'examples')).map((name) => name.replace(/\.env$/, '')).sort())
})

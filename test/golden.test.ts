/** examples/*.env → test/golden/NAME/, byte for byte. `npm run golden` rewrites the trees. */

import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { command, sbtcTestKey, testKey } from './support/command.ts'
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
    const split = readFileSync(join(root, example), 'utf8').includes('\nTOPOLOGY=split\n')
    const secrets = join(root, split ? 'out/signer-host/secrets' : 'out/secrets')
    mkdirSync(secrets, { recursive: true, mode: 0o700 })
    writeFileSync(join(secrets, 'signer-private-key'), `${testKey}\n`, { mode: 0o600 })
    // What is never made: an operator puts it there.
    writeFileSync(join(secrets, 'sbtc-signer-private-key'), `${sbtcTestKey}\n`, { mode: 0o600 })
    for (const secret of ['alert-smtp-password', 'alert-telegram-token', 'emily-api-key']) writeFileSync(join(secrets, secret), 'a-secret-that-nobody-has\n', { mode: 0o600 })
    const ran = await command(root, [example, 'out'])
    t.equal(ran.code, 0, ran.err)
    for (const home of ['', ...(split ? ['node-host', 'signer-host'] : [])]) {
      const out = join(root, 'out', home)
      // Other ones at each first run, and so no part of the plan.
      for (const name of ['secrets', 'certs']) rmSync(join(out, name), { recursive: true, force: true })
      if (existsSync(join(out, 'docker'))) checkCopies(t, out, home === 'signer-host')
      renameSync(join(out, storedName), join(out, shelvedName))
    }
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

/** What is copied as it is: one comparison with the source is enough, and no golden tree holds it again. */
function checkCopies(t: Test, out: string, some: boolean): void {
  const copies = readFiles(join(out, 'docker'))
  const source = readFiles(join(repository, 'docker'), ['tools/__pycache__'])
  // Without a firewall nothing loads one.
  const firewall = existsSync(join(out, 'firewall'))
  const sbtc = existsSync(join(out, 'config/sbtc-signer.toml'))
  t.equal(Object.hasOwn(copies, 'gate/postgres.sh') && Object.hasOwn(copies, 'tools/sbtc_set.py'), sbtc)
  t.equal(Object.hasOwn(copies, 'host/firewall.sh'), firewall)
  t.strictSame(copies, Object.fromEntries(Object.entries(source).filter(([path]) => (some || path === 'host/firewall.sh' || (!sbtc && /sbtc_|clarity|postgres/.test(path)) ? Object.hasOwn(copies, path) : true))))
  t.ok(Object.keys(copies).length > 6)
  rmSync(join(out, 'docker'), { recursive: true })
}

t.test('every golden tree has its example', async (t) => {
  t.strictSame(readdirSync(golden).sort(), readdirSync(join(repository, 'examples')).map((name) => name.replace(/\.env$/, '')).sort())
})

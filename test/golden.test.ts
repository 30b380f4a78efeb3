/**
 * examples/*.env → test/golden/NAME/, byte for byte, but for the hashes in the manifest, in image tags and in labels: these are
 * compared with the files they name and stand in the trees as zeros, so that a change of one program is not a
 * change of every tree. `npm run golden` rewrites the trees.
 */

import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { command } from './support/command.ts'
import { examples, uncopied } from './support/documents.ts'
import { putExampleSecrets } from './support/example-secrets.ts'
import { repository } from './support/repository.ts'
import { readFiles } from './support/files.ts'

const golden = join(repository, 'test/golden')
/** Our own git would obey a .gitignore in a golden tree. */
const storedName = '.gitignore'
const shelvedName = 'dot-gitignore'

for (const example of examples) {
  const name = example.replace(/\.env$/, '')
  t.test(example, async (t) => {
    const root = t.testdir({})
    cpSync(join(repository, 'examples', example), join(root, example))
    const split = readFileSync(join(root, example), 'utf8').includes('\nTOPOLOGY=split\n')
    putExampleSecrets(join(root, 'out'), readFileSync(join(root, example), 'utf8'))
    const ran = await command(root, [example, 'out'])
    t.equal(ran.code, 0, ran.err)
    for (const home of ['', ...(split ? ['node-host', 'signer-host'] : [])]) {
      const out = join(root, 'out', home)
      checkManifest(t, out)
      // Other ones at each first run, and so no part of the plan.
      for (const name of ['secrets', 'certs']) rmSync(join(out, name), { recursive: true, force: true })
      if (existsSync(join(out, 'docker'))) checkCopies(t, out, home === 'signer-host')
      renameSync(join(out, storedName), join(out, shelvedName))
    }
    replaceHashes(join(root, 'out'))
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

/** Each hash in the manifest is the one of its file. */
function checkManifest(t: Test, out: string): void {
  const path = join(out, '.stack-manifest.json')
  // A split stack has one manifest, above its two hosts.
  if (!existsSync(path)) return
  const { files } = JSON.parse(readFileSync(path, 'utf8')) as { readonly files: Readonly<Record<string, { readonly sha256: string }>> }
  t.ok(Object.keys(files).length > 6)
  t.strictSame(
    Object.entries(files).map(([file, { sha256 }]) => [file, sha256]),
    Object.keys(files).map((file) => [file, createHash('sha256').update(readFileSync(join(out, file))).digest('hex')]),
  )
}

/** Puts zeros where a hash of copied programs stands: in the manifest and in the labels of services, where one of digits alone is quoted. */
function replaceHashes(out: string): void {
  for (const [path, text] of Object.entries(readFiles(out))) {
    const replaced = text.replace(/(?<="sha256": ")[0-9a-f]{64}(?=")|(?<=stacks-signer-stack\.config: )\S+/g, (hash) => hash.replaceAll('"', '').replace(/\w/g, '0'))
    if (replaced !== text) writeFileSync(join(out, path), replaced)
  }
}

/** Programs are there for the services and make targets that run them, as they were built. */
function takePrograms(t: Test, out: string, copies: Record<string, string>): void {
  const named = ['docker-compose.yml', 'Makefile'].flatMap((file) => [...readFileSync(join(out, file), 'utf8').matchAll(/\/stack\/(?:programs|docker)\/([\w-]+\.mjs)/g)].map(([, name]) => name!))
  const found = Object.keys(copies).filter((path) => path.endsWith('.mjs'))
  const byScripts = Object.entries(copies).filter(([path]) => path.startsWith('host/')).flatMap(([, text]) => [...text.matchAll(/program\.sh ([a-z-]+)/g)].map(([, name]) => `${name}.mjs`))
  t.strictSame(found, [...new Set([...named, ...byScripts])].sort())
  for (const name of found) {
    t.equal(copies[name], readFileSync(join(repository, 'dist/programs', name), 'utf8'), name)
    delete copies[name]
  }
}

/** What is copied as it is: one comparison with the source is enough, and no golden tree holds it again. */
function checkCopies(t: Test, out: string, some: boolean): void {
  const copies = Object.fromEntries(Object.entries(readFiles(join(out, 'docker'))).filter(([path]) => !path.endsWith('.Dockerfile')))
  takePrograms(t, out, copies)
  const source = readFiles(join(repository, 'docker'), uncopied)
  // Without a firewall nothing loads one.
  const firewall = existsSync(join(out, 'firewall'))
  const sbtc = existsSync(join(out, 'config/sbtc-signer.toml'))
  t.equal(Object.hasOwn(copies, 'gate/postgres.sh') && Object.hasOwn(copies, 'host/sbtc.sh'), sbtc)
  t.equal(Object.hasOwn(copies, 'host/firewall.sh'), firewall)
  t.equal(Object.hasOwn(copies, 'host/logs.sh'), existsSync(join(out, 'config/journald.conf')))
  t.equal(Object.hasOwn(copies, 'host/sealed.sh'), readFileSync(join(out, 'Makefile'), 'utf8').includes('\nsecrets-seal:'))
  const backups = existsSync(join(out, 'config/backup'))
  t.equal(Object.hasOwn(copies, 'host/backup.sh'), backups)
  // And without the sBTC signer's database nobody backs it up.
  const dumps = readFileSync(join(out, 'docker-compose.yml'), 'utf8').includes('\n  sbtc-backup:')
  t.equal(Object.hasOwn(copies, 'host/dumps.sh'), dumps)
  t.equal(Object.hasOwn(copies, 'gate/sidekick.sh'), readFileSync(join(out, 'docker-compose.yml'), 'utf8').includes('\n  sidekick:'))
  const optional = ['gate/postgres.sh', 'gate/sidekick.sh', 'host/sbtc.sh', 'host/firewall.sh', 'host/backup.sh', 'host/dumps.sh', 'host/logs.sh', 'host/sealed.sh']
  t.strictSame(copies, Object.fromEntries(Object.entries(source).filter(([path]) => Object.hasOwn(copies, path) || (!some && !optional.includes(path)))))
  t.ok(Object.keys(copies).length > 4)
  // The Dockerfiles are generated, and so a part of the golden tree.
  for (const path of readdirSync(join(out, 'docker'))) if (!path.endsWith('.Dockerfile')) rmSync(join(out, 'docker', path), { recursive: true })
}

t.test('every golden tree has its example', async (t) => {
  t.strictSame(readdirSync(golden).sort(), examples.map((name) => name.replace(/\.env$/, '')).sort())
})

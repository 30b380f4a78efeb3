/**
 * What a new version of the generator does to the stacks that an earlier one has written.
 *
 * For every earlier version of the CHANGELOG, test/golden-previous/VERSION/ holds the trees that it generated, complete
 * and with their docker/ folder, and NAME.diff what regenerating changes in each now. Before a version is raised,
 * each example is generated there, without its secrets (the trees in test/golden/ have no hashes); `tap --snapshot` on this file writes the diffs, to be read before they are committed.
 */

import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { compareVersions } from '../../generator/catalogue/releases.ts'
import { run } from '../../generator/cli/run.ts'
import { changelogVersions } from '../support/changelog.ts'
import type { Ran } from '../support/command.ts'
import { putExampleSecrets } from '../support/example-secrets.ts'
import { readFiles } from '../support/files.ts'
import { repository } from '../support/repository.ts'

const { version: current } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { readonly version: string }
const previous = join(repository, 'test/golden-previous')
const golden = join(repository, 'test/golden')

/** The command as another version of the generator. */
async function as(version: string, cwd: string, argv: readonly string[]): Promise<Ran> {
  const ran = { code: 0, out: '', err: '' }
  const code = await run(argv, {
    cwd, environment: {}, packageRoot: repository, version,
    stdout: (text) => { ran.out += text },
    stderr: (text) => { ran.err += text },
  })
  return { ...ran, code }
}

const token = 'a-token-of-this-test\n'

/** A committed stack as an operator has it: the tree, what is copied into it, and its secrets. */
function committed(t: Test, tree: string): string {
  const root = t.testdir({})
  cpSync(tree, root, { recursive: true })
  const split = existsSync(join(root, 'node-host'))
  for (const home of ['', ...(split ? ['node-host', 'signer-host'] : [])]) {
    if (existsSync(join(root, home, 'dot-gitignore'))) renameSync(join(root, home, 'dot-gitignore'), join(root, home, '.gitignore'))
    if (split && home === '') continue
    putExampleSecrets(join(root, home), '')
    const secrets = join(root, home, 'secrets')
    writeFileSync(join(secrets, 'auth-token'), token, { mode: 0o600 })
    if (home === 'node-host') rmSync(join(secrets, 'signer-private-key'))
  }
  const { files } = JSON.parse(readFileSync(join(root, '.stack-manifest.json'), 'utf8')) as { readonly files: Readonly<Record<string, unknown>> }
  for (const path of Object.keys(files).filter((one) => /^([a-z]+-host\/)?docker\//.test(one) && !existsSync(join(root, one)))) {
    const source = join(repository, path.replace(/^[a-z]+-host\//, ''))
    if (existsSync(source)) cpSync(source, join(root, path))
  }
  return root
}

/** All but what no version of the generator plans: secrets and certificates. */
function planned(root: string): Record<string, string> {
  return Object.fromEntries(Object.entries(readFiles(root)).filter(([path]) => !/(^|\/)(secrets|certs)\//.test(path)))
}

const names = (folder: string) => readdirSync(folder).filter((name) => statSync(join(folder, name)).isDirectory()).sort()

for (const name of names(golden)) {
  t.test(`${name}: a later version with the same output changes the manifest's version and nothing else`, async (t) => {
    const root = t.testdir({})
    const example = join(repository, 'examples', `${name}.env`)
    putExampleSecrets(root, readFileSync(example, 'utf8'))
    const generated = await as(current, root, [example, '.'])
    t.equal(generated.code, 0, generated.err)
    const before = planned(root)
    t.equal((JSON.parse(before['.stack-manifest.json']!) as { version: string }).version, current, 'the manifest records the version')
    t.equal((await as(current, root, ['--check'])).code, 0, 'this version has nothing to change')
    const ran = await as('99.0.0', root, [])
    t.equal(ran.code, 0, ran.err)
    const after = planned(root)
    t.strictSame(after, { ...before, '.stack-manifest.json': before['.stack-manifest.json']!.replace(`"version": "${current}"`, '"version": "99.0.0"') })

    for (const argv of [[], ['--force'], ['--check'], ['--dry-run'], ['upgrade', '--yes'], ['upgrade', '4.0.3', '--yes', '--force']]) {
      const refused = await as(current, root, argv)
      t.equal(refused.code, argv[0] === 'upgrade' && refused.out.startsWith('nothing to do') ? 0 : 2, argv.join(' '))
      if (refused.code === 2) t.match(refused.err, `.stack-manifest.json was written by a newer create-stacks-signer-stack (version 99.0.0, and this is ${current})`)
      t.strictSame(planned(root), after, `${argv.join(' ')} wrote nothing`)
    }
  })
}

const earlier = changelogVersions().map(({ version }) => version).filter((version) => compareVersions(version, current) < 0)

t.test('every earlier version of the changelog has its trees', async (t) => {
  t.strictSame(existsSync(previous) ? names(previous) : [], [...earlier].sort())
})

for (const version of earlier.filter((one) => existsSync(join(previous, one)))) {
  for (const name of names(join(previous, version))) {
    t.test(`${name}, committed by ${version}: regenerating makes the golden diff`, async (t) => {
      const root = committed(t, join(previous, version, name))
      const diff = await as(current, root, ['--diff'])
      t.equal(diff.code, 0, diff.err)
      const want = join(previous, version, `${name}.diff`)
      if (t.writeSnapshot) {
        mkdirSync(join(previous, version), { recursive: true })
        writeFileSync(want, diff.out)
      }
      t.equal(diff.out, readFileSync(want, 'utf8'))
      t.equal((await as(current, root, [])).code, 0)
      const after = readFiles(root, ['secrets', 'docker'])
      const now = existsSync(join(golden, name)) ? readFiles(join(golden, name)) : undefined
      if (now) t.equal(after['docker-compose.yml'], now['docker-compose.yml'], 'and is what this version makes anew')
    })
  }
}

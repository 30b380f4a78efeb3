/** The programs of docker/programs as a stack gets them: one file each, that people can read, and the same from the same sources. */

import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { bundlePrograms, largestProgram } from '../../generator/packaging/programs.ts'
import { readFiles } from '../support/files.ts'
import { repository } from '../support/repository.ts'

const sources = readdirSync(join(repository, 'docker/programs'), { withFileTypes: true }).filter((entry) => entry.isDirectory() && entry.name !== 'shared').map(({ name }) => name)

/** What a bundle is made from, in a folder of its own. */
function copyOf(root: string): string {
  for (const path of ['tsconfig.json', 'package.json', 'generator', 'docker/programs']) cpSync(join(repository, path), join(root, path), { recursive: true })
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'))
  return root
}

/** A checkout with one program more. */
function withProgram(root: string, files: Readonly<Record<string, string>>): string {
  mkdirSync(join(copyOf(root), 'docker/programs/sample'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, 'docker/programs/sample', name), text)
  return root
}

const stated = `/** What this program is for. */

import { readText } from '../shared/files.ts'

/** The wanted shape. */
interface Wanted { readonly path: string }

/** Tells whether the file is empty. */
export function isEmptyFile({ path }: Wanted): boolean {
  // An absent file counts as empty.
  return readText(path) === '' // and so does a blank one
}

export const unusedHelper = (): number => 4711
`

t.test('each folder with a main.ts is one program, and dist/programs is up to date', async (t) => {
  const out = t.testdir({})
  t.strictSame([...(await bundlePrograms(repository, out)).keys()], sources)
  t.strictSame(readdirSync(out), sources.map((name) => `${name}.mjs`))
  t.strictSame(readFiles(out), readFiles(join(repository, 'dist/programs')), 'otherwise: npm run build')
})

t.test('two builds in different folders give the same bytes, and say nothing of the folder', async (t) => {
  const root = t.testdir({ one: {}, 'an other/deep': {}, out: {} })
  const [one, other] = [join(root, 'out/one'), join(root, 'out/other')]
  await bundlePrograms(copyOf(join(root, 'one')), one)
  await bundlePrograms(copyOf(join(root, 'an other/deep')), other)
  const files = readFiles(one)
  t.strictSame(files, readFiles(other))
  t.strictSame(files, readFiles(join(repository, 'dist/programs')))
  t.ok(Object.keys(files).length > 0)
  for (const [name, text] of Object.entries(files)) {
    t.notOk(text.includes(root) || text.includes(repository) || text.includes('/tmp/'), name)
    t.ok(Buffer.byteLength(text) <= largestProgram, name)
    t.match(text, /[^\n]\n$/, name)
    t.notMatch(text, /\r/, name)
  }
})

t.test('comments and names stay, types and what nobody uses go', async (t) => {
  const root = withProgram(t.testdir({}), {
    'run.ts': stated,
    'main.ts': 'import { isEmptyFile } from \'./run.ts\'\n\nprocess.exitCode = isEmptyFile({ path: \'x\' }) ? 0 : 1\n',
  })
  await bundlePrograms(root, join(root, 'out'))
  const text = readFileSync(join(root, 'out/sample.mjs'), 'utf8')
  for (const kept of ['/** What this program is for. */', '/** Tells whether the file is empty. */', '// An absent file counts as empty.', '// and so does a blank one', 'function isEmptyFile({ path })']) t.ok(text.includes(kept), kept)
  for (const gone of ['interface', 'Wanted', 'unusedHelper', '4711']) t.notOk(text.includes(gone), gone)
})

t.test('a library is in the program, with its licence', async (t) => {
  const text = readFileSync(join(repository, 'dist/programs/releases.mjs'), 'utf8')
  const { version } = JSON.parse(readFileSync(join(repository, 'node_modules/prom-client/package.json'), 'utf8')) as { readonly version: string }
  t.match(text, `This file holds code of prom-client ${version} (Apache-2.0).`)
  t.ok(text.includes(readFileSync(join(repository, 'node_modules/prom-client/LICENSE'), 'utf8').trim().slice(0, 500)))
  for (const [, target] of text.matchAll(/^import [^;]*from '([^']+)'/gm)) t.match(target, /^(node:|util$)/, 'all but Node.js itself is inside')
})

t.test('what a program cannot have is said when it is built', async (t) => {
  for (const [name, source, message] of [
    ['a module that does not exist', 'import { x } from \'./missing.ts\'\n\nx()\n', /missing/],
    ['what is no TypeScript', 'const = 1\n', /sample\/main\.ts\(1,7\): error TS1134/],
    ['a package that is not installed', 'import x from \'no-such-package\'\n\nx()\n', /no-such-package/],
    ['a name that is not exported', 'import { noSuchName } from \'../shared/files.ts\'\n\nnoSuchName()\n', /noSuchName/],
    ['more than 900 KiB', `process.exitCode = '${'x'.repeat(largestProgram)}'.length\n`, /the program sample has \d+ bytes; the most is 921600/],
  ] as const) {
    const root = withProgram(t.testdir({}), { 'main.ts': source })
    // Rollup's own errors cannot be compared by tap.
    t.match(await bundlePrograms(root, join(root, 'out')).then(() => 'no error', String), message, name)
  }
})

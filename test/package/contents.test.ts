/** What is in the package: the files, their size, the notices, and what package.json promises. */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { readAssets } from '../../generator/io/assets.ts'
import { bundle } from '../../generator/packaging/build.ts'
import { publint } from 'publint'
import t from 'tap'
import { documents } from '../support/documents.ts'
import { repository } from '../support/repository.ts'
import { inHome } from './support/npm.ts'
import { packed, unpacked } from './support/packed.ts'

const root = t.testdir({})
const made = await packed(root)
const folder = await unpacked(root, made)
const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Readonly<Record<string, unknown>> & { readonly engines: { readonly node: string }; readonly scripts: object }

/** The parts of the bundle that are loaded when needed have their content's hash in the name. */
function plainName(path: string): string {
  return path.replace(/^(dist\/.+)-[0-9A-Z]{8}\.mjs$/, '$1-*.mjs')
}

t.test('these files, and no others', async (t) => {
  const list = join(repository, 'test/package/files.txt')
  const found = [...new Set(made.files.map(({ path }) => plainName(path)))].sort()
  if (t.writeSnapshot) writeFileSync(list, `${found.join('\n')}\n`)
  t.strictSame(found, readFileSync(list, 'utf8').trimEnd().split('\n'))
  const open = made.files.filter(({ mode }) => (mode & 0o111) !== 0).map(({ path }) => path)
  t.strictSame(open, ['dist/main.js'], 'one program')
})

t.test('a link of a document leads to a file of the package', async (t) => {
  const packaged = made.files.map(({ path }) => path)
  t.strictSame(documents.filter((document) => !packaged.includes(document)), [])
  for (const document of documents) {
    for (const [, target = ''] of readFileSync(join(folder, document), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
      t.ok(packaged.includes(join(dirname(document), target)), `${document}: ${target}`)
    }
  }
})

t.test('what a stack gets of docker/ is in one file, and nothing else of it', async (t) => {
  const assets = JSON.parse(readFileSync(join(folder, 'dist/docker.json'), 'utf8')) as unknown
  const { docker, programs } = readAssets(repository)
  t.strictSame(assets, { docker, programs })
  t.ok(docker.length > 10 && programs.length > 0)
})

t.test('no larger than it is', async (t) => {
  // Who needs more room says so here: a third is for the programs of containers with their libraries, of which age's are half.
  t.ok(made.size <= 1_900_000, `the tarball has ${made.size} bytes`)
  t.ok(made.unpackedSize <= 6_600_000, `unpacked it has ${made.unpackedSize} bytes`)
})

t.test('it installs nothing else and runs nothing while it is installed', async (t) => {
  for (const field of ['dependencies', 'optionalDependencies', 'peerDependencies', 'bundleDependencies', 'bundledDependencies']) t.notOk(field in manifest, field)
  for (const script of ['preinstall', 'install', 'postinstall', 'prepare', 'preprepare', 'postprepare']) t.notOk(script in manifest.scripts, script)
  t.notOk(made.files.some(({ path }) => path.endsWith('binding.gyp')))
})

t.test('what the bundle imports is in it, or in Node.js', async (t) => {
  const names = readdirSync(join(folder, 'dist'))
  for (const name of names.filter((one) => /\.m?js$/.test(one))) {
    const text = readFileSync(join(folder, 'dist', name), 'utf8')
    const result = await build({ stdin: { contents: text, resolveDir: join(folder, 'dist') }, bundle: true, write: false, metafile: true, platform: 'node', format: name.endsWith('.mjs') ? 'esm' : 'cjs', external: ['./*'], logLevel: 'silent' })
    const imports = Object.values(result.metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path)).filter((path) => !/^(node:|[a-z_]+(\/promises)?$)/.test(path))
    t.strictSame(imports.filter((path) => !names.includes(path.replace('./', ''))), [], name)
  }
})

t.test('publint has nothing to say', async (t) => {
  const { messages } = await publint({ pkgDir: folder, pack: false, strict: true })
  t.strictSame(messages, [])
})

t.test('package.json and start.ts name the same oldest Node.js', async (t) => {
  t.equal(manifest.engines.node, '>=20.19.0')
  t.match(readFileSync(join(repository, 'generator/start.ts'), 'utf8'), /major < 20 \|\| \(major === 20 && minor < 19\).*needs Node\.js 20\.19 or later/s)
})

t.test('the notices of every package in the bundle', async (t) => {
  const text = readFileSync(join(folder, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8')
  // Bundled once more: every package that esbuild says it takes a byte from.
  const { outputs } = await bundle(join(root, 'again'))
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => join(repository, path)))
  const homes = new Set(inputs.filter((path) => path.includes('/node_modules/')).map(packageOf))
  t.ok(homes.size > 20)
  for (const home of homes) {
    const { name, version, license } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { name: string; version: string; license: string }
    t.ok(text.includes(`\n${name} ${version} (${license})\n`), `${name} ${version}`)
    for (const file of readdirSync(home).filter((one) => /^licen[cs]e/i.test(one))) {
      t.ok(text.includes(readFileSync(join(home, file), 'utf8').replaceAll('\r\n', '\n').trim()), `${name}: ${file}`)
    }
  }
  t.notMatch(text, /undefined|\(\)\n/)
})

t.test('a package without a licence text fails the build', async (t) => {
  const dir = t.testdir({ 'meta.json': JSON.stringify({ outputs: { 'dist/x.js': { inputs: { 'node_modules/bare/index.js': { bytesInOutput: 3 }, 'node_modules/unused/index.js': { bytesInOutput: 0 } } } } }) })
  for (const name of ['bare', 'unused']) {
    mkdirSync(join(dir, 'node_modules', name), { recursive: true })
    writeFileSync(join(dir, 'node_modules', name, 'package.json'), JSON.stringify({ name, version: '1.0.0', license: 'MIT' }))
  }
  const run = () => inHome(dir, 'node', [join(repository, 'generator/packaging/licences.mjs'), 'meta.json', 'out.txt'], { cwd: dir })
  const bare = await run()
  t.not(bare.code, 0)
  t.match(bare.err, 'bare 1.0.0 (MIT) is in the bundle and brings no licence text')
  writeFileSync(join(dir, 'node_modules/bare/LICENSE'), 'Do what is right.\r\n')
  t.equal((await run()).code, 0)
  t.match(readFileSync(join(dir, 'out.txt'), 'utf8'), 'bare 1.0.0 (MIT)\n\nDo what is right.\n')
  t.strictSame(readdirSync(dir).sort(), ['node_modules', 'out.txt'])
})

/** The folder of the innermost package that a file belongs to, by its package.json with a name. */
function packageOf(path: string): string {
  let folder = dirname(path)
  while (!/node_modules\/(@[^/]+\/)?[^/]+$/.test(folder)) folder = dirname(folder)
  return folder
}

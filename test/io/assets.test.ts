import { chmodSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readAssets } from '../../generator/io/assets.ts'
import { fileHash } from '../../generator/plan-types.ts'

t.test('templates by name, docker folders and bundled programs as files, sorted', async (t) => {
  const root = t.testdir({
    templates: { 'b.hbs': 'B', 'a.hbs': 'A', 'notes.txt': 'x', '.swap.hbs': 'x' },
    docker: {
      gate: { 'gate.sh': 'exec "$@"\n', '.DS_Store': 'x', '.cache': { a: 'x' } },
      host: { 'a.sh': 'true\n' },
      programs: { a: { 'main.ts': 'x' } },
      'README.md': 'x',
    },
    dist: { programs: { 'b.mjs': '2\n', 'a.mjs': '1\n', 'a.mjs.map': 'x' } },
  })
  chmodSync(join(root, 'docker/gate/gate.sh'), 0o755)
  const assets = readAssets(root)
  t.strictSame([...assets.templates].map(([name, template]) => [name, template({})]), [['a', 'A'], ['b', 'B']])
  for (const { sha256, ...file } of [...assets.docker, ...assets.programs]) t.equal(sha256, fileHash(file), file.path)
  t.strictSame(assets.docker.map(({ sha256: _, ...file }) => file), [
    { path: 'docker/gate/gate.sh', content: 'exec "$@"\n', mode: 0o755 },
    { path: 'docker/host/a.sh', content: 'true\n', mode: 0o644 },
  ])
  t.strictSame(assets.programs.map(({ sha256: _, ...file }) => file), [
    { path: 'docker/a.mjs', content: '1\n', mode: 0o644 },
    { path: 'docker/b.mjs', content: '2\n', mode: 0o644 },
  ])
})

t.test('programs that were not built', async (t) => {
  const root = t.testdir({ templates: {}, docker: { gate: {}, host: {} } })
  t.throws(() => readAssets(root), /dist\/programs is missing: run npm run build$/)
})

t.test('a broken package is a bug', async (t) => {
  t.throws(() => readAssets(t.testdir({})))
  const root = t.testdir({ templates: {}, docker: { host: {}, gate: {} } })
  symlinkSync('/etc/hosts', join(root, 'docker/host/link'))
  t.throws(() => readAssets(root), /docker\/host\/link in the package is no regular file/)
})

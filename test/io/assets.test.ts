import { chmodSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readAssets } from '../../generator/io/assets.ts'
import { fileHash } from '../../generator/plan-types.ts'

t.test('templates by name, docker folders as files, sorted', async (t) => {
  const root = t.testdir({
    templates: { 'b.hbs': 'B', 'a.hbs': 'A', 'notes.txt': 'x', '.swap.hbs': 'x' },
    docker: {
      tools: { Dockerfile: 'FROM x\n', 'run.py': '#!/usr/bin/env python3\n', 'lib.py': 'x = 1\n', __pycache__: { 'lib.pyc': 'x' }, '.cache': { a: 'x' } },
      gate: { 'gate.sh': 'exec "$@"\n', '.DS_Store': 'x', 'old.pyc': 'x' },
    },
  })
  chmodSync(join(root, 'docker/gate/gate.sh'), 0o755)
  const assets = readAssets(root)
  t.strictSame([...assets.templates].map(([name, template]) => [name, template({})]), [['a', 'A'], ['b', 'B']])
  for (const { sha256, ...file } of assets.docker) t.equal(sha256, fileHash(file), file.path)
  t.strictSame(assets.docker.map(({ sha256: _, ...file }) => file), [
    { path: 'docker/gate/gate.sh', content: 'exec "$@"\n', mode: 0o755 },
    { path: 'docker/tools/Dockerfile', content: 'FROM x\n', mode: 0o644 },
    { path: 'docker/tools/lib.py', content: 'x = 1\n', mode: 0o644 },
    { path: 'docker/tools/run.py', content: '#!/usr/bin/env python3\n', mode: 0o755 },
  ])
})

t.test('a broken package is a bug', async (t) => {
  t.throws(() => readAssets(t.testdir({})))
  const root = t.testdir({ templates: {}, docker: {} })
  symlinkSync('/etc', join(root, 'docker/tools'))
  t.throws(() => readAssets(root), /docker\/tools in the package is no regular file/)
})

/** .ci/run ends as the suite did: with programs in the place of npm and the engine that end as a test says. */

import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { repository } from './support/repository.ts'

/** `said` is what `npm test` prints before it ends with `code`. */
function ci(directory: string, said: string, code: number) {
  const put = (path: string, content: string) => {
    writeFileSync(join(directory, path), `#!/bin/sh\n${content}\n`)
    chmodSync(join(directory, path), 0o755)
  }
  for (const folder of ['.ci', 'bin']) mkdirSync(join(directory, folder))
  copyFileSync(join(repository, '.ci/run'), join(directory, '.ci/run'))
  put('.ci/engine', 'exit 0')
  put('bin/docker', 'echo 1')
  put('bin/npm', `[ "$1" = ci ] && exit 0\ncat <<'END'\n${said}\nEND\nexit ${code}`)
  return spawnSync('bash', ['.ci/run'], { cwd: directory, encoding: 'utf8', env: { PATH: `${join(directory, 'bin')}:/usr/bin:/bin`, HOME: directory } })
}

for (const [what, said, code, wanted, count] of [
  ['all passed', 'ok 1 - a\n# { total: 3, pass: 3 }', 0, 0, '3 passed, 0 failed, 0 skipped'],
  ['some failed', 'not ok 1 - a\nok 2 - b\n# { total: 3, pass: 2, fail: 1 }', 1, 1, '2 passed, 1 failed, 0 skipped'],
  ['some failed, and nobody said so by a code', 'not ok 1 - a\n# { total: 3, pass: 2, fail: 1 }', 0, 1, '2 passed, 1 failed, 0 skipped'],
  ['a code, and no failure', 'ok 1 - a\n# { total: 3, pass: 3 }', 1, 1, '3 passed, 0 failed, 0 skipped'],
  ['one skipped', 'ok 1 - a # SKIP no engine\n# { total: 3, pass: 2, skip: 1 }', 0, 1, '2 passed, 0 failed, 1 skipped'],
  ['no word at all', 'what is this', 0, 1, '0 passed, 0 failed, 0 skipped'],
] as const) {
  t.test(what, async (t) => {
    const { status, stdout, stderr } = ci(t.testdir({}), said, code)
    t.equal(status, wanted, stdout + stderr)
    t.equal(stdout.trimEnd().split('\n').at(-1), count)
  })
}

/** .ci/run ends as the suite did: with programs in the place of npm and the engine that end as a test says. */

import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { repository } from './support/repository.ts'

/** `suite` is what `npm test` does, `engine` what .ci/engine does. */
function ci(directory: string, suite: string, engine = 'exit 0') {
  const put = (path: string, content: string) => {
    writeFileSync(join(directory, path), `#!/bin/sh\n${content}\n`)
    chmodSync(join(directory, path), 0o755)
  }
  for (const folder of ['.ci', 'bin']) mkdirSync(join(directory, folder))
  copyFileSync(join(repository, '.ci/run'), join(directory, '.ci/run'))
  put('.ci/engine', engine)
  put('bin/docker', 'echo "${POOLS:-1}"')
  put('bin/npm', `[ "$1" = ci ] && exit 0\n${suite}`)
  return spawnSync('bash', ['.ci/run'], { cwd: directory, encoding: 'utf8', env: { PATH: `${join(directory, 'bin')}:/usr/bin:/bin`, HOME: directory } })
}

t.test('ends with the code of the suite, and says how long all of it took', async (t) => {
  for (const code of [0, 1, 130]) {
    const { status, stdout, stderr } = ci(t.testdir({}), `echo "3 passed, 0 failed, 0 skipped"; exit ${code}`)
    t.equal(status, code, stderr)
    t.match(stdout, /^3 passed, 0 failed, 0 skipped\nThe whole run took \d+ min \d+ s, installing the engine included\.\n$/)
  }
})

t.test('every engine is required', async (t) => {
  t.match(ci(t.testdir({}), 'echo "REQUIRE_ENGINES=$REQUIRE_ENGINES"').stdout, 'REQUIRE_ENGINES=1\n')
})

t.test('without an engine there is no run', async (t) => {
  const { status, stdout } = ci(t.testdir({}), 'echo "suite started"', 'exit 3')
  t.equal(status, 3)
  t.equal(stdout, '')
})

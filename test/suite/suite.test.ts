/** The runner of the suite: which files it runs, and how it judges their output. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { repository } from '../support/repository.ts'
import { judge } from './file.ts'
import { longestFirst, recordedTimes, selectFiles } from './select.ts'
import { summary } from './summary.ts'

const passed = 'TAP version 14\nok 1 - a\n1..1\n# { total: 1, pass: 1 }\n'

for (const [what, output, status, ok, counts] of [
  ['passed', passed, '0', true, { pass: 1, fail: 0, skip: 0 }],
  ['one failed', 'not ok 1 - a\nok 2 - b\n# { total: 2, pass: 1, fail: 1 }\n', '1', false, { pass: 1, fail: 1, skip: 0 }],
  ['one failed, with exit code 0', 'not ok 1 - a\n# { total: 1, fail: 1 }\n', '0', false, { pass: 0, fail: 1, skip: 0 }],
  ['a code without a failed assertion', passed, '1', false, { pass: 1, fail: 0, skip: 0 }],
  ['ended by a signal', passed, 'SIGKILL', false, { pass: 1, fail: 0, skip: 0 }],
  ['no count', 'ok 1 - a\n', '0', false, { pass: 0, fail: 0, skip: 0 }],
  ['nothing at all', '', '0', false, { pass: 0, fail: 0, skip: 0 }],
  ['no assertion', '1..0\n# { total: 0 }\n', '0', false, { pass: 0, fail: 0, skip: 0 }],
  ['a test left to do', 'not ok 1 - a # TODO\n# { total: 1, todo: 1 }\n', '0', false, { pass: 0, fail: 1, skip: 0 }],
  ['all skipped', 'ok 1 - a # SKIP no engine\n# { total: 1, skip: 1 }\n', '0', true, { pass: 0, fail: 0, skip: 1 }],
] as const) {
  t.test(`a file with ${what}`, async (t) => {
    const result = judge('test/x.test.ts', output, status, 1)
    t.equal(result.ok, ok)
    t.strictSame(result.counts, counts)
    t.equal(result.failure === '', ok)
  })
}

t.test('a failed file shows its failed assertions, and one without any its last lines', async (t) => {
  const { failure } = judge('x', `ok 1 - first\nnot ok 2 - second\n  diff: here\n# { total: 2, pass: 1, fail: 1 }\n`, '1', 1)
  t.match(failure, /^ended with 1\nnot ok 2 - second\n {2}diff: here\n/)
  t.match(judge('x', 'first\nSyntaxError: last\n', '1', 1).failure, /^ended with 1, without a count of its assertions\nfirst\nSyntaxError: last\n/)
})

t.test('the summary counts, and says what was skipped and how to run it', async (t) => {
  const files = [judge('test/a/x.test.ts', passed, '0', 2), judge('test/b/y.test.ts', 'ok 1 - a # SKIP no engine {\n# { total: 1, skip: 1 }\n', '0', 3)]
  const { REQUIRE_ENGINES } = process.env
  t.teardown(() => {
    if (REQUIRE_ENGINES !== undefined) process.env['REQUIRE_ENGINES'] = REQUIRE_ENGINES
  })
  delete process.env['REQUIRE_ENGINES']
  const quiet = summary(files, 65)
  t.equal(quiet.passed, true)
  t.match(quiet.text, 'Skipped 1 tests in 1 files: no engine. As root on Debian, "bash .ci/engine" installs what they need.\n2 files in 1 min 5 s\n1 passed, 0 failed, 1 skipped')
  process.env['REQUIRE_ENGINES'] = '1'
  t.equal(summary(files, 65).passed, false, 'a skip where engines are required')
  delete process.env['REQUIRE_ENGINES']
  const failed = summary([...files, judge('test/b/z.test.ts', '', '0', 1)], 65)
  t.equal(failed.passed, false)
  t.match(failed.text, 'FAILED test/b/z.test.ts: ended with 0, without a count of its assertions\n')
  t.match(failed.text, /\n1 passed, 1 failed, 1 skipped$/)
  t.equal(summary([], 0).passed, false, 'nothing was run')
})

t.test('files are selected by a part of their path', async (t) => {
  t.ok(selectFiles([]).length > 100)
  t.strictSame(selectFiles(['suite/suite']), ['test/suite/suite.test.ts'])
  t.throws(() => selectFiles(['suite', 'no such file']), { message: 'no test file has "no such file" in its path' })
})

t.test('the longest comes first, and one without a recorded time before it', async (t) => {
  t.strictSame(longestFirst(['a', 'b', 'c', 'd'], { a: 1, b: 3, c: 2 }), ['d', 'b', 'c', 'a'])
  for (const file of Object.keys(recordedTimes())) t.ok(existsSync(join(repository, file)), `${file} of times.json is there`)
})

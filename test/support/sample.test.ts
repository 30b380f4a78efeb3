/** The sample of a heavy test: the same by the same seed, another by another, and all of it where all is asked for. */

import { spawnSync } from 'node:child_process'
import t from 'tap'

/** What is drawn of a hundred cases in a process with these settings, and what is said of it. */
function drawn(environment: Readonly<Record<string, string>>): { readonly cases: readonly number[]; readonly said: string } {
  const program = `import t from 'tap'
    import { sample } from ${JSON.stringify(new URL('sample.ts', import.meta.url).href)}
    const cases = sample(t, 'a hundred', Array.from({ length: 100 }, (_, index) => index), 10)
    t.comment('drawn ' + JSON.stringify(cases))
    t.pass()`
  const ran = spawnSync(process.execPath, ['--input-type=module', '--eval', program], { cwd: import.meta.dirname, encoding: 'utf8', env: { PATH: process.env['PATH'], ...environment } })
  const [, text] = /# drawn (.*)/.exec(ran.stdout) ?? []
  if (text === undefined) throw new Error(ran.stdout + ran.stderr)
  return { cases: JSON.parse(text) as number[], said: ran.stdout }
}

const one = drawn({ TEST_SEED: 'one' })
t.equal(one.cases.length, 10)
t.strictSame(one.cases, [...new Set(one.cases)].sort((a, b) => a - b), 'each once, in their order')
t.match(one.said, '# a hundred: 10 of 100, TEST_SEED=one\n')
t.strictSame(drawn({ TEST_SEED: 'one' }).cases, one.cases, 'the seed repeats it')
t.notSame(drawn({ TEST_SEED: 'another' }).cases, one.cases)
t.match(drawn({}).said, /TEST_SEED=\d{4}-\d\d-\d\d\n/, 'else the day is the seed')
t.strictSame(drawn({ TEST_ALL: '1' }).cases.length, 100)

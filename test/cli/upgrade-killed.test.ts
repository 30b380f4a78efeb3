/** An upgrade killed at any step on the disk: each file is wholly old or wholly new, and one more run finishes it. */

import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { buildSync } from 'esbuild'
import t, { type Test } from 'tap'
import { command, testKey } from '../support/command.ts'
import { readFiles } from '../support/files.ts'
import { repository } from '../support/repository.ts'
import { sample } from '../support/sample.ts'

const program = join(mkdtempSync(join(tmpdir(), 'killed-upgrade-')), 'run.mjs')
t.teardown(() => { rmSync(dirname(program), { recursive: true }) })
buildSync({
  entryPoints: [join(repository, 'test/support/killed-upgrade.ts')], outfile: program, bundle: true, platform: 'node', format: 'esm', logLevel: 'error',
  mainFields: ['module', 'main'], banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
})
const answers = '# mine\nSTACK_NAME=s1\nNETWORK=mainnet\nSTACKS_VERSION=4.0.1 # pinned\nPLATFORM=linux/amd64'

async function stack(t: Test): Promise<string> {
  const root = t.testdir({ 'answers.env': answers, secrets: { 'signer-private-key': `${testKey}\n`, 'auth-token': 'a-token-of-this-test\n' } })
  chmodSync(join(root, 'secrets'), 0o700)
  t.equal((await command(root, [])).code, 0)
  return root
}

const upgrade = (root: string, step: number) => spawnSync(process.execPath, [program, repository, root, '4.0.2', String(step)], { encoding: 'utf8' })

t.test('killed at every step, then generated again', async (t) => {
  const whole = await stack(t)
  const old = readFiles(whole)
  const { status, stdout } = upgrade(whole, 0)
  t.equal(status, 0)
  const want = readFiles(whole)
  const steps = Number(stdout)
  t.ok(steps > 20, `${steps} steps`)
  let answersOld = 0
  // The answer file goes first, and its steps are among the first: those are always taken.
  const [first, later] = [[1, 2, 3, 4, 5, 6], Array.from({ length: steps - 6 }, (_, index) => index + 7)]
  for (const step of [...first, ...sample(t, 'later steps', later, 12)]) {
    const root = await stack(t)
    t.equal(upgrade(root, step).signal, 'SIGKILL', `step ${step}`)
    for (const [path, text] of Object.entries(readFiles(root))) {
      if (!/\.tmp-\d+-[0-9a-f]{12}$/.test(path) && text !== old[path] && text !== want[path]) t.fail(`step ${step}: ${path} is neither old nor new`)
    }
    const moved = readFileSync(join(root, 'answers.env'), 'utf8') !== answers
    if (!moved) answersOld += 1
    if (!moved) for (const [path, text] of Object.entries(old)) if (readFileSync(join(root, path), 'utf8') !== text) t.fail(`step ${step}: ${path} went before the answer file`)
    // By then the answer file decides, and asking for the same move again does as well; before it that alone does.
    const complete = readFileSync(join(root, '.stack-manifest.json'), 'utf8') === want['.stack-manifest.json']
    const again = !moved || step % 2 === 0
    const ran = await command(root, again ? ['upgrade', '4.0.2', '--yes'] : [])
    t.equal(ran.code, 0, `step ${step}: ${ran.err}`)
    if (again && !complete) t.match(ran.out, 'from 4.0.1\nto   4.0.2', `step ${step}: the move is told again`)
    t.strictSame(readFiles(root), want, `step ${step}`)
  }
  t.ok(answersOld >= 3 && steps > answersOld + 10, `${steps} steps, ${answersOld} of those that were taken before the answer file`)
})

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

function killed(root: string, step: number): boolean {
  const ran = spawnSync(process.execPath, [program, repository, root, '4.0.2', String(step)], { encoding: 'utf8' })
  if (ran.signal === null && ran.status !== 0) throw new Error(`step ${step}: ${ran.stderr}`)
  return ran.signal === 'SIGKILL'
}

t.test('killed at every step, then generated again', async (t) => {
  let root = await stack(t)
  const old = readFiles(root)
  t.equal((await command(root, ['upgrade', '4.0.2', '--yes'])).code, 0)
  const want = readFiles(root)
  let answersOld = 0
  let step = 1
  for (; step < 200; step += 1) {
    root = await stack(t)
    if (!killed(root, step)) break
    for (const [path, text] of Object.entries(readFiles(root))) {
      if (!/\.tmp-\d+-[0-9a-f]{12}$/.test(path) && text !== old[path] && text !== want[path]) t.fail(`step ${step}: ${path} is neither old nor new`)
    }
    const moved = readFileSync(join(root, 'answers.env'), 'utf8') !== answers
    if (!moved) answersOld += 1
    if (!moved) for (const [path, text] of Object.entries(old)) if (readFileSync(join(root, path), 'utf8') !== text) t.fail(`step ${step}: ${path} went before the answer file`)
    // By then the answer file decides; before it the move is asked for again.
    const ran = await command(root, moved ? [] : ['upgrade', '4.0.2', '--yes'])
    t.equal(ran.code, 0, `step ${step}: ${ran.err}`)
    t.strictSame(readFiles(root), want, `step ${step}`)
  }
  t.ok(answersOld >= 3 && step > answersOld + 10, `${step - 1} steps, ${answersOld} of them before the answer file`)
})

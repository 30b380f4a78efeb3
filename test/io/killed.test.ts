/** A run that dies or fails at every single step on the disk, and the run after it. */

import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import t, { type Test } from 'tap'
import { renderManifest } from '../../generator/changes/manifest.ts'
import { withLaterFault } from '../support/faults.ts'
import { readFiles } from '../support/files.ts'
import { repository } from '../support/repository.ts'
import { finishRun, handEdit, newFiles, oldFiles, pendingChanges, prepare, secretValues } from '../support/small-run.ts'
import { sample, whole as sampleIsWhole } from '../support/sample.ts'

const root = t.testdir({})
const program = join(root, 'run.mjs')
buildSync({ entryPoints: [join(repository, 'test/support/faulty-run.ts')], outfile: program, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' })

const isTemporary = (path: string) => /(^|\/)\.[^/]+\.tmp-\d+-[0-9a-f]{12}$/.test(path)

const wanted = Object.fromEntries([...newFiles, renderManifest(newFiles, '1.1.0')].map(({ path, content }) => [path, content]))
const before = Object.fromEntries([...oldFiles, renderManifest(oldFiles, '1.0.0')].map(({ path, content }) => [path, content]))
before['Makefile'] = handEdit

/** What holds at any moment: each file old or new, the edit kept, the secrets whole. */
function checkWhole(t: Test, directory: string, name: string): void {
  const found = readFiles(directory)
  for (const path of new Set([...Object.keys(before), ...Object.keys(wanted)])) {
    const text = found[path]
    if (text !== before[path] && text !== wanted[path]) t.fail(`${name}: ${path} is neither old nor new`)
  }
  if (found['Makefile'] !== handEdit && found['Makefile.orig'] !== handEdit) t.fail(`${name}: the edit is lost`)
  if (found['.stack-manifest.json'] === wanted['.stack-manifest.json']) {
    for (const [path, text] of Object.entries(wanted)) if (found[path] !== text) t.fail(`${name}: the manifest came before ${path}`)
  }
  for (const [secret, value] of Object.entries(secretValues)) {
    const text = found[`secrets/${secret}`]
    if (text !== `${value}\n` && (text !== undefined || secret === 'auth-token')) t.fail(`${name}: secrets/${secret} is damaged`)
  }
  if (found['secrets/signer-private-key'] && !found['secrets/signer-mnemonic']) t.fail(`${name}: a key without its mnemonic`)
  for (const path of Object.keys(found).filter((one) => one.startsWith('secrets/'))) {
    if ((lstatSync(join(directory, path)).mode & 0o777) !== 0o600) t.fail(`${name}: ${path} can be read by others`)
  }
}

/** What the next run makes of it: exactly the plan, the edit once, nothing else but the folder whose removal was cut off. */
async function checkRepaired(t: Test, directory: string, name: string): Promise<void> {
  const problems = await finishRun(directory)
  if (problems.length > 0) t.fail(`${name}: the next run says ${problems[0]!.message}`)
  const secrets = Object.fromEntries(Object.entries(secretValues).map(([secret, value]) => [`secrets/${secret}`, `${value}\n`]))
  const want = { ...wanted, ...secrets, 'secrets/.gitignore': '*\n', 'Makefile.orig': handEdit }
  const found = readFiles(directory)
  if (JSON.stringify(Object.entries(found).sort()) !== JSON.stringify(Object.entries(want).sort())) t.strictSame(found, want, name)
  if ((lstatSync(join(directory, 'docker/run.sh')).mode & 0o777) !== 0o755) t.fail(`${name}: the mode is wrong`)
  if (!name.includes('rmdirSync') && existsSync(join(directory, 'config/only'))) t.fail(`${name}: an empty folder stays`)
  if (pendingChanges(directory).value?.some(({ kind }) => kind !== 'unchanged')) t.fail(`${name}: there is more to do`)
}

function fresh(name: string): string {
  const directory = join(root, name)
  rmSync(directory, { recursive: true, force: true })
  prepare(directory)
  return directory
}

const wholeDirectory = fresh('whole')
const whole = await withLaterFault(0, 'kill', () => finishRun(wholeDirectory))
const steps = whole.steps.map((_, index) => index + 1)

t.test('without a fault the run does it all', async (t) => {
  t.strictSame(whole.value, [])
  t.ok(whole.steps.length > 50, `${whole.steps.length} steps`)
  for (const name of ['linkSync', 'renameSync', 'unlinkSync', 'rmdirSync', 'mkdirSync', 'fsync', 'fsyncSync']) t.ok(whole.steps.includes(name), name)
  checkWhole(t, wholeDirectory, 'whole')
  await checkRepaired(t, wholeDirectory, 'whole')
})

t.test('killed at any step', async (t) => {
  let leftovers = 0
  for (const step of sample(t, 'steps of a run', steps, 20)) {
    const name = `killed at step ${step} (${whole.steps[step - 1]})`
    const directory = fresh('killed')
    t.equal(spawnSync(process.execPath, [program, directory, String(step)]).signal, 'SIGKILL', name)
    leftovers += Object.keys(readFiles(directory)).filter(isTemporary).length
    checkWhole(t, directory, name)
    await checkRepaired(t, directory, name)
  }
  if (sampleIsWhole) t.ok(leftovers > 10, 'the runs were killed in the midst of it')
})

for (const code of ['ENOSPC', 'EACCES', 'EROFS', 'EIO']) {
  t.test(`${code} at any step`, async (t) => {
    for (const step of sample(t, `steps until ${code}`, steps, 30)) {
      const call = whole.steps[step - 1]!
      const name = `${code} at step ${step} (${call})`
      const directory = fresh('failed')
      const [problem] = (await withLaterFault(step, code, () => finishRun(directory))).value
      checkWhole(t, directory, name)
      // That a folder cannot be removed is how a folder that is still used looks.
      if (call !== 'rmdirSync') t.match(problem?.message, new RegExp(`cannot be (read|written|removed): .*\\(${code}\\)`), name)
      const left = Object.keys(readFiles(directory)).filter(isTemporary)
      if (!['unlinkSync', 'closeSync'].includes(call)) t.strictSame(left, [], name)
      // All texts are written before the first name changes, so a full disk changes nothing.
      if (call === 'writeFileSync') t.strictSame(readFiles(directory, ['secrets']), before, name)
      await checkRepaired(t, directory, name)
    }
  })
}

t.test('the files of a run that is still going are left alone', async (t) => {
  const directory = fresh('shared')
  const mine = `.Makefile.tmp-${process.ppid}-0123456789ab`
  const dead = '.Makefile.tmp-4194305-0123456789ab'
  for (const name of [mine, dead, '.Makefile.tmp-1', 'notes.tmp']) writeFileSync(join(directory, name), 'x\n')
  t.strictSame(await finishRun(directory), [])
  t.strictSame([mine, dead, '.Makefile.tmp-1', 'notes.tmp'].map((name) => existsSync(join(directory, name))), [true, false, true, true])
  t.equal(readFileSync(join(directory, 'Makefile'), 'utf8'), wanted['Makefile'])
})

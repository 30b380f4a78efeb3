/** Certificates on the disk: modes, what is refused, and a run that dies or fails at every single step. */

import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { buildSync } from 'esbuild'
import t, { type Test } from 'tap'
import { makeMissing } from '../../generator/certs/first.ts'
import { planRenewal } from '../../generator/certs/renew.ts'
import { planRotation } from '../../generator/certs/rotate.ts'
import type { CertWrite } from '../../generator/certs/writes.ts'
import { applyCertWrites, readCertFiles } from '../../generator/io/cert-store.ts'
import { withFault } from '../support/faults.ts'
import { readFiles } from '../support/files.ts'
import { repository } from '../support/repository.ts'
import { brokenPairs, chance, end, handshake, messages, setting, splitPlaces } from '../support/certificates.ts'
import { sample, whole as sampleIsWhole } from '../support/sample.ts'

const root = t.testdir({})
const program = join(root, 'run.mjs')
buildSync({ entryPoints: [join(repository, 'test/support/cert-run.ts')], outfile: program, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' })

type CertRun = 'first' | 'renew' | 'rotate'

/** What a run of this kind would write now. */
async function plannedWrites(directory: string, kind: CertRun): Promise<readonly CertWrite[]> {
  const files = readCertFiles(directory, splitPlaces)
  if (!files.value) throw new Error(inspect(files.problems))
  const planned = kind === 'first' ? await makeMissing(files.value, setting(), chance, true)
    : kind === 'renew' ? await planRenewal(files.value, setting(), chance, true) : await planRotation(files.value, setting(), chance, true)
  if (!planned.value) throw new Error(inspect(planned.problems))
  return planned.value.writes
}

const made = join(root, 'made')
mkdirSync(made)
t.strictSame(applyCertWrites(made, splitPlaces, await plannedWrites(made, 'first')), [])

const mode = (path: string) => lstatSync(join(made, path)).mode & 0o777

t.test('keys are 0600 in folders of 0700 that git leaves alone, certificates 0644', async (t) => {
  const paths = Object.keys(readFiles(made))
  t.equal(paths.length, 8 + 3)
  for (const path of paths) t.equal(mode(path), path.includes('secrets/') ? 0o600 : 0o644, path)
  for (const home of ['', 'node-host/', 'signer-host/']) {
    t.equal(mode(`${home}secrets`), 0o700)
    t.equal(mode(`${home}certs`) & 0o755, 0o755)
    t.equal(readFiles(made)[`${home}secrets/.gitignore`], '*\n')
  }
  t.notOk(Object.keys(readFiles(made)).some((path) => /-host\/.*ca-key/.test(path)), 'the authority\'s key is on neither host')
  const { value } = readCertFiles(made, splitPlaces)
  t.equal(await handshake(end(value!, 'node-tls'), end(value!, 'signer-tls'), 'node.example.net'), 'ok')
})

t.test('what is no plain file is refused, an open key is warned of', async (t) => {
  const directory = join(root, 'odd')
  const odd = (change: () => void): readonly string[] => {
    rmSync(directory, { recursive: true, force: true })
    cpSync(made, directory, { recursive: true })
    change()
    return messages(readCertFiles(directory, splitPlaces).problems)
  }
  const key = join(directory, 'node-host/secrets/node-tls-key')
  t.match(odd(() => { chmodSync(key, 0o640) }), [/^warning: node-host\/secrets\/node-tls-key is open to other users \(mode 0640\) \| chmod 600/])
  t.match(odd(() => { chmodSync(join(directory, 'secrets'), 0o755) }), [/^warning: secrets is open to other users/])
  t.match(odd(() => { rmSync(key); mkdirSync(key) }), [/^error: .*node-tls-key is a directory \| an engine/])
  t.match(odd(() => { rmSync(key); symlinkSync('/etc/hostname', key) }), [/^error: .*node-tls-key is reached through a symbolic link/])
  t.match(odd(() => { rmSync(join(directory, 'secrets'), { recursive: true }); symlinkSync(made, join(directory, 'secrets')) })[0], /^error: secrets is a symbolic link/)
  t.match(odd(() => { writeFileSync(join(directory, 'certs/ca.pem'), Buffer.from([0xff, 0xfe])) }), [/^error: certs\/ca.pem is not text/])
  t.match(odd(() => { writeFileSync(join(directory, 'certs/ca.pem'), 'x'.repeat(1_000_001)) }), [/^error: certs\/ca.pem is too large/])
  t.match(odd(() => { rmSync(join(directory, 'secrets'), { recursive: true }); writeFileSync(join(directory, 'secrets'), '') }).join('\n'), /error: secrets is not a directory/)
})

t.test('what came meanwhile is not replaced by what was to be new', async (t) => {
  const directory = join(root, 'meanwhile')
  mkdirSync(directory)
  const writes = await plannedWrites(directory, 'first')
  mkdirSync(join(directory, 'secrets'), { mode: 0o700 })
  writeFileSync(join(directory, 'secrets/tls-ca-key'), 'mine\n', { mode: 0o600 })
  t.match(messages(applyCertWrites(directory, splitPlaces, writes)), [/^error: secrets\/tls-ca-key has come while this ran \| run again/])
  t.equal(readFiles(directory)['secrets/tls-ca-key'], 'mine\n')
  t.notOk(existsSync(join(directory, 'certs')))
})

const isTemporary = (path: string) => /(^|\/)\.[^/]+\.tmp-\d+-[0-9a-f]{12}$/.test(path)

/** At any moment: every pair matches, every file is old or new but never half, and keys are nobody else's to read. */
async function checkWhole(t: Test, directory: string, name: string): Promise<void> {
  const read = readCertFiles(directory, splitPlaces)
  if (!read.value) return void t.fail(`${name}: ${messages(read.problems).join()}`)
  t.strictSame(read.problems, [], name)
  t.strictSame(await brokenPairs(read.value, setting()), [], name)
  for (const [path, text] of read.value) if (!/-----END [A-Z ]+-----\n$/.test(text)) t.fail(`${name}: ${path} is cut off`)
  for (const path of Object.keys(readFiles(directory)).filter((one) => one.includes('secrets/'))) {
    if ((lstatSync(join(directory, path)).mode & 0o077) !== 0) t.fail(`${name}: ${path} can be read by others`)
  }
}

/** The next run of its kind finishes, and the link works. */
async function checkFinished(t: Test, directory: string, kind: CertRun, name: string): Promise<void> {
  const problems = applyCertWrites(directory, splitPlaces, await plannedWrites(directory, kind))
  t.strictSame(problems, [], name)
  const { value } = readCertFiles(directory, splitPlaces)
  t.equal(await handshake(end(value!, 'node-tls'), end(value!, 'signer-tls'), 'node.example.net'), 'ok', name)
  const files = Object.keys(readFiles(directory))
  t.strictSame(files.filter((path) => isTemporary(path)), [], name)
  if (kind === 'renew') t.strictSame(files.filter((path) => path.endsWith('.next')), [], name)
}

function fresh(kind: CertRun): string {
  const directory = join(root, 'run')
  rmSync(directory, { recursive: true, force: true })
  if (kind === 'first') mkdirSync(directory)
  else cpSync(made, directory, { recursive: true })
  return directory
}

for (const kind of ['first', 'renew', 'rotate'] as const) {
  t.test(`${kind}: killed at any step`, async (t) => {
    const directory = fresh(kind)
    const writes = await plannedWrites(directory, kind)
    const whole = withFault(0, 'kill', () => applyCertWrites(directory, splitPlaces, writes))
    t.strictSame(whole.value, [])
    t.ok(whole.steps.length > 20, `${whole.steps.length} steps`)
    let leftovers = 0
    for (const step of sample(t, `steps of ${kind}`, whole.steps.map((_, index) => index + 1), 8)) {
      const name = `killed at step ${step} (${whole.steps[step - 1]})`
      const directory = fresh(kind)
      const plan = JSON.stringify(await plannedWrites(directory, kind))
      t.equal(spawnSync(process.execPath, [program, directory, String(step), plan]).signal, 'SIGKILL', name)
      leftovers += Object.keys(readFiles(directory)).filter(isTemporary).length
      await checkWhole(t, directory, name)
      await checkFinished(t, directory, kind, name)
    }
    if (sampleIsWhole) t.ok(leftovers > 3, 'the runs were killed in the midst of it')
  })
}

for (const code of ['ENOSPC', 'EROFS']) {
  t.test(`renew: ${code} at any step`, async (t) => {
    const directory = fresh('renew')
    const writes = await plannedWrites(directory, 'renew')
    const { steps } = withFault(0, 'kill', () => applyCertWrites(directory, splitPlaces, writes))
    for (const step of sample(t, `steps until ${code}`, steps.map((_, index) => index + 1), 12)) {
      const name = `${code} at step ${step} (${steps[step - 1]})`
      const directory = fresh('renew')
      const writes = await plannedWrites(directory, 'renew')
      const [problem] = withFault(step, code, () => applyCertWrites(directory, splitPlaces, writes)).value
      t.match(problem?.message, new RegExp(`cannot be (read|written|removed): .*\\(${code}\\)`), name)
      await checkWhole(t, directory, name)
      await checkFinished(t, directory, 'renew', name)
    }
  })
}

/** A level of the way that is swapped for a link at any step of a run: nothing is written where the link leads. */

import fs, { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import t from 'tap'
import { applyCertWrites } from '../../generator/io/cert-store.ts'
import { inDirectory, realPath } from '../../generator/io/held-directory.ts'
import { storeSecrets } from '../../generator/io/secret-store.ts'
import type { Problem } from '../../generator/problem.ts'
import { certPlaces } from '../../generator/certs/places.ts'
import { testKey } from '../support/command.ts'
import { readFiles } from '../support/files.ts'

const root = realPath(t.testdir({}))
const calls = fs as unknown as Record<string, (...values: unknown[]) => unknown>
const names = ['openSync', 'mkdirSync', 'lstatSync', 'linkSync', 'renameSync', 'unlinkSync', 'writeFileSync', 'fsyncSync', 'readdirSync'] as const

/** Runs `action`, and swaps `level` for a link to `evil` just before its `step`-th step; returns how many steps there were. */
function swapping(step: number, level: string, action: () => readonly Problem[]): { readonly steps: number; readonly problems: readonly Problem[] } {
  const real = names.map((name) => [name, calls[name]!] as const)
  let steps = 0
  for (const [name, call] of real) {
    calls[name] = (...values) => {
      steps += 1
      if (steps === step && existsSync(level) && !lstatReal(level)) {
        renameReal(level, `${level}.moved`)
        symlinkSync(join(root, 'evil'), level)
      }
      return call(...values)
    }
  }
  const [lstatReal, renameReal] = [(path: string) => (real.find(([name]) => name === 'lstatSync')![1](path) as fs.Stats).isSymbolicLink(), real.find(([name]) => name === 'renameSync')![1]]
  syncBuiltinESMExports()
  try {
    const problems = action()
    return { steps, problems }
  } finally {
    for (const [name, call] of real) calls[name] = call
    syncBuiltinESMExports()
  }
}

function fresh(): string {
  for (const name of ['above', 'above.moved', 'evil']) rmSync(join(root, name), { recursive: true, force: true })
  mkdirSync(join(root, 'evil/stack/secrets'), { recursive: true })
  mkdirSync(join(root, 'evil/secrets'), { recursive: true })
  const directory = join(root, 'above/stack')
  mkdirSync(join(directory, 'secrets'), { recursive: true, mode: 0o700 })
  return directory
}

const places = certPlaces({ topology: 'single', nodeHost: undefined, signerHost: undefined })
const writers: Readonly<Record<string, (directory: string) => readonly Problem[]>> = {
  secrets: (directory) => storeSecrets(directory, [{ name: 'signer-private-key', value: testKey, home: '', note: '' }, { name: 'auth-token', value: 'token-of-16-letters', home: '', note: '' }]),
  'keys of certificates': (directory) => applyCertWrites(directory, places, [{ kind: 'add', path: places.authorityKey, text: 'a key\n', secret: true }]),
}

for (const [what, write] of Object.entries(writers)) {
  for (const level of ['above', 'above/stack', 'above/stack/secrets']) {
    t.test(`${what}, with ${level} swapped`, async (t) => {
      const { steps } = swapping(0, join(root, level), () => write(fresh()))
      t.ok(steps > 10, `${steps} steps`)
      let refused = 0
      for (let step = 1; step <= steps; step += 1) {
        const directory = fresh()
        const { problems } = swapping(step, join(root, level), () => write(directory))
        t.strictSame(Object.keys(readFiles(join(root, 'evil'))), [], `step ${step}`)
        if (problems.length === 0) t.ok(Object.keys(readFiles(join(root, existsSync(join(root, `${level}.moved`)) ? `${level}.moved` : level))).length > 0)
        else refused += 1
        if (problems.length > 0) t.match(problems[0]!.message, /symbolic link|permission|not a directory/, `step ${step}`)
      }
      t.ok(refused > 0)
    })
  }
}

t.test('levels are made with their modes, and a link is named', async (t) => {
  const directory = fresh()
  inDirectory(directory, 'a/b/secrets', 0o700, (place) => { fs.writeFileSync(join(place, 'x'), 'x') })
  t.equal(readFileSync(join(directory, 'a/b/secrets/x'), 'utf8'), 'x')
  t.strictSame(['a', 'a/b', 'a/b/secrets'].map((path) => lstatSync(join(directory, path)).mode & 0o777), [0o755, 0o755, 0o700])
  symlinkSync('a', join(directory, 'link'))
  t.throws(() => inDirectory(directory, 'link/secrets', 0o700, () => undefined), { code: 'ELOOP' })
  t.strictSame(readdirSync(join(directory, 'a')), ['b'])
  renameSync(join(directory, 'a'), join(directory, 'c'))
  t.equal(realPath(join(directory, 'link/none')), join(directory, 'link/none'), 'a link that leads nowhere is no directory')
})

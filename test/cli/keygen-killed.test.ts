/** `keygen` killed at every step that changes the disk, and run again. */

import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import t from 'tap'
import { identity, keyFromMnemonic } from '../../generator/stack/keys.ts'
import { command } from '../support/command.ts'
import { readFiles } from '../support/files.ts'
import { repository } from '../support/repository.ts'

const root = t.testdir({})
const program = join(root, 'keygen.mjs')
buildSync({ entryPoints: [join(repository, 'test/support/killed-keygen.ts')], outfile: program, bundle: true, platform: 'node', format: 'esm', logLevel: 'error',
  banner: { js: 'import{createRequire}from\'node:module\';const require=createRequire(import.meta.url);' } })
const directory = join(root, 'stack')
const files = ['secrets/.gitignore', 'secrets/signer-mnemonic', 'secrets/signer-private-key']

function killed(step: number) {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory)
  return spawnSync(process.execPath, [program, directory, String(step)], { encoding: 'utf8' })
}

const whole = killed(0)
const steps = whole.stdout.split(' ')
t.equal(whole.status, 0, whole.stderr)
const changing = steps.flatMap((name, index) => (['mkdirSync', 'writeFileSync', 'linkSync', 'unlinkSync'].includes(name) ? [index + 1] : []))
t.ok(changing.length >= 10, `${changing.length} steps`)

let half = 0
let withDotfile = 0
for (const step of changing) {
  const name = `killed at step ${step} (${steps[step - 1]!})`
  t.equal(killed(step).signal, 'SIGKILL', name)
  const left = readFiles(directory)
  const mnemonic = left['secrets/signer-mnemonic']
  if (mnemonic && !left['secrets/signer-private-key']) half += 1
  if (Object.keys(left).some((path) => /\.tmp-/.test(path))) withDotfile += 1
  const again = await command(directory, ['keygen', '.'])
  const found = readFiles(directory)
  t.strictSame(Object.keys(found).sort(), files, `${name}: both files, and no other with a key in it`)
  const words = found['secrets/signer-mnemonic']!.trim()
  if (mnemonic) t.equal(found['secrets/signer-mnemonic'], mnemonic, `${name}: the words that stood stay`)
  const key = found['secrets/signer-private-key']!.trim()
  t.equal(key, await keyFromMnemonic(words), `${name}: the key is that of the words`)
  t.match(again.out + again.err, identity(key, 'mainnet').address, `${name}: its address is told`)
  t.equal(again.code, left['secrets/signer-private-key'] ? 2 : 0, name)
}
t.ok(half >= 3, `${half} runs were killed between the two files`)
t.ok(withDotfile >= 5, `${withDotfile} had left a part of a file`)

t.test('a dry run sweeps nothing, and a mnemonic that is none is no dead end without a word', async (t) => {
  killed(0)
  t.match(await command(directory, ['keygen', '.', '--dry-run']), { code: 2, err: /already exists/ })
  rmSync(join(directory, 'secrets/signer-private-key'))
  t.match(await command(directory, ['keygen', '.', '--check']), { code: 1, out: /would write secrets\/signer-private-key\nnothing was written/ })
  const words = readFileSync(join(directory, 'secrets/signer-mnemonic'), 'utf8')
  t.match(await command(directory, ['keygen', '.']), { code: 0, out: /^= secrets\/signer-mnemonic/ })
  t.equal(readFileSync(join(directory, 'secrets/signer-mnemonic'), 'utf8'), words)
})

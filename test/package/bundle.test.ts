/** What each run loads, and that the bundle makes what its sources make. */

import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { command } from '../support/command.ts'
import { examples } from '../support/documents.ts'
import { putExampleSecrets } from '../support/example-secrets.ts'
import { readFiles } from '../support/files.ts'
import { repository } from '../support/repository.ts'
import { bundled } from './support/bundled.ts'

const root = t.testdir({})
const { dist, command: metafile } = await bundled(root)

const [[, output] = []] = Object.entries(metafile.outputs)
// Of a few modules a constant is left, since making it might have had an effect.
const inputs = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 500).map(([path]) => path)
const packages = new Set(inputs.flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []))

t.test('generating loads these packages, and of none of them what it does not need', async (t) => {
  t.strictSame([...packages].sort(), ['@iarna/toml', '@noble/hashes', 'base-x', 'c32check', 'cac', 'dotenv', 'handlebars', 'yaml'])
  t.strictSame(inputs.filter((path) => /handlebars\/.*compiler|yaml\/.*\/(compose\/compose|parse\/parser)|generator\/(adopt|upgrade|registry)\//.test(path)), [])
})

t.test('it is one file, and no larger than it is', async (t) => {
  t.strictSame((output?.imports ?? []).filter(({ kind, path }) => kind !== 'dynamic-import' && path.startsWith('.')), [])
  // Each 100 kB take about 2 ms and 0.3 MiB of each run. Who needs more room says so here.
  t.ok((output?.bytes ?? Infinity) < 900_000, `command.js has ${output?.bytes} bytes`)
  // One character beyond Latin-1 would double the memory that the text takes.
  t.notMatch(readFileSync(join(dist, 'command.js'), 'latin1'), /[\x80-\xff]/)
})

for (const example of examples) {
  t.test(`the bundle makes of ${example} what the sources make`, async (t) => {
    const place = (name: string) => {
      const at = join(t.testdirName, name)
      mkdirSync(at)
      cpSync(join(repository, 'examples', example), join(at, 'a.env'))
      putExampleSecrets(join(at, 'out'), readFileSync(join(at, 'a.env'), 'utf8'))
      return at
    }
    const made = (at: string) => Object.fromEntries(Object.entries(readFiles(join(at, 'out'))).filter(([path]) => !/(^|\/)(secrets|certs)\//.test(path)))
    t.testdir({})
    const [ours, theirs] = [place('bundle'), place('sources')]
    const ran = spawnSync(process.execPath, [join(dist, 'main.js'), 'a.env', 'out'], { cwd: ours, encoding: 'utf8' })
    t.equal(ran.status, 0, ran.stderr)
    t.equal((await command(theirs, ['a.env', 'out'])).code, 0)
    const want = made(theirs)
    t.ok(Object.keys(want).length > 20)
    t.strictSame(made(ours), want)
  })
}

t.test('what is loaded when it is named, is found', async (t) => {
  const cwd = t.testdir({})
  for (const [argv, want] of [[['keygen', '.'], /public key/], [['adopt', 'nowhere'], /nowhere/], [['certs'], /./], [['upgrade'], /no such answer file/], [['pin'], /no such answer file/], [['outdated'], /no such answer file/]] as const) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(dist, 'main.js'), ...argv], { cwd, encoding: 'utf8' })
    t.not(status, null)
    t.match(stdout + stderr, want, argv.join(' '))
    t.notMatch(stderr, /a bug in|is broken/)
  }
})

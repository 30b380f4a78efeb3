/** The picture at the top of the README is a run of the built command, as a terminal shows it. `npm run golden` takes it anew. */

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { builtCheckout } from '../support/checkout.ts'
import { testKey } from '../support/command.ts'
import { repository } from '../support/repository.ts'
import { screen } from '../support/screen.ts'
import { terminalMissing, typeInto } from '../support/terminal-run.ts'
import { terminalSvg } from '../support/terminal-svg.ts'

const picture = join(repository, 'test/readme/terminal.svg')
const columns = 110

const commands = [
  'npm create stacks-signer-stack@latest -- testnet.env my-signer',
  'echo SNAPSHOT_MOD=stream >> my-signer/answers.env',
  'cd my-signer && npm create stacks-signer-stack@latest',
] as const

const missing = terminalMissing()
if (missing && process.env['REQUIRE_ENGINES'] === '1') t.fail(missing)

t.test('the picture is what a run shows', { skip: process.env['REQUIRE_ENGINES'] === '1' ? false : missing ?? false }, async (t) => {
  // The picture shows a path: one below the checkout may have a blank in it, and would be quoted.
  const root = mkdtempSync(join(tmpdir(), 'picture-'))
  t.teardown(() => { rmSync(root, { recursive: true }) })
  const programs = builtCheckout(root)
  const home = join(root, 'home')
  // The example makes a key, other at each run; with one that is there already the picture is the same each time.
  mkdirSync(join(home, 'my-signer/secrets'), { recursive: true, mode: 0o700 })
  writeFileSync(join(home, 'my-signer/secrets/signer-private-key'), `${testKey}\n`, { mode: 0o600 })
  cpSync(join(repository, 'examples/testnet.env'), join(home, 'testnet.env'))

  const { lines, codes } = typeInto({ cwd: home, columns, programs: [programs] }, commands)
  t.strictSame(codes, [0, 0, 2], 'a stack, and a mistake that is refused')
  const text = lines.map((pieces) => pieces.map((piece) => piece.text).join(''))
  t.match(text.join('\n'), /^answers\.env:\d+:1: error: unknown answer SNAPSHOT_MOD$/m)
  t.notMatch(text.join('\n'), testKey.slice(0, 64), 'no key is shown')

  const svg = terminalSvg('npm create stacks-signer-stack makes a testnet signer, then refuses a misspelt answer', lines, columns)
  if (t.writeSnapshot) writeFileSync(picture, svg)
  t.ok(existsSync(picture), 'there is a picture; npm run golden takes it')
  t.equal(readFileSync(picture, 'utf8'), svg)
  const parsed = spawnSync('python3', ['-c', 'import sys, xml.dom.minidom as dom; dom.parse(sys.argv[1])', picture], { encoding: 'utf8' })
  t.equal(parsed.status, 0, `a viewer can read it ${parsed.stderr}`)
})

t.test('the screen obeys what programs write to a terminal', async (t) => {
  for (const [output, want] of [
    ['one\r\ntwo\n', [[{ text: 'one' }], [{ text: 'two' }], []]],
    ['50 %\r100 %\x1b[K\n', [[{ text: '100 %' }], []]],
    ['long line\rok\x1b[K', [[{ text: 'ok' }]]],
    ['a\nb\nc\x1b[2A\rX', [[{ text: 'X' }], [{ text: ' b' }], [{ text: '  c' }]]],
    ['\x1b[1;31merror\x1b[0m: x', [[{ text: 'error', bold: true, colour: 1 }, { text: ': x' }]]],
    ['\x1b[2mdim\x1b[22m \x1b[92mgreen\x1b[39m end   ', [[{ text: 'dim', dim: true }, { text: ' ' }, { text: 'green', colour: 10 }, { text: ' end' }]]],
    ['x'.repeat(25), [[{ text: 'x'.repeat(20) }], [{ text: 'xxxxx' }]]],
    ['\x1b[?25lhidden cursor\x1b[?25h', [[{ text: 'hidden cursor' }]]],
  ] as const) t.strictSame(screen(output, 20), want, JSON.stringify(output))
})

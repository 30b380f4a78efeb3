/** The picture at the top of the README is a run of the built command, as a terminal shows it. `npm run golden` records it. */

import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SaxesParser } from 'saxes'
import t from 'tap'
import { builtCheckout } from '../support/checkout.ts'
import { testKey } from '../support/command.ts'
import { repository } from '../support/repository.ts'
import { screen } from '../support/screen.ts'
import { terminalMissing, typeInto } from '../support/terminal-run.ts'
import { terminalSvg } from '../support/terminal-svg.ts'
import { asOperatorSees } from './status-picture.ts'

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
  // The picture shows a path. The path of the checkout may have a blank in it, and the command would quote it.
  const root = mkdtempSync(join(tmpdir(), 'picture-'))
  t.teardown(() => { rmSync(root, { recursive: true }) })
  const programs = builtCheckout(root)
  const home = join(root, 'home')
  // The example generates a key, a new one in each run. With a key in place, every run gives the same picture.
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
  t.ok(existsSync(picture), 'there is a picture; npm run golden records it')
  t.equal(readFileSync(picture, 'utf8'), svg)
  const parser = new SaxesParser()
  parser.on('error', (error) => { t.fail(`a viewer cannot read it: ${error.message}`) })
  parser.write(svg).close()
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

t.test('the picture of make status shows what an operator has', async (t) => {
  const row = (...[name, state, runs, pinned]: readonly [string, string, string, string]) => `${name.padEnd(14)}${state.padEnd(34)}${runs.padEnd(16)}${pinned}`
  const head = row('', 'state', 'runs', 'pinned')
  const output = ['status-7-x on testnet', head, row('init', 'done', 'aa11', 'aa11'), row('stacks-node', 'healthy for 2 min', '4.0.4', 'bb22'), row('peer', 'running for 3 min', 'cc33', 'cc33'), 'disk          9 GB free', ''].join('\n')
  const compose = 'services:\n  init:\n    image: docker.io/library/node:24-trixie-slim@sha256:ab\n  stacks-node:\n    image: example.net:5000/stacks-core:4.0.4\n'
  t.strictSame(asOperatorSees({ output, stack: 'status-7-x', compose, hidden: ['peer'] }), [
    'my-signer on testnet', head, row('init', 'done', '24-trixie-slim', '24-trixie-slim'), row('stacks-node', 'healthy for 2 min', '4.0.4', '4.0.4'), 'disk          9 GB free',
  ])
})

/** The built command in a real terminal: whole screens as in test/wizard/screens, and what no screen may show. `npm run golden` rewrites them. */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { needs, until } from '../docker/tools.ts'
import { testKey } from '../support/command.ts'
import { readFiles } from '../support/files.ts'
import { repository } from '../support/repository.ts'
import { lastTitles } from './streams.ts'
import { openTerminal, workingIn, type RealTerminal } from './tmux.ts'

const tmux = needs('tmux')
const usual = { TERM: 'xterm-256color', LANG: 'C.UTF-8' }
const size = { columns: 100, rows: 40 }
const argv = [process.execPath, join(repository, 'dist/main.js')]

async function open(t: Test, environment: Readonly<Record<string, string>> = {}, columns = size.columns): Promise<RealTerminal> {
  if (!existsSync(argv[1]!)) throw new Error('the command is not built: npm run build')
  return openTerminal(t, argv, { ...usual, ...environment }, { ...size, columns })
}

/** What is waited for, and what is done then: text is typed, keys in brackets are pressed. */
type Step = readonly [title: string, ...(readonly (string | readonly string[])[])]
const enter = ['Enter'] as const
const paste: readonly Step[] = [['Where the signer key comes from', enter], ['The signer key', testKey, enter]]
const snapshot: readonly Step[] = [['Start from a snapshot of the chain', enter], ['Another place to fetch', enter], ...lastTitles.map((title) => [title, enter] as const)]
const defaults: readonly Step[] = [
  ['Name of this stack', enter], ['Directory to write into', enter], ['Which Stacks network', enter], ['One host, or signer', enter],
  ['Where the Bitcoin chain comes from', enter], ...paste, ...snapshot, ['Write this?', enter],
]
const split: readonly Step[] = [
  ...defaults.slice(0, 3), ['One host, or signer', ['Down', 'Enter']],
  ["Where the signer's host reaches", 'node.example.net', enter], ["Where the node's host reaches", 'signer.example.net', enter],
  ...defaults.slice(4),
]
/** Where one answer rules another out, it cannot be chosen. */
const pruned: readonly Step[] = [
  ...defaults.slice(0, 4), ['Where the Bitcoin chain comes from', ['Down', 'Enter']], ...paste,
  ['Start from a snapshot of the chain', ['Down'], enter], ...snapshot.slice(1), ['Write this?', enter],
]
const corrected: readonly Step[] = [
  ['Name of this stack', 'My Signer', enter], ['did you mean my-signer?', ['C-u'], 'mine', enter], ...defaults.slice(1, 5),
  ['Where the signer key comes from', enter], ['The signer key', testKey.slice(0, 60), enter], ['it has 60 digits, not 64 or 66', testKey, enter],
  ...snapshot, ['Write this?', enter],
]

/** Answers each question and returns how it looked before that. A question is active while its title has this sign. */
async function answer(terminal: RealTerminal, steps: readonly Step[], sign = '[◆▲] '): Promise<readonly string[]> {
  const frames: string[] = []
  for (const [title, ...actions] of steps) {
    const words = title.split(' ').map((word) => word.replace(/[?.]/g, '\\$&')).join('\\s+(?:[│|]\\s+)?')
    await terminal.shows(new RegExp(/mean|digits/.test(title) ? words : `${sign} ${words}`))
    const lines = (await terminal.rests()).split('\n')
    frames.push(lines.slice(lines.findLastIndex((line) => new RegExp(`^${sign}`).test(line))).join('\n'))
    for (const action of actions) {
      if (typeof action === 'string') terminal.type(action)
      else terminal.press(...action)
    }
  }
  return frames
}

/** The part up to the first write; what follows names every file, which other tests hold. */
function untilWritten(screen: string): string {
  return screen.slice(0, screen.search(/^.*Writing$/m)).replace(/Files: \d+/g, 'Files: N').replace(/\((\d+)\)/g, '(N)')
}

function compare(t: Test, name: string, shown: string): void {
  const folder = join(repository, 'test/wizard/screens')
  const path = join(folder, `${name}.txt`)
  const stable = `${shown.trimEnd()}\n`
  if (t.writeSnapshot) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(path, stable)
  }
  t.equal(stable, existsSync(path) ? readFileSync(path, 'utf8') : '', `${name}.txt; npm run golden makes it`)
}

function showsNoKey(t: Test, terminal: RealTerminal): void {
  for (const shown of [terminal.screen(), terminal.coloured(), terminal.bytes()]) {
    for (let at = 0; at + 6 <= 60; at += 6) t.notMatch(shown, testKey.slice(at, at + 6), 'no part of the key is shown')
  }
}

const told: readonly (readonly [string, readonly Step[], Readonly<Record<string, string>>, number, string?])[] = [
  ['defaults', defaults, {}, 100],
  ['split', split, {}, 100],
  ['corrected', corrected, {}, 100],
  ['pruned', pruned, {}, 60],
  ['narrow', defaults, {}, 40],
  ['no-color', defaults, { NO_COLOR: '1' }, 100],
  ['ascii', defaults, { LANG: 'C' }, 100, '[*x] '],
]

for (const [name, steps, environment, columns, sign] of told) {
  t.test(name, tmux, async (t) => {
    const terminal = await open(t, environment, columns)
    const frames = await answer(terminal, steps, sign)
    t.equal(await terminal.ends(), 0, terminal.screen())
    await terminal.shows(/next: \S/)
    compare(t, name, untilWritten(terminal.screen()))
    compare(t, `${name}-asked`, frames.join('\n\n'))
    showsNoKey(t, terminal)
    const out = terminal.directory
    t.equal(readFileSync(join(out, name === 'split' ? 'signer-host/secrets/signer-private-key' : 'secrets/signer-private-key'), 'utf8'), `${testKey}\n`)
    t.notMatch(JSON.stringify(Object.entries(readFiles(out)).filter(([path]) => !path.includes('signer-private-key'))), testKey.slice(0, 16))
    t.match(readFileSync(join(out, 'answers.env'), 'utf8'), '\nSIGNER_KEY=provided\n')
    const colours = /\u001b\[[0-9;]*3[0-9]/.test(terminal.bytes())
    t.equal(colours, name !== 'no-color', 'colours')
    if (name === 'ascii') t.match(terminal.bytes(), /^[\0-\x7f]*$/)
  })
}

t.test('a terminal that can only print is asked line by line, and for no key', tmux, async (t) => {
  const terminal = await open(t, { TERM: 'dumb' })
  writeFileSync(join(terminal.directory, '../key'), `${testKey}\n`)
  const ask = async (title: string, text: string) => {
    await terminal.shows(title)
    await terminal.shows(/> $|> *$/)
    terminal.type(text)
    terminal.press('Enter')
  }
  await ask('Name of this stack', 'No Name')
  await ask('did you mean no-name?', '')
  for (const [title, text] of [
    ['Directory to write into', ''], ['Which Stacks network', 'mainet'], ['write a number from 1 to 3', '2'], ['One host', 'single'], ['Where the Bitcoin', ''], ['Host of the external', ''],
    ['Where the signer key', '1'], ['File that holds', '../key'], ['Start from', 'off'], ...lastTitles.map((title) => [title, ''] as const),
  ] as const) await ask(title, text)
  await terminal.shows('Write this? [Y/n]')
  terminal.press('Enter')
  t.equal(await terminal.ends(), 0)
  await terminal.shows(/next: \S/)
  compare(t, 'dumb', untilWritten(terminal.screen()))
  t.notMatch(terminal.bytes(), '\u001b', 'no control sequence')
  t.notMatch(terminal.screen(), 'Paste')
  showsNoKey(t, terminal)
  t.equal(readFileSync(join(terminal.directory, 'secrets/signer-private-key'), 'utf8'), `${testKey}\n`)
})

for (const key of ['C-c', 'C-d']) {
  t.test(`${key} leaves such a terminal with nothing behind`, tmux, async (t) => {
    const terminal = await open(t, { TERM: 'dumb' })
    await terminal.shows('Name of this stack')
    for (const title of ['Directory to write into', 'Which Stacks network', 'One host']) {
      terminal.press('Enter')
      await terminal.shows(title)
    }
    terminal.press(key)
    if (key === 'C-d') t.equal(await terminal.ends(), 2)
    // A signal ends the shell that started the command as well.
    else await until(() => workingIn(terminal.directory).length === 0, () => `${workingIn(terminal.directory).length} processes run there:\n${terminal.bytes()}`)
    t.strictSame(readdirSync(terminal.directory), [])
  })
}

for (const [index, [title]] of split.entries()) {
  t.test(`Ctrl-C at "${title}"`, tmux, async (t) => {
    const terminal = await open(t)
    await answer(terminal, [...split.slice(0, index), [title, ['C-c']]])
    t.equal(await terminal.ends(), 2)
    await terminal.shows('Nothing was written.')
    t.strictSame(readdirSync(terminal.directory), [])
    showsNoKey(t, terminal)
  })
}

for (const [how, key] of [['Esc', 'Escape'], ['Ctrl-D', 'C-d']] as const) {
  t.test(`${how} leaves as well`, tmux, async (t) => {
    const terminal = await open(t)
    // A key that is pressed before the next question is there belongs to none.
    await answer(terminal, [...defaults.slice(0, 8), [defaults[8]![0], [key]]])
    t.equal(await terminal.ends(), 2)
    t.strictSame(readdirSync(terminal.directory), [])
  })
}

t.test('a closed terminal leaves nothing behind', tmux, async (t) => {
  const terminal = await open(t)
  await answer(terminal, defaults.slice(0, -1))
  await terminal.shows('Write this?')
  t.ok(workingIn(terminal.directory).length > 0, 'the command runs')
  terminal.hangUp()
  await until(() => workingIn(terminal.directory).length === 0, () => `${workingIn(terminal.directory).length} processes run there:\n${terminal.bytes()}`)
  t.strictSame(readdirSync(terminal.directory), [])
  showsNoKey(t, { ...terminal, screen: terminal.bytes, coloured: terminal.bytes })
})

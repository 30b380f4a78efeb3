/** Every ordered pair of releases gets a verdict, and those that the facts name get the one that is written here. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { networks } from '../../generator/catalogue/networks.ts'
import { compareVersions, findNode, findSigner, newerRelease, newestRelease, nodeReleases, signerReleases } from '../../generator/catalogue/releases.ts'
import { judgeMove, type Move, type Pair } from '../../generator/upgrade/move.ts'
import { releaseNotes } from '../../generator/upgrade/notes.ts'
import { repository } from '../support/repository.ts'

const facts = JSON.parse(readFileSync(join(repository, 'test/facts/stacks-releases.json'), 'utf8')) as {
  readonly dbSchema: Readonly<Record<string, Readonly<Record<string, number>>>>
}

/** The node with the signer that belongs to it: the newest of the same numbers. */
function pair(version: string): Pair {
  const signer = findSigner(version) ?? signerReleases.findLast((one) => one.version.startsWith(`${version}.`))
  return { node: findNode(version)!, signer: signer! }
}

const pairs = nodeReleases.map(({ version }) => pair(version))
const codes = (list: readonly { readonly code: string }[]) => [...new Set(list.map(({ code }) => code))]

t.test('every release has its pair', async (t) => {
  t.equal(pairs.length, 34)
  for (const { node, signer } of pairs) t.ok(signer, node.version)
  t.strictSame(signerReleases.filter((one) => !pairs.some(({ signer }) => signer === one)).map(({ version }) => version), ['3.1.0.0.2.0', '3.1.0.0.8.0', '3.2.0.0.1.0'])
})

for (const network of networks) {
  t.test(`every ordered pair on ${network}`, async (t) => {
    for (const [older, from] of pairs.entries()) {
      for (const [newer, to] of pairs.entries()) {
        const name = `${from.node.version} to ${to.node.version}`
        const move = judgeMove(from, to, network)
        t.equal(move.direction, older === newer ? 'none' : older < newer ? 'forward' : 'back', name)
        if (older === newer) t.strictSame(move, { direction: 'none', refusals: [], notes: [] }, name)
        for (const { text } of move.notes) sentence(t, text)
        for (const { message, instead } of move.refusals) [message, instead].forEach((text) => sentence(t, text))
        if (older > newer) t.equal(codes(move.refusals).some((code) => code.startsWith('downgrade')), lowers(from, to), `${name}: ${codes(move.refusals).join(' ')}`)
        else t.notOk(codes(move.refusals).some((code) => code.startsWith('downgrade')), name)
        if (older > newer) t.notOk(move.notes.some(({ code }) => code.startsWith('migration') || code === 'release-note'), `${name}: nothing of what came later is told`)
      }
    }
  })

  t.test(`what is told on the way is told of the whole way on ${network}`, async (t) => {
    for (const [first, from] of pairs.entries()) {
      const steps = pairs.slice(first).flatMap((to, index) => (index === 0 ? [] : [judgeMove(pairs[first + index - 1]!, to, network)]))
      const inSteps = steps.flatMap(({ notes }) => notes.filter(({ code }) => code === 'release-note' || code === 'registry').map(({ text }) => text))
      const whole = judgeMove(from, pairs.at(-1)!, network)
      t.strictSame(whole.notes.filter(({ code }) => code === 'release-note' || code === 'registry').map(({ text }) => text).sort(), [...inSteps].sort(), from.node.version)
      t.equal(whole.notes.some(({ code }) => code.startsWith('migration')), steps.some(({ notes }) => notes.some(({ code }) => code.startsWith('migration'))))
    }
  })

  t.test(`the newest release can be moved to from anywhere on ${network}`, async (t) => {
    for (const from of pairs) t.strictSame(judgeMove(from, pair(newestRelease), network).refusals, [], from.node.version)
  })
}

/** Whether the facts know a database whose number falls, or know none of the newer release. */
function lowers(from: Pair, to: Pair): boolean {
  return (['node', 'signer'] as const).some((program) => {
    if (compareVersions(to[program].version, from[program].version) >= 0) return false
    const names = program === 'signer' ? ['signerDb'] : ['chainstate', 'sortition', 'burnchain', 'marf', 'nakamotoStaging']
    return names.some((name) => {
      const number = facts.dbSchema[name]![from[program].version]
      return number === undefined || facts.dbSchema[name]![to[program].version]! < number
    })
  })
}

function sentence(t: Test, text: string): void {
  if (text.length > 320 || /undefined|NaN|\[object|[.!] *$|^[A-Z]|\n| {2}/.test(text)) t.fail(text)
}

interface Row {
  readonly move: readonly [from: string, to: string]
  readonly on?: 'testnet'
  readonly refusals?: readonly string[]
  readonly act?: readonly string[]
  readonly know?: readonly string[]
}

const deadline = (node: string, height: number) => `stacks-node ${node} leaves mainnet at Bitcoin block ${height}: move before it. After it, remove its chain, the volume stacks-node-data`
const left = (node: string, height: number) => `stacks-node ${node} leaves mainnet at Bitcoin block ${height}: it does not know the rules that hold from there on; move to 4.0.4`
const gone = (node: string) => `the testnet that stacks-node ${node} knows no longer exists: 4.0.2 came with a new genesis; move to 4.0.4`
const together = (a: string, b: string, c: string, d: string) => `node and signer must move together, in one \`docker compose up -d\`: signer ${a} cannot read node ${b}, and signer ${c} cannot read node ${d}`
const signerDb = (a: number, b: number) => `stacks-signer migrates at its first start, with no way back: its database from schema ${a} to ${b}; back it up first (README, "Recovery")`
const nodeDbs = (which: string, version: string) => `stacks-node migrates at its first start, with no way back: ${which}; ${version} could then only start with a new archive of the chain`
const registry = ['core', 'signer'].map((name) => `the image of stacks-${name === 'core' ? 'node' : name} moves from docker.io/blockstack/stacks-${name} to ghcr.io/stacks-network/stacks-${name}: let the host reach that registry`)
const affirmation = 'stacks-node 3.2.0.0.2: the keys of the affirmation maps are gone; a node whose TOML still has one exits at once'
const unknownKeys = 'stacks-signer 4.0.2: a key in signer-config.toml that the signer does not know is now fatal: run `make check-config` before the start'
const anew = 'stacks-node 4.0.2: the testnet has a new genesis: remove the old chain, the volume stacks-node-data, before the start'
const replay = 'stacks-signer 4.0.3: validate_with_replay_tx and reset_replay_set_after_fork_blocks are gone; a signer whose TOML still has one does not start'
const pox4 = 'stacks-signer 4.0.0: generate-stacking-signature gives way to generate-staking-signature: make any PoX-4 signature that is still needed before the move'
const faulty = 'stacks-signer 3.3.0.0.6.0 has a faulty migration of its database; move to 4.0.4'
const unrecorded = (version: string) => `it is not recorded whether stacks-node ${version} migrates its databases: take it that there is no way back`
const keys = (version: string) => `not all keys of ${version} are published: they are taken to be those of 4.0.2, so run \`make check-config\` before the start`
const chain = (version: string) => `stay, or move forward; ${version} can only start with a new archive of the chain, or from a backup of the volume stacks-node-data made before the upgrade`
const backup = (version: string) => `stay, or move forward; ${version} can only start from a backup of the volume stacks-signer-data made before the upgrade`
const cannot = (program: string, to: string, from: string, which: string) => `stacks-${program} ${to} cannot read the schemas that ${from} has written: ${which}; ${program === 'node' ? chain(to) : backup(to)}`

const rows: readonly Row[] = [
  {
    move: ['3.1.0.0.13', '3.2.0.0.2'],
    refusals: [left('3.2.0.0.2', 923222)],
    act: [deadline('3.1.0.0.13', 907740),
      nodeDbs('the chainstate from schema 10 to 11, the sortition database from schema 9 to 10, the burnchain database from schema 2 to 3', '3.1.0.0.13'), signerDb(15, 17)],
    know: ['the node must not move alone: signer 3.1.0.0.13.0 cannot read node 3.2.0.0.2. `docker compose up -d` moves both', affirmation],
  },
  { move: ['3.3.0.0.5', '3.3.0.0.6'], refusals: [left('3.3.0.0.6', 943333), faulty],
    act: [...registry, nodeDbs('the sortition database from schema 10 to 11', '3.3.0.0.5'), signerDb(18, 19)],
    know: ['the node must not move alone: signer 3.3.0.0.5.0 cannot read node 3.3.0.0.6. `docker compose up -d` moves both'] },
  { move: ['3.3.0.0.5', '3.3.0.0.6'], on: 'testnet', refusals: [faulty, gone('3.3.0.0.6')],
    act: [...registry, nodeDbs('the sortition database from schema 10 to 11', '3.3.0.0.5'), signerDb(18, 19)],
    know: ['the node must not move alone: signer 3.3.0.0.5.0 cannot read node 3.3.0.0.6. `docker compose up -d` moves both'] },
  { move: ['3.3.0.0.6', '3.4.0.0.0'], refusals: [left('3.4.0.0.0', 960230)],
    act: [deadline('3.3.0.0.6', 943333), 'stacks-signer 3.3.0.0.6.0 may have damaged its database: put back a backup from before it, or remove the volume stacks-signer-data'] },
  { move: ['3.4.0.0.4', '4.0.1'],
    act: [deadline('3.4.0.0.4', 960230), together('3.4.0.0.4.0', '4.0.1', '4.0.1', '3.4.0.0.4'), nodeDbs('the chainstate from schema 13 to 14', '3.4.0.0.4'), pox4] },
  { move: ['3.4.0.0.4', '4.0.0'],
    refusals: ["stacks-node 4.0.0 leaves mainnet at Bitcoin block 960230: its pox-5 contract differs from the network's; move to 4.0.4"],
    act: [together('3.4.0.0.4.0', '4.0.0', '4.0.0', '3.4.0.0.4'), nodeDbs('the chainstate from schema 13 to 14', '3.4.0.0.4'), pox4] },
  { move: ['4.0.0', '4.0.2'], act: [deadline('4.0.0', 960230), unknownKeys],
    know: ['the node must not move alone: signer 4.0.0 cannot read node 4.0.2. `docker compose up -d` moves both'] },
  { move: ['4.0.0', '4.0.2'], on: 'testnet', act: [unknownKeys, anew] },
  { move: ['4.0.1', '4.0.2'], act: [unknownKeys], know: ['the node must not move alone: signer 4.0.1 cannot read node 4.0.2. `docker compose up -d` moves both'] },
  { move: ['4.0.2', '4.0.4'], act: [unrecorded('4.0.4'), signerDb(19, 20), keys('4.0.4')], know: [replay] },
  { move: ['4.0.3', '4.0.4'], act: [unrecorded('4.0.4'), keys('4.0.4')] },
  // Back: what shares its numbers can be read, all else cannot.
  { move: ['4.0.2', '4.0.1'], know: ['the signer must not move alone: signer 4.0.1 cannot read node 4.0.2. `docker compose up -d` moves both'] },
  { move: ['4.0.1', '3.4.0.0.4'], refusals: [left('3.4.0.0.4', 960230), cannot('node', '3.4.0.0.4', '4.0.1', 'the chainstate 14 (it reads up to 13)')],
    act: [together('4.0.1', '3.4.0.0.4', '3.4.0.0.4.0', '4.0.1')] },
  { move: ['4.0.4', '4.0.2'],
    refusals: [`it is not recorded whether stacks-node 4.0.2 can read the databases of 4.0.4; ${chain('4.0.2')}`, cannot('signer', '4.0.2', '4.0.4', 'its database 20 (it reads up to 19)')] },
  { move: ['4.0.4', '4.0.3'], refusals: [`it is not recorded whether stacks-node 4.0.3 can read the databases of 4.0.4; ${chain('4.0.3')}`] },
]

for (const { move: [from, to], on = 'mainnet', ...want } of rows) {
  t.test(`${from} to ${to} on ${on}`, async (t) => {
    const move = judgeMove(pair(from), pair(to), on)
    t.strictSame(told(move), { refusals: want.refusals ?? [], act: want.act ?? [], know: want.know ?? [] })
  })
}

function told(move: Move): object {
  const texts = (kind: 'act' | 'know') => move.notes.filter((note) => note.kind === kind).map(({ text }) => text)
  return { refusals: move.refusals.map(({ message, instead }) => `${message}; ${instead}`), act: texts('act'), know: texts('know') }
}

t.test('what concerns passed keys is told by what is passed', async (t) => {
  const idle = (passed: readonly string[]) => judgeMove(pair('3.3.0.0.4'), pair('4.0.4'), 'mainnet', (key) => passed.includes(key)).notes
    .filter(({ text }) => /tenure_idle|marf_cache/.test(text)).map(({ text }) => text.slice(0, 42))
  t.strictSame(idle([]), ['stacks-signer 3.3.0.0.5.0: tenure_idle_tim', 'stacks-signer 3.4.0.0.4.0: tenure_idle_tim'])
  t.strictSame(idle(['SIGNER__tenure_idle_timeout_secs']), [])
  t.strictSame(idle(['SIGNER__tenure_idle_timeout_secs', 'NODE__node__marf_cache_strategy']), ['stacks-node 4.0.2: node.marf_cache_strateg'])
})

t.test('one half alone, a release from the future, and both at once', async (t) => {
  const [old, now] = [pair('4.0.1'), pair('4.0.2')]
  t.strictSame(judgeMove({ node: old.node, signer: now.signer }, now, 'mainnet').notes, [], 'the signer was there already')
  t.equal(judgeMove({ node: now.node, signer: old.signer }, { node: old.node, signer: now.signer }, 'mainnet').direction, 'back')
  const future = { node: newerRelease('node', '4.0.9')!, signer: newerRelease('signer', '4.0.9')! }
  t.strictSame(codes(judgeMove(pair('4.0.4'), future, 'mainnet').notes), ['migration-unknown', 'keys-not-published'])
  t.strictSame(codes(judgeMove(future, pair('4.0.4'), 'mainnet').refusals), ['downgrade-unknown'])
})

t.test('the table of notes names known releases, in their order', async (t) => {
  for (const { program, since } of releaseNotes) t.ok((program === 'node' ? findNode : findSigner)(since), since)
  const order = releaseNotes.map(({ since }) => since)
  t.strictSame(order, [...order].sort(compareVersions))
})

t.test('what may have been started counts for the way back, and not for what is told', async (t) => {
  const [from, started] = [pair('4.0.2'), { node: findNode('4.0.2')!, signer: findSigner('4.0.4')! }]
  const move = judgeMove(from, from, 'mainnet', () => false, started)
  t.strictSame([move.direction, codes(move.refusals), move.notes.filter(({ code }) => code.startsWith('migration'))], ['back', ['downgrade'], []])
})

t.test('the sBTC signer: nothing is recorded of its databases', async (t) => {
  const at = (sbtc?: string): Pair => ({ ...pair('4.0.4'), ...(sbtc && { sbtc }) })
  t.match(judgeMove(at('1.4.0'), at('1.3.3'), 'mainnet'), { direction: 'back', refusals: [{ code: 'downgrade-unknown', message: /sbtc-signer 1\.3\.3 can read the database of 1\.4\.0/ }] })
  t.match(judgeMove(at('1.3.3'), at('1.4.0'), 'mainnet'), { direction: 'forward', refusals: [], notes: [{ code: 'migration-unknown', kind: 'act' }] })
  for (const [before, after] of [[undefined, '1.3.3'], ['1.3.3', undefined]]) t.equal(judgeMove(at(before), at(after), 'mainnet').direction, 'none')
})

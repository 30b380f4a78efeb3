/** What two stacks of a fleet may share and what not, from answer files to messages. */

import { join } from 'node:path'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { messageLines } from '../../answers/bad-inputs.ts'
import { command, sbtcTestKey, testKey } from '../../support/command.ts'
import { readFiles } from '../../support/files.ts'

const keyOf = (number: number) => number.toString(16).padStart(64, '0')
let next = 0
/** An answer file with a key of its own, external Bitcoin and no snapshot: nothing but what the case is about. */
function answers(name: string, lines: readonly string[]): string {
  next += 1
  const key = lines.some((line) => line.startsWith('SIGNER_PRIVATE_KEY=')) ? [] : [`SIGNER_PRIVATE_KEY=${keyOf(next)}`]
  return [`STACK_NAME=${name}`, 'NETWORK=mainnet', 'PLATFORM=linux/amd64', ...key, ...lines, ''].join('\n')
}
const external = ['BITCOIN_MODE=external', 'BITCOIN_HOST=b.example.net']
const sbtc = (...lines: readonly string[]) => [...external, 'SBTC_SIGNER=on', 'EMILY_API_KEY=an-api-key-of-nobody', 'SBTC_SIGNATURES_REQUIRED=1',
  'SBTC_SIGNING_SET=02b61056bb84aa2ff7d740a31334c68a691e93ed3a229632e1b22e5b47bbb87ec0', `SBTC_PRIVATE_KEY=${sbtcTestKey}`, ...lines]
const sbtcAddress = 'SP2F7XHT52E1D7RSWJYBYN12XCSXT39V4S5Y4VNTQ'
const split = (node: string, signer: string) => ['TOPOLOGY=split', `NODE_HOST=${node}`, `SIGNER_HOST=${signer}`, ...external]

interface Case {
  readonly name: string
  readonly a: readonly string[]
  readonly b: readonly string[]
  readonly names?: readonly [string, string]
  readonly want: readonly string[]
}

const address = 'SP1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRCBGD7R'
const p2p = 'f/b.env:1:1: error: port 20444/tcp (Stacks peers) is that of f/a.env too'
const cases: readonly Case[] = [
  { name: 'one port, nothing that tells machines apart', a: external, b: external, want: [p2p] },
  { name: 'another port', a: external, b: [...external, 'NODE_P2P_PORT=20555'], want: [] },
  { name: 'the place of the port', a: [...external, 'NODE_P2P_PORT=20555'], b: [...external, 'NODE_P2P_PORT=20555'],
    want: ['f/b.env:7:15: error: port 20555/tcp (Stacks peers) is that of f/a.env too'] },
  { name: 'two bitcoinds', a: [], b: ['NODE_P2P_PORT=20555'], want: ['f/b.env:1:1: error: port 8333/tcp (Bitcoin peers) is that of f/a.env too'] },
  { name: 'one of the bitcoinds keeps to itself', a: ['BITCOIN_P2P_PUBLISH=off'], b: ['NODE_P2P_PORT=20555'], want: [] },
  { name: 'a node on the port of a bitcoind', a: ['BITCOIN_P2P_PUBLISH=off', 'NODE_P2P_PORT=8333'], b: [], want: ['f/b.env:1:1: error: port 8333/tcp (Bitcoin peers) is that of f/a.env too'] },
  { name: 'one RPC port', a: [...external, 'NODE_RPC_PUBLISH=127.0.0.1:20443'], b: [...external, 'NODE_P2P_PORT=20555', 'NODE_RPC_PUBLISH=127.0.0.1:20443'],
    want: ['f/b.env:8:18: error: port 20443/tcp (RPC of the node) is that of f/a.env too'] },
  { name: 'two machines by MACHINE', a: [...external, 'MACHINE=m1'], b: [...external, 'MACHINE=m2'], want: [] },
  { name: 'one machine by MACHINE, in another case', a: [...external, 'MACHINE=m1'], b: [...external, 'MACHINE=M1'], want: [p2p] },
  { name: 'only one names its machine', a: [...external, 'MACHINE=m1'], b: external, want: [p2p] },
  { name: 'two machines by PUBLIC_ADDRESS', a: [...external, 'PUBLIC_ADDRESS=203.0.113.1:20444'], b: [...external, 'PUBLIC_ADDRESS=203.0.113.2'], want: [] },
  { name: 'one address with two ports outside', a: [...external, 'PUBLIC_ADDRESS=203.0.113.1:1'], b: [...external, 'PUBLIC_ADDRESS=203.0.113.1:2'], want: [p2p] },
  { name: 'one machine with two addresses', a: [...external, 'MACHINE=m', 'PUBLIC_ADDRESS=203.0.113.1'], b: [...external, 'MACHINE=m', 'PUBLIC_ADDRESS=203.0.113.2'], want: [p2p] },
  { name: 'two machines behind one address', a: [...external, 'MACHINE=m', 'PUBLIC_ADDRESS=203.0.113.1:1'], b: [...external, 'MACHINE=n', 'PUBLIC_ADDRESS=203.0.113.1:2'], want: [] },
  { name: 'a name and an address cannot be compared', a: [...external, 'MACHINE=m'], b: [...external, 'PUBLIC_ADDRESS=203.0.113.2'], want: [p2p] },
  { name: 'split on four machines', a: split('n1.example.net', 's1.example.net'), b: split('n2.example.net', 's2.example.net'), want: [] },
  { name: 'split with one host of signers', a: split('n1.example.net', 's.example.net'), b: split('n2.example.net', 's.example.net'),
    want: ['f/b.env:1:1: error: port 3443/tcp (TLS from the node\'s host, and from nowhere else) is that of f/a.env too'] },
  { name: 'split and single meet', a: split('n1.example.net', 's1.example.net'), b: [...external, 'MACHINE=n1.example.net'], want: [p2p] },
  { name: 'one folder for data', a: [...external, 'STACKS_DATA_DIR=/srv/d'], b: [...external, 'NODE_P2P_PORT=20555', 'SIGNER_DATA_DIR=/srv/d/signer'],
    want: ['f/b.env:8:17: error: SIGNER_DATA_DIR=/srv/d/signer shares a folder with the data of f/a.env'] },
  { name: 'one folder on two machines', a: [...external, 'MACHINE=m1', 'STACKS_DATA_DIR=/srv/d'], b: [...external, 'MACHINE=m2', 'STACKS_DATA_DIR=/srv/d'], want: [] },
  { name: 'one name on one machine', names: ['s', 's'], a: external, b: [...external, 'NODE_P2P_PORT=20555'],
    want: ['f/b.env:1:12: error: s is the stack of f/a.env too: on one machine both would be one Compose project, with the same volumes'] },
  { name: 'one name on two machines', names: ['s', 's'], a: [...external, 'MACHINE=m1'], b: [...external, 'MACHINE=m2'], want: [] },
  { name: 'one name, split, one host of signers', names: ['s', 's'], a: split('n1.example.net', 's.example.net'), b: [...split('n2.example.net', 's.example.net'), 'SIGNER_TLS_PORT=3444'],
    want: ['f/b.env:1:12: error: s is the stack of f/a.env too: on one machine both would be one Compose project, with the same volumes'] },
  { name: 'one key, on two machines, in two spellings', a: [...external, 'MACHINE=m1', `SIGNER_PRIVATE_KEY=${testKey}`],
    b: ['MACHINE=m2', `SIGNER_PRIVATE_KEY=${testKey.slice(0, 64).toUpperCase()}`],
    want: [`f/b.env:5:20: error: this stack signs as ${address}, and so does that of f/a.env: one running signer per key`] },
  { name: 'an active and a standby of one key, on two machines', names: ['s', 's'], a: [...external, 'MACHINE=m1', `SIGNER_PRIVATE_KEY=${testKey}`],
    b: [...external, 'MACHINE=m2', `SIGNER_PRIVATE_KEY=${testKey}`, 'ROLE=standby'], want: [] },
  { name: 'the standby first', a: [...external, 'MACHINE=m1', `SIGNER_PRIVATE_KEY=${testKey}`, 'ROLE=standby'],
    b: [...external, 'MACHINE=m2', `SIGNER_PRIVATE_KEY=${testKey}`], want: [] },
  { name: 'an active and a standby of one key, on one machine', a: [...external, `SIGNER_PRIVATE_KEY=${testKey}`],
    b: [...external, `SIGNER_PRIVATE_KEY=${testKey}`, 'ROLE=standby'], want: [p2p] },
  { name: 'a standby has no other sBTC signer', a: sbtc('MACHINE=m1', 'ROLE=standby', `SIGNER_PRIVATE_KEY=${testKey}`), b: sbtc('MACHINE=m2', `SIGNER_PRIVATE_KEY=${testKey}`),
    want: [`f/b.env:10:18: error: this stack signs as ${sbtcAddress}, and so does that of f/a.env: one running signer per key`] },
  { name: 'one sBTC key on two machines', a: sbtc('MACHINE=m1'), b: sbtc('MACHINE=m2'),
    want: [`f/b.env:11:18: error: this stack signs as ${sbtcAddress}, and so does that of f/a.env: one running signer per key`] },
  { name: 'an sBTC key as that of a Stacks signer elsewhere', a: sbtc('MACHINE=m1'), b: [...external, 'MACHINE=m2', `SIGNER_PRIVATE_KEY=${sbtcTestKey}`],
    want: [`f/b.env:7:20: error: this stack signs as ${sbtcAddress}, and so does that of f/a.env: one running signer per key`] },
]

for (const { name, a, b, names = ['a', 'b'], want } of cases) {
  t.test(name, async (t) => {
    const root = t.testdir({ f: { 'a.env': answers(names[0], a), 'b.env': answers(names[1], b) } })
    const before = readFiles(root)
    const ran = await command(root, ['f/a.env', 'f/b.env'])
    t.equal(ran.code, want.length > 0 ? 2 : 0, ran.err)
    t.strictSame(messageLines(ran.err).filter((line) => line.includes(': error: ')), want)
    t.notMatch(ran.out + ran.err, new RegExp(testKey.slice(0, 64), 'i'))
    if (want.length === 0) return
    t.match(ran.err, new RegExp(`^${want.length} error in a fleet of 2 stacks; nothing was written$`, 'm'))
    t.strictSame(readFiles(root), before)
  })
}

t.test('a key that is given here and stored there, and one of which only the manifest tells', async (t) => {
  const root = t.testdir({ f: { 'a.env': answers('a', [...external, `SIGNER_PRIVATE_KEY=${testKey}`]) } })
  t.equal((await command(root, ['f/a.env', 'f/a'])).code, 0)
  writeFileSync(join(root, 'f/b.env'), answers('b', [...external, 'MACHINE=m', `SIGNER_PRIVATE_KEY=${testKey}`]))
  const want = new RegExp(`f/b\\.env:7:20: error: this stack signs as ${address}, and so does that of f/a/answers\\.env`)
  const argv = ['f/a/answers.env', 'f/b.env']
  t.match((await command(root, argv)).err, want)
  rmSync(join(root, 'f/a/secrets'), { recursive: true })
  t.match((await command(root, argv)).err, want)
  for (const flag of ['--check', '--dry-run', '--diff', '--force']) t.equal((await command(root, [...argv, flag])).code, 2, flag)
})

t.test('two active ones beside a standby: the later of the two is told, and the standby in the report', async (t) => {
  const root = t.testdir({ f: Object.fromEntries([['a', 'active'], ['b', 'standby'], ['c', 'active']].map(([name, role]) =>
    [`${name}.env`, answers(name!, [...external, `MACHINE=${name}`, `ROLE=${role}`, `SIGNER_PRIVATE_KEY=${testKey}`])])) })
  const ran = await command(root, ['f/a.env', 'f/b.env', 'f/c.env'])
  t.strictSame(messageLines(ran.err).filter((line) => line.includes(': error: ')),
    [`f/c.env:8:20: error: this stack signs as ${address}, and so does that of f/a.env: one running signer per key`])
  t.match(ran.err, 'if it is the second host of that signer, write ROLE=standby')
  t.match((await command(root, ['f/a.env', 'f/b.env'])).out, new RegExp(`f/a .*signer ${address}\\n\\+ f/b .*signer ${address} \\(standby\\)\\n`))
})

t.test('MACHINE says nothing of a split stack', async (t) => {
  const root = t.testdir({ 'a.env': answers('a', [...split('n1.example.net', 's1.example.net'), 'MACHINE=m1']) })
  t.strictSame(messageLines((await command(root, ['a.env', 'a'])).err), ['a.env:4:1: warning: SIGNER_PRIVATE_KEY is stored in secrets/ now: this line can go', 'a.env:10:9: warning: MACHINE is not used with TOPOLOGY=split: NODE_HOST and SIGNER_HOST name its machines'])
})

t.test('directories that are one, or lie in one another', async (t) => {
  const root = t.testdir({ f: { 'a.env': answers('a', external), a: { 'b.env': answers('b', [...external, 'NODE_P2P_PORT=1']) } } })
  mkdirSync(join(root, 'f/real'))
  symlinkSync('a.env', join(root, 'f/A.env'))
  const said = async (...argv: readonly string[]) => messageLines((await command(root, argv)).err).filter((line) => /: error: .*(directory)/.test(line))
  t.strictSame(await said('f/a.env', './f/a.env'), ['./f/a.env:1:1: error: f/a is the directory of f/a.env too'])
  t.match((await said('f/a.env', 'f/A.env'))[0], /error: f\/A is the directory of f\/a\.env too/)
  t.match((await said('f/a/b.env', 'f/a.env'))[0], /f\/a\/b\.env:\d+:\d+: error: f\/a\/b lies inside the directory of f\/a\.env/)
})

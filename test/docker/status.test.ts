/** docker/tools/status.py: one screen, with or without a running stack, and the same as JSON. */

import t from 'tap'
import { edit, ended, fail, healthy, judge, logLine, patch, patchContainer, stream, type Sections } from './evidence.ts'
import { needs } from './tools.ts'

const options = needs('python3')
const status = (sections: Sections, ...args: readonly string[]) => judge('status.py', stream(sections, 'status'), ...args)

t.test('a healthy stack is one screen', options, async (t) => {
  const { code, out } = status(healthy('status', { tls: 'single' }).sections)
  t.equal(out, `sample on mainnet
              state                             runs            pinned
init          done                              1               1
snapshot      healthy for 3 days                000000000000    000000000000
bitcoind      healthy for 3 days                1               1
node-tls      healthy for 3 days                1               1
signer-tls    healthy for 3 days                1               1
guard         healthy for 3 days                1               1
stacks-signer healthy for 3 days                4.0.4           1
stacks-node   healthy for 3 days                4.0.4           1
snapshot      in place: https://archive.example.net/chain.tar.zst (2026-11-18)
bitcoind      block 960500 of 960500 known, 100.00 % verified, 24 peers
chain         Stacks block 5000000, level with its peers; Bitcoin block 960500
registration  registered for cycle 140 (weight 12); 141 too (weight 12)
guard         passed: this host was cleared before
signing       1234 blocks signed in this cycle, 1299 responses to 1300
              proposals since its start, last response 12 s ago
certificates  node-tls 390 days left, signer-tls 390 days left
disk          1869 GB free of 3666 GB
logs          in files of Docker, at most 1 GB of each container
backup        no backups are set up
`)
  t.equal(code, 0)
})

t.test('it fits 80 columns and 24 lines, whatever is wrong', options, async (t) => {
  for (const one of [{}, { tls: 'single' }, { tls: 'node' }, { tls: 'signer' }, { bitcoin: 'external', snapshot: false }] as const) {
    for (const spoil of [(): void => undefined, (s: Sections) => { for (const name of s.keys()) if (/^(node|signer|bitcoin|snapshot|tls|disk)\./.test(name)) fail(s, name, 'Error response from daemon: '.repeat(9)) }, (s: Sections) => edit(s, 'containers', () => '')]) {
      const { sections } = healthy('status', one)
      spoil(sections)
      const lines = status(sections).out.trimEnd().split('\n')
      t.ok(lines.length <= 24, `${lines.length} lines`)
      t.strictSame(lines.filter((line) => line.length > 79), [])
    }
  }
})

t.test('a standby is well without its signer', options, async (t) => {
  const { sections } = healthy('status')
  edit(sections, 'guard.verdict', () => 'standby\nits signer does not start\n')
  edit(sections, 'facts', (text) => text.replace('role=active', 'role=standby'))
  for (const name of sections.keys()) if (name.startsWith('signer.')) sections.delete(name)
  patchContainer(sections, 'stacks-signer', { health: 'starting' })
  const { code, out } = status(sections)
  t.equal(code, 0, out)
  t.match(out, /^stacks-signer stands by, has no key/m)
  t.match(out, /^guard +this host is the standby$/m)
  t.notMatch(out, /^signing/m)
})

t.test('nothing runs yet', options, async (t) => {
  const { sections } = healthy('status')
  for (const name of sections.keys()) if (/^(node|signer|bitcoin|snapshot)\./.test(name)) sections.delete(name)
  edit(sections, 'containers', () => '')
  edit(sections, 'disk.volumes', () => '')
  const { code, out } = status(sections)
  t.equal(code, 1)
  t.match(out, /^stacks-signer!no container +- +1$/m)
  t.match(out, /^chain +!unknown: node\.info was not asked$/m)
  t.match(out, /^disk +1869 GB free of 3666 GB$/m)
  t.match(out, /make doctor says why/)
})

t.test('what is not as it should be is marked', options, async (t) => {
  const cases: readonly (readonly [what: string, plant: (s: Sections) => void, line: RegExp])[] = [
    ['another image', (s) => patchContainer(s, 'bitcoind', { image: 'example/bitcoind:0@sha256:00' }), /^bitcoind {5}!healthy for 3 days +0 +1$/m],
    ['a signer that ended', (s) => ended(s, 'stacks-signer', 0), /^stacks-signer!exited \(0\)/m],
    ['a signer that cannot begin', (s) => edit(s, 'signer.marks', (log) => `${log}${[300, 150, 0].map((ago) => logLine(ago, 'ERRO Failed to initialize signer runloop: x')).join('')}`), /^stacks-signer!running for 3 days, cannot begin/m],
    ['a failed init', (s) => patchContainer(s, 'init', { exit: 1 }), /^init {9}!exited \(1\): it must succeed first/m],
    ['restarts', (s) => patchContainer(s, 'stacks-node', { health: 'starting', restarts: 4 }), /^stacks-node {2}!starting for 3 days, 4 restarts/m],
    ['a snapshot on its way', (s) => edit(s, 'snapshot.status', () => 'downloading 12 % (60.0 of 500.0 GB), 55.0 MB/s, about 2 h left\n'), /^snapshot {5}!downloading 12 % \(60\.0 of 500\.0 GB\)/m],
    ['a chain that is read', (s) => patch(s, 'bitcoin.chain', { initialblockdownload: true, blocks: 12 }), /^bitcoind {5}!block 12 of 960500/m],
    ['behind', (s) => patch(s, 'node.health', { difference_from_max_peer: 88 }), /^chain {8}!Stacks block 5000000, 88 behind its peers/m],
    ['a guard that refuses', (s) => edit(s, 'guard.verdict', () => 'refused\nslot 3 of signers-0-1 went from version 41 to 45\n'), /^guard {8}!refused: slot 3 of signers-0-1 went from version 41 to 45/m],
    ['a host that was demoted', (s) => edit(s, 'guard.verdict', () => 'standby\nits signer does not start\n'), /^guard {8}!this host is the standby; answers\.env still says ROLE=active/m],
    ['no seat', (s) => patch(s, 'node.set', { stacker_set: { signers: [] } }), /^registration !not registered for cycle 140; 141 too/m],
    ['no response', (s) => edit(s, 'signer.metrics', () => 'stacks_signer_block_proposals_received 9\n'), /^signing {6}!.*0 responses to 9 proposals/m],
  ]
  for (const [what, plant, line] of cases) {
    const { sections } = healthy('status')
    plant(sections)
    const { code, out } = status(sections)
    t.equal(code, 1, what)
    t.match(out, line, what)
  }
})

t.test('as JSON', options, async (t) => {
  const { out, code } = status(healthy('status').sections, '--json')
  const told = JSON.parse(out) as Record<string, unknown> & { readonly services: readonly object[] }
  t.equal(code, 0)
  t.match(told, {
    stack: 'sample', network: 'mainnet', code: 0, releases: { 'stacks-node': '4.0.4', 'stacks-signer': '4.0.4' },
    chain: { stacksBlock: 5000000, bitcoinBlock: 960500, behindPeers: 0 }, bitcoind: { block: 960500, syncing: false },
    registration: { cycle: 140, registered: true, registeredNext: true, weight: 12 }, signing: { blocksSigned: 1234, responses: 1299, lastResponseSecondsAgo: 12 },
    snapshot: { inPlace: true }, disk: { freeBytes: 1960000000 * 1024, daysLeft: null }, backup: { ageSeconds: null },
  })
  t.match(told.services.find((one) => (one as { service: string }).service === 'stacks-node'), { fine: true, runs: '4.0.4', asPinned: true })
})

t.test('cut off or empty, it says so', options, async (t) => {
  const input = stream(healthy('status').sections, 'status')
  for (let length = 0; length < input.length; length += Math.ceil(input.length / 25)) {
    const { code, err } = judge('status.py', input.subarray(0, length))
    t.equal(code, 2, `${length} bytes`)
    t.notMatch(err, /Traceback/)
  }
  const { sections } = healthy('status')
  fail(sections, 'containers', 'Cannot connect to the Docker daemon')
  t.match(status(sections), { code: 2, err: /could not look: containers: Cannot connect/ })
})

t.test('backups', options, async (t) => {
  const of = (spoil: (s: Sections) => void) => {
    const { sections } = healthy('status', { backup: 'sftp' })
    spoil(sections)
    return status(sections).out
  }
  t.match(of(() => undefined), /^backup +2 h ago, verified, secrets sealed 2026-11-20$/m)
  t.match(of((s) => patch(s, 'backup.state', { last_success: '2026-11-18T12:00:00Z', error: 'the server is away' })), /^backup {7}!3 days ago, verified, secrets sealed 2026-11-20; the server is\n +away$/m)
  t.match(of((s) => { s.set('backup.state', { code: 1, out: '', err: 'cat: /var/lib/backup/state.json: No such file or directory\n' }) }), /^backup {7}!none yet, without the secrets$/m)
})

t.test('dumps of an sBTC signer', options, async (t) => {
  const of = (spoil: (s: Sections) => void, sbtc: 'alone' | 'beside' = 'beside') => {
    const { sections } = healthy('status', { backup: 'sftp', sbtc })
    spoil(sections)
    return status(sections).out
  }
  const change = (change: object) => (s: Sections) => patch(s, 'sbtc-backup.state', change)
  for (const kind of ['alone', 'beside'] as const) t.match(of(() => undefined, kind), /^sbtc-backup {3}2 h ago, good, stored$/m)
  t.match(of(change({ verdict: 'rotation-pending' })), /^sbtc-backup {3}2 h ago, rotation-pending, stored$/m)
  t.match(of(change({ verdict: 'damaged' })), /^sbtc-backup {2}!2 h ago, damaged, stored$/m)
  t.match(of(change({ number: 42 })), /^sbtc-backup {2}!2 h ago, not yet looked at, not yet stored off this host$/m, 'a verdict on another one is none')
  t.match(of((s) => patch(s, 'backup.state', { dump: null })), /^sbtc-backup {3}2 h ago, good, not yet stored off this host$/m)
  t.match(of(change({ error: 'the database did not answer' })), /^sbtc-backup {2}!2 h ago, good, stored; the database did not answer$/m)
  t.match(of(change({ last_success: '2026-11-18T12:00:00Z' })), /^sbtc-backup {2}!3 days ago, good, stored$/m)
  t.match(of((s) => { s.set('sbtc-backup.state', { code: 1, out: '', err: 'cat: /var/lib/sbtc-backup/state.json: No such file or directory\n' }) }), /^sbtc-backup {2}!none yet, not yet stored off this host$/m)
  t.match(of(change({ last_success: 'yesterday' })), /^sbtc-backup {2}!unknown: /m)
  t.match(of(change({ number: null, verified_dump: 7 })), /^sbtc-backup {2}!2 h ago, not yet looked at/m)
})

t.test('an sBTC signer alone is one screen, too', options, async (t) => {
  const { sections } = healthy('status', { sbtc: 'alone' })
  const { code, out } = status(sections)
  t.equal(code, 0, out)
  t.match(out, /^sBTC +signer and blocklist answer; newest key as in the contract; set\n +as on the chain$/m)
  t.match(out, /^sBTC chain +Stacks block 5000000, level with its peers; Bitcoin block 960500\n +of 960500, 100\.00 % verified$/m)
  t.notMatch(out, /^(bitcoind|chain|registration|signing|guard) /m)
  for (const sbtc of ['beside', 'shared'] as const) {
    const both = healthy('status', { sbtc })
    t.equal(status(both.sections).code, 0, sbtc)
    t.match(status(both.sections).out, /^chain +Stacks block[^]*^sBTC chain +Stacks block/m)
  }
  patch(sections, 'sbtc.state', { blocklist: 503, dkg: { current_aggregate_key: `02${'a'.repeat(64)}`, contract_aggregate_key: `03${'b'.repeat(64)}` }, health: { difference_from_max_peer: 50, max_stacks_neighbor_address: 'x' } })
  sections.set('sbtc.set', { code: 1, out: 'sbtc-set: the chain wants 8 signatures, and SBTC_SIGNATURES_REQUIRED is 10\nDo not\n', err: '' })
  const bad = status(sections, '--json')
  t.equal(bad.code, 1)
  t.match(JSON.parse(bad.out), { sBTC: { fine: false, away: ['blocklist-client answers with 503'], keyMatches: false, setDiffers: /wants 8/ }, 'sBTC chain': { fine: false, behindPeers: 50 } })
  sections.set('sbtc.set', { code: 2, out: '', err: 'sbtc-set: could not tell: the node is 50 blocks behind its peers\n' })
  patch(sections, 'sbtc.state', { node: null })
  t.match(status(sections).out, /^sBTC +!unknown: could not tell: the node is 50 blocks[^]*^sBTC chain +!unknown: the node does not answer/m)
})

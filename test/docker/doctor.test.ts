/** inspect doctor: each known fault is named first, and none is found where all is well. */

import t from 'tap'
import { checks } from '../../docker/programs/inspect/doctor/checks.ts'
import type { SampleOptions } from '../support/sample-stack.ts'
import { faults, harmless } from './doctor-faults.ts'
import { fail, healthy, judge, logLine, edit, patch, patchContainer, says, stream, type Sections } from './evidence.ts'

interface Report {
  readonly code: number
  readonly findings: readonly { readonly id: string; readonly level: string; readonly evidence: string; readonly remedy: string; readonly because: readonly string[] }[]
  readonly unknown: readonly { readonly id: string; readonly why: string; readonly expected: boolean }[]
  readonly ok: readonly string[]
  readonly couldNotLook: readonly string[]
}

async function doctor(input: Buffer): Promise<Report & { readonly exit: number }> {
  const { code, out, err } = await judge(input, 'doctor', '--json')
  if (err !== '' && code !== 2) throw new Error(err)
  return { exit: code, ...(JSON.parse(out || '{"code":2,"findings":[],"unknown":[],"ok":[],"couldNotLook":[]}') as Report) }
}

const stacks: readonly SampleOptions[] = [
  {}, { bitcoin: 'pruned' }, { bitcoin: 'external', snapshot: false }, { network: 'testnet', bitcoin: 'external', identity: false }, { network: 'staking-testnet' }, { tls: 'single' }, { tls: 'node' }, { tls: 'signer' },
  { sbtc: 'alone' }, { sbtc: 'beside' }, { sbtc: 'shared' }, { logDays: 90 }, { folders: true },
]

t.test('nothing is found in a healthy stack, of whatever shape', async (t) => {
  for (const one of stacks) {
    const report = await doctor(stream(healthy('doctor', one).sections))
    t.strictSame([report.exit, report.findings, report.couldNotLook], [0, [], []], JSON.stringify(one))
    t.strictSame(report.unknown.filter(({ id }) => id !== 'p2p-unreachable'), [], 'all but the one thing that cannot be seen from inside')
    t.ok(report.ok.length >= (one.sbtc === 'alone' ? 20 : 38), `${report.ok.length} checks looked`)
  }
})

t.test('each fault is named first, with what was seen and what to do', async (t) => {
  for (const fault of faults) {
    const { sections } = healthy('doctor', fault.on)
    fault.plant(sections)
    const report = await doctor(stream(sections))
    const [first] = report.findings
    t.strictSame([report.exit, first?.id, first?.level], [1, fault.id, fault.level ?? 'fault'], `${fault.what}: ${report.findings.map(({ id }) => id).join(', ')}`)
    t.match(first?.evidence, fault.shows, fault.what)
    t.ok(first && first.remedy.length > 10)
    for (const { id, because } of report.findings.slice(1)) t.ok(because.every((one) => report.findings.some((other) => other.id === one)), `${fault.what}: ${id}`)
  }
  t.ok(new Set(faults.map(({ id }) => id)).size >= 45)
})

t.test('each check has a fault that it finds', async (t) => {
  const { ok } = await doctor(stream(healthy('doctor', { tls: 'single', bitcoin: 'pruned' }).sections))
  t.strictSame(ok.filter((id) => !faults.some((fault) => fault.id === id)), [])
})

t.test('each check has a name of its own, and names only checks as its causes', async (t) => {
  const ids = checks.map(({ id }) => id)
  t.equal(new Set(ids).size, ids.length)
  t.strictSame(checks.flatMap(({ id, because = [] }) => because.filter((one) => !ids.includes(one)).map((one) => `${id}: ${one}`)), [])
})

t.test('what is over, or is none, is not found', async (t) => {
  for (const { what, plant } of harmless) {
    const { sections } = healthy()
    plant(sections)
    t.strictSame((await doctor(stream(sections))).findings, [], what)
  }
})

t.test('a question without an answer is unknown, never ok', async (t) => {
  const whole = await doctor(stream(healthy('doctor', { tls: 'single', logDays: 90 }).sections))
  // What another answer tells as well, or what only adds to a check that need not know.
  const spare = new Set(['node.signed', 'node.pox', 'node.set', 'node.next-set', 'marks.stacks-signer', 'node.sortitions', 'disk.docker', 'devices', 'clock', 'node.health', 'logs.snapshot', 'logs.init', 'logs.guard'])
  for (const name of healthy('doctor', { tls: 'single', logDays: 90 }).sections.keys()) {
    for (const how of ['missing', 'failed'] as const) {
      const { sections } = healthy('doctor', { tls: 'single', logDays: 90 })
      if (how === 'missing') sections.delete(name)
      else fail(sections, name, 'Cannot connect to the Docker daemon')
      const report = await doctor(stream(sections))
      t.ok(report.exit !== 0 || spare.has(name), `${name} ${how}: ${report.exit}`)
      t.ok(report.ok.length <= whole.ok.length, name)
      if (report.exit !== 0 && report.findings.length === 0 && name !== 'facts') t.not(report.couldNotLook.length, 0, `${name} ${how}: says what is missing`)
    }
  }
})

t.test('an answer that is damaged is unknown, never ok', async (t) => {
  const cases: readonly (readonly [what: string, id: string, plant: (s: Sections) => void])[] = [
    ['no limit of open files', 'file-limit', (s) => edit(s, 'open-files', (text) => text.replace('stacks-node 16384', 'stacks-node '))],
    ['a row of df that is cut', 'disk-full', (s) => edit(s, 'disk.volumes', (text) => text.replace('stacks-node /dev/nvme0n1p2 3844548608 1884548608 1960000000', 'stacks-node /dev/nvme0n1p2 3844548608'))],
    ['a row of inodes that is cut', 'inodes', (s) => edit(s, 'inodes', (text) => text.replace('stacks-node /dev/nvme0n1p2 244195328 2195328 242000000', 'stacks-node /dev/nvme0n1p2'))],
    ['a file without a mode', 'secrets-open', (s) => edit(s, 'files', (text) => text.replace('600 1000 1000 65', '1000 1000 65'))],
    ['a container that says nothing of its restarts', 'restarting', (s) => patchContainer(s, 'bitcoind', { restarts: null })],
    ['a container whose ports have another form', 'ports-open', (s) => patchContainer(s, 'bitcoind', { published: [8333] })],
    ['no hashes', 'drift', (s) => edit(s, 'hashes', () => '')],
    ['a metric that is no number', 'no-responses', (s) => edit(s, 'signer.metrics', (text) => text.replace('received 1300', 'received 1.2.3'))],
    ['a height that is none', 'node-behind-bitcoin', (s) => edit(s, 'node.info', (text) => text.replace('"burn_block_height":960500', '"burn_block_height":1e999'))],
    ['a signer set without signers', 'not-registered', (s) => { patch(s, 'node.set', { stacker_set: { signers: null } }); fail(s, 'marks.stacks-signer', 'no log') }],
  ]
  for (const [what, id, plant] of cases) {
    const { sections } = healthy()
    plant(sections)
    const { exit, ok, unknown } = await doctor(stream(sections))
    t.not(exit, 0, what)
    t.notOk(ok.includes(id), what)
    t.match(unknown.find((one) => one.id === id), { expected: false }, `${what}: ${JSON.stringify(unknown)}`)
  }
})

t.test('without facts, or with evidence for another question, there is nothing to judge', async (t) => {
  const { sections } = healthy()
  t.match(await judge(stream(sections, 'status'), 'doctor'), { code: 2, out: '', err: /doctor: could not look: the evidence is for status/ })
  edit(sections, 'facts', (text) => text.replace(/^services=.*$/m, 'services='))
  for (const mode of ['status', 'doctor', 'host-check']) t.match(await judge(stream(sections, mode), mode), { code: 2, out: '', err: /services is missing or damaged; generate the stack again/ })
})

t.test('evidence that is cut off anywhere is never healthy', async (t) => {
  const input = stream(healthy('doctor', { tls: 'single' }).sections)
  const step = Math.ceil(input.length / 60)
  for (let length = 0; length < input.length; length += step) {
    const { exit } = await doctor(input.subarray(0, length))
    t.ok(exit === 1 || exit === 2, `${length} of ${input.length} bytes: ${exit}`)
  }
  t.equal((await doctor(input.subarray(0, -1))).exit, 2, 'the last byte')
  t.equal((await doctor(Buffer.concat([input, Buffer.from('section x 0 0 0\n\n')]))).exit, 2, 'something after the end')
})

t.test('hostile evidence does not crash it', async (t) => {
  let seed = 20260821
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648
    return seed % below
  }
  const values = ['null', '[]', '{}', '"x"', '-1', '1e999', `"${'x'.repeat(3000)}"`, '[[[[', '\u0000', 'true']
  for (let round = 0; round < 60; round++) {
    const { sections } = healthy('doctor', stacks[round % stacks.length])
    const names = [...sections.keys()]
    for (let change = 0; change < 3; change++) {
      const name = names[random(names.length)]!
      const section = sections.get(name)!
      const at = random(section.out.length + 1)
      const value = values[random(values.length)]!
      sections.set(name, { ...section, out: [value, section.out.slice(0, at) + value + section.out.slice(at + random(9)), section.out.replace(/"[^"]*"|\d+/, value)][random(3)]! })
    }
    const { code, err, out } = await judge(stream(sections), 'doctor')
    t.ok([0, 1, 2].includes(code ?? -1), `round ${round}: ${code} ${err}`)
    t.notMatch(err + out, /Traceback/)
  }
  for (const input of ['', '\n', 'stack-evidence 1 doctor', 'stack-evidence 2 doctor\nend 0\n', `stack-evidence 1 doctor\nsection facts 0 ${'9'.repeat(30)} 0\n`, 'stack-evidence 1 doctor\nsection facts 0 -5 0\n', '\u0000'.repeat(500)]) {
    t.equal((await doctor(Buffer.from(input))).exit, 2, JSON.stringify(input.slice(0, 40)))
  }
})

t.test('what it prints can neither fool a terminal nor give a key away', async (t) => {
  const key = '753b7cc01a1a2e86221266a154af739463fce51219d97e4f856cd7200c3bd2a6'
  const { sections } = healthy()
  says(sections, 'stacks-signer', 2, `WARN \u001b[2Jblock proposal rejected: 401 ${key} 0x${key}01`)
  const { out, code } = await judge(stream(sections), 'doctor')
  t.equal(code, 1)
  t.match(out, /1\. fault: token-mismatch/)
  t.notMatch(out, /\u001b/)
  t.notOk(out.includes(key.slice(0, 20)))
})

t.test('causes before consequences, waits before what follows, risks last', async (t) => {
  const { sections } = healthy()
  faults.find(({ id, level }) => id === 'snapshot-coming' && level === 'wait')!.plant(sections)
  patchContainer(sections, 'bitcoind', { log: { Type: 'json-file', Config: {} } })
  edit(sections, 'files', (text) => text.replace('700 1000 1000 4096 directory|secrets', '755 1000 1000 4096 directory|secrets'))
  const found = (await doctor(stream(sections))).findings
  t.strictSame(found.map(({ id, level, because }) => [id, level, because]), [
    ['secrets-open', 'fault', []],
    ['snapshot-coming', 'wait', []],
    ['node-waits', 'wait', ['snapshot-coming']],
    ['node-silent', 'fault', ['node-waits']],
    ['logs-unbounded', 'risk', []],
  ])
})

t.test('as text: numbered, ok folded into a count', async (t) => {
  const { sections } = healthy()
  edit(sections, 'logs.stacks-node', (log) => `${log}${logLine(3, 'WARN Event dispatcher: connection or request failed to stacks-signer:30000')}`)
  const { out, code } = await judge(stream(sections), 'doctor')
  t.equal(code, 1)
  t.equal(out, `sample on mainnet: stacks-node 4.0.4, stacks-signer 4.0.4

1. fault: observer-failing
   The node cannot send its events to the signer, and stops
   seen:   WARN Event dispatcher: connection or request failed to stacks-signer:30000
   remedy: \`make start S=stacks-signer\`; the node continues by itself. On another host: \`make verify-tls\`.

unknown: p2p-unreachable: whether peers reach this machine cannot be seen from inside
ok: 66 checks. 1 found; begin with the first.
`)
})

/** docker/tools/doctor.py: each known fault is named first, and none is found where all is well. */

import t from 'tap'
import type { SampleOptions } from '../support/sample-stack.ts'
import { faults, harmless } from './doctor-faults.ts'
import { fail, healthy, judge, logLine, edit, patchContainer, says, stream } from './evidence.ts'
import { needs } from './tools.ts'

const options = needs('python3')
interface Report {
  readonly code: number
  readonly findings: readonly { readonly id: string; readonly level: string; readonly evidence: string; readonly remedy: string; readonly because: readonly string[] }[]
  readonly unknown: readonly { readonly id: string; readonly why: string; readonly expected: boolean }[]
  readonly ok: readonly string[]
  readonly couldNotLook: readonly string[]
}

function doctor(input: Buffer): Report & { readonly exit: number | null } {
  const { code, out, err } = judge('doctor.py', input, '--json')
  if (err !== '' && code !== 2) throw new Error(err)
  return { exit: code, ...(JSON.parse(out || '{"code":2,"findings":[],"unknown":[],"ok":[],"couldNotLook":[]}') as Report) }
}

const stacks: readonly SampleOptions[] = [
  {}, { bitcoin: 'pruned' }, { bitcoin: 'external', snapshot: false }, { network: 'testnet', bitcoin: 'external', identity: false }, { tls: 'single' }, { tls: 'node' }, { tls: 'signer' },
  { sbtc: 'alone' }, { sbtc: 'beside' }, { sbtc: 'shared' }, { logDays: 90 },
]

t.test('nothing is found in a healthy stack, of whatever shape', options, async (t) => {
  for (const one of stacks) {
    const report = doctor(stream(healthy('doctor', one).sections))
    t.strictSame([report.exit, report.findings, report.couldNotLook], [0, [], []], JSON.stringify(one))
    t.strictSame(report.unknown.filter(({ id }) => id !== 'p2p-unreachable'), [], 'all but the one thing that cannot be seen from inside')
    t.ok(report.ok.length >= (one.sbtc === 'alone' ? 20 : 38), `${report.ok.length} checks looked`)
  }
})

t.test('each fault is named first, with what was seen and what to do', options, async (t) => {
  for (const fault of faults) {
    const { sections } = healthy('doctor', fault.on)
    fault.plant(sections)
    const report = doctor(stream(sections))
    const [first] = report.findings
    t.strictSame([report.exit, first?.id, first?.level], [1, fault.id, fault.level ?? 'fault'], `${fault.what}: ${report.findings.map(({ id }) => id).join(', ')}`)
    t.match(first?.evidence, fault.shows, fault.what)
    t.ok(first && first.remedy.length > 10)
    for (const { id, because } of report.findings.slice(1)) t.ok(because.every((one) => report.findings.some((other) => other.id === one)), `${fault.what}: ${id}`)
  }
  t.ok(new Set(faults.map(({ id }) => id)).size >= 45)
})

t.test('each check has a fault that it finds', options, async (t) => {
  const { ok } = doctor(stream(healthy('doctor', { tls: 'single', bitcoin: 'pruned' }).sections))
  t.strictSame(ok.filter((id) => !faults.some((fault) => fault.id === id)), [])
})

t.test('what is over, or is none, is not found', options, async (t) => {
  for (const { what, plant } of harmless) {
    const { sections } = healthy()
    plant(sections)
    t.strictSame(doctor(stream(sections)).findings, [], what)
  }
})

t.test('a question without an answer is unknown, never ok', options, async (t) => {
  const whole = doctor(stream(healthy('doctor', { tls: 'single', logDays: 90 }).sections))
  // What another answer tells as well, or what only adds to a check that need not know.
  const spare = new Set(['node.signed', 'node.pox', 'node.set', 'node.next-set', 'marks.stacks-signer', 'node.sortitions', 'disk.docker', 'devices', 'clock', 'node.health', 'logs.snapshot', 'logs.init', 'logs.guard'])
  for (const name of healthy('doctor', { tls: 'single', logDays: 90 }).sections.keys()) {
    for (const how of ['missing', 'failed'] as const) {
      const { sections } = healthy('doctor', { tls: 'single', logDays: 90 })
      if (how === 'missing') sections.delete(name)
      else fail(sections, name, 'Cannot connect to the Docker daemon')
      const report = doctor(stream(sections))
      t.ok(report.exit !== 0 || spare.has(name), `${name} ${how}: ${report.exit}`)
      t.ok(report.ok.length <= whole.ok.length, name)
      if (report.exit !== 0 && report.findings.length === 0 && name !== 'facts') t.not(report.couldNotLook.length, 0, `${name} ${how}: says what is missing`)
    }
  }
})

t.test('evidence that is cut off anywhere is never healthy', options, async (t) => {
  const input = stream(healthy('doctor', { tls: 'single' }).sections)
  const step = Math.ceil(input.length / 60)
  for (let length = 0; length < input.length; length += step) {
    const { exit } = doctor(input.subarray(0, length))
    t.ok(exit === 1 || exit === 2, `${length} of ${input.length} bytes: ${exit}`)
  }
  t.equal(doctor(input.subarray(0, -1)).exit, 2, 'the last byte')
  t.equal(doctor(Buffer.concat([input, Buffer.from('section x 0 0 0\n\n')])).exit, 2, 'something after the end')
})

t.test('hostile evidence does not crash it', options, async (t) => {
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
    const { code, err, out } = judge('doctor.py', stream(sections))
    t.ok([0, 1, 2].includes(code ?? -1), `round ${round}: ${code} ${err}`)
    t.notMatch(err + out, /Traceback/)
  }
  for (const input of ['', '\n', 'stack-evidence 1 doctor', 'stack-evidence 2 doctor\nend 0\n', `stack-evidence 1 doctor\nsection facts 0 ${'9'.repeat(30)} 0\n`, 'stack-evidence 1 doctor\nsection facts 0 -5 0\n', '\u0000'.repeat(500)]) {
    t.equal(doctor(Buffer.from(input)).exit, 2, JSON.stringify(input.slice(0, 40)))
  }
})

t.test('what it prints can neither fool a terminal nor give a key away', options, async (t) => {
  const key = '753b7cc01a1a2e86221266a154af739463fce51219d97e4f856cd7200c3bd2a6'
  const { sections } = healthy()
  says(sections, 'stacks-signer', 2, `WARN \u001b[2Jblock proposal rejected: 401 ${key} 0x${key}01`)
  const { out, code } = judge('doctor.py', stream(sections))
  t.equal(code, 1)
  t.match(out, /1\. fault: token-mismatch/)
  t.notMatch(out, /\u001b/)
  t.notOk(out.includes(key.slice(0, 20)))
})

t.test('causes before consequences, waits before what follows, risks last', options, async (t) => {
  const { sections } = healthy()
  faults.find(({ id, level }) => id === 'snapshot-coming' && level === 'wait')!.plant(sections)
  patchContainer(sections, 'bitcoind', { log: { Type: 'json-file', Config: {} } })
  edit(sections, 'files', (text) => text.replace('700 1000 1000 4096 directory|secrets', '755 1000 1000 4096 directory|secrets'))
  const found = doctor(stream(sections)).findings
  t.strictSame(found.map(({ id, level, because }) => [id, level, because]), [
    ['secrets-open', 'fault', []],
    ['snapshot-coming', 'wait', []],
    ['node-waits', 'wait', ['snapshot-coming']],
    ['node-silent', 'fault', ['node-waits']],
    ['logs-unbounded', 'risk', []],
  ])
})

t.test('as text: numbered, ok folded into a count', options, async (t) => {
  const { sections } = healthy()
  edit(sections, 'logs.stacks-node', (log) => `${log}${logLine(3, 'WARN Event dispatcher: connection or request failed to stacks-signer:30000')}`)
  const { out, code } = judge('doctor.py', stream(sections))
  t.equal(code, 1)
  t.equal(out, `sample on mainnet: stacks-node 4.0.4, stacks-signer 4.0.4

1. fault: observer-failing
   A node that cannot hand its events to the signer, and stands still
   seen:   WARN Event dispatcher: connection or request failed to stacks-signer:30000
   remedy: \`make start S=stacks-signer\`; the node goes on by itself. On another host: \`make verify-tls\`.

unknown: p2p-unreachable: whether peers reach this machine cannot be told from inside
ok: 66 checks. 1 found; begin with the first.
`)
})

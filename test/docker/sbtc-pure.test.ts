/** What decides without a disk or a server: when a dump is due, which may go, and what settings are refused. */

import t from 'tap'
import { alerts } from '../../generator/monitoring/alerts.ts'
import { keyOf, python } from './sbtc-setting.ts'
import { needs } from './tools.ts'

const options = needs('python3')
/** Calls a function of a tool's module for each list of arguments. */
async function calls(module: string, body: string, rows: readonly unknown[]): Promise<readonly unknown[]> {
  const script = `import json, sys\nsys.path.insert(0, sys.argv[1])\nfrom ${module} import *\n${body}\nprint(json.dumps([call(*row) for row in json.load(sys.stdin)]))`
  return JSON.parse(await python(script, rows)) as unknown[]
}

const at = (text: string) => Date.parse(`${text}Z`) / 1000

t.test('when a dump is due', options, async (t) => {
  const key = keyOf('a')
  const day = 86_400
  const cases: readonly (readonly [name: string, want: string, now: number, last: number | null, quiet: number | null, key: string | null, dumped: readonly string[]])[] = [
    ['there is none', 'first', at('2026-03-05T12:00:00'), null, null, key, []],
    ['one was made after today\'s time', '', at('2026-03-05T12:00:00'), at('2026-03-05T03:18:00'), null, key, [key]],
    ['today\'s time has not come', '', at('2026-03-05T03:16:59'), at('2026-03-04T03:20:00'), null, key, [key]],
    ['today\'s time has come', 'daily', at('2026-03-05T03:17:00'), at('2026-03-04T03:20:00'), null, key, [key]],
    ['the machine was off for a week', 'daily', at('2026-03-05T03:00:00'), at('2026-02-25T03:20:00'), null, key, [key]],
    ['a new key', 'new-key', at('2026-03-05T12:00:00'), at('2026-03-05T11:59:00'), 60, keyOf('b'), [key]],
    ['the key of an older dump', '', at('2026-03-05T12:00:00'), at('2026-03-05T11:59:00'), 60, key, [keyOf('b'), key]],
    ['the database does not answer', '', at('2026-03-05T12:00:00'), at('2026-03-05T11:59:00'), 60, null, [key]],
    ['no key yet', '', at('2026-03-05T12:00:00'), at('2026-03-05T11:59:00'), 60, null, []],
    ['the clock jumped back by a year', 'clock', at('2025-03-05T12:00:00'), at('2026-03-05T11:59:00'), null, key, [key]],
    ['it was put right by a minute', '', at('2026-03-05T11:58:00'), at('2026-03-05T11:59:00'), null, key, [key]],
    ['it jumped ahead by ten years', 'daily', at('2036-03-05T12:00:00'), at('2026-03-05T11:59:00'), 60, key, [key]],
    ['it stands still, and a day went by', 'daily', at('2026-03-05T12:00:00'), at('2026-03-05T12:00:00'), day + 2 * 3600, key, [key]],
    ['it stands still, and an hour went by', '', at('2026-03-05T12:00:00'), at('2026-03-05T12:00:00'), 3600, key, [key]],
  ]
  const found = await calls('sbtc_schedule', 'call = why_due', cases.map(([, , ...rest]) => ['03:17', ...rest]))
  for (const [index, [name, want]] of cases.entries()) t.equal(found[index], want, name)
  t.strictSame(await calls('sbtc_schedule', 'call = seconds', [['2026-03-05T03:17:00Z'], ['yesterday'], [null], [7]]), [at('2026-03-05T03:17:00'), null, null, null])
})

t.test('what failed is tried again soon, then less often, and another reason at once and anew', async (t) => {
  // Each try fails but the last.
  const tried = await calls('sbtc_schedule', `
def call(moments):
    tries, made = Tries(60.0, 900), []
    for now, reason, works in moments:
        if tries.due(reason, now):
            made.append([now, reason])
            tries.ended(works, reason, now)
    return made`, [[[...Array.from({ length: 60 }, (_, minute) => [minute * 60, 'daily', false]), [3601, 'new-key', false], [3602, 'new-key', false], [3603, '', false],
    [3661, 'new-key', false], [4501, 'new-key', true], [4502, 'daily', true]]]])
  t.strictSame(tried, [[...[0, 1, 3, 7, 15, 30, 45].map((minute) => [minute * 60, 'daily']), [3601, 'new-key'], [3661, 'new-key'], [4501, 'new-key'], [4502, 'daily']]])
  const forever = await calls('sbtc_schedule', `
def call(times):
    tries = Tries(60.0, 900)
    for now in range(times):
        tries.ended(False, 'daily', now)
    return [tries.due('daily', times + 898), tries.due('daily', times + 899)]`, [[3000]])
  t.strictSame(forever, [[false, true]], 'after a month, too')
})

interface Kept { readonly number: number; readonly judged: string; readonly made: string; readonly key?: string }
const dropped = async (dumps: readonly Kept[], policy: object) => (await calls('sbtc_keep', `
from sbtc_store import Dump
def call(rows, policy):
    return [dump.number for dump in to_drop([Dump(row['number'], '', '', {'made': row['made'], 'facts': {'verified': [row['key']] if row.get('key') else []}},
                                                  {'verdict': row['judged']}) for row in rows], policy)]`, [[dumps, policy]]))[0] as number[]

/** One a day from a day on. */
const days = (count: number, judged: (day: number) => string = () => 'good', start = Date.UTC(2026, 0, 1), key: (day: number) => string = () => 'k'): readonly Kept[] =>
  Array.from({ length: count }, (_, day) => ({ number: day + 1, judged: judged(day), made: new Date(start + day * 86_400_000).toISOString(), key: key(day) }))
const left = (dumps: readonly Kept[], gone: readonly number[]) => dumps.map(({ number }) => number).filter((number) => !gone.includes(number))

t.test('the scheduler ends when it is told to, even if a step takes that for a failure of its own', options, async (t) => {
  t.strictSame(await calls('sbtc_serve', `
import os, signal, sbtc_serve
class Clock:
    monotonic = sbtc_serve.time.monotonic
    def sleep(seconds):
        raise RuntimeError('it waits for its next turn')
sbtc_serve.time = Clock
sbtc_serve.await_database = lambda config: None
sbtc_serve.due = lambda config, quiet, say: ''
sbtc_serve.unproven = lambda config: 'a dump'
def verify():
    try:
        os.kill(os.getpid(), signal.SIGTERM)
    except SystemExit:
        raise OSError('in the midst of it')
def call():
    said = []
    try:
        serve(None, None, verify, said.append)
    except SystemExit as end:
        return [*said, end.code]`, [[]]), [['that did not work: in the midst of it', 143]])
})

t.test('which dumps may go', options, async (t) => {
  const policy = { last: 3, daily: 5, weekly: 3, monthly: 3 }
  const some = days(90)
  // 31 March: five days; the newest of three weeks (31, 29 and 22 March); the newest of three months (31 March, 28 February, 31 January).
  t.strictSame(left(some, await dropped(some, policy)), [31, 59, 81, 86, 87, 88, 89, 90].filter((number) => number <= 90))

  t.strictSame(left(some, await dropped(some, { ...policy, weekly: 0, monthly: 0 })), [86, 87, 88, 89, 90], 'no weeks and months')

  t.strictSame(await dropped(days(40, () => 'chain-unreachable'), policy), [], 'nothing is proven, so nothing goes')
  t.strictSame(await dropped(days(40, () => ''), policy), [])
  t.strictSame(await dropped(days(40, () => 'nonsense'), policy), [])
  t.strictSame(await dropped(days(3), policy), [])
  const early = days(60, (day) => (day < 3 ? 'good' : 'damaged'))
  t.strictSame(await dropped(early, policy), [], 'bad ones push nothing out')
  const mixed = days(60, (day) => (day % 2 ? 'good' : 'damaged'))
  const kept = left(mixed, await dropped(mixed, policy))
  t.ok([56, 58, 60].every((number) => kept.includes(number)))
  t.ok(kept.filter((number) => number < 56).every((number) => number % 2 === 0), 'bad ones go once newer ones are proven')
  t.ok(kept.includes(57) && kept.includes(59), 'and not before')

  const rotated = days(90, () => 'good', undefined, (day) => (day < 12 ? 'first' : day < 40 ? 'second' : 'third'))
  t.ok((await dropped(days(90), policy)).includes(12) && (await dropped(days(90), policy)).includes(40))
  t.strictSame((await dropped(rotated, policy)).filter((number) => number === 12 || number === 40), [], 'the last dump of each key stays')

  // A clock that jumps: all of one day, ahead to another century, no time at all.
  const still = days(20).map((dump) => ({ ...dump, made: '2000-01-01T00:00:00Z' }))
  t.strictSame(left(still, await dropped(still, policy)), [18, 19, 20])
  const jumped = [...days(30), ...days(5, undefined, Date.UTC(2099, 0, 1)).map((dump) => ({ ...dump, number: dump.number + 30 })),
    ...days(30, undefined, Date.UTC(2026, 0, 31)).map((dump) => ({ ...dump, number: dump.number + 35 }))]
  t.strictSame((await dropped(jumped, policy)).filter((number) => number > 62), [], 'order is that of the numbers')
  const untold = days(20).map((dump) => ({ ...dump, made: 'yesterday' }))
  t.strictSame(await dropped(untold, policy), [], 'what tells no date is kept')
})

t.test('properties of the policy', options, async (t) => {
  const verdicts = ['good', 'rotation-pending', 'no-key-on-chain', 'stale', 'damaged', 'foreign', 'chain-unreachable', 'not-verified', '']
  let seed = 7
  const next = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below
  const rows = Array.from({ length: 300 }, () => {
    const dumps = days(next(60), () => verdicts[next(verdicts.length)]!).map((dump) => ({ ...dump, made: new Date(next(5) === 0 ? next(4e9) * 1000 : Date.parse(dump.made)).toISOString() }))
    return [dumps, { last: 1 + next(5), daily: 1 + next(9), weekly: 1 + next(5), monthly: 1 + next(4) }] as const
  })
  const found = await calls('sbtc_keep', `
from sbtc_store import Dump
def call(rows, policy):
    return [dump.number for dump in to_drop([Dump(row['number'], '', '', {'made': row['made']}, {'verdict': row['judged']}) for row in rows], policy)]`, rows) as number[][]
  const isProven = ({ judged }: Kept) => ['good', 'rotation-pending', 'no-key-on-chain'].includes(judged)
  for (const [index, [dumps, { last }]] of rows.entries()) {
    const gone = new Set(found[index])
    const proven = dumps.filter(isProven)
    t.ok(proven.slice(-last).every(({ number }) => !gone.has(number)), 'the newest proven ones stay')
    t.ok(gone.size === 0 || proven.length > last, 'nothing goes without as many proven ones')
    t.ok([...gone].every((number) => proven.filter((dump) => dump.number > number).length >= last), 'whatever goes has so many newer ones that are proven')
  }
})

t.test('each verdict has its exit code, and its alert in the rules', options, async (t) => {
  const verdicts = (await calls('sbtc_verdict', 'call = lambda: [[each.name, each.code, each.alert] for each in VERDICTS]', [[]]))[0] as [string, number, string][]
  t.equal(new Set(verdicts.map(([, code]) => code)).size, verdicts.length)
  t.strictSame(verdicts.filter(([name, code]) => (code === 0) !== (name === 'good') || code === 1 || code === 2), [])
  for (const [name, , alert] of verdicts.filter(([name]) => name !== 'good')) t.match(alerts.find((one) => one.name === alert)?.expr, `sbtc_backup_verdict{verdict="${name}"}`)
})

t.test('settings that are refused, all at once', options, async (t) => {
  const settings = {
    network: 'mainnet', deployer: 'SM3VDXK3WZZSA84XXFKAFAF15NNZX32CTSG82JFQ4', publicKey: keyOf('own'), database: 'postgresql://signer@postgres:5432/signer',
    store: '/s', scratch: '/t', metrics: '/m', identity: '/i', recipients: [`age1${'q'.repeat(58)}`], chain: ['http://node:20443'],
  }
  const body = `
import tempfile
from sbtc_run import Misused
def call(value):
    with tempfile.NamedTemporaryFile('w', suffix='.json') as file:
        file.write(value if isinstance(value, str) else json.dumps(value))
        file.flush()
        try:
            return read_config(file.name).database_name
        except Misused as error:
            return str(error).replace(file.name, 'F')`
  const cases: readonly (readonly [value: unknown, want: RegExp])[] = [
    [settings, /^signer$/],
    [{ ...settings, keep: { daily: 3 }, at: '23:59', behind: 1, copies: ['/mnt/a'] }, /^signer$/],
    [{}, /network is missing[^]*chain is missing/],
    ['{', /cannot be read/],
    ['[]', /no JSON object/],
    [{ ...settings, network: 'mocknet', publicKey: 'AB', more: 1 }, /more is not known\nF: network is none of mainnet, testnet, regtest\nF: publicKey is not a compressed public key/],
    [{ ...settings, network: ['mainnet'] }, /network is none of/],
    [{ ...settings, database: 'postgresql://signer:secret@postgres/signer' }, /without a password/],
    [{ ...settings, database: 'postgresql://postgres/' }, /database is not/],
    [{ ...settings, recipients: [] }, /recipients is no list of at least 1/],
    [{ ...settings, recipients: ['--passphrase'] }, /recipients 1 is not an age recipient/],
    [{ ...settings, recipients: ['AGE-SECRET-KEY-1QQ'] }, /recipients 1 is not/],
    [{ ...settings, chain: ['ftp://node'] }, /chain 1 is not an http address/],
    [{ ...settings, store: 'relative' }, /store is not an absolute path/],
    [{ ...settings, keep: { last: 0 } }, /keep last is no number from 1 to 10000/],
    [{ ...settings, keep: { last: true } }, /keep last/],
    [{ ...settings, keep: { hourly: 1 } }, /keep is no object of/],
    [{ ...settings, at: '24:00' }, /at is not hour and minute/],
  ]
  const found = await calls('sbtc_config', body, cases.map(([value]) => [value])) as string[]
  for (const [index, [, want]] of cases.entries()) t.match(found[index], want)
  t.notMatch(found.join(''), 'AGE-SECRET-KEY', 'a secret that was put in the wrong place is not said aloud')
})

/** What decides without a disk or a server: when a dump is due, which may go, and what settings are refused. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { databaseName, readConfig } from '../../docker/programs/sbtc-backup/config.ts'
import { dumpsToDrop } from '../../docker/programs/sbtc-backup/keep.ts'
import { Misused } from '../../docker/programs/sbtc-backup/programs.ts'
import { Tries, whyDue } from '../../docker/programs/sbtc-backup/schedule.ts'
import { verdictCodes } from '../../docker/programs/sbtc-backup/verdict.ts'
import { paths } from '../../generator/catalogue/container.ts'
import { verdictRows } from '../../generator/files/sbtc-backup-readme.ts'
import { alerts } from '../../generator/monitoring/alerts.ts'
import { keyOf } from './sbtc-setting.ts'

const at = (text: string) => Date.parse(`${text}Z`) / 1000

t.test('when a dump is due', async (t) => {
  const key = keyOf('a')
  const day = 86_400
  const cases: readonly (readonly [name: string, want: string, now: number, last: number | undefined, quiet: number | undefined, key: string | undefined, dumped: readonly string[]])[] = [
    ['there is none', 'first', at('2026-03-05T12:00:00'), undefined, undefined, key, []],
    ['one was made after today\'s time', '', at('2026-03-05T12:00:00'), at('2026-03-05T03:18:00'), undefined, key, [key]],
    ['today\'s time has not come', '', at('2026-03-05T03:16:59'), at('2026-03-04T03:20:00'), undefined, key, [key]],
    ['today\'s time has come', 'daily', at('2026-03-05T03:17:00'), at('2026-03-04T03:20:00'), undefined, key, [key]],
    ['the machine was off for a week', 'daily', at('2026-03-05T03:00:00'), at('2026-02-25T03:20:00'), undefined, key, [key]],
    ['a new key', 'new-key', at('2026-03-05T12:00:00'), at('2026-03-05T11:59:00'), 60, keyOf('b'), [key]],
    ['the key of an older dump', '', at('2026-03-05T12:00:00'), at('2026-03-05T11:59:00'), 60, key, [keyOf('b'), key]],
    ['the database does not answer', '', at('2026-03-05T12:00:00'), at('2026-03-05T11:59:00'), 60, undefined, [key]],
    ['no key yet', '', at('2026-03-05T12:00:00'), at('2026-03-05T11:59:00'), 60, undefined, []],
    ['the clock jumped back by a year', 'clock', at('2025-03-05T12:00:00'), at('2026-03-05T11:59:00'), undefined, key, [key]],
    ['it was put right by a minute', '', at('2026-03-05T11:58:00'), at('2026-03-05T11:59:00'), undefined, key, [key]],
    ['it jumped ahead by ten years', 'daily', at('2036-03-05T12:00:00'), at('2026-03-05T11:59:00'), 60, key, [key]],
    ['it stands still, and a day went by', 'daily', at('2026-03-05T12:00:00'), at('2026-03-05T12:00:00'), day + 2 * 3600, key, [key]],
    ['it stands still, and an hour went by', '', at('2026-03-05T12:00:00'), at('2026-03-05T12:00:00'), 3600, key, [key]],
  ]
  for (const [name, want, now, last, since, key, dumped] of cases) t.equal(whyDue({ at: '03:17', now, last, since, key, dumped }), want, name)
})

t.test('what failed is tried again soon, then less often, and another reason at once and anew', async (t) => {
  // Each try fails but the last.
  const moments: readonly (readonly [now: number, reason: string, works: boolean])[] = [...Array.from({ length: 60 }, (_, minute) => [minute * 60, 'daily', false] as const),
    [3601, 'new-key', false], [3602, 'new-key', false], [3603, '', false], [3661, 'new-key', false], [4501, 'new-key', true], [4502, 'daily', true]]
  const tries = new Tries(60, 900)
  const tried = moments.filter(([now, reason, works]) => {
    const due = tries.isDue(reason, now)
    if (due) tries.ended(works, reason, now)
    return due
  }).map(([now, reason]) => [now, reason])
  t.strictSame(tried, [...[0, 1, 3, 7, 15, 30, 45].map((minute) => [minute * 60, 'daily']), [3601, 'new-key'], [3661, 'new-key'], [4501, 'new-key'], [4502, 'daily']])
  const forever = new Tries(60, 900)
  for (let now = 0; now < 3000; now += 1) forever.ended(false, 'daily', now)
  t.strictSame([forever.isDue('daily', 3898), forever.isDue('daily', 3899)], [false, true], 'after a month, too')
})

interface Kept { readonly number: number; readonly judged: string; readonly made: string; readonly key?: string }
const dropped = (dumps: readonly Kept[], policy: Parameters<typeof dumpsToDrop>[1]): readonly number[] => dumpsToDrop(dumps.map(({ number, judged, made, key }) =>
  ({ number, name: '', path: '', manifest: { made, facts: { verified: key === undefined ? [] : [key] } }, verdict: { verdict: judged } })), policy).map(({ number }) => number)

/** One a day from a day on. */
const days = (count: number, judged: (day: number) => string = () => 'good', start = Date.UTC(2026, 0, 1), key: (day: number) => string = () => 'k'): readonly Kept[] =>
  Array.from({ length: count }, (_, day) => ({ number: day + 1, judged: judged(day), made: new Date(start + day * 86_400_000).toISOString(), key: key(day) }))
const left = (dumps: readonly Kept[], gone: readonly number[]) => dumps.map(({ number }) => number).filter((number) => !gone.includes(number))

t.test('which dumps may go', async (t) => {
  const policy = { last: 3, daily: 5, weekly: 3, monthly: 3 }
  const some = days(90)
  // 31 March: five days; the newest of three weeks (31, 29 and 22 March); the newest of three months (31 March, 28 February, 31 January).
  t.strictSame(left(some, dropped(some, policy)), [31, 59, 81, 86, 87, 88, 89, 90].filter((number) => number <= 90))

  t.strictSame(left(some, dropped(some, { ...policy, weekly: 0, monthly: 0 })), [86, 87, 88, 89, 90], 'no weeks and months')

  t.strictSame(dropped(days(40, () => 'chain-unreachable'), policy), [], 'nothing is proven, so nothing goes')
  t.strictSame(dropped(days(40, () => ''), policy), [])
  t.strictSame(dropped(days(40, () => 'nonsense'), policy), [])
  t.strictSame(dropped(days(3), policy), [])
  const early = days(60, (day) => (day < 3 ? 'good' : 'damaged'))
  t.strictSame(dropped(early, policy), [], 'bad ones push nothing out')
  const mixed = days(60, (day) => (day % 2 ? 'good' : 'damaged'))
  const kept = left(mixed, dropped(mixed, policy))
  t.ok([56, 58, 60].every((number) => kept.includes(number)))
  t.ok(kept.filter((number) => number < 56).every((number) => number % 2 === 0), 'bad ones go once newer ones are proven')
  t.ok(kept.includes(57) && kept.includes(59), 'and not before')

  const rotated = days(90, () => 'good', undefined, (day) => (day < 12 ? 'first' : day < 40 ? 'second' : 'third'))
  t.ok(dropped(days(90), policy).includes(12) && dropped(days(90), policy).includes(40))
  t.strictSame(dropped(rotated, policy).filter((number) => number === 12 || number === 40), [], 'the last dump of each key stays')

  // A clock that jumps: all of one day, ahead to another century, no time at all.
  const still = days(20).map((dump) => ({ ...dump, made: '2000-01-01T00:00:00Z' }))
  t.strictSame(left(still, dropped(still, policy)), [18, 19, 20])
  const jumped = [...days(30), ...days(5, undefined, Date.UTC(2099, 0, 1)).map((dump) => ({ ...dump, number: dump.number + 30 })),
    ...days(30, undefined, Date.UTC(2026, 0, 31)).map((dump) => ({ ...dump, number: dump.number + 35 }))]
  t.strictSame(dropped(jumped, policy).filter((number) => number > 62), [], 'order is that of the numbers')
  const untold = days(20).map((dump) => ({ ...dump, made: 'yesterday' }))
  t.strictSame(dropped(untold, policy), [], 'what tells no date is kept')
})

t.test('properties of the policy', async (t) => {
  const verdicts = ['good', 'rotation-pending', 'no-key-on-chain', 'stale', 'damaged', 'foreign', 'chain-unreachable', 'not-verified', '']
  let seed = 7
  const next = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below
  const rows = Array.from({ length: 300 }, () => {
    const dumps = days(next(60), () => verdicts[next(verdicts.length)]!).map((dump) => ({ ...dump, made: new Date(next(5) === 0 ? next(4e9) * 1000 : Date.parse(dump.made)).toISOString() }))
    return [dumps, { last: 1 + next(5), daily: 1 + next(9), weekly: 1 + next(5), monthly: 1 + next(4) }] as const
  })
  const isProven = ({ judged }: Kept) => ['good', 'rotation-pending', 'no-key-on-chain'].includes(judged)
  for (const [dumps, policy] of rows) {
    const { last } = policy
    const gone = new Set(dropped(dumps.map(({ key: _, ...dump }) => dump), policy))
    const proven = dumps.filter(isProven)
    t.ok(proven.slice(-last).every(({ number }) => !gone.has(number)), 'the newest proven ones stay')
    t.ok(gone.size === 0 || proven.length > last, 'nothing goes without as many proven ones')
    t.ok([...gone].every((number) => proven.filter((dump) => dump.number > number).length >= last), 'whatever goes has so many newer ones that are proven')
  }
})

t.test('each verdict has its exit code, and its alert in the rules', async (t) => {
  const codes = Object.entries(verdictCodes)
  t.equal(new Set(codes.map(([, code]) => code)).size, codes.length)
  t.strictSame(codes.filter(([name, code]) => (code === 0) !== (name === 'good') || [1, 2].includes(code)), [])
  const told = alerts.flatMap(({ expr }) => /^sbtc_backup_verdict\{verdict="([\w-]+)"\} == 1$/.exec(expr)?.[1] ?? [])
  t.strictSame([...told, 'good'].sort(), codes.map(([name]) => name).sort())
  t.strictSame(verdictRows.map(([name]) => name).sort(), codes.map(([name]) => name).sort(), 'and its row in the README')
})

t.test('settings that are refused, all at once', async (t) => {
  const settings = {
    network: 'mainnet', deployer: 'SM3VDXK3WZZSA84XXFKAFAF15NNZX32CTSG82JFQ4', publicKey: keyOf('own'), database: 'postgresql://signer@postgres:5432/signer',
    store: '/s', scratch: '/t', metrics: '/m', identity: '/i', recipients: [`age1${'q'.repeat(58)}`], chain: ['http://node:20443'],
  }
  const root = t.testdir({})
  const file = join(root, paths.sbtcBackupConfig, 'sbtc-backup.json')
  mkdirSync(dirname(file), { recursive: true })
  const read = (value: unknown): string => {
    writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value))
    try {
      return databaseName(readConfig({ environment: { STACK_ROOT: root } }))
    } catch (error) {
      if (!(error instanceof Misused)) throw error
      return error.message.replaceAll(file.slice(root.length), 'F')
    }
  }
  const cases: readonly (readonly [value: unknown, want: RegExp])[] = [
    [settings, /^signer$/],
    [{ ...settings, keep: { daily: 3 }, at: '23:59', behind: 1, copies: ['/mnt/a'] }, /^signer$/],
    [{ ...settings, keep: { daily: 0, last: 1.5 } }, /^F: keep\.last must be a whole number$/],
    [{ ...settings, recipients: ['ssh-ed25519 AAAA'] }, /recipients\.0 must be an age public key, not one of SSH/],
    [{}, /network is missing[^]*chain is missing/],
    ['{', /cannot be read/],
    ['[]', /^F: must be a JSON object$/],
    [{ ...settings, network: 'mocknet', publicKey: 'AB', more: 1 }, /F: network must be one of mainnet, testnet, regtest\nF: publicKey must be a compressed public key[^]*F: more is not known/],
    [{ ...settings, network: ['mainnet'] }, /network must be one of/],
    [{ ...settings, database: 'postgresql://signer:secret@postgres/signer' }, /without a password/],
    [{ ...settings, database: 'postgresql://postgres/' }, /database must be postgresql:/],
    [{ ...settings, recipients: [] }, /recipients must not be empty/],
    [{ ...settings, recipients: ['--passphrase'] }, /recipients\.0 must be an age public key/],
    [{ ...settings, recipients: ['AGE-SECRET-KEY-1QQ'] }, /recipients\.0 must be/],
    [{ ...settings, chain: ['ftp://node'] }, /chain\.0 must be an http address/],
    [{ ...settings, store: 'relative' }, /store must be an absolute path/],
    [{ ...settings, keep: { last: 0 } }, /keep\.last must be at least 1/],
    [{ ...settings, keep: { last: true } }, /keep\.last must be a number from 1 to 10000/],
    [{ ...settings, keep: { hourly: 1 } }, /keep\.hourly is not known/],
    [{ ...settings, at: '24:00' }, /at must be hour and minute/],
  ]
  const found = cases.map(([value]) => read(value))
  for (const [index, [, want]] of cases.entries()) t.match(found[index], want)
  t.notMatch(found.join(''), 'AGE-SECRET-KEY', 'a secret that was put in the wrong place is not said aloud')
})

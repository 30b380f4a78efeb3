/** docker/tools/logs.py: what Docker's logs say is kept once, by day, for as long as it should be and the disk allows. */

import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { keptLogs, line, nonce, noon, stamp, stream, type Source } from './logs-setting.ts'
import { needs, root, toolFolder, until } from './tools.ts'

const options = needs('python3', 'zstd')
const day = 86400
const signer = (log: string | Buffer, more: Partial<Source> = {}): Source => ({ service: 'stacks-signer', log, ...more })

t.test('lines are kept as they are, whatever is in them', options, async (t) => {
  const kept = keptLogs(t)
  const long = 'x'.repeat(16384)
  const hostile = [
    Buffer.from('\x1b[2J\x1b]0;owned\x07 and \r back'), Buffer.from([0x00, 0xff, 0xc3, 0x28, 0x80]), Buffer.from(''), Buffer.from(' blank first'),
    Buffer.from(`${stamp(0)} a time within`), Buffer.from(`${nonce.slice(0, -1)}2 end 0`), Buffer.from('{{.ID}} $HOME `id` %s \\n'), Buffer.from('ünïcode 🎉'),
  ]
  const log = Buffer.concat([
    ...hostile.map((text, at) => Buffer.concat([Buffer.from(`${stamp(60, at)} `), text, Buffer.from('\n')])),
    // As docker writes a line of 40 000 characters: a time before each piece that it was cut into.
    Buffer.from(`${stamp(50)} ${long}${stamp(50, 5)} ${long}${stamp(50, 9)} ${'y'.repeat(7232)}\n`),
    // Longer than a piece, with nothing that was put between.
    Buffer.from(`${stamp(49)} ${'z'.repeat(50_000)}\n`),
    // Of a daemon in another time zone, and with fewer digits.
    Buffer.from(`${stamp(40 - 5400).slice(0, 19)}.25+01:30 elsewhere\n`),
  ])
  const { code, err } = kept.collect([signer(log)])
  t.equal(err, '')
  t.equal(code, 0)
  const stored = readFileSync(kept.at('stacks-signer/2026-11-21.log'))
  t.strictSame(stored, Buffer.concat([
    ...hostile.map((text, at) => Buffer.concat([Buffer.from(`${stamp(60, at)} `), text, Buffer.from('\n')])),
    Buffer.from(`${stamp(50)} ${long}${long}${'y'.repeat(7232)}\n${stamp(49)} ${'z'.repeat(50_000)}\n${stamp(40, 250_000_000)} elsewhere\n`),
  ]))
  t.equal(statSync(kept.at('stacks-signer')).mode & 0o077, 0, 'nobody else reads them')
})

t.test('what Docker itself says is told, and not taken for a log', options, async (t) => {
  const kept = keptLogs(t)
  const { code, err } = kept.collect([
    signer(`${line(9, 'one')}error from daemon in stream: \x1b[31mno such file\n2026-13-45T99:00:00.000000000Z no such day\n`, { code: 1 }), { service: 'init', log: line(8, 'done'), state: 'exited' },
  ])
  t.equal(code, 1)
  t.equal(err, 'logs-collect: stacks-signer: error from daemon in stream: \\x1b[31mno such file\nlogs-collect: stacks-signer: 2026-13-45T99:00:00.000000000Z no such day\nlogs-collect: stacks-signer: docker logs ended with 1\n')
  t.strictSame(kept.lines('stacks-signer'), [`${stamp(9)} one`])
  t.strictSame(kept.lines('init'), [`${stamp(8)} done`], 'the others are kept all the same')
})

t.test('a piece of a line waits for its rest, but not for ever', options, async (t) => {
  const kept = keptLogs(t)
  kept.collect([signer(`${line(9, 'one')}${stamp(8)} tw`)])
  t.strictSame(kept.lines('stacks-signer'), [`${stamp(9)} one`])
  kept.collect([signer(`${line(9, 'one')}${line(8, 'two')}${stamp(7)} last wor`, { state: 'exited' })])
  t.strictSame(kept.lines('stacks-signer'), [`${stamp(9)} one`, `${stamp(8)} two`, `${stamp(7)} last wor`])
})

t.test('each line once: two streams, equal lines, any number of collections', options, async (t) => {
  const kept = keptLogs(t)
  // Out of order by milliseconds, as two streams are; every third line is the same as the one before, time and all.
  const log = Array.from({ length: 400 }, (_, at) => line(4000 - 10 * (at - (at % 3 === 2 ? 1 : 0)), `line ${at % 3 === 2 ? at - 1 : at}`, at % 3 === 1 ? 999_999_999 : 0))
  for (const until of [1, 2, 3, 50, 50, 51, 200, 399, 400, 400]) {
    const [, since = ''] = kept.run(['positions', '7'], 'stacks-signer\n').out.trim().split(' ')
    const there = log.slice(0, until).filter((one) => one.slice(0, 30) >= since)
    t.equal(kept.collect([signer(there.join(''))]).err, '')
  }
  t.strictSame(readFileSync(kept.at('stacks-signer/2026-11-21.log'), 'utf8'), log.join(''))
})

t.test('from when a service must be read', options, async (t) => {
  const kept = keptLogs(t)
  kept.collect([signer(line(300, 'x', 5))])
  t.equal(kept.run(['positions', '7'], 'stacks-signer\nbitcoind\n../../etc\n').out, `stacks-signer ${stamp(360)}\nbitcoind 2026-11-14T00:00:00.000000000Z\n`)
})

t.test('killed in the middle, and a stream that is cut off', options, async (t) => {
  const kept = keptLogs(t)
  const log = Array.from({ length: 200_000 }, (_, at) => line(20_000 - at / 20, `${'text '.repeat(20)}${at}`, at % 20))
  const child = spawn('python3', ['-B', join(toolFolder, 'logs.py'), 'store', nonce, '7'], { env: { PATH: process.env['PATH'] ?? '', STACK_ROOT: kept.root.path, LOGS_NOW: String(noon) }, stdio: ['pipe', 'ignore', 'ignore'] })
  const gone = new Promise((resolve) => { child.on('close', resolve) })
  child.stdin.on('error', () => undefined)
  child.stdin.write(`${nonce} begin stacks-signer stacks-signer-1 running\n${log.slice(0, 120_000).join('')}`)
  await until(() => { try { return statSync(kept.at('stacks-signer/2026-11-21.log')).size > 3e6 } catch { return false } }, () => spawnSync('ls', ['-lR', kept.root.path], { encoding: 'utf8' }).stdout)
  child.kill('SIGKILL')
  await gone
  appendFileSync(kept.at('stacks-signer/2026-11-21.log'), log[150_000]!.slice(0, 40))
  const found = kept.lines('stacks-signer')
  t.ok(found.length > 10_000)
  t.strictSame(found, log.slice(0, found.length).map((one) => one.trimEnd()), 'what is there can be read')
  const whole = stream([signer(log.join(''))])
  const cut = kept.run(['store', nonce, '7'], whole.subarray(0, whole.length / 2))
  t.equal(cut.code, 1)
  t.match(cut.err, /the section of stacks-signer ends early/)
  t.equal(kept.run(['store', nonce, '7'], whole).err, '')
  t.equal(readFileSync(kept.at('stacks-signer/2026-11-21.log'), 'utf8'), log.join(''), 'in the end every line, once')
})

t.test('nothing but what logs.sh writes is taken', options, async (t) => {
  const kept = keptLogs(t)
  for (const input of ['', 'x\n', `${nonce} begin ../up id running\n`, `${nonce} begin stacks-signer id\n`, `other begin stacks-signer id running\n${line(1, 'x')}`]) {
    t.equal(kept.run(['store', nonce, '7'], input).code, 1, JSON.stringify(input))
  }
  t.equal(kept.run(['status', '7', '--json']).out.includes('stacks-signer"'), false)
})

t.test('days: packed when they are over, late lines beside them, removed in time', options, async (t) => {
  const kept = keptLogs(t)
  const log = [9, 8, 7.5, 6, 1, 0.1].map((days) => line(days * day, `${days} days ago`))
  kept.collect([signer(log.join(''))], { days: 10 })
  t.strictSame(kept.files('stacks-signer'), ['2026-11-12.log.zst', '2026-11-13.log.zst', '2026-11-14.log.zst', '2026-11-15.log.zst', '2026-11-20.log.zst', '2026-11-21.log'])
  t.strictSame(kept.lines('stacks-signer'), log.map((one) => one.trimEnd()))
  t.match(kept.collect([signer(log.join(''))]), { out: 'logs-collect: 0 new lines of 1 service; 2 files older than 7 days removed\n', err: '' })
  t.strictSame(kept.files('stacks-signer')[0], '2026-11-14.log.zst')
  // Ten minutes into the next day its lines may still come.
  kept.collect([signer('')], { now: noon + day / 2 + 600 })
  t.ok(kept.files('stacks-signer').includes('2026-11-21.log'))
  kept.collect([signer('')], { now: noon + day / 2 + 1000 })
  t.ok(kept.files('stacks-signer').includes('2026-11-21.log.zst'))
  kept.collect([signer(line(0.1 * day - 5, 'late'))], { now: noon + day })
  t.strictSame(kept.files('stacks-signer').slice(-2), ['2026-11-21.2.log.zst', '2026-11-21.log.zst'])
  t.strictSame(kept.lines('stacks-signer').slice(-2), [`${stamp(0.1 * day)} 0.1 days ago`, `${stamp(0.1 * day - 5)} late`])
  kept.collect([], { now: noon + 400 * day })
  t.strictSame(kept.files('stacks-signer'), [])
  t.equal(kept.run(['status', '7']).code, 0)
})

t.test('killed while a day is packed', options, async (t) => {
  const kept = keptLogs(t)
  kept.collect([signer(line(day, 'yesterday'))])
  // Whole and renamed, but the plain file is still there; and a half one that never got its name.
  writeFileSync(kept.at('stacks-signer/2026-11-20.log'), line(day, 'yesterday'))
  writeFileSync(kept.at('stacks-signer/2026-11-19.log.zst.new'), 'half')
  t.strictSame(kept.lines('stacks-signer'), [`${stamp(day)} yesterday`])
  kept.collect([signer(line(day, 'yesterday'))])
  t.strictSame(kept.files('stacks-signer'), ['2026-11-20.log.zst'])
  t.strictSame(kept.lines('stacks-signer'), [`${stamp(day)} yesterday`])
})

t.test('gaps are known where they can be', options, async (t) => {
  const kept = keptLogs(t)
  kept.collect([signer(line(3000, 'one'))])
  t.match(kept.collect([signer(line(1000, 'after the rotation'))]).err, /from 2026-11-21T11:10:00.000000000Z to 2026-11-21T11:43:20.000000000Z lines may be missing: Docker had thrown lines away/)
  t.equal(kept.collect([signer(line(1000, 'after the rotation') + line(900, 'no gap'))]).err, '')
  t.match(kept.collect([signer(line(800, 'another'), { id: 'new' })]).err, /the container was made anew/)
  t.equal(kept.collect([signer(line(800, 'another'), { id: 'new', state: 'exited' })]).err, '')
  t.equal(kept.collect([signer(line(700, 'third'), { id: 'newer' })]).err, '', 'one that was read to its end leaves no gap')
  const status = kept.run(['status', '7'])
  t.match(status.out, /^stacks-signer +2026-11-21 11:10:00 +2026-11-21 11:48:20 +1 +0\.0 MB +2$/m)
  t.match(status.out, /^gap: stacks-signer, 2026-11-21 11:10:00 to 2026-11-21 11:43:20: Docker had thrown/m)
  kept.collect([], { now: noon + 20 * day })
  t.notMatch(kept.run(['status', '7']).out, /gap: /, 'forgotten with what stood around them')
})

t.test('one collection at a time', options, async (t) => {
  const kept = keptLogs(t)
  const first = spawn('python3', ['-B', join(toolFolder, 'logs.py'), 'store', nonce, '7'], { env: { PATH: process.env['PATH'] ?? '', STACK_ROOT: kept.root.path, LOGS_NOW: String(noon) }, stdio: ['pipe', 'ignore', 'ignore'] })
  const ended = new Promise((resolve) => { first.on('close', resolve) })
  first.stdin.write(`${nonce} begin stacks-signer id running\n${line(9, 'one')}`)
  await until(() => { try { return statSync(kept.at('stacks-signer')).isDirectory() } catch { return false } }, () => spawnSync('ls', ['-lR', kept.root.path], { encoding: 'utf8' }).stdout)
  t.match(kept.collect([signer(line(9, 'one'))]), { code: 1, err: 'logs-collect: another collection is under way\n' })
  first.stdin.end(`\n${nonce} end 0\n${nonce} done\n`)
  t.equal(await ended, 0)
  t.strictSame(kept.lines('stacks-signer'), [`${stamp(9)} one`])
})

t.test('the oldest day goes before the disk is full, and today\'s stays', options, async (t) => {
  const kept = keptLogs(t)
  const environment = { LOGS_BOUND_BYTES: '400000' }
  // What does not shrink by more than a half.
  const noise = () => randomBytes(60_000).toString('hex')
  for (const days of [5, 4, 3, 2, 1]) t.equal(kept.collect([signer(line(days * day, noise()))], { environment }).code, 0)
  t.strictSame(kept.files('stacks-signer').length, 5)
  kept.collect([signer(line(100, 'z'.repeat(150_000)) + line(99, 'z'.repeat(100_000)))], { environment })
  t.notOk(kept.files('stacks-signer').includes('2026-11-16.log.zst'), 'the oldest is gone')
  t.ok(kept.files('stacks-signer').includes('2026-11-21.log'))
  const full = kept.collect([signer(line(50, 'y'.repeat(300_000))), { service: 'bitcoind', log: line(40, 'x') }], { environment })
  t.equal(full.code, 1)
  t.match(full.err, /the disk has no room for more logs: .* are the bound of both/)
  t.strictSame(kept.files('stacks-signer'), ['2026-11-21.log'], 'nothing older is left to give')
  t.equal(kept.lines('stacks-signer').length, 2)
  t.match(JSON.parse(kept.run(['status', '7', '--json']).out), { trouble: [/no room/], collectedSecondsAgo: 0 })
})

t.test('a disk that is really full', { ...needs('python3', 'zstd', 'mount'), ...(!root && process.env['REQUIRE_ENGINES'] !== '1' && { skip: 'only root can mount a small disk' }) }, async (t) => {
  const place = mkdtempSync(join(tmpdir(), 'small-disk-'))
  t.teardown(() => {
    spawnSync('umount', [place])
    rmdirSync(place)
  })
  t.equal(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', place]).status, 0)
  const kept = keptLogs(t, place)
  mkdirSync(kept.at(''), { recursive: true })
  const log = Array.from({ length: 60_000 }, (_, at) => line(6000 - at / 10, `${'text '.repeat(10)}${at}`, at))
  const first = kept.collect([signer(log.join(''))])
  t.equal(first.code, 1)
  t.match(first.err, /no room for more logs/)
  const said = kept.lines('stacks-signer')
  t.ok(said.length > 1000)
  t.strictSame(said, log.slice(0, said.length).map((one) => one.trimEnd()))
  t.match(JSON.parse(kept.run(['status', '7', '--json']).out), { mostBytes: 419430 })
  // Filled by somebody else, to the last byte, past what is kept free.
  spawnSync('sh', ['-c', `cat /dev/zero >'${place}/filler'`])
  t.equal(kept.collect([signer(log.join(''))]).code, 1)
  t.equal(kept.collect([signer(log.join(''))], { environment: { LOGS_BOUND_BYTES: '-1000000000' } }).code, 1, 'nor where the kernel is the first to say so')
  t.strictSame(kept.lines('stacks-signer').slice(0, said.length), said, 'what was kept is as it was')
  spawnSync('rm', [`${place}/filler`])
  kept.collect([signer(log.slice(said.length - 5, said.length + 5).join(''))], { environment: { LOGS_BOUND_BYTES: '300' }, now: noon + 3 * day })
  t.strictSame(kept.lines('stacks-signer'), log.slice(said.length + 3, said.length + 5).map((one) => one.trimEnd()), 'a day that goes while it is written to takes along what was written, and not what comes after')
})

t.test('searching', options, async (t) => {
  const kept = keptLogs(t)
  kept.collect([
    signer(line(2 * day, 'INFO old') + line(7200, 'INFO a.b [x]') + line(3600, 'WARN \x1b[31mred') + line(60, 'INFO ünï')),
    { service: 'bitcoind', log: line(7000, 'UpdateTip a.b') + Buffer.from([0xff]).toString('latin1') },
    { service: 'stacks-node', log: Buffer.concat([Buffer.from(`${stamp(6000)} `), Buffer.from([0xff, 0xfe]), Buffer.from(' bytes\n')]) },
  ])
  const found = (input: string, since = '', until = '', service = '') => kept.run(['search', since, until, service], input)
  const cases = [
    ['fixed\na.b', '', '', '', ['stacks-signer 10:00 INFO a.b [x]', 'bitcoind 10:03 UpdateTip a.b']],
    ['fixed\n[x]', '', '', '', ['stacks-signer 10:00 INFO a.b [x]']],
    ['regex\na.b$', '', '', '', ['bitcoind 10:03 UpdateTip a.b']],
    ['regex\n^(INFO|WARN) ', '2026-11-21', '', 'stacks-signer', ['stacks-signer 10:00 INFO a.b [x]', 'stacks-signer 11:00 WARN \\x1b[31mred', 'stacks-signer 11:59 INFO ünï']],
    ['fixed\nINFO', '', '2026-11-19', '', ['stacks-signer 12:00 INFO old']],
    ['fixed\nINFO', '2026-11', '2026-11-21T10', '', ['stacks-signer 12:00 INFO old', 'stacks-signer 10:00 INFO a.b [x]']],
    ['fixed\nINFO', '2026-11-21 10:00:00Z', '2026-11-21 10:00', '', ['stacks-signer 10:00 INFO a.b [x]']],
    ['fixed\nN', '90m', '', 'stacks-signer', ['stacks-signer 11:00 WARN \\x1b[31mred', 'stacks-signer 11:59 INFO ünï']],
    ['fixed\nünï', '3d', '1s', '', ['stacks-signer 11:59 INFO ünï']],
    ['fixed\nbytes', '', '', '', ['stacks-node 10:20 \\xff\\xfe bytes']],
  ] as const
  for (const [input, since, until, service, want] of cases) {
    const { code, out } = found(input, since, until, service)
    t.strictSame(out.trimEnd().split('\n').map((one) => one.replace(/^(\S+) \S+T(\d\d:\d\d)\S+/, '$1 $2')), want, input)
    t.equal(code, 0)
  }
  t.match(found('fixed\nnothing like it'), { code: 1, out: '', err: 'logs-search: nothing found\n' })
  for (const [input, since, service, message] of [
    ['regex\n[', '', '', /R is no regular expression/], ['fixed\n', '', '', /say what to look for/], ['fixed\nx', 'yesterday', '', /yesterday is no time: write/],
    ['fixed\nx', '', 'stacks-singer', /no logs are kept of stacks-singer; there are: bitcoind, stacks-node, stacks-signer/], ['fixed\nx', '', '../..', /no logs are kept of/],
  ] as const) t.match(found(input, since, '', service), { code: 2, err: message }, input)
})

/**
 * How long the snapshot takes beside the guide's two commands, `curl -o` and `tar -zxvf`, from nginx on loopback. Prints a table in
 * Markdown: medians of BENCH_ROUNDS rounds (3); an archive of BENCH_MEGABYTES (2700, unpacked), a line of BENCH_LINE megabytes a
 * second (200) for the connections that are limited to an eighth of it. Runs the program that a stack gets: `npm run build` first.
 * Needs nginx, curl, zstd, gzip, truncate, and in BENCH_DIRECTORY (the system's temporary directory) room for five times the archive:
 * it is there packed twice, downloaded and unpacked, and the small files of all runs stay to the end.
 */

import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { memoryOf } from '../docker/memory.ts'

const number = (name: string, fallback: number) => Number(process.env[name] ?? fallback)
const rounds = number('BENCH_ROUNDS', 3)
const megabytes = number('BENCH_MEGABYTES', 2700)
const line = number('BENCH_LINE', 200)
const connections = 8
const port = number('BENCH_PORT', 18099)
const mebibyte = 1 << 20

const base = mkdtempSync(join(process.env['BENCH_DIRECTORY'] ?? tmpdir(), 'bench-snapshot-'))
const at = (name: string) => join(base, name)

function shell(script: string): void {
  const ran = spawnSync('bash', ['-euo', 'pipefail', '-c', script], { cwd: base, encoding: 'utf8', maxBuffer: 1 << 28 })
  if (ran.status !== 0) throw new Error(`${script}: ${ran.stderr}`)
}

/** A tree like chain data. A quarter of it compresses, the rest does not. */
function writeTree(): void {
  let left = megabytes * mebibyte
  const write = (path: string, size: number) => {
    mkdirSync(dirname(at(`tree/mainnet/${path}`)), { recursive: true })
    for (let rest = size; rest > 0; rest -= mebibyte) {
      const block = randomBytes(Math.min(rest, mebibyte))
      block.fill(`block height ${left} `, Math.floor(0.75 * block.length))
      appendFileSync(at(`tree/mainnet/${path}`), block)
    }
    left -= size
  }
  const total = left
  // Small files, as chain data has them beside its few large ones.
  for (let index = 0; index < megabytes; index += 1) write(`chainstate/blocks/${index % 64}/${index}`, 20_000)
  write('burnchain/sortition/marf.sqlite', Math.floor(total / 10))
  write('chainstate/vm/index.sqlite', Math.floor(total / 8))
  write('headers.sqlite', mebibyte)
  write('chainstate/vm/clarity/marf.sqlite.blobs', left)
}

function prepare(): void {
  writeTree()
  shell('chmod 755 . && tar -C tree -cf a.tar mainnet && du -s -B1 tree | cut -f1 > size && rm -r tree')
  shell('zstd -q -T0 a.tar -o z.tar.zst && (pigz -k a.tar || gzip -k a.tar) 2>/dev/null && mv a.tar.gz g.tar.gz && rm a.tar')
  shell('sha256sum z.tar.zst > z.sha256; sha256sum g.tar.gz > g.sha256')
  shell(`truncate -s ${totalmem()} fill`)
  writeFileSync(at('nginx.conf'), `
    worker_processes 1; pid ${at('pid')}; error_log ${at('error')};
    events { worker_connections 256; }
    http {
      access_log off; sendfile on; client_body_temp_path ${at('t1')}; proxy_temp_path ${at('t2')}; fastcgi_temp_path ${at('t3')};
      uwsgi_temp_path ${at('t4')}; scgi_temp_path ${at('t5')};
      server { listen 127.0.0.1:${port}; root ${base}; location /limited/ { alias ${base}/; limit_rate ${Math.round((line * 1e6) / connections)}; } }
    }`)
  shell(`nginx -c '${at('nginx.conf')}' -p '${base}'`)
}

const url = (path: string) => `http://127.0.0.1:${port}/${path}`

/**
 * Removes what the last run left, and waits until the disk has forgotten it, which some do long after they said so. Then
 * fills the memory with pages of files, as on any host that has run for a day: a virtual machine may have handed its free
 * memory back, and whoever takes of it first would pay for that.
 */
async function clean(): Promise<void> {
  // ext4 looks for room for a new file at each of those that were deleted in the last minutes: the many small ones stay to the end.
  shell('mkdir -p out root old && find out root -type f -size +1M -delete && mv out root "$(mktemp -d -p old)" && rm -f dl && mkdir out && sync')
  const work = () => readFileSync('/proc/diskstats', 'utf8')
  for (let [before, quiet, turn] = [work(), 0, 0]; quiet < 5 && turn < 150; quiet += 1, turn += 1) {
    await new Promise((resolve) => { setTimeout(resolve, 200) })
    const now = work()
    if (now !== before) quiet = -1
    before = now
  }
  shell('cat fill z.tar.zst g.tar.gz > /dev/null')
}

async function timed(script: string): Promise<number> {
  await clean()
  const began = process.hrtime.bigint()
  shell(script)
  return Number(process.hrtime.bigint() - began) / 1e9
}

interface Ours {
  readonly seconds: number
  readonly memory: number
  readonly disk: number
}

/** Runs until the chain data is in place and durable, as an operator has it. */
async function ours(path: string, mode: string): Promise<Ours> {
  await clean()
  const data = at('root/var/lib/stacks-node')
  mkdirSync(data, { recursive: true })
  const began = process.hrtime.bigint()
  const env = { PATH: process.env['PATH'] ?? '', STACK_ROOT: at('root'), SNAPSHOT_URL: url(path), NETWORK_DIR: 'mainnet', SNAPSHOT_MODE: mode,
    SNAPSHOT_CONNECTIONS: String(connections), NODE_OPTIONS: '--max-old-space-size=64 --max-semi-space-size=1' }
  const child = spawn(process.execPath, [fileURLToPath(new URL('../../dist/programs/snapshot.mjs', import.meta.url))], { env, stdio: 'ignore' })
  const ended = new Promise((resolve) => { child.on('exit', resolve) })
  let [memory, disk, turn] = [0, 0, 0]
  while (!existsSync(join(data, '.snapshot.json'))) {
    if (child.exitCode) throw new Error(`the snapshot ended with ${child.exitCode}`)
    memory = Math.max(memory, memoryOf(child.pid ?? 0))
    turn += 1
    if (mode === 'stream' && turn % 10 === 0) disk = Math.max(disk, Number(spawnSync('du', ['-s', '-B1', data], { encoding: 'utf8' }).stdout.split('\t')[0]))
    await new Promise((resolve) => { setTimeout(resolve, 50) })
  }
  const seconds = Number(process.hrtime.bigint() - began) / 1e9
  await ended
  return { seconds, memory, disk }
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN

async function main(): Promise<void> {
  prepare()
  const seconds: Record<string, number[]> = {}
  const most = { memory: 0, disk: 0 }
  const note = (name: string, value: number) => {
    (seconds[name] ??= []).push(value)
    console.error(`${name}: ${value.toFixed(1)} s`)
  }
  const run = async (name: string, path: string, mode: string) => {
    const result = await ours(path, mode)
    most.memory = Math.max(most.memory, result.memory)
    most.disk = Math.max(most.disk, result.disk)
    note(name, result.seconds)
  }
  for (let round = 0; round < rounds; round += 1) {
    note('guide, limited', await timed(`curl -s -o dl ${url('limited/g.tar.gz')}; tar -zxvf dl -C out >/dev/null`))
    await run('snapshot, limited', 'limited/z.tar.zst', 'auto')
    note('guide', await timed(`curl -s -o dl ${url('g.tar.gz')}; tar -zxvf dl -C out >/dev/null`))
    await run('snapshot', 'z.tar.zst', 'auto')
    await run('snapshot, stream', 'z.tar.zst', 'stream')
    await run('snapshot, gz', 'g.tar.gz', 'auto')
  }
  const value = (name: string) => median(seconds[name] ?? [])
  const size = Number(spawnSync('cat', [at('size')], { encoding: 'utf8' }).stdout)
  const row = (...cells: readonly string[]) => console.log(`| ${cells.join(' | ')} |`)
  const packed = statSync(at('z.tar.zst')).size / 1e9
  console.log(`Archive of ${packed.toFixed(2)} GB, ${(size / 1e9).toFixed(2)} GB unpacked; ${cpus().length} cores; medians of ${rounds} rounds; ${connections} connections, each limited to ${line / connections} MB/s where it says so.\n`)
  row('what', 'seconds', 'least')
  row('---', '---:', '---:')
  for (const [name, all] of Object.entries(seconds)) row(name, value(name).toFixed(1), Math.min(...all).toFixed(1))
  console.log()
  row('ratio', 'is', 'wanted')
  row('---', '---:', '---:')
  row('(a) limited: the guide / the snapshot', (value('guide, limited') / value('snapshot, limited')).toFixed(1), '≥ 5')
  row('(b) no limit: the snapshot / the guide', (value('snapshot') / value('guide')).toFixed(2), '≤ 0.75')
  row('(b) the same from a .tar.gz', (value('snapshot, gz') / value('guide')).toFixed(2), '≤ 0.75')
  row('(b) the same with SNAPSHOT_MODE=stream', (value('snapshot, stream') / value('guide')).toFixed(2), '≤ 0.75')
  row('(c) stream: most disk / what is unpacked', (most.disk / size).toFixed(3), '≤ 1.05')
  row('(d) most memory', `${Math.round(most.memory / 2 ** 20)} MiB`, '< 256 MiB')
}

try {
  await main()
} finally {
  if (existsSync(at('pid'))) spawnSync('nginx', ['-c', at('nginx.conf'), '-p', base, '-s', 'stop'])
  rmSync(base, { recursive: true, force: true })
}

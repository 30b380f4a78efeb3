/** A real PostgreSQL with a signer's database, a double of the chain, and the backup program between them. */

import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { paths } from '../../generator/catalogue/container.ts'
import { openNode } from '../support/other-user.ts'
import { repository } from '../support/repository.ts'
import { needs, root, until, type Ended } from './tools.ts'

const schema = readFileSync(fileURLToPath(new URL('../doubles/sbtc/schema.sql', import.meta.url)), 'utf8')
const versions = '/usr/lib/postgresql'
const programs = existsSync(versions) ? readdirSync(versions).sort().map((version) => join(versions, version, 'bin')).filter((path) => existsSync(join(path, 'initdb'))) : []
const path = [...(programs.length > 0 ? [quickInitdb(programs.at(-1)!)] : []), programs.at(-1), '/usr/bin', '/bin'].filter((each) => each !== undefined).join(':')
const password = 'a password: with \'quotes\' and $HOME'

/** PostgreSQL's server refuses to run as root. */
const asPostgres = root ? ['setpriv', '--reuid', 'postgres', '--regid', 'postgres', '--clear-groups'] : []

/**
 * A folder with an initdb that does its work once for the same options, and copies that from then on: each of these tests makes one
 * cluster, and each proof of a dump another.
 */
function quickInitdb(real: string): string {
  const folder = mkdtempSync('/tmp/sbtc-programs-')
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  mkdirSync(join(folder, 'kept'))
  chmodSync(folder, 0o755)
  chmodSync(join(folder, 'kept'), 0o777)
  writeFileSync(join(folder, 'initdb'), `#!/bin/sh
place=$2
shift 2
kept="${folder}/kept/$(printf '%s\\n' "$@" | cksum | tr ' ' -)"
[ -d "$kept" ] || ${real}/initdb -D "$kept" "$@" || { code=$?; rm -rf "$kept"; exit "$code"; }
mkdir -p "$place" && cp -r "$kept/." "$place" && chmod 700 "$place"
`)
  chmodSync(join(folder, 'initdb'), 0o755)
  return folder
}

export const options = programs.length === 0 ? needs('initdb') : needs('age', 'age-keygen', 'setpriv')

export const hex = (text: string) => createHash('sha256').update(text).digest('hex')
export const keyOf = (name: string) => `02${hex(name)}`
/** Own key first; the set of the signers, and 2 needed of 3. */
export const signers = ['own', 'second', 'third'].map(keyOf)
export const [older, newest] = [keyOf('older'), keyOf('newest')]
export const tip = 960_300
export const deployer = 'SM3VDXK3WZZSA84XXFKAFAF15NNZX32CTSG82JFQ4'
export const blockHash = (height: number) => hex(`block ${height}`)

/** What the registry's functions answer, as Clarity has it. */
export const buffer = (content: string) => `02${(content.length / 2).toString(16).padStart(8, '0')}${content}`
const uint = (value: number) => `01${value.toString(16).padStart(32, '0')}`
const list = (values: readonly string[]) => `0b${values.length.toString(16).padStart(8, '0')}${values.join('')}`
export const tuple = (fields: Readonly<Record<string, string>>) => `0c${Object.keys(fields).length.toString(16).padStart(8, '0')}${Object.entries(fields)
  .map(([name, value]) => `${name.length.toString(16).padStart(2, '0')}${Buffer.from(name).toString('hex')}${value}`).join('')}`
export const signerData = (key: string, set: readonly string[] = signers, threshold = 2) => tuple({
  'current-aggregate-pubkey': buffer(key), 'current-signature-threshold': uint(threshold),
  'current-signer-principal': `05${'16'.repeat(21)}`, 'current-signer-set': list(set.map(buffer)),
})

export interface Answer { readonly status?: number; readonly body: unknown; readonly raw?: string }
/** What the chain says now: a test changes it. `override` answers a path by its end before anything else. */
export interface Chain {
  key: string
  set: readonly string[]
  threshold: number
  height: number
  network: number
  block: (height: number) => string
  override: ReadonlyMap<string, Answer>
  down: boolean
}

export interface World {
  readonly folder: string
  readonly chain: Chain
  /** Runs SQL in the signer's database, or in another one. */
  sql(text: string, database?: string): string
  /** A program of PostgreSQL or age, as the user that the tool runs as. */
  program(argv: readonly string[], input?: Buffer | string): Buffer
  tool(...argv: readonly string[]): Promise<Ended>
  /** A session in the signer's database that stays, under the name of an application. */
  session(application: string): void
  /** Starts the tool and gives its process back at once; `input` is a file for its stdin. `stop` is SIGTERM, and throws where that ends nothing. */
  begin(argv: readonly string[], env?: Readonly<Record<string, string>>, input?: string): { readonly pid: number; said(): string; until(done: () => boolean): Promise<void>; readonly ended: Promise<Ended>; stop(): Promise<Ended> }
  configure(changes: Readonly<Record<string, unknown>>): void
  dumps(folder?: string): readonly string[]
  metric(name: string): number | undefined
  json(path: string): Record<string, unknown>
}

export async function makeWorld(t: Test): Promise<World> {
  const folder = mkdtempSync('/tmp/sbtc-')
  for (const name of ['data', 'store', 'scratch', 'metrics', 'keys', 'copy', 'work']) mkdirSync(join(folder, name))
  mkdirSync(join(folder, paths.sbtcBackupConfig), { recursive: true })
  const node = openNode(folder)
  copyFileSync(join(repository, 'dist/programs/sbtc-backup.mjs'), join(folder, 'sbtc-backup.mjs'))
  writeFileSync(join(folder, 'password'), `${password}\n`)
  writeFileSync(join(folder, 'copy/sbtc-backup-target'), '')
  chmodSync(folder, 0o755)
  if (root) spawnSync('chown', ['-R', 'postgres:postgres', folder])
  const [command, ...before] = [...asPostgres, 'env', '-C', folder, `PATH=${path}`, `PGPASSWORD=${password}`, `STACK_ROOT=${folder}`]
  const program = (argv: readonly string[], input: Buffer | string = ''): Buffer => {
    const done = spawnSync(command!, [...before, ...argv], { input, maxBuffer: 1 << 28 })
    if (done.status !== 0) throw new Error(`${argv.join(' ')}: ${done.stderr}`)
    return done.stdout
  }
  program(['initdb', '-D', 'data', '-U', 'postgres', '-A', 'scram-sha-256', '--pwfile=password', '--no-sync', '-E', 'UTF8', '--locale=C'])
  const server = spawn(command!, [...before, 'postgres', '-D', 'data', '-k', folder, '-c', 'listen_addresses=', '-c', 'fsync=off', '-c', 'autovacuum=off'], { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  server.stderr.setEncoding('utf8').on('data', (text: string) => { log += text })
  const { chain, address } = await chainDouble(t)
  t.teardown(async () => {
    const over = new Promise((resolve) => { server.on('exit', resolve) })
    server.kill('SIGINT')
    await over
    rmSync(folder, { recursive: true, force: true })
  })
  await until(() => spawnSync(command!, [...before, 'pg_isready', '-q', '-h', folder]).status === 0, () => log,
    () => (server.exitCode === null ? undefined : `PostgreSQL ended with ${server.exitCode}`))
  const sql = (text: string, database = 'signer') =>
    program(['psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-h', folder, '-U', 'postgres', '-d', database, '-f', '-'], text).toString().trim()
  sql('CREATE ROLE signer LOGIN SUPERUSER', 'postgres')
  sql(`ALTER ROLE signer PASSWORD '${password.replaceAll("'", "''")}'; CREATE DATABASE signer OWNER signer`, 'postgres')
  sql(schema + seed)
  const operator = program(['age-keygen', '-o', 'keys/operator']) && program(['age-keygen', '-y', 'keys/operator']).toString().trim()
  const settings = {
    network: 'mainnet', deployer, publicKey: signers[0], database: `postgresql://signer@/signer?host=${folder}`, passwordFile: join(folder, 'password'),
    store: join(folder, 'store'), scratch: join(folder, 'scratch'), metrics: join(folder, 'metrics'), identity: join(folder, 'keys/host'),
    recipients: [operator], chain: [address], copies: [join(folder, 'copy')],
  }
  const configure = (changes: Readonly<Record<string, unknown>>) => { writeFileSync(join(folder, paths.sbtcBackupConfig, 'sbtc-backup.json'), JSON.stringify({ ...settings, ...changes })) }
  configure({})
  const begin = (argv: readonly string[], env: Readonly<Record<string, string>> = {}, input?: string) => {
    // Without the password in its environment: the tool has its file.
    const child = spawn(command!, [...before, 'env', '-u', 'PGPASSWORD', ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
      node, 'sbtc-backup.mjs', ...argv], { stdio: [input === undefined ? 'ignore' : openSync(input, 'r'), 'pipe', 'pipe'] })
    let out = ''
    let end: string | undefined
    for (const stream of [child.stdout!, child.stderr!]) stream.setEncoding('utf8').on('data', (text: string) => { out += text })
    const ended = new Promise<Ended>((resolve) => { child.on('close', (code) => { end = `it ended with ${code}`; resolve({ code, out }) }) })
    t.teardown(() => { child.kill('SIGKILL') })
    const stop = async () => {
      child.kill('SIGTERM')
      await until(() => end !== undefined, () => `it was not ended by SIGTERM; said was:\n${out}`)
      return ended
    }
    const reaches = (done: () => boolean) => until(done, () => `said was:\n${out}`, () => end)
    return { pid: child.pid!, said: () => out, until: reaches, ended, stop }
  }
  const session = (application: string) => {
    const child = spawn(command!, [...before, 'psql', '-X', `postgresql://postgres@/signer?host=${folder}&application_name=${application}`], { stdio: ['pipe', 'ignore', 'ignore'] })
    t.teardown(() => { child.kill('SIGKILL') })
  }
  return {
    folder, chain, sql, program, begin, configure, session,
    tool: async (...argv) => begin(argv).ended,
    dumps: (name = 'store') => readdirSync(join(folder, name)).filter((file) => file.endsWith('.dump.age')).sort().map((file) => join(folder, name, file)),
    metric: (name) => {
      const text = readdirSync(join(folder, 'metrics')).map((file) => readFileSync(join(folder, 'metrics', file), 'utf8')).join('')
      const found = text.split('\n').find((line) => line.startsWith(`${name} `))
      return found === undefined ? undefined : Number(found.slice(name.length + 1))
    },
    json: (file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Record<string, unknown>,
  }
}

/** A node whose answers a test changes by changing `chain`. */
export async function chainDouble(t: Test): Promise<{ readonly chain: Chain; readonly address: string }> {
  const chain: Chain = { key: newest, set: signers, threshold: 2, height: tip + 3, network: 1, block: blockHash, override: new Map(), down: false }
  const node = createServer((request, response) => { answer(chain, request.url ?? '', response) })
  await new Promise<void>((resolve) => { node.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => {
    node.closeAllConnections()
    node.close()
  })
  return { chain, address: `http://127.0.0.1:${(node.address() as AddressInfo).port}` }
}

function answer(chain: Chain, url: string, response: import('node:http').ServerResponse): void {
  if (chain.down) {
    response.destroy()
    return
  }
  const set = [...chain.override].find(([end]) => url.endsWith(end))?.[1]
  const { status = 200, body, raw } = set ?? usual(chain, url)
  response.writeHead(status, { 'content-type': 'application/json' }).end(raw ?? JSON.stringify(body))
}

function usual(chain: Chain, url: string): Answer {
  const height = /\/v3\/sortitions\/burn_height\/(\d+)$/.exec(url)?.[1]
  if (height) return { body: [{ burn_block_height: Number(height), burn_block_hash: `0x${chain.block(Number(height))}` }] }
  if (url === '/v2/info') return { body: { network_id: chain.network, burn_block_height: chain.height } }
  const call = `/v2/contracts/call-read/${deployer}/sbtc-registry/`
  if (url === `${call}get-current-aggregate-pubkey`) return { body: { okay: true, result: `0x${buffer(chain.key)}` } }
  if (url === `${call}get-current-signer-data`) return { body: { okay: true, result: `0x${signerData(chain.key, chain.set, chain.threshold)}` } }
  return { status: 404, body: null }
}

const share = (name: string, day: number, status: string, set = signers) => `('\\x${keyOf(name)}', '\\x01', sha256('private ${name}'), sha256('public ${name}'), '\\x5120',
  ARRAY[${set.map((key) => `'\\x${key}'::bytea`).join(', ')}], 2, '2026-03-0${day}T00:00:00Z', '${status}', '\\x00', 880088)`

/** Rows of every kind that is judged, and blobs enough for a dump of several blocks of age's. */
const seed = `
INSERT INTO public.__sbtc_migrations SELECT lpad(n::text, 4, '0') || '__step.sql' FROM generate_series(1, 22) AS n WHERE n <> 2;
INSERT INTO bitcoin_blocks SELECT sha256(convert_to('block ' || h, 'UTF8')), h, sha256(convert_to('block ' || h - 1, 'UTF8')), now(), true
  FROM generate_series(${tip - 3000}, ${tip}) AS h;
INSERT INTO dkg_shares VALUES ${share('older', 1, 'verified')}, ${share('newest', 3, 'verified')}, ${share('failed', 4, 'failed')};
INSERT INTO stacks_blocks SELECT sha256(convert_to('stacks ' || h, 'UTF8')), h, '\\x00', '\\x00' FROM generate_series(1, 4000) AS h;
INSERT INTO p2p_peers SELECT 'peer ' || n, '\\x02', 'tcp://192.0.2.' || n || ':4122' FROM generate_series(1, 5) AS n;
CREATE TABLE public."odd: ""name"", '  two  spaces'" (a int);
`
export const insertShare = (name: string, day: number, status = 'verified', set: readonly string[] = signers) =>
  `INSERT INTO sbtc_signer.dkg_shares VALUES ${share(name, day, status, [...set])};`

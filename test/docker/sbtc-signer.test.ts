/** What the command generates and init fills, read by the sBTC signer's double, with a real PostgreSQL and a real bitcoind behind it. */

import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { freePort } from '../support/port.ts'
import { command, sbtcTestKey } from '../support/command.ts'
import { repository } from '../support/repository.ts'
import { init } from './init-setting.ts'
import { copyGate, makeRoot, needs, programPath, root as isRoot, start, type Root, type Running } from './tools.ts'

const folder = spawnSync('sh', ['-c', 'ls -d /usr/lib/postgresql/*/bin | tail -n 1'], { encoding: 'utf8' }).stdout.trim()
const environment = { PATH: `${process.env['PATH'] ?? ''}:${folder}` }
const options = isRoot ? needs('setpriv', 'psql', 'initdb', 'bitcoind') : { skip: 'needs root, to become another user' }
const uid = Number(spawnSync('id', ['-u', 'postgres'], { encoding: 'utf8' }).stdout || '0')
const double = join(repository, 'test/doubles/sbtc')
const volumes = ['/etc/sbtc-signer', '/etc/sbtc-blocklist', '/etc/sbtc-bitcoin', '/etc/postgres', '/var/lib/postgresql/data', '/run/pg', '/bitcoin']

interface Stage { readonly root: Root; readonly ports: Readonly<Record<'database' | 'rpc' | 'p2p' | 'node' | 'events' | 'metrics' | 'peers', number>>; readonly toml: string }

/** A generated and filled stack whose programs find each other on this machine's loopback. */
async function stage(t: Test): Promise<Stage> {
  const home = t.testdir({})
  const answers = {
    STACK_NAME: 's', NETWORK: 'testnet', SIGNER: 'off', SBTC_SIGNER: 'on', SBTC_SIGNING_SET: '02b61056bb84aa2ff7d740a31334c68a691e93ed3a229632e1b22e5b47bbb87ec0', SBTC_SIGNATURES_REQUIRED: '1',
    SBTC_DEPLOYER: 'SN3VMHXEN64ZZF71JQ5VESXDWTR301XTTXGF4J8F1', SBTC_EMILY_URL: 'http://emily.example.net:3031', SBTC_SEEDS: 'tcp://192.0.2.1:4122', SBTC_QUIC: 'on', SBTC_PUBLIC_HOST: '192.0.2.2',
    SBTC_AGGREGATE_KEY: '03F898F8A6DDB86DD4608DD168355EC6135FE2839222240C01942E8E7E50DD4C89', SBTC__bitcoin__chain_tip_polling_interval: '1', SBTC__signer__dkg_max_duration: '60',
    SBTC_PRIVATE_KEY: sbtcTestKey, EMILY_API_KEY: 'an-api-key-of-nobody',
  }
  writeFileSync(join(home, 'a.env'), Object.entries(answers).map(([key, value]) => `${key}=${value}\n`).join(''))
  const ran = await command(home, ['a.env', 'out'])
  t.equal(ran.code, 0, ran.err)
  const root = makeRoot(t, volumes)
  mkdirSync(root.at('/stack'), { recursive: true })
  cpSync(join(home, 'out/config'), root.at('/stack/config'), { recursive: true })
  cpSync(join(home, 'out/secrets'), root.at('/run/secrets'), { recursive: true })
  copyGate(root)
  const ended = await init(root)
  t.equal(ended.code, 0, ended.out)
  const names = ['database', 'rpc', 'p2p', 'node', 'events', 'metrics', 'peers'] as const
  const ports = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await freePort()]))) as Stage['ports']
  const filled = root.read('/etc/sbtc-signer/sbtc-signer.toml')
  const toml = filled.replace('@postgres:5432', `@127.0.0.1:${ports.database}`).replace(/@198\.[\d.]+:18443/, `@127.0.0.1:${ports.rpc}`)
    .replace('0.0.0.0:8801', `127.0.0.1:${ports.events}`).replace('0.0.0.0:9184', `127.0.0.1:${ports.metrics}`).replaceAll('0.0.0.0:4122', `127.0.0.1:${ports.peers}`)
  root.write('/signer.toml', toml)
  return { root, ports, toml }
}

function postgres(t: Test, { root, ports }: Stage): Running {
  const config = root.at('/etc/postgres')
  chmodSync(config, 0o700)
  for (const name of readdirSync(config)) {
    chmodSync(join(config, name), 0o600)
    writeFileSync(join(config, name), readFileSync(join(config, name), 'utf8').replace('port=5432', `port=${ports.database}`).replace('\'/etc/postgres', `'${config}`)
      .replace('\'/var/run/postgresql\'', `'${root.at('/run/pg')}'`).replace('512MB', '16MB').replace('\'*\'', '\'127.0.0.1\''))
    chownSync(join(config, name), uid, uid)
  }
  for (const path of ['/etc/postgres', '/var/lib/postgresql/data', '/run/pg']) chownSync(root.at(path), uid, uid)
  chmodSync(root.path, 0o755)
  return start(t, 'setpriv', [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', 'env', '-C', root.path, 'sh', root.at('/stack/docker/gate/postgres.sh')], { ...environment, STACK_ROOT: root.path })
}

function bitcoind(t: Test, { root, ports }: Stage): Running {
  root.write('/bitcoin.conf', root.read('/etc/sbtc-bitcoin/sbtc-bitcoin.conf').replace(/rpcbind=198.*\n/, '').replace(/bind=0\.0\.0\.0:18444/, `bind=127.0.0.1:${ports.p2p}`)
    .replace('0.0.0.0:8335', `127.0.0.1:${ports.node}`).replace(/addnode=.*\n/, ''))
  return start(t, 'bitcoind', [`-conf=${root.at('/bitcoin.conf')}`, `-datadir=${root.at('/bitcoin')}`, `-rpcport=${ports.rpc}`], {})
}

const signer = (t: Test, { root }: Stage, more: Readonly<Record<string, string>> = {}) =>
  start(t, process.execPath, [join(double, 'signer.ts'), '--config', root.at('/signer.toml'), '--migrate-db'], { ...environment, ...more })

t.test('the signer starts, migrates, follows Bitcoin, takes events, and ends as the real one does', options, async (t) => {
  const set = await stage(t)
  const { root, ports } = set
  t.match(await signer(t, set).ended, { code: 1, out: /cannot start: .*(refused|Connection)/ }, 'without its database it cannot start')
  const database = postgres(t, set)
  const running = bitcoind(t, set)
  await database.says(/ready to accept connections/)
  await running.says(/Done loading/)
  const one = signer(t, set)
  await one.says(/the signer runs/)
  await one.says(/observed a bitcoin block/)
  const base = `http://127.0.0.1:${ports.events}`
  t.equal((await fetch(base)).status, 200)
  const info = await (await fetch(`${base}/info`)).text()
  t.match(JSON.parse(info), { bitcoin: { node_version: Number }, config: { bootstrap_signatures_required: 1 } })
  for (const name of ['sbtc-signer-private-key', 'postgres-password', 'emily-api-key', 'sbtc-bitcoin-rpc-password']) t.notOk((info + one.said()).includes(root.read(`/run/secrets/${name}`).trim()), name)
  t.equal((await fetch(`${base}/new_block`, { method: 'POST', body: '{}' })).status, 200)
  t.equal((await fetch(`${base}/new_block`, { method: 'POST', body: 'x'.repeat((8 << 20) + 1) }).catch(() => ({ status: 413 }))).status, 413)
  const watch = (option: string) => start(t, process.execPath, [programPath('sbtc-watch'), option], { SBTC_SIGNER: `127.0.0.1:${ports.events}`, BLOCKLIST: '127.0.0.1:1' }).ended
  t.match(await watch('--health'), { code: 1, out: 'blocklist-client does not answer\n' })
  const rows = spawnSync('psql', ['-tA', '-h', '127.0.0.1', '-p', String(ports.database), '-U', 'signer', '-c',
    'SELECT (SELECT count(*) FROM public.__sbtc_migrations), (SELECT count(*) FROM sbtc_signer.bitcoin_blocks), (SELECT count(*) FROM sbtc_signer.dkg_shares)'],
  { encoding: 'utf8', env: { ...environment, PGPASSWORD: root.read('/run/secrets/postgres-password').trim() } })
  t.equal(rows.stdout.trim(), '21|1|0', rows.stderr)

  one.process.kill('SIGTERM')
  t.equal((await one.ended).code, 0)
  const again = signer(t, set)
  await again.says(/the signer runs/)
  t.notMatch(again.said(), /migrations were applied/, 'once')
  database.process.kill('SIGINT')
  t.match(await again.ended, { code: 0, out: /the database failed/ }, 'a fatal error looks like a clean end: only unless-stopped brings it back')
  running.process.kill('SIGTERM')
  await Promise.all([running.ended, database.ended])
})

t.test('what the signer would not start with', async (t) => {
  const set = await stage(t)
  const rows: readonly (readonly [what: string, from: string | RegExp, to: string, message: RegExp])[] = [
    ['a placeholder that is left', sbtcTestKey, '@SBTC_PRIVATE_KEY@', /signer\.private_key is wrong/],
    ['an unknown key', 'requests_processing_delay', 'requests_processing_delays', /signer has no key requests_processing_delays/],
    ['a set without itself', /"02b6[0-9a-f]+"/, `"03${'d8c4344861fc7590fd812c24884a3bfd9374d8ba865a787ff53c9060020aa967'}"`, /not in its own signing set/],
    ['a public endpoint on which nobody listens', '"quic-v1://127', '"tcp://127', /a protocol on which nobody listens/],
    ['no API key', 'an-api-key-of-nobody@', '', /emily\.endpoints is wrong/],
  ]
  for (const [what, from, to, message] of rows) {
    t.not(set.toml.replace(from, to), set.toml, what)
    set.root.write('/signer.toml', set.toml.replace(from, to))
    t.match(await signer(t, set).ended, { code: 1, out: message }, what)
  }
  set.root.write('/signer.toml', set.toml)
  t.match(await signer(t, set, { SIGNER_SIGNER__PRIVATE_KEY: 'x' }).ended, { code: 1, out: /SIGNER_SIGNER__PRIVATE_KEY in the environment/ })
  const blocklist = start(t, process.execPath, [join(double, 'blocklist.ts'), '-c', set.root.at('/etc/sbtc-blocklist/blocklist-client.toml')], {})
  await blocklist.says(/the blocklist client runs/)
})

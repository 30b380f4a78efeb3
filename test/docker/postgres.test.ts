/** docker/gate/postgres.sh with a real PostgreSQL: the database is made once, whole or not at all, and lets in whom it should. */

import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, readdirSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { sbtcConfigFiles } from '../../generator/files/sbtc-configs.ts'
import { freePort } from '../support/port.ts'
import { sampleStack } from '../support/sample-stack.ts'
import { copyGate, makeRoot, needs, root as isRoot, start, type Root, type Running } from './tools.ts'

const password = 'a-password~of_the.database'
const folder = spawnSync('sh', ['-c', 'ls -d /usr/lib/postgresql/*/bin | tail -n 1'], { encoding: 'utf8' }).stdout.trim()
const environment = { PATH: `${process.env['PATH'] ?? ''}:${folder}` }
// PostgreSQL refuses to run as root, so the test must be able to become another.
const options = isRoot ? needs('setpriv', 'psql', 'initdb') : { skip: 'needs root, to become another user' }
const uid = Number(spawnSync('id', ['-u', 'postgres'], { encoding: 'utf8' }).stdout || '0')

interface Database { readonly root: Root; readonly port: number; readonly run: () => Running }

async function database(t: Test): Promise<Database> {
  const root = makeRoot(t, ['/etc/postgres', '/var/lib/postgresql/data', '/run'])
  const port = await freePort()
  copyGate(root)
  const { stack, host } = sampleStack({ sbtc: 'alone' })
  for (const { path, content } of sbtcConfigFiles(stack, host)) {
    const name = path.replace('config/postgres/', '')
    if (name === path) continue
    // The places and the port of this machine in the place of the container's.
    writeFileSync(root.at(`/etc/postgres/${name}`), content.replace('port=5432', `port=${port}`).replace('\'/etc/postgres', `'${root.at('/etc/postgres')}`)
      .replace('\'/var/run/postgresql\'', `'${root.at('/run')}'`).replace('512MB', '16MB').replace('listen_addresses=\'*\'', 'listen_addresses=\'127.0.0.1\''))
  }
  root.write('/etc/postgres/postgres-password', password)
  for (const path of ['', '/etc/postgres', '/var/lib/postgresql/data', '/run', ...readdirSync(root.at('/etc/postgres')).map((name) => `/etc/postgres/${name}`)]) chownSync(root.at(path), uid, uid)
  for (const path of ['/var', '/var/lib', '/var/lib/postgresql', '/etc', '/stack']) chmodSync(root.at(path), 0o755)
  const run = () => start(t, 'setpriv', [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', 'env', '-C', root.path, 'sh', root.at('/stack/docker/gate/postgres.sh')], { ...environment, STACK_ROOT: root.path })
  return { root, port, run }
}

function query(port: number, sql: string, user = 'signer', secret = password, name = 'signer') {
  const { status, stdout, stderr } = spawnSync('psql', ['--no-psqlrc', '--tuples-only', '--no-align', '--host', '127.0.0.1', '--port', String(port), '--username', user, '--dbname', name, '--command', sql],
    { encoding: 'utf8', env: { ...environment, PGPASSWORD: secret, PGCONNECT_TIMEOUT: '10' } })
  return { status, out: stdout.trim(), err: stderr }
}

const ready = (port: number, running: Running) => running.until(() => query(port, 'SELECT 1').out === '1', () => query(port, 'SELECT 1').err)

t.test('a database that its owner may enter, and change, by password', options, async (t) => {
  const { root, port, run } = await database(t)
  const running = run()
  await ready(port, running)
  // What the migrations do: a schema of their own, and a table in public.
  t.match(query(port, 'CREATE SCHEMA sbtc_signer; CREATE TYPE sbtc_signer.status AS ENUM (\'verified\'); CREATE TABLE public.__sbtc_migrations (key text PRIMARY KEY)'), { status: 0 })
  t.equal(query(port, 'SHOW data_checksums').out, 'on')
  t.equal(query(port, 'SELECT rolsuper OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = \'signer\'').out, 'f')
  t.match(query(port, 'SELECT rolpassword FROM pg_authid').err, /permission denied/)
  for (const [user, secret, name] of [['signer', 'wrong', 'signer'], ['postgres', password, 'postgres'], ['signer', password, 'postgres']] as const) t.match(query(port, 'SELECT 1', user, secret, name), { status: 2 }, `${user} in ${name}`)
  t.notOk(running.said().includes(password), 'the password is not said')
  t.strictSame(readdirSync(root.at('/var/lib/postgresql/data')), ['cluster'])

  // Whoever is connected does not hold up the stop.
  const client = start(t, 'psql', ['--host', '127.0.0.1', '--port', String(port), '--username', 'signer', '--command', 'SELECT pg_sleep(600)'], { ...environment, PGPASSWORD: password })
  await client.until(() => query(port, 'SELECT count(*) FROM pg_stat_activity WHERE query LIKE \'%pg_sleep(600)\'').out === '1')
  running.process.kill('SIGINT')
  t.equal((await running.ended).code, 0)
  await client.ended
  t.match(running.said(), /fast shutdown request/)

  const again = run()
  await ready(port, again)
  t.equal(query(port, 'SELECT count(*) FROM pg_type WHERE typname = \'status\'').out, '1', 'what it had is there again')
  t.notMatch(again.said(), /making the database/)
  again.process.kill('SIGINT')
  await again.ended
  writeFileSync(root.at('/var/lib/postgresql/data/cluster/PG_VERSION'), '9\n')
  const other = await run().ended
  t.equal(other.code, 1)
  t.match(other.out, /the database is of PostgreSQL 9, and this is \d+: restore a backup into a new volume/)
})

t.test('killed while it is made, it is made anew', options, async (t) => {
  const { root, port, run } = await database(t)
  const killed = run()
  await killed.until(() => root.has('/var/lib/postgresql/data/making/base'))
  spawnSync('pkill', ['-KILL', '-P', String(killed.process.pid)])
  killed.process.kill('SIGKILL')
  await killed.ended
  t.notOk(root.has('/var/lib/postgresql/data/cluster'), 'half a database is none')
  const running = run()
  await ready(port, running)
  t.strictSame(readdirSync(root.at('/var/lib/postgresql/data')), ['cluster'])
  running.process.kill('SIGINT')
  await running.ended
})

t.test('a password that is none makes nothing', options, async (t) => {
  const { root, run } = await database(t)
  for (const bad of ['', '\'; DROP ROLE signer; --', 'with blank']) {
    writeFileSync(root.at('/etc/postgres/postgres-password'), bad)
    const { code, out } = await run().ended
    t.equal(code, 1)
    t.match(out, /^postgres: the password is empty or holds what it may not\n$/)
    t.strictSame(readdirSync(root.at('/var/lib/postgresql/data')), [])
  }
})

/** The program sbtc-backup restores: only a proven dump comes back, only into an empty database, and all of it or nothing. */

import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { testKey } from '../support/command.ts'
import { insertShare, keyOf, makeWorld, newest, older, options, type World } from './sbtc-setting.ts'
import { until } from './tools.ts'

const tables = "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname IN ('public', 'sbtc_signer')"
const verified = "SELECT string_agg(encode(aggregate_key, 'hex'), ' ' ORDER BY created_at DESC) FROM sbtc_signer.dkg_shares WHERE dkg_shares_status = 'verified'"

/** As on a host that is new: an empty database, nothing of the old store, the copies and the operator's own key. */
function newHost(world: World): void {
  world.sql('DROP DATABASE signer WITH (FORCE)', 'postgres')
  world.sql('CREATE DATABASE signer OWNER signer', 'postgres')
  for (const name of readdirSync(join(world.folder, 'store'))) renameSync(join(world.folder, 'store', name), join(world.folder, 'work', name))
  rmSync(join(world.folder, 'keys/host'))
}

t.test('a drill from the copy with the operator\'s key, and then the restore', options, async (t) => {
  const world = await makeWorld(t)
  t.equal((await world.tool('backup')).code, 0)
  const operator = join(world.folder, 'keys/operator')
  newHost(world)
  const [copy] = world.dumps('copy')

  t.match(await world.tool('restore-drill'), { code: 17, out: /there is no identity/ }, 'the lost host\'s key is lost')
  t.equal(world.metric('sbtc_backup_drill_ok'), 0)
  t.match(await world.tool('restore-drill', '--identity', operator), { code: 0, out: /good[^]*brought back in \d+ s: \d+ rows, 2 verified keys, block 960300/ })
  t.equal(world.metric('sbtc_backup_drill_ok'), 1)
  t.match(await world.begin(['restore-drill', '--identity', '-'], {}, operator).ended, { code: 0, out: /good[^]*brought back in/ }, 'by stdin, so that the key lies in no volume')
  const wrong = join(world.folder, 'work/key')
  writeFileSync(wrong, `${testKey}\n`)
  for (const identity of [wrong, '-']) {
    const told = await world.begin(['restore-drill', '--identity', identity], {}, wrong).ended
    t.match(told, { code: 1, out: /holds no age identity/ })
    t.notMatch(told.out, testKey, 'what was given in the place of an identity may be a key, and is not shown')
  }
  t.equal(world.sql(tables), '0', 'a drill touches no database but its own')

  const restore = async (...more: readonly string[]) => world.tool('restore', copy!, '--identity', operator, ...more)
  t.match(await restore(), { code: 2, out: /--confirm/ })
  t.match(await restore('--confirm', 'yes'), { code: 1, out: /confirm it by that name/ })
  t.equal(world.sql(tables), '0')
  t.match(await restore('--confirm', 'signer'), { code: 0, out: new RegExp(`good[^]*newest verified key is ${newest}[^]*signer holds it now[^]*never run twice`) })
  t.equal(world.sql(verified), `${newest} ${older}`)
  t.equal(world.sql('SELECT count(*) FROM public.__sbtc_migrations'), '21', 'the journal is back, so that no migration runs again')
  t.equal(world.sql("SELECT sbtc_signer.is_known_block(sha256('block 960300'))"), 't', 'and the functions')

  const [rows] = [world.sql('SELECT count(*) FROM sbtc_signer.bitcoin_blocks')]
  t.match(await restore('--confirm', 'signer'), { code: 1, out: /is not empty .*nothing is ever restored over a database/ })
  t.equal(world.sql('SELECT count(*) FROM sbtc_signer.bitcoin_blocks'), rows)
  world.configure({ copies: [] })
  t.match(await world.tool('backup'), { code: 0, out: /sbtc-signer-000002/ }, 'backups go on from there, though the store was empty')
})

t.test('what is not restored', options, async (t) => {
  const world = await makeWorld(t)
  t.equal((await world.tool('backup')).code, 0)
  const operator = join(world.folder, 'keys/operator')
  world.sql(insertShare('rotated', 5))
  world.chain.key = keyOf('rotated')
  newHost(world)
  const [copy] = world.dumps('copy')
  const refuses = async (why: string, want: object, ...more: readonly string[]) => {
    t.match(await world.tool('restore', copy!, '--identity', operator, '--confirm', 'signer', ...more), want, why)
    t.equal(world.sql(tables), before, `${why}: the database is as it was`)
  }
  let before = '0'
  await refuses('an old dump', { code: 12, out: /stale/ })
  await refuses('another overruling', { code: 12, out: /stale/ }, '--despite', 'chain-unreachable')
  await refuses('what is damaged can never be overruled', { code: 2, out: /--despite takes chain-unreachable or stale, not damaged/ }, '--despite', 'damaged')
  world.chain.down = true
  await refuses('nobody knows what the chain holds', { code: 16, out: /chain-unreachable/ })
  world.chain.down = false

  world.sql('CREATE TABLE public.anything (a int)')
  before = world.sql(tables)
  await refuses('one table', { code: 1, out: /is not empty/ }, '--despite', 'stale')
  world.sql('DROP TABLE public.anything; CREATE SCHEMA sbtc_signer')
  before = world.sql(tables)
  await refuses('an empty schema', { code: 1, out: /is not empty/ }, '--despite', 'stale')
  world.sql('DROP SCHEMA sbtc_signer')
  before = '0'

  // The target runs full, or its role may not: everything is taken back.
  world.sql('CREATE ROLE weak LOGIN', 'postgres')
  world.sql(`ALTER ROLE weak PASSWORD 'weak'`, 'postgres')
  writeFileSync(join(world.folder, 'weak'), 'weak')
  world.configure({ database: `postgresql://weak@/signer?host=${world.folder}`, passwordFile: join(world.folder, 'weak') })
  await refuses('a role that may create nothing', { code: 1, out: /permission denied/ }, '--despite', 'stale')
  world.configure({})
  t.match(await world.tool('restore', copy!, '--identity', operator, '--confirm', 'signer', '--despite', 'stale'), { code: 0, out: /stale[^]*holds it now/ })
  t.equal(world.sql(verified), `${newest} ${older}`)
  t.match(await world.tool('backup'), { code: 12 }, 'and is still told of as what it is')
})

t.test('a running signer is in the way', options, async (t) => {
  const world = await makeWorld(t)
  t.equal((await world.tool('backup')).code, 0)
  world.sql('DROP DATABASE signer WITH (FORCE)', 'postgres')
  world.sql('CREATE DATABASE signer OWNER signer', 'postgres')
  world.session('sbtc-signer')
  const connected = () => world.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'sbtc-signer'", 'postgres') === '1'
  await until(connected, () => world.sql('SELECT application_name FROM pg_stat_activity', 'postgres'))
  t.match(await world.tool('restore', world.dumps()[0]!, '--confirm', 'signer'), { code: 1, out: /a signer is connected to signer: stop it/ })
  t.equal(world.sql(tables), '0')
})

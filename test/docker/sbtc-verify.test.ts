/** The program sbtc-backup verifies: dumps of something else, and what the chain says of a good one, each with its verdict. */

import { copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { encrypt, expect, manifestOf, plant, proven, type Name } from './sbtc-planted.ts'
import { insertShare, keyOf, newest, options, type World } from './sbtc-setting.ts'

/** A dump of a copy of the signer's database, after `text` was done to it. */
function forged(world: World, text: string, ...more: readonly string[]): Buffer {
  world.sql('DROP DATABASE IF EXISTS forged', 'postgres')
  world.sql('CREATE DATABASE forged TEMPLATE signer', 'postgres')
  if (text) world.sql(text, 'forged')
  return world.program(['pg_dump', '-Fc', '-h', world.folder, '-U', 'postgres', '-d', 'forged', ...more])
}

t.test('dumps of something else', options, async (t) => {
  const world = await proven(t)
  const manifest = manifestOf(world.dump)
  const other = keyOf('another operator')
  const update = (set: string) => `UPDATE sbtc_signer.dkg_shares SET ${set};`
  const cases: readonly (readonly [name: string, verdict: Name, out: RegExp, sql: string, ...dump: readonly string[]])[] = [
    ['the same database', 'good', /agrees/, ''],
    ['another database', 'damaged', /does not exist/, 'DROP SCHEMA sbtc_signer CASCADE; DROP TABLE public.__sbtc_migrations; CREATE TABLE accounts (a int)'],
    ['the schema without rows', 'damaged', /journal of migrations is empty/, '', '--schema-only'],
    ['the schema sbtc_signer alone', 'damaged', /__sbtc_migrations/, '', '-n', 'sbtc_signer'],
    ['one table alone', 'damaged', /pg_restore|does not exist/, '', '-t', 'sbtc_signer.dkg_shares'],
    ['no shares', 'damaged', /no verified key/, 'TRUNCATE sbtc_signer.dkg_shares'],
    ['no verified shares', 'damaged', /no verified key/, update("dkg_shares_status = 'unverified'")],
    ['empty private shares', 'damaged', /are empty/, update("encrypted_private_shares = ''")],
    ['empty public shares', 'damaged', /are empty/, update("public_shares = ''")],
    ['a key that is none', 'damaged', /a key that is malformed/, update("aggregate_key = substr(aggregate_key, 2)")],
    ['a threshold of none', 'damaged', /need 0 of/, update('signature_share_threshold = 0')],
    ['no blocks', 'damaged', /bitcoin_blocks is empty/, 'TRUNCATE sbtc_signer.bitcoin_blocks CASCADE'],
    ['fewer rows', 'damaged', /stacks_blocks has 3999 rows, and had 4000/, 'DELETE FROM sbtc_signer.stacks_blocks WHERE block_height = 7'],
    ['fewer peers', 'good', /agrees/, 'DELETE FROM sbtc_signer.p2p_peers'],
    ['a verified key gone', 'damaged', /verified keys .* are gone/, `DELETE FROM sbtc_signer.dkg_shares WHERE aggregate_key <> '\\x${newest}'`],
    ['shares of another operator of the same set', 'foreign', /not those that this signer has/, update("encrypted_private_shares = sha256('private of another')")],
    ['of another set', 'foreign', /not in the set/, update(`signer_set_public_keys[1] = '\\x${other}'`)],
  ]
  for (const [name, verdict, out, sql, ...dump] of cases) {
    const content = forged(world, sql, ...dump)
    const number = name.includes('fewer') || name.includes('gone') ? /0{5}1/ : undefined
    // A number as of a later dump, since an older one may well hold less.
    const path = plant(world, encrypt(world, content))
    const later = path.replace('planted', 'sbtc-signer-000009-20260101T000000Z')
    copyFileSync(path, later)
    await expect(t, world, name, verdict, out, number ? later : path)
    rmSync(later)
  }
  // The manifest tells what the running database held: nothing may get lost between the two.
  await expect(t, world, 'other rows than its manifest tells of', 'damaged', /rows: the restored database holds something else/,
    plant(world, encrypt(world, forged(world, 'DELETE FROM sbtc_signer.p2p_peers')), manifest))
  await expect(t, world, 'other shares than its manifest tells of', 'damaged', /shares: the restored database/,
    plant(world, encrypt(world, forged(world, insertShare('stranger', 2))), manifest))
  const whole = readFileSync(world.dump)
  await expect(t, world, 'made for another signer', 'foreign', /made for the signer/, plant(world, whole, { ...manifest, publicKey: other }))
  await expect(t, world, 'made for another network', 'wrong-network', /made for testnet/, plant(world, whole, { ...manifest, network: 'testnet' }))
  await expect(t, world, 'made for another registry', 'wrong-network', /made for mainnet and SN/, plant(world, whole, { ...manifest, deployer: 'SN3VMHXEN64ZZF71JQ5VESXDWTR301XTTXGF4J8F1' }))
  // Whoever can write where the copies are can put a dump of their own there: it may run nothing here.
  const trap = join(world.folder, 'work/trap')
  const hostile = forged(world, `CREATE FUNCTION public.run() RETURNS void LANGUAGE plpgsql AS $$ BEGIN COPY (SELECT 1) TO PROGRAM 'touch ${trap}'; END $$;
    CREATE FUNCTION public.trap(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN IF current_database() = 'restored' THEN PERFORM public.run(); END IF; RETURN 1; END $$;
    CREATE TABLE public.bait (a int); INSERT INTO public.bait VALUES (1); CREATE INDEX ON public.bait (public.trap(a))`)
  await expect(t, world, 'a dump that runs a program', 'damaged', /pg_execute_server_program|permission denied/, plant(world, encrypt(world, hostile)))
  t.notOk(existsSync(trap))
  rmSync(join(world.folder, 'store/known.json'))
  await expect(t, world, 'nothing shows whose it is', 'foreign', /no manifest and no earlier dump/, plant(world, whole))
  await expect(t, world, 'its manifest alone shows it', 'good', /agrees/, plant(world, whole, manifest))
  t.match(await world.tool('list'), { out: /good$/m })
})

t.test('what the chain says, as the command tells it', options, async (t) => {
  const world = await proven(t)
  const usual = { ...world.chain }
  const cases: readonly (readonly [name: string, verdict: Name, out: RegExp, change: Partial<typeof world.chain>])[] = [
    ['a key before the newest', 'rotation-pending', /is not on the chain yet/, { key: keyOf('older') }],
    ['a key of a rotation since', 'stale', /not among the verified/, { key: keyOf('rotated') }],
    ['no key yet', 'no-key-on-chain', /no key yet/, { key: '00', set: [], threshold: 0 }],
    ['another network', 'wrong-network', /of the network 2147483648/, { network: 2_147_483_648 }],
    ['another threshold', 'damaged', /on the chain 3 of 3/, { threshold: 3 }],
    ['nobody answers', 'chain-unreachable', /127\.0\.0\.1/, { down: true }],
  ]
  for (const [name, verdict, out, change] of cases) {
    Object.assign(world.chain, usual, change)
    await expect(t, world, name, verdict, out)
    t.equal(world.metric('sbtc_backup_verify_ok'), ['rotation-pending', 'no-key-on-chain'].includes(verdict) ? 1 : 0, `${name}: its number`)
    t.equal(world.metric(`sbtc_backup_verdict{verdict="${verdict}"}`), 1, `${name}: its verdict's number`)
    t.match(world.json('store/state.json'), { verdict, verdict_text: out }, `${name}: the state`)
  }
  t.ok(existsSync(world.dump), 'it is still there')
})

t.test('rows that are fewer, and rightly so', options, async (t) => {
  const world = await proven(t)
  world.sql('DELETE FROM sbtc_signer.stacks_blocks WHERE block_height = 7')
  t.match(await world.tool('backup'), { code: 14, out: /had 4000 in dump 1/ })
  t.match(await world.tool('backup'), { code: 14, out: /had 4000 in dump 1/ }, 'what is bad is never what the next is compared with')
  t.match(await world.tool('verify', '--fewer-rows-are-right'), { code: 0 })
  t.match(await world.tool('backup'), { code: 0 })
  await expect(t, world, 'an older dump is not compared with a newer one', 'good', /agrees/, world.dump)
})

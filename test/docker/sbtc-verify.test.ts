/** docker/tools/sbtc_verify.py against planted damage: each has its verdict, and nothing bad is ever called good. */

import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { insertShare, keyOf, makeWorld, newest, options, type World } from './sbtc-setting.ts'

t.setTimeout(1_800_000)

const codes = {
  'good': 0, 'rotation-pending': 10, 'no-key-on-chain': 11, 'stale': 12, 'wrong-network': 13, 'damaged': 14, 'foreign': 15, 'chain-unreachable': 16, 'not-verified': 17,
} as const
type Name = keyof typeof codes

/** A signer whose dump has just been proven: what this host knows is what later dumps are compared with. */
async function proven(t: Test): Promise<World & { readonly dump: string, plain(): Buffer }> {
  const world = await makeWorld(t)
  const made = await world.tool('backup')
  if (made.code !== 0) throw new Error(made.out)
  const dump = world.dumps()[0]!
  return { ...world, dump, plain: () => world.program(['age', '-d', '-i', 'keys/operator', dump]) }
}

async function expect(t: Test, world: World, name: string, verdict: Name, out: RegExp, ...argv: readonly string[]): Promise<void> {
  const done = await world.tool('verify', ...argv)
  t.equal(done.code, codes[verdict], `${name}: ${done.out.trim().slice(-400)}`)
  t.match(done.out, new RegExp(`: ${verdict}: `), name)
  t.match(done.out, out, name)
}

/** A file beside no manifest, or beside one that fits it. */
function plant(world: World, content: Buffer, manifest?: Record<string, unknown>): string {
  const path = join(world.folder, 'work/planted.dump.age')
  writeFileSync(path, content)
  rmSync(path.replace('.dump.age', '.manifest.json'), { force: true })
  if (manifest) {
    const sha256 = createHash('sha256').update(content).digest('hex')
    writeFileSync(path.replace('.dump.age', '.manifest.json'), JSON.stringify({ ...manifest, sha256, bytes: content.length }))
  }
  return path
}

const encrypt = (world: World, plain: Buffer) => {
  const host = world.program(['age-keygen', '-y', 'keys/host']).toString().trim()
  return world.program(['age', '-r', host], plain)
}
const manifestOf = (dump: string) => JSON.parse(readFileSync(dump.replace('.dump.age', '.manifest.json'), 'utf8')) as Record<string, unknown>

/** A dump of a copy of the signer's database, after `text` was done to it. */
function forged(world: World, text: string, ...more: readonly string[]): Buffer {
  world.sql('DROP DATABASE IF EXISTS forged', 'postgres')
  world.sql('CREATE DATABASE forged TEMPLATE signer', 'postgres')
  if (text) world.sql(text, 'forged')
  return world.program(['pg_dump', '-Fc', '-h', world.folder, '-U', 'postgres', '-d', 'forged', ...more])
}

/** Ten places in so many bytes, both ends among them. */
const places = (size: number) => [0, 1, 40, ...[0.1, 0.25, 0.4, 0.6, 0.8].map((part) => Math.floor(part * size)), size - 40, size - 1]

const flipped = (content: Buffer, at: number) => {
  const copy = Buffer.from(content)
  copy[at] = copy[at]! ^ 0x10
  return copy
}

t.test('bytes that are missing or other ones', options, async (t) => {
  const world = await proven(t)
  const whole = readFileSync(world.dump)
  await expect(t, world, 'the file as it is, without its manifest', 'good', /agrees/, plant(world, whole))
  for (const at of places(whole.length)) await expect(t, world, `cut at ${at}`, 'damaged', /age|decrypts/, plant(world, whole.subarray(0, at)))
  for (const at of places(whole.length)) await expect(t, world, `byte ${at} flipped`, 'damaged', /age/, plant(world, flipped(whole, at)))
  await expect(t, world, 'bytes behind the end', 'damaged', /age/, plant(world, Buffer.concat([whole, Buffer.from('more')])))

  const plain = world.plain()
  for (const at of places(plain.length)) {
    await expect(t, world, `cut at ${at} before it was encrypted`, 'damaged', /pg_restore|decrypts/, plant(world, encrypt(world, plain.subarray(0, at))))
  }
  for (const at of places(plain.length).filter((at) => at < 3 || at > 0.3 * plain.length)) {
    await expect(t, world, `byte ${at} flipped before it was encrypted`, 'damaged', /pg_restore/, plant(world, encrypt(world, flipped(plain, at))))
  }

  // With its manifest, a file need not even be decrypted.
  const path = plant(world, whole, manifestOf(world.dump))
  writeFileSync(path, whole.subarray(0, -1))
  await expect(t, world, 'shorter than its manifest says', 'damaged', /has \d+ bytes, and its manifest says/, path)
  writeFileSync(path, flipped(whole, 5000))
  await expect(t, world, 'another hash than its manifest says', 'damaged', /sha256 differs/, path)
  writeFileSync(path.replace('.dump.age', '.manifest.json'), '{"facts": 1}')
  await expect(t, world, 'a manifest of something else', 'damaged', /manifest says nothing/, path)

  // What lies in the way has nothing to do with the dump, so nothing is said of it.
  const other = world.program(['age', '-r', world.program(['age-keygen', '-y', 'keys/operator']).toString().trim()], plain)
  await expect(t, world, 'not for the key of this host', 'not-verified', /not among the keys/, plant(world, other, manifestOf(world.dump)))
  await expect(t, world, 'of another major version', 'not-verified', /PostgreSQL 9/, plant(world, whole, { ...manifestOf(world.dump), server: '9.6.24' }))
  rmSync(join(world.folder, 'keys/host'))
  await expect(t, world, 'no key at all', 'not-verified', /no identity/, world.dump)
  t.same(readFileSync(world.dump), whole, 'nothing of this changed the good one')
  t.match(await world.tool('list'), { out: /good$/m }, 'nor what is known of it')
})

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
    ['a key that is none', 'damaged', /key that is none/, update("aggregate_key = substr(aggregate_key, 2)")],
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

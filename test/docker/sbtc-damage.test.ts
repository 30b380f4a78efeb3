/** The program sbtc-backup verifies: a byte that is missing, or another one, is never called good; and what lies elsewhere never damage. */

import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { encrypt, expect, manifestOf, plant, proven } from './sbtc-planted.ts'
import { options } from './sbtc-setting.ts'

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

/** Dumps that something was done to, and what the command says of them. */

import { createHash } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { makeWorld, type World } from './sbtc-setting.ts'

const codes = {
  'good': 0, 'rotation-pending': 10, 'no-key-on-chain': 11, 'stale': 12, 'wrong-network': 13, 'damaged': 14, 'foreign': 15, 'chain-unreachable': 16, 'not-verified': 17,
} as const
export type Name = keyof typeof codes

/** A signer whose dump has just been proven: what this host knows is what later dumps are compared with. */
export async function proven(t: Test): Promise<World & { readonly dump: string, plain(): Buffer }> {
  const world = await makeWorld(t)
  const made = await world.tool('backup')
  if (made.code !== 0) throw new Error(made.out)
  const dump = world.dumps()[0]!
  return { ...world, dump, plain: () => world.program(['age', '-d', '-i', 'keys/operator', dump]) }
}

export async function expect(t: Test, world: World, name: string, verdict: Name, out: RegExp, ...argv: readonly string[]): Promise<void> {
  const done = await world.tool('verify', ...argv)
  t.equal(done.code, codes[verdict], `${name}: ${done.out.trim().slice(-400)}`)
  t.match(done.out, new RegExp(`: ${verdict}: `), name)
  t.match(done.out, out, name)
}

/** A file beside no manifest, or beside one that fits it. */
export function plant(world: World, content: Buffer, manifest?: Record<string, unknown>): string {
  const path = join(world.folder, 'work/planted.dump.age')
  writeFileSync(path, content)
  rmSync(path.replace('.dump.age', '.manifest.json'), { force: true })
  if (manifest) {
    const sha256 = createHash('sha256').update(content).digest('hex')
    writeFileSync(path.replace('.dump.age', '.manifest.json'), JSON.stringify({ ...manifest, sha256, bytes: content.length }))
  }
  return path
}

export const encrypt = (world: World, plain: Buffer) => {
  const host = world.program(['age-keygen', '-y', 'keys/host']).toString().trim()
  return world.program(['age', '-r', host], plain)
}
export const manifestOf = (dump: string) => JSON.parse(readFileSync(dump.replace('.dump.age', '.manifest.json'), 'utf8')) as Record<string, unknown>

/** `npm create` by users who have never seen the package: a registry on this machine, and an empty cache in each round. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { inHome, newHome } from '../../package/support/npm.ts'
import { packed } from '../../package/support/packed.ts'
import { startRegistry } from '../../package/support/registry.ts'
import { median, type Times } from './measure.ts'
import { createVite } from './peers.ts'

const lines: Readonly<Record<string, readonly string[]>> = {
  'npm create stacks-signer-stack': ['create', '--yes', 'stacks-signer-stack@latest', '--', 'answers.env', 'new'],
  'npm create vite': ['create', '--yes', 'vite@latest', '--', 'new', '--template', 'vanilla', '--no-interactive'],
}

/** Alternates the two for `rounds` rounds; the first fills what the registry keeps in memory, and does not count. */
export async function npmCreate(scratch: string, answers: string, rounds: number): Promise<ReadonlyMap<string, Times>> {
  mkdirSync(scratch)
  const registry = await startRegistry(join(scratch, 'registry'))
  try {
    const vite = spawnSync('npm', ['pack', '--silent', '--pack-destination', scratch, createVite], { cwd: scratch, encoding: 'utf8' })
    if (vite.status !== 0) throw new Error(`${createVite} cannot be fetched: ${vite.stderr}`)
    const { path: ours } = await packed(scratch)
    const publisher = newHome(scratch, registry.url, [registry.login])
    for (const tarball of [ours, join(scratch, vite.stdout.trim())]) {
      const { code, err } = await inHome(publisher, 'npm', ['publish', '--registry', registry.url, tarball], { cwd: scratch })
      if (code !== 0) throw new Error(`npm publish failed: ${err}`)
    }
    const times = new Map<string, number[]>(Object.keys(lines).map((name) => [name, []]))
    for (let round = 0; round <= rounds; round += 1) {
      for (const [name, words] of Object.entries(lines)) {
        const cwd = mkdtempSync(join(scratch, 'work-'))
        writeFileSync(join(cwd, 'answers.env'), answers, { mode: 0o600 })
        const home = newHome(scratch, registry.url)
        const began = process.hrtime.bigint()
        const { code, err } = await inHome(home, 'npm', ['--registry', registry.url, ...words], { cwd })
        const took = Number(process.hrtime.bigint() - began) / 1e6
        if (code !== 0) throw new Error(`${name} ended with ${code}: ${err}`)
        if (round > 0) times.get(name)!.push(took)
        for (const folder of [cwd, home]) rmSync(folder, { recursive: true, force: true })
      }
    }
    return new Map([...times].map(([name, values]) => [name, { median: median(values), min: Math.min(...values) }]))
  } finally {
    registry.stop()
  }
}

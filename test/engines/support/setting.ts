/** What every engine test begins with: an engine, the images, a place for the stack, and its end. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Test } from 'tap'
import { docker, engineMissing } from './docker.ts'
import { hold, type Use } from './hold.ts'
import { buildTestImages } from './images.ts'

export const release = '4.0.4'

/** Has something done when the stacks are down. */
export type After = (action: () => void) => void

/**
 * Runs `body` with a temporary folder, or skips it where no engine can be had: with REQUIRE_ENGINES=1 that is a failure.
 * Stacks made below the folder are taken down afterwards, volumes and all. A test that is `alone` waits until no other
 * uses the engine, and the others wait for it.
 */
export async function withEngine(t: Test, body: (root: string, after: After) => Promise<void>, how: Use = 'beside others'): Promise<void> {
  const giveBack = await hold(how)
  try {
    const missing = giveBack ? await engineMissing() : 'flock is not installed'
    if (!missing) await withStacks(body)
    else if (process.env['REQUIRE_ENGINES'] === '1') t.fail(missing)
    else {
      t.comment(`SKIP: ${missing}`)
      t.pass('skipped', { skip: missing })
    }
  } finally {
    giveBack?.()
  }
}

async function withStacks(body: (root: string, after: After) => Promise<void>): Promise<void> {
  await buildTestImages(release)
  const afterwards: (() => void)[] = []
  const root = mkdtempSync(join(tmpdir(), 'stack-test-'))
  try {
    await body(root, (action) => { afterwards.push(action) })
  } finally {
    const projects = docker(['compose', 'ls', '--all', '--format', 'json'])
    for (const { Name, ConfigFiles } of JSON.parse(projects.out || '[]') as { Name: string; ConfigFiles: string }[]) {
      if (ConfigFiles.startsWith(`${root}/`)) docker(['compose', '--project-name', Name, 'down', '--volumes', '--timeout', '20'], { cwd: dirname(ConfigFiles.split(',')[0]!) })
    }
    afterwards.forEach((action) => action())
    rmSync(root, { recursive: true, force: true })
  }
}

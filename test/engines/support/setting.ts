/** What every engine test begins with: an engine, the images, a place for the stack, and its end. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Test } from 'tap'
import { ownName } from '../../support/own.ts'
import { docker, engineMissing, must } from './docker.ts'
import { builtBy, buildTestImages, doublesImage, testImages, type TestImage } from './images.ts'
import { ownEngineMissing, startOwnEngine, type OwnEngine } from './own-engine.ts'

export const release = '4.0.4'

/** Has something done when the stacks are down. */
export type After = (action: () => void) => void

/**
 * Runs `body` with a temporary folder, or skips it where no engine can be had: with REQUIRE_ENGINES=1 that is a failure.
 * Other tests use the same engine. Stacks made below the folder are taken down afterwards, volumes and all.
 */
export async function withEngine(t: Test, body: (root: string, after: After) => Promise<void>): Promise<void> {
  await unlessMissing(t, await engineMissing(), async () => {
    await buildTestImages(release)
    await inFolder(body)
  })
}

/** As `withEngine`, with an engine that this test may stop, and of which it may take every port. It has the images of a plain stack, and `more`; with `journal`, a journald too. */
export async function withOwnEngine(t: Test, body: (root: string, engine: OwnEngine) => Promise<void>, more: readonly TestImage[] = [], journal = false): Promise<void> {
  await unlessMissing(t, await engineMissing() ?? ownEngineMissing(journal), async () => {
    const images: readonly TestImage[] = ['nodejs', 'bitcoind', 'archive', ...more]
    await buildTestImages(release, images)
    const engine = await startOwnEngine([testImages.base, ...images.map((name) => testImages[name]), doublesImage(release)], journal)
    await inFolder((root) => body(root, engine), () => engine.remove())
  })
}

async function unlessMissing(t: Test, missing: string | undefined, body: () => Promise<void>): Promise<void> {
  // Each wait has its limit, and the runner knows one for the file.
  t.setTimeout(0)
  if (!missing) await body()
  else if (process.env['REQUIRE_ENGINES'] === '1') t.fail(missing)
  else {
    t.comment(`SKIP: ${missing}`)
    t.pass('skipped', { skip: missing })
  }
}

async function inFolder(body: (root: string, after: After) => Promise<void>, end: (root: string) => void | Promise<void> = takeDown): Promise<void> {
  const afterwards: (() => void)[] = []
  const root = mkdtempSync(join(tmpdir(), 'stack-test-'))
  try {
    await body(root, (action) => { afterwards.push(action) })
  } finally {
    await end(root)
    afterwards.forEach((action) => action())
    rmSync(root, { recursive: true, force: true })
  }
}

/** Every stack below `root`, with its volumes; and the images that were built for this run's stacks, also for those that its test took down. */
function takeDown(root: string): void {
  for (const { Name, ConfigFiles } of JSON.parse(must(['compose', 'ls', '--all', '--format', 'json'])) as { Name: string; ConfigFiles: string }[]) {
    if (ConfigFiles.startsWith(`${root}/`)) docker(['compose', '--project-name', Name, 'down', '--volumes', '--timeout', '20'], { cwd: dirname(ConfigFiles.split(',')[0]!) })
  }
  const built = builtBy('label=com.docker.compose.project').filter((name) => name.includes(ownName('')))
  if (built.length > 0) docker(['image', 'rm', ...built])
}

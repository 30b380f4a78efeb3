/**
 * The images that stand in for what cannot be pulled: doubles for the Stacks programs, Debian's bitcoind and nginx as they
 * are, Node.js from npm. Each is named by its content, so that checkouts which differ do not take each other's.
 */

import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { buildDoubles } from '../../doubles/build.ts'
import { nodeOf, suiteNode } from '../../suite/nodes.mjs'
import { readFiles } from '../../support/files.ts'
import { hold } from '../../support/own.ts'
import { repository } from '../../support/repository.ts'
import { must } from './docker.ts'
import { imageId } from './engine.ts'

const folders = {
  bitcoind: 'test/engines/images/bitcoind', archive: 'test/engines/images/archive', sidecar: 'test/engines/images/sidecar', outsider: 'test/engines/images/outsider',
  nodejs: 'test/engines/images/nodejs', watcher: 'test/engines/images/watcher', postgres: 'test/engines/images/postgres', sbtc: 'test/doubles/sbtc',
  restic: 'test/engines/images/restic', nodejsFull: 'test/engines/images/nodejs-full',
} as const
export type TestImage = keyof typeof folders

/** Those with the Node.js that runs the tests. */
const hasNode = (name: TestImage) => name === 'nodejs' || name === 'nodejsFull' || name === 'sbtc'
/** What of this machine and of other folders is in an image besides. */
const besides = (name: TestImage) => (hasNode(name) ? suiteNode : '') + (name === 'sbtc' ? JSON.stringify(readFiles(join(repository, 'test/doubles/shared'))) : '')

const tagOf = (name: TestImage) => `stack-test-${folders[name].split('/').at(-1)!}:${createHash('sha256').update(JSON.stringify(readFiles(join(repository, folders[name])))).update(besides(name)).digest('hex').slice(0, 12)}`

export const testImages = {
  ...Object.fromEntries((Object.keys(folders) as TestImage[]).map((name) => [name, tagOf(name)])) as Record<TestImage, string>, base: 'debian:trixie-slim',
}

function buildImage(name: TestImage): void {
  const context = mkdtempSync(join(tmpdir(), 'stack-image-'))
  try {
    cpSync(join(repository, folders[name]), context, { recursive: true })
    if (hasNode(name)) cpSync(nodeProgram(), join(context, 'node'))
    if (name === 'sbtc') bundleSbtc(context)
    must(['build', '--quiet', '--tag', testImages[name], context])
  } finally {
    rmSync(context, { recursive: true, force: true })
  }
}

/** The doubles of sBTC, each with what it imports. */
export function bundleSbtc(outdir: string): void {
  const entryPoints = ['signer', 'blocklist'].map((name) => join(repository, folders.sbtc, `${name}.ts`))
  // What is CommonJS in it asks for Node.js' own modules by `require`.
  const banner = { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)" }
  buildSync({ entryPoints, bundle: true, platform: 'node', format: 'esm', target: 'node24', outdir, outExtension: { '.js': '.mjs' }, banner, logLevel: 'warning' })
}

function nodeProgram(): string {
  const node = nodeOf(suiteNode)
  if ('missing' in node) throw new Error(node.missing)
  return node.path
}

const doubles = new Map<string, string>()

/** Throws where they were not built before. */
export function doublesImage(release: string): string {
  const found = doubles.get(release)
  if (found === undefined) throw new Error(`no doubles of ${release} were built`)
  return found
}

/** Builds what is missing: the doubles of `release`, and `names` of the others. Throws with the build's own words. */
export async function buildTestImages(release: string, names: readonly TestImage[] = ['nodejs', 'nodejsFull', 'restic', 'bitcoind', 'archive', 'sidecar', 'outsider', 'watcher']): Promise<void> {
  const giveBack = await hold('building of test images')
  try {
    for (const name of names) if (!await imageId(testImages[name])) buildImage(name)
    doubles.set(release, await buildDoubles(release))
  } finally {
    giveBack()
  }
}

/** The images that Compose has built and that `filter` finds, on the engine of this process or that of `host`. */
export const builtBy = (filter: string, host: readonly string[] = []): readonly string[] =>
  must([...host, 'image', 'ls', '--filter', filter, '--format', '{{.Repository}}:{{.Tag}}']).split('\n').filter(Boolean)

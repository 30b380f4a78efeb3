/**
 * Builds the doubles of one release: two single executables, and an image with both.
 * As a script, from the root of the checkout:
 *   npx esbuild test/doubles/build.ts --bundle --packages=external --platform=node --format=esm --outfile=build/doubles/build.mjs
 *   DOUBLE_RELEASE=4.0.4 node build/doubles/build.mjs
 */

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { repository } from '../support/repository.ts'
import { tablesOf } from './tables.ts'

const programs = ['stacks-node', 'stacks-signer'] as const
const entries = { 'stacks-node': 'node/main.ts', 'stacks-signer': 'signer/main.ts' } as const

/** The mark in the node program where a single executable's code goes; a build of Node.js without it cannot carry any. */
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

export interface Executables {
  readonly directory: string
  /** Of everything that went into them. */
  readonly hash: string
}

/** Why no single executable can be made with this Node.js; undefined when one can. */
export function executablesProblem(): string | undefined {
  if (process.platform !== 'linux') return 'single executables of the doubles are made on Linux only'
  return readFileSync(process.execPath).includes(fuse) ? undefined : `${process.execPath} cannot carry a single executable`
}

/** Builds `stacks-node` and `stacks-signer` of `release` into a directory that later calls find again. Throws when a step fails. */
export async function buildExecutables(release: string): Promise<Executables> {
  const problem = executablesProblem()
  if (problem !== undefined) throw new Error(problem)
  const bundles = Object.fromEntries(await Promise.all(programs.map(async (program) => [program, await bundle(program, release)] as const)))
  const dockerfile = readFileSync(join(repository, 'test/doubles/Dockerfile'))
  const hash = createHash('sha256').update(JSON.stringify([process.version, process.arch, bundles])).update(dockerfile).digest('hex').slice(0, 16)
  const cache = join(repository, 'node_modules/.cache/stacks-doubles')
  const directory = join(cache, `${release}-${hash}`)
  if (existsSync(directory)) return { directory, hash }

  mkdirSync(cache, { recursive: true })
  const work = mkdtempSync(join(cache, 'making-'))
  try {
    for (const program of programs) inject(work, program, bundles[program]!)
    writeFileSync(join(work, 'Dockerfile'), dockerfile)
    chmodSync(work, 0o755)
    renameSync(work, directory)
    // 200 MB each: those of other content are of no use any more.
    for (const name of readdirSync(cache)) if (name.startsWith(`${release}-`) && !directory.endsWith(name)) rmSync(join(cache, name), { recursive: true, force: true })
  } catch (thrown) {
    // Another process may have been faster; its result is the same.
    if (!existsSync(directory)) throw thrown
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return { directory, hash }
}

/** Builds the image unless it is there, and returns its name, which is that of its content. Throws with the failing program's own words. */
export async function buildDoubles(release: string): Promise<string> {
  const { directory, hash } = await buildExecutables(release)
  // The tag is the release, as that of the real image is: it is shown to the operator.
  const name = `stacks-double-${hash}:${release}`
  if (spawnSync('docker', ['image', 'inspect', name]).status !== 0) command('docker', ['build', '--quiet', '--tag', name, directory])
  return name
}

async function bundle(program: typeof programs[number], release: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(repository, 'test/doubles', entries[program])],
    bundle: true, write: false, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'silent',
    define: { DOUBLE_TABLES: JSON.stringify(tablesOf(release)) },
  })
  return outputFiles[0]!.text
}

function inject(work: string, program: string, code: string): void {
  const at = (name: string) => join(work, name)
  writeFileSync(at('code.cjs'), code)
  writeFileSync(at('sea.json'), JSON.stringify({ main: at('code.cjs'), output: at('code.blob'), disableExperimentalSEAWarning: true }))
  command(process.execPath, ['--experimental-sea-config', at('sea.json')])
  copyFileSync(process.execPath, at(program))
  const postject = createRequire(import.meta.url).resolve('postject/dist/cli.js')
  command(process.execPath, [postject, at(program), 'NODE_SEA_BLOB', at('code.blob'), '--sentinel-fuse', fuse])
  chmodSync(at(program), 0o755)
  for (const name of ['code.cjs', 'sea.json', 'code.blob']) rmSync(at(name))
}

function command(name: string, args: readonly string[]): void {
  // What a test runner puts into NODE_OPTIONS must not reach a Node.js that only makes a file.
  const environment = Object.fromEntries(Object.entries(process.env).filter(([variable]) => variable !== 'NODE_OPTIONS'))
  const { status, stdout, stderr, error } = spawnSync(name, args, { encoding: 'utf8', env: environment })
  if (status !== 0) throw new Error(`${name} ${args.join(' ')}: ${error?.message ?? `${stdout}${stderr}`}`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(await buildDoubles(process.env['DOUBLE_RELEASE'] ?? '4.0.4'))
}

/**
 * Bundles each program of docker/programs into one file, which a stack gets as docker/NAME.mjs. It is code that people review:
 * comments and names stay, and the same sources give the same bytes in every folder.
 */

import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import commonjsModule from '@rollup/plugin-commonjs'
import { nodeResolve } from '@rollup/plugin-node-resolve'
import { rollup, type RollupLog } from 'rollup'

/** Its types describe the CommonJS edition, whose default export is a property of the module. */
const commonjs = commonjsModule as unknown as typeof commonjsModule.default

/** A ConfigMap of Kubernetes holds 1 MiB. */
export const largestProgram = 900 * 1024

/** Which modules are in a program, as esbuild's metafile says it: what licences.mjs reads. */
export type ProgramInputs = Readonly<Record<string, { readonly bytesInOutput: number }>>

/** Writes `outdir/NAME.mjs` for each folder of `root/docker/programs` with a main.ts. Returns what is in each, by its name. */
export async function bundlePrograms(root: string, outdir: string): Promise<ReadonlyMap<string, ProgramInputs>> {
  const folder = join(root, 'docker/programs')
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => /^[^/]+\/main\.ts$/.test(path)).map((path) => path.slice(0, -'/main.ts'.length)).sort()
  const scripts = mkdtempSync(join(tmpdir(), 'programs-'))
  try {
    await promisify(execFile)(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '--project', folder, '--outDir', scripts])
      .catch(({ stdout, message }: { readonly stdout: string; readonly message: string }) => { throw new Error(stdout || message) })
    mkdirSync(outdir, { recursive: true })
    return new Map(await Promise.all(names.map(async (name) => [name, await bundleProgram(root, scripts, name, join(outdir, `${name}.mjs`))] as const)))
  } finally {
    rmSync(scripts, { recursive: true, force: true })
  }
}

async function bundleProgram(root: string, scripts: string, name: string, file: string): Promise<ProgramInputs> {
  const libraries = realpathSync(join(root, 'node_modules'))
  const bundle = await rollup({
    input: join(scripts, `docker/programs/${name}/main.js`),
    // Node.js 20, which builds them too, does not know all of them.
    external: /^node:/,
    plugins: [nodeResolve({ exportConditions: ['node'], preferBuiltins: true, modulePaths: [libraries] }), commonjs()],
    onwarn: refuse,
  })
  const { output: [{ code, modules }] } = await bundle.generate({ format: 'es' })
  const inputs = Object.fromEntries(Object.entries(modules).flatMap(([id, { renderedLength }]) => {
    const path = id.replace(/^\0/, '').replace(/\?.*$/, '')
    return path.startsWith(`${libraries}/`) ? [[join('node_modules', relative(libraries, path)), { bytesInOutput: renderedLength }]] : []
  }))
  const text = [
    `// Made from docker/programs/${name} of create-stacks-signer-stack. Its documentation says how; change nothing here.\n\n`,
    code.trimEnd(), '\n', ...licences(root, Object.keys(inputs)),
  ].join('').replaceAll('\r', '')
  if (Buffer.byteLength(text) > largestProgram) throw new Error(`the program ${name} has ${Buffer.byteLength(text)} bytes; the most is ${largestProgram}`)
  writeFileSync(file, text)
  return inputs
}

/** A warning is an error, but for what libraries do among themselves. */
function refuse(log: RollupLog): void {
  const concerned = [log.id, ...log.ids ?? []].filter((id) => id !== undefined)
  if (concerned.length === 0 || !concerned.every((id) => id.includes('/node_modules/'))) throw new Error(log.message)
}

/** The licences of the libraries whose files are in the program, as comments at its end. */
function licences(root: string, paths: readonly string[]): readonly string[] {
  const folders = [...new Set(paths.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path) ?? []))].sort()
  return folders.map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Readonly<Record<string, string>>
    const text = readdirSync(join(root, folder)).filter((file) => /^(licen[cs]e|copying|notice|copyright)/i.test(file)).sort().map((file) => readFileSync(join(root, folder, file), 'utf8').trim())
    return `\n/*!\nThis file holds code of ${name} ${version} (${license}).\n\n${text.join('\n\n').replaceAll('*/', '* /')}\n*/\n`
  })
}

/**
 * Runs a bundled file with what V8 compiled of it in an earlier run, which stands beside it: half of a short run is compiling.
 * Only who may write the file may write that, and a package that cannot be written to goes without.
 */

import { createHash } from 'node:crypto'
import { readFileSync, renameSync, unlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { arch, version } from 'node:process'
import { Script } from 'node:vm'
import { writeBeside } from './disk.ts'

/**
 * Runs `file`, a CommonJS module by its absolute path, and throws what it throws. In it `importBeside` stands for `import()`, which V8 does
 * not take up again from what was compiled. What is returned keeps the compiled for later.
 */
export function runCompiled(file: string, importBeside: (name: string) => Promise<unknown>): () => void {
  const source = readFileSync(file, 'utf8')
  const place = placeOf(file)
  const cachedData = read(place, source)
  const script = new Script(`(function (exports, require, module, __filename, __dirname, importBeside) { ${source}\n})`, { filename: file, ...(cachedData && { cachedData }) })
  const module = { exports: {} }
  const run = script.runInThisContext() as (...parts: readonly unknown[]) => void
  run.call(module.exports, module.exports, createRequire(file), module, file, dirname(file), importBeside)
  return () => { if (!cachedData || script.cachedDataRejected) write(place, source, script.createCachedData()) }
}

/** V8 itself refuses what another version of it made, but would first have to read it. */
function placeOf(file: string): string {
  return join(dirname(file), `.${basename(file)}-${version}-${arch}.compiled`)
}

/** V8 looks at the length of the source alone, and trusts the rest: a flipped bit would be run. */
function digest(source: string, compiled: Uint8Array): Buffer {
  return createHash('sha256').update(source).update(compiled).digest()
}

const digestBytes = 32

function read(place: string, source: string): Buffer | undefined {
  try {
    const found = readFileSync(place)
    const compiled = found.subarray(digestBytes)
    return digest(source, compiled).equals(found.subarray(0, digestBytes)) ? compiled : undefined
  } catch {
    // Mostly there is none yet. Whatever the reason is, the source says the same.
    return undefined
  }
}

function write(place: string, source: string, compiled: Buffer): void {
  try {
    const part = writeBeside(place, Buffer.concat([digest(source, compiled), compiled]), 0o644)
    try {
      renameSync(part, place)
    } catch {
      unlinkSync(part)
    }
  } catch {
    // A read-only package, a full disk: the next run compiles again, as this one did.
  }
}

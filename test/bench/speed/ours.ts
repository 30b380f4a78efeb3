/** What is measured of this command: a stack that stands, one that is made anew, and fleets of them. */

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readFiles } from '../../support/files.ts'
import type { Candidate } from './measure.ts'

const filesAlone = fileURLToPath(new URL('files-alone.cjs', import.meta.url))

/** A key that nobody uses, another for each number. */
function key(number: number): string {
  return `${createHash('sha256').update(`speed ${number}`).digest('hex')}01`
}

function answers(number: number, more: readonly string[] = []): string {
  return [`STACK_NAME=stack-${number}`, 'NETWORK=mainnet', `SIGNER_PRIVATE_KEY=${key(number)}`, ...more, ''].join('\n')
}

/** A stack that was touched just now may be touched again unseen, and is looked at as a whole. */
export function settle(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2500)
}

export function ours(main: string, scratch: string): { readonly unchanged: Candidate; readonly first: Candidate; readonly help: Candidate; readonly files: Candidate } {
  mkdirSync(scratch)
  writeFileSync(join(scratch, 'answers.env'), answers(0), { mode: 0o600 })
  const argv = [process.execPath, main]
  const made = spawnSync(process.execPath, [main, 'answers.env', 'stands'], { cwd: scratch, encoding: 'utf8', env: {} })
  if (made.status !== 0) throw new Error(made.stderr)
  settle()
  writeFileSync(join(scratch, 'files.json'), JSON.stringify(readFiles(join(scratch, 'stands'))))
  return {
    // One that stands for longer than it took to make.
    unchanged: { name: 'regenerate an unchanged stack', argv: [...argv, 'answers.env', 'stands'], cwd: scratch },
    first: {
      name: 'generate for the first time', argv: [...argv, 'answers.env', 'new'], cwd: scratch,
      prepare: () => { rmSync(join(scratch, 'new'), { recursive: true, force: true }) },
    },
    files: {
      name: 'write the same files, and nothing else', argv: [process.execPath, filesAlone, 'files.json', 'files'], cwd: scratch,
      prepare: () => { rmSync(join(scratch, 'files'), { recursive: true, force: true }) },
    },
    help: { name: '--help', argv: [...argv, '--help'], cwd: scratch },
  }
}

/** A fleet of `count` stacks on as many machines, made anew by each run. */
export function fleet(main: string, scratch: string, count: number): Candidate {
  const folder = join(scratch, `fleet-${count}`)
  const names = Array.from({ length: count }, (_, index) => `fleet/stack-${index}.env`)
  return {
    name: `a fleet of ${count}`, argv: [process.execPath, main, ...names], cwd: folder,
    prepare: () => {
      rmSync(folder, { recursive: true, force: true })
      mkdirSync(join(folder, 'fleet'), { recursive: true })
      for (const [index, name] of names.entries()) writeFileSync(join(folder, name), answers(index, [`MACHINE=signer-${index}.example.net`]), { mode: 0o600 })
    },
  }
}

/** As many trees of the same files, and nothing else. */
export function filesOfFleet(scratch: string, count: number): Candidate {
  const folder = join(scratch, 'files-of-fleet')
  return {
    name: `the files of ${count}`, argv: [process.execPath, filesAlone, join(scratch, 'ours/files.json'), ...Array.from({ length: count }, (_, index) => `${index}`)], cwd: folder,
    prepare: () => {
      rmSync(folder, { recursive: true, force: true })
      mkdirSync(folder)
    },
  }
}

/** The same fleet again, once it stands. */
export function standingFleet(main: string, scratch: string, count: number): Candidate {
  const { prepare: _, name, ...rest } = fleet(main, scratch, count)
  return { ...rest, name: `${name}, unchanged` }
}

/** What is measured of this command: a stack that stands, one that is made anew, and fleets of them. */

import { createHash } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Candidate } from './measure.ts'

/** A key that nobody uses, another for each number. */
function key(number: number): string {
  return `${createHash('sha256').update(`speed ${number}`).digest('hex')}01`
}

function answers(number: number, more: readonly string[] = []): string {
  return [`STACK_NAME=stack-${number}`, 'NETWORK=mainnet', `SIGNER_PRIVATE_KEY=${key(number)}`, ...more, ''].join('\n')
}

export function ours(main: string, scratch: string): { readonly unchanged: Candidate; readonly first: Candidate; readonly help: Candidate } {
  mkdirSync(scratch)
  writeFileSync(join(scratch, 'answers.env'), answers(0), { mode: 0o600 })
  const argv = [process.execPath, main]
  return {
    // The runs that do not count make the stack.
    unchanged: { name: 'regenerate an unchanged stack', argv: [...argv, 'answers.env', 'stands'], cwd: scratch },
    first: {
      name: 'generate for the first time', argv: [...argv, 'answers.env', 'new'], cwd: scratch,
      prepare: () => { rmSync(join(scratch, 'new'), { recursive: true, force: true }) },
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

/** The same fleet again, once it stands. */
export function standingFleet(main: string, scratch: string, count: number): Candidate {
  const { prepare: _, name, ...rest } = fleet(main, scratch, count)
  return { ...rest, name: `${name}, unchanged` }
}

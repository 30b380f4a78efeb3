/** A generated stack to upgrade, and the command on a terminal where somebody answers. */

import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { run } from '../../generator/cli/run.ts'
import { command, testKey } from './command.ts'
import { repository } from './repository.ts'

export const head = '# my signer\nSTACK_NAME=s1\nNETWORK=mainnet\n'
export const pinned = `${head}\texport STACKS_VERSION = "4.0.1"   # see the wiki\nPLATFORM=linux/amd64\n`

/** A directory generated from `answers`, with a key. */
export async function stack(t: Test, answers: string): Promise<string> {
  const root = t.testdir({ 'answers.env': answers, secrets: { 'signer-private-key': `${testKey}\n` } })
  chmodSync(join(root, 'secrets'), 0o700)
  chmodSync(join(root, 'secrets/signer-private-key'), 0o600)
  const ran = await command(root, [])
  t.equal(ran.code, 0, ran.err)
  return root
}

export async function asking(cwd: string, argv: readonly string[], answer: boolean): Promise<{ code: number; out: string; err: string; order: string[] }> {
  const seen = { code: 0, out: '', err: '', order: [] as string[] }
  seen.code = await run(argv, {
    cwd, environment: {}, packageRoot: repository, version: '0.1.0',
    stdout: (text) => { seen.out += text; seen.order.push('out') },
    stderr: (text) => { seen.err += text; seen.order.push('err') },
    ask: async (question) => { seen.order.push(question); return answer },
  })
  return seen
}

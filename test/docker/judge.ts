/** Runs docker/programs/inspect on evidence, in this process. */

import { run } from '../../docker/programs/inspect/run.ts'
import { exitCode } from '../../docker/programs/shared/program.ts'

export interface Judged { readonly code: number; readonly out: string; readonly err: string }

/** What `inspect WORD...` prints for `input`, and its exit code: 70 where it throws. */
export async function judge(input: Buffer, ...words: readonly string[]): Promise<Judged> {
  const said = { out: '', err: '' }
  const code = await exitCode('inspect', run, words, {
    environment: {}, stop: new AbortController().signal, input: (async function* () { yield input })(),
    say: (line) => { said.out += `${line}\n` }, warn: (line) => { said.err += `${line}\n` }, write: (text) => { said.out += text },
  })
  return { code, ...said }
}

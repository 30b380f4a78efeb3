/** Runs init under a root of its own, for a host as the generator describes it. */

import { run } from '../../docker/programs/init/run.ts'
import { exitCode, type Io } from '../../docker/programs/shared/program.ts'
import { stackFile } from '../../generator/files/stack-file.ts'
import { sampleStack, type SampleOptions } from '../support/sample-stack.ts'
import type { Ended, Root } from './tools.ts'

/** config/stack.json of a sample stack. */
export function sampleFile(options: SampleOptions = {}, role: 'active' | 'standby' = 'active'): string {
  const { stack, host } = sampleStack(options)
  return stackFile({ ...stack, role }, host).content
}

export const stackJson = '/stack/config/stack.json'

/** The whole of what it says, on both streams. */
export async function init(root: Pick<Root, 'path'>, words: readonly string[] = [], input: string | Buffer = ''): Promise<Ended> {
  let out = ''
  const line = (text: string) => { out += `${text}\n` }
  const io: Io = {
    environment: { STACK_ROOT: root.path }, input: (async function* () { yield Buffer.from(input) })(), stop: new AbortController().signal,
    say: line, warn: line, write: (text) => { out += text },
  }
  return { code: await exitCode('init', run, words, io), out }
}

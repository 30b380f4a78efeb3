/** The wizard's hands: what it may see of the disk, and the generating that follows. */

import { existsSync, readdirSync } from 'node:fs'
import { join, resolve as resolvePath } from 'node:path'
import { manifestPath } from '../changes/manifest.ts'
import { kindOf } from '../io/kind.ts'
import { readRegularText } from '../io/regular-file.ts'
import { readSecrets } from '../io/secret-store.ts'
import { error, hasErrors, type Problem } from '../problem.ts'
import type { Asker, Terminal } from '../wizard/asker.ts'
import { openAsker } from '../wizard/ask.ts'
import { openPlainAsker } from '../wizard/ask-plain.ts'
import { wizard, type Draft, type Preview, type World } from '../wizard/wizard.ts'
import { generateText } from './generate.ts'
import type { Generated } from './generated.ts'
import type { Io } from './io.ts'
import type { Options } from './options.ts'
import type { Place } from './place.ts'

/**
 * Asks on the terminal and generates. A directory that holds a stack without its answers is refused: new answers would
 * change a stack that may be running.
 */
export async function runWizard(options: Options, io: Io & { readonly terminal: Terminal }): Promise<Generated> {
  const none: Generated = { exitCode: 2, directory: io.cwd, problems: [], changes: [], made: [] }
  if (existsSync(join(io.cwd, manifestPath))) return { ...none, problems: [answersGone] }
  const ask: Asker = io.environment['TERM'] === 'dumb' ? openPlainAsker(io.terminal) : await openAsker(io.terminal, io.environment)
  const told = new Set<string>()
  const done = await wizard<Generated>(ask, {
    world: world(io.cwd),
    preview: (draft) => preview(draft, options, io, told),
    write: async (draft) => {
      const written = await generateText(placeOf(draft, io.cwd), fullText(draft), options, io)
      return { ...written, problems: written.problems.filter(({ severity, message }) => severity === 'error' || !told.has(message)) }
    },
  })
  return done ?? none
}

const answersGone: Problem = error('no-answers', 'answers.env: there is no such answer file, but this directory holds a stack', undefined,
  'bring it back with git restore answers.env, or name the answer file: create-stacks-signer-stack FILE .\nfor another stack, run in another directory')

function placeOf({ directory }: Draft, cwd: string): Place {
  const path = resolvePath(cwd, directory)
  return { file: 'answers.env', path: join(path, 'answers.env'), directory: path, shownDirectory: directory, typed: true }
}

/** The key stands where a file outside the directory would give it, and is left out of the copy in the same way. */
function fullText({ text, key }: Draft): string {
  return key ? `${text}SIGNER_PRIVATE_KEY=${key.reveal()}\n` : text
}

async function preview(draft: Draft, options: Options, io: Io, told: Set<string>): Promise<Preview<Generated>> {
  const place = placeOf(draft, io.cwd)
  const dry = await generateText(place, fullText(draft), { ...options, dryRun: true }, io)
  if (dry.exitCode !== 0 || hasErrors(dry.problems)) return { stopped: dry }
  for (const { message } of dry.problems) told.add(message)
  return {
    plan: {
      directory: place.directory,
      exists: existsSync(place.directory),
      files: dry.changes.filter(({ kind }) => kind !== 'unchanged').map(({ path }) => path),
      ...(dry.identity && { address: dry.identity.address }),
      warnings: [...told],
    },
    stopped: dry,
  }
}

/** What may stand in a directory that is meant for a stack: nothing of it is in the way. */
const harmless = ['.git', 'secrets', 'signer-host']

function world(cwd: string): World {
  return {
    offeredDirectory: (name) => (entries(cwd)?.every((entry) => harmless.includes(entry)) ? '.' : name),
    directoryFault: (directory) => directoryFault(resolvePath(cwd, directory), directory),
    storedKey: (directory, topology) => {
      const home = topology === 'split' ? 'signer-host/' : ''
      const found = readSecrets(resolvePath(cwd, directory), home).value?.['signer-private-key']
      return found === undefined ? undefined : `${home}secrets/signer-private-key`
    },
    readKeyFile: (file) => readKeyFile(resolvePath(cwd, file), file),
  }
}

function directoryFault(path: string, shown: string): string | undefined {
  if (shown.startsWith('~')) return 'a ~ is not expanded here: write the whole path'
  const kind = kindOf(path)
  if (kind && kind !== 'directory') return `${shown} is a file`
  if (existsSync(join(path, manifestPath))) return `${shown} holds a stack already: to change it, edit its answers.env and run there`
  if (existsSync(join(path, 'answers.env'))) return `${shown} holds an answers.env already: to generate from it, run there`
  const unusable = ['', 'signer-host/'].flatMap((home) => readSecrets(path, home).problems).find(({ severity }) => severity === 'error')
  return unusable?.message
}

function entries(directory: string): readonly string[] | undefined {
  try {
    return readdirSync(directory)
  } catch {
    return undefined
  }
}

const longestKeyFile = 4096

function readKeyFile(path: string, shown: string): ReturnType<World['readKeyFile']> {
  if (shown === '') return { fault: 'write the path of a file' }
  try {
    const read = readRegularText(path, { links: 'follow', most: longestKeyFile })
    return 'text' in read ? { value: read.text } : { fault: `${shown} ${read.why}` }
  } catch (cause) {
    return { fault: `${shown} cannot be read (${cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'})` }
  }
}

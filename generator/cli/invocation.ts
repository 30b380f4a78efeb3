/**
 * Commands in messages, as they work when they are pasted where they are read. Modules write `create-stacks-signer-stack pin`; here it
 * becomes `npm start -- pin out`, when npm started this run and its stack is in `out`.
 */

import { dirname } from 'node:path'
import type { Problem } from '../problem.ts'
import { quoted } from './quoted.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** How npm calls what it was doing (`npm_command`), and how the same is asked for so that flags get through. */
const callers: Readonly<Record<string, (environment: Environment) => string>> = {
  init: () => 'npm create stacks-signer-stack@latest --',
  exec: () => 'npx create-stacks-signer-stack@latest',
  start: () => 'npm start --',
  run: scriptCall,
  'run-script': scriptCall,
}

function scriptCall(environment: Environment): string {
  return `npm run ${environment['npm_lifecycle_event'] ?? 'SCRIPT'} --`
}

/** How npm was told to start this command; undefined where npm did not start it. */
export const npmCall = (environment: Environment): string | undefined => callers[environment['npm_command'] ?? '']?.(environment)

/** Changes a text in which commands are named. */
export type Pasteable = (text: string) => string

/** `words` are `[answers] [directory]`, with which a command finds the stack of this run; none for a fleet. */
export function pasteable(environment: Environment, words: readonly string[]): Pasteable {
  const started = npmCall(environment) ?? 'create-stacks-signer-stack'
  const stack = words.map((word) => ` ${quoted(word)}`).join('')
  const [answers, directory = answers !== undefined && dirname(answers) !== '.' ? dirname(answers) : undefined] = words
  const home = directory === undefined ? '' : ` ${quoted(directory)}`
  return (text) => text
    .replaceAll(/create-stacks-signer-stack (pin|upgrade|outdated)\b/g, (_, command: string) => `${started} ${command}${stack}`)
    .replaceAll(/create-stacks-signer-stack (certs(?: renew| rotate)?)\b/g, (_, command: string) => `${started} ${command}${home}`)
    .replaceAll(/(?<![@/\w-])create-stacks-signer-stack(?= [A-Za-z.'/[-])/g, started)
}

export function pasteableHints(problems: readonly Problem[], change: Pasteable): readonly Problem[] {
  return problems.map((problem) => (problem.hint ? { ...problem, hint: change(problem.hint) } : problem))
}

/** The text of `--help`, made from the tables. */

import { answersHelp } from '../answers/reference.ts'
import { exitCodes } from './exit-codes.ts'
import { options } from './options.ts'

const commands = [
  ['keygen [directory]', 'make a signer key and its mnemonic in DIRECTORY/secrets, print address and public key'],
  ['adopt dir [output]', 'read the configs of an existing deployment, write an answer file that reproduces it'],
  ['certs [status] [directory]', 'show the TLS certificates of the stack and the days they have left'],
  ['certs renew [directory]', 'renew those with less than 30 days left; asks nothing, so cron can run it'],
  ['certs rotate [directory]', 'replace their authority, in three runs with a deployment after each'],
  ['outdated [answers] [directory]', 'ask the registries for newer images than the stack runs'],
  ['pin [answers] [directory]', 'record in images.lock.json the digests of the images that the stack runs'],
  ['upgrade [version] [answers] [directory]', 'show what a move to another release means for this stack; --yes writes it'],
] as const

export function helpText(): string {
  const rows = [...options.map(({ flags, help }) => [flags, help] as const), ['-h, --help', 'this text'], ['-v, --version', 'the version']] as const
  return `create-stacks-signer-stack: one answer file in, a running Stacks signer stack out

Usage:
  create-stacks-signer-stack [answers] [directory] [options]
  create-stacks-signer-stack fleet/*.env [options]
  create-stacks-signer-stack COMMAND [words] [options]

  answers     the answer file; default ./answers.env, and with a terminal and no file: the wizard
  directory   where to write; default: the answer file's own directory
  fleet       two answer files or more: each NAME.env into the directory NAME beside it, an answers.env
              where it stands; all are decided before any is written

Options:
${table(rows)}

Commands:
${table(commands)}

Exit codes:
${exitCodes.map(({ code, meaning }) => `  ${code}  ${meaning.replaceAll('`', '')}`).join('\n')}

Answers (NAME=value, one a line; --example prints them all with comments):
${answersHelp()}
`
}

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2
  return rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`).join('\n')
}

/** Checks that the commands in a text exist: make targets, Compose subcommands, and the commands and options of this tool. */

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { parse } from 'yaml'
import { options } from '../../generator/cli/options.ts'
import { commandLines } from './markdown.ts'

const own = ['adopt', 'certs', 'keygen', 'outdated', 'pin', 'upgrade']
const valued = new Set(['--entrypoint', '-C'])

/** Fails `t` for each command in `markdown` that no stack in the directories `stacks` can run. */
export function checkCommands(t: Test, markdown: string, stacks: readonly string[]): void {
  const lines = commandLines(markdown)
  for (const target of new Set(lines.flatMap((line) => /^make (?:-s )?([a-z][a-z-]+)/.exec(line)?.[1] ?? []))) {
    // A dry run prints what make would do, and does nothing.
    const told = stacks.map((directory) => spawnSync('make', ['--dry-run', '--directory', directory, target], { encoding: 'utf8' }))
    t.ok(told.some(({ status }) => status === 0), `make ${target}: ${told[0]?.stderr}`)
  }
  const services = new Set(stacks.flatMap((directory) => Object.keys((parse(readFileSync(join(directory, 'docker-compose.yml'), 'utf8')) as { services: object }).services)))
  for (const line of new Set(lines.filter((line) => line.startsWith('docker compose ')))) {
    const [subcommand, ...words] = line.split(/\s+/).slice(2)
    const help = spawnSync('docker', ['compose', subcommand!, '--help'], { encoding: 'utf8' })
    if (help.error) t.comment(`docker is not installed: ${subcommand} was not asked for`)
    else {
      t.equal(help.status, 0, line)
      for (const flag of words.filter((word) => /^--[a-z]/.test(word) && !['--entrypoint'].includes(word))) t.match(help.stdout, flag, line)
    }
    const named = words.filter((word, index) => /^[a-z][a-z-]+$/.test(word) && !valued.has(words[index - 1] ?? ''))
    const wanted = subcommand === 'run' ? named.slice(0, 1) : subcommand === 'up' ? named : []
    for (const service of wanted) t.ok(services.has(service), `${line}: there is a service ${service}`)
  }
  for (const line of lines.filter((line) => /^(npm create stacks-signer-stack@latest|create-stacks-signer-stack|npm start) |^-- /.test(line))) {
    const [first, ...words] = line.replace(/^.*?(?:-- |stack )/, '').split(/\s+/)
    if (first && /^[a-z]+$/.test(first)) t.ok(own.includes(first), `${line}: there is a command ${first}`)
    for (const flag of [first, ...words].filter((word) => word?.startsWith('--') && word !== '--')) t.ok(options.some(({ flags }) => flags.includes(flag!)), `${line}: there is an option ${flag}`)
  }
}

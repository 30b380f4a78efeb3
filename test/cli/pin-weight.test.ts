/** What generating loads: the client for registries comes with the commands that ask one, and with no other. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { repository } from '../support/repository.ts'

const dist = join(repository, 'dist')

/** The bundle's files that are loaded at the start, with what they load in turn. */
function loaded(name: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(name)) return seen
  seen.add(name)
  const text = readFileSync(join(dist, name), 'utf8')
  for (const [, target] of text.matchAll(/^(?:import|export)\b[^;'"]*["']\.\/([^"']+)["']/gm)) loaded(target!, seen)
  return seen
}

t.test('undici is a file of its own, loaded when first needed', async (t) => {
  const start = [...loaded('main.js')]
  t.match(readFileSync(join(dist, 'main.js'), 'utf8'), /import\("\.\/undici-[^"]+"\)/)
  t.ok(start.length > 1, 'the files have been followed')
  t.strictSame(start.filter((name) => name.startsWith('undici')), [])
  const bytes = start.reduce((sum, name) => sum + readFileSync(join(dist, name)).length, 0)
  t.ok(bytes < 1_400_000, `${bytes} bytes are read at each start`)
  for (const name of start) t.notMatch(readFileSync(join(dist, name), 'utf8'), 'EnvHttpProxyAgent = class', name)
})

t.test('the wizard and its prompts are files of their own too', async (t) => {
  const text = readFileSync(join(dist, 'main.js'), 'utf8')
  const wizard = /import\("\.\/(wizard-[^"]+)"\)/.exec(text)?.[1]
  t.ok(wizard)
  for (const name of loaded('main.js')) {
    t.not(name, wizard)
    t.notMatch(readFileSync(join(dist, name), 'utf8'), 'clack:cancel', name)
  }
})

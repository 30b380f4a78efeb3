/** The READMEs that operators get: every command they name exists in the stack beside them. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { repository } from '../support/repository.ts'
import { commandLines } from '../support/markdown.ts'
import { checkCommands } from '../support/named-commands.ts'

const golden = join(repository, 'test/golden')

for (const name of readdirSync(golden).sort()) {
  const root = join(golden, name)
  const hosts = ['node-host', 'signer-host'].map((host) => join(root, host)).filter((directory) => existsSync(directory))
  for (const directory of [root, ...hosts]) {
    t.test(directory.slice(golden.length + 1), async (t) => {
      const text = readFileSync(join(directory, 'README.md'), 'utf8')
      t.ok(commandLines(text).length > 5)
      checkCommands(t, text, directory === root && hosts.length > 0 ? hosts : [directory])
    })
  }
}

t.test('a command that does not exist is found', async (t) => {
  const said: string[] = []
  const listener = { ok: (value: unknown, name: string) => { if (!value) said.push(name) }, equal: (a: unknown, b: unknown, name: string) => { if (a !== b) said.push(name) }, match: () => undefined, comment: () => undefined }
  checkCommands(listener as unknown as typeof t, 'Type `make fly`, `docker compose soar`, `docker compose up -d kite` or `npm create stacks-signer-stack@latest -- glide --high`.', [join(golden, 'mainnet')])
  const want = ['make fly', 'a service kite', 'a command glide', 'an option --high']
  for (const text of want) t.ok(said.some((line) => line.includes(text)), text)
})

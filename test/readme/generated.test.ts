/** The READMEs that operators get: every command they name exists in the stack beside them, and each block has its test. */

import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { repository } from '../support/repository.ts'
import { commandLines, fencedBlocks } from '../support/markdown.ts'
import { checkCommands } from '../support/named-commands.ts'
import { generatedLines } from './generated-runs.ts'

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

const generated = (readdirSync(golden, { recursive: true }) as string[]).filter((path) => path.endsWith('.md')).sort()
const lines = generated.flatMap((path) => fencedBlocks(readFileSync(join(golden, path), 'utf8'))
  .filter(({ language }) => language !== 'mermaid')
  .flatMap(({ text, line }) => text.split('\n').filter(Boolean).map((command) => ({ command, place: `${path}:${line}` }))))

t.test('the README of a plain stack has at most 200 lines', async (t) => {
  for (const name of ['mainnet', 'testnet', 'external-bitcoin']) {
    const { length } = readFileSync(join(golden, name, 'README.md'), 'utf8').trimEnd().split('\n')
    t.ok(length <= 200, `${name}: ${length} lines`)
  }
})

t.test('a test runs each line of each block, or a reason says why none can', async (t) => {
  t.ok(lines.length > 50)
  for (const { command, place } of lines) t.equal(generatedLines.filter(({ line }) => line.test(command)).length, 1, `${place}: ${command}`)
  for (const { line, by, because } of generatedLines) {
    t.ok(lines.some(({ command }) => line.test(command)), `a README has ${line.source}`)
    t.equal(Number(by !== undefined) + Number(because !== undefined), 1, line.source)
    if (by) t.ok(readFileSync(join(repository, by[0]), 'utf8').includes(by[1]), `${by[0]} has ${by[1]}`)
    else t.comment(`${line.source}: no test runs it: ${because}`)
  }
})

t.test('each section of the generated README that a text names exists', async (t) => {
  const headings = generated.map((path) => readFileSync(join(golden, path), 'utf8')).join('\n')
  let named = 0
  for (const folder of ['docker', 'examples', 'generator', 'templates']) {
    for (const file of (readdirSync(join(repository, folder), { recursive: true }) as string[]).filter((path) => /\.(ts|md|hbs|sh)$/.test(path))) {
      const text = readFileSync(join(repository, folder, file), 'utf8').replaceAll('\\', '')
      for (const [, after, before] of text.matchAll(/README(?:\.md)?[,:]? "([A-Z][^"]+)"|"([A-Z][^"]+)" (?:in|of) (?:the generated )?README/g)) {
        named += 1
        t.match(headings, new RegExp(`^##+ ${after ?? before}$`, 'm'), `${folder}/${file}: ${after ?? before}`)
      }
    }
  }
  t.ok(named > 20)
})

t.test('a folder of data is emptied, but for its marker', async (t) => {
  const command = lines.find(({ command: one }) => one.startsWith('sudo find '))!.command
  const folder = t.testdir({ stacks: { '.stacks-signer-stack': 'marker', mainnet: { chainstate: { 'vm.sqlite': 'x' } }, 'a file': 'x' } })
  const { status, stderr } = spawnSync('sh', ['-euc', command.replace('sudo ', '').replace(/\/\S+/, '"$0"/stacks'), folder], { encoding: 'utf8' })
  t.equal(status, 0, stderr)
  t.strictSame(readdirSync(join(folder, 'stacks')), ['.stacks-signer-stack'])
})

t.test('a command that does not exist is found', async (t) => {
  const said: string[] = []
  const listener = { ok: (value: unknown, name: string) => { if (!value) said.push(name) }, equal: (a: unknown, b: unknown, name: string) => { if (a !== b) said.push(name) }, match: () => undefined, comment: () => undefined }
  checkCommands(listener as unknown as typeof t, 'Type `make fly`, `docker compose soar`, `docker compose up -d kite` or `npm create stacks-signer-stack@latest -- glide --high`.', [join(golden, 'mainnet')])
  const want = ['make fly', 'a service kite', 'a command glide', 'an option --high']
  for (const text of want) t.ok(said.some((line) => line.includes(text)), text)
})

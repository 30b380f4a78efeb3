/** A directory full of files that are not ours: how many, and a few of them; everything with --diff. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { command } from '../support/command.ts'
import { readFiles } from '../support/files.ts'

const answers = 'STACK_NAME=s\nNETWORK=mainnet\nSTACKS_VERSION=4.0.4\nPLATFORM=linux/amd64\nSIGNER_KEY=generate\n'

/** Where the files of a stack would be written, what stands instead. */
async function foreign(root: string, name: string, lines: number): Promise<number> {
  const paths = (JSON.parse((await command(root, [`${name}.env`, 'nowhere', '--dry-run', '--json'])).out) as { changes: { path: string }[] }).changes.map(({ path }) => path)
  const taken = paths.filter((path) => !/answers\.env|manifest/.test(path))
  for (const path of taken) {
    mkdirSync(dirname(join(root, name, path)), { recursive: true })
    writeFileSync(join(root, name, path), `${path} of somebody else\n`.repeat(lines))
  }
  return taken.length
}

t.test('one stack', async (t) => {
  const root = t.testdir({ 'a.env': answers })
  const count = await foreign(root, 'a', 20)
  t.ok(count > 15)
  const before = readFiles(root)
  const { code, err } = await command(root, ['a.env', 'a'])
  t.equal(code, 2)
  const lines = err.trimEnd().split('\n')
  t.ok(lines.length < 90, `${lines.length} lines`)
  t.match(err, new RegExp(`^error: ${count - 5} more files are in the way: \\S+, \\S+, \\S+ and ${count - 8} more$`, 'm'))
  t.match(err, /^# \d+ more lines: --diff shows them$/m)
  t.equal(lines.at(-1), `${count} errors; nothing was written`)
  const diff = await command(root, ['a.env', 'a', '--diff'])
  t.equal(diff.err.split('\n').filter((line) => line.startsWith('+++ ')).length, count, 'each with --diff')
  const json = JSON.parse((await command(root, ['a.env', 'a', '--json'])).out) as { problems: { code: string }[] }
  t.equal(json.problems.filter((problem) => problem.code === 'conflict').length, count, 'and each as data')
  t.strictSame(readFiles(root), before)
})

t.test('a fleet', async (t) => {
  const root = t.testdir({ 'a.env': `${answers}MACHINE=a\n`, 'b.env': answers.replace('=s', '=b') })
  for (const name of ['a', 'b']) await foreign(root, name, 5)
  const { code, err } = await command(root, ['a.env', 'b.env'])
  t.equal(code, 2)
  t.ok(err.split('\n').length < 90, `${err.split('\n').length} lines`)
  t.match(err, /^error: \d+ more files are in the way: a: \S+, /m)
})

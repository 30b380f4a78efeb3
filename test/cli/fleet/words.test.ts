/** Which words are a fleet. */

import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { targetOf } from '../../../generator/cli/fleet/words.ts'

const root = t.testdir({ 'a.env': '', 'b.env': '', plain: '', fleet: { 'a.env': '', 'answers.env': '' }, 'dir.env': {}, out: {} })
symlinkSync('a.env', join(root, 'link.env'))
mkdirSync(join(root, '-out'))

const one = (answers?: string, directory?: string) => ({ kind: 'one', answers, directory })
const many = (...stacks: readonly (readonly [string, string])[]) => ({ kind: 'fleet', stacks: stacks.map(([file, directory]) => ({ file, directory })) })
const hint = 'one stack: answers.env DIRECTORY; a fleet: fleet/*.env, each into the directory of its name beside it'

const cases: readonly (readonly [words: readonly string[], want: unknown])[] = [
  [[], one()],
  [['a.env'], one('a.env')],
  [['missing'], one('missing')],
  [['a.env', 'out'], one('a.env', 'out')],
  [['a.env', 'new'], one('a.env', 'new')],
  [['a.env', 'dir.env'], one('a.env', 'dir.env')],
  [['plain', 'out'], one('plain', 'out')],
  [['missing', 'new'], one('missing', 'new')],
  [['a.env', 'b.env'], many(['a.env', 'a'], ['b.env', 'b'])],
  [['a.env', 'missing.env'], many(['a.env', 'a'], ['missing.env', 'missing'])],
  [['link.env', './b.env', 'fleet/a.env'], many(['link.env', 'link'], ['./b.env', 'b'], ['fleet/a.env', 'fleet/a'])],
  [[join(root, 'a.env'), 'fleet/answers.env'], many([join(root, 'a.env'), join(root, 'a')], ['fleet/answers.env', 'fleet'])],
  [['a.env', 'plain'], ['plain: in a fleet the name of an answer file is NAME.env, and its directory is NAME', undefined]],
  [['a.env', '.env', '..env', '...env'], [
    ...['.env', '..env', '...env'].flatMap((name) => [`${name}: in a fleet the name of an answer file is NAME.env, and its directory is NAME`, undefined]),
  ]],
  [['out', 'a.env'], ['expected an answer file and a directory, or answer files alone: "out" is none', hint]],
  [['a.env', 'b.env', 'out'], ['expected an answer file and a directory, or answer files alone: "out" is none', hint]],
  [['a.env', 'new', 'dir.env'], ['expected an answer file and a directory, or answer files alone: "new", "dir.env" are none', hint]],
  [['a.env', '\u001b[31m', 'b.env'], ['expected an answer file and a directory, or answer files alone: "\\\\u{1b}[31m" is none', hint]],
  [['x', 'y', 'z'], ['expected an answer file and a directory, or answer files alone, found 3 words', hint]],
]

for (const [words, want] of cases) {
  const { value, problems } = targetOf(words, root)
  t.strictSame(value ?? problems.flatMap(({ message, hint: said }) => [message, said]), want, words.join(' ') || 'no words')
}

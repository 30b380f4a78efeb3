/** The words of the documents, of generated stacks and of messages, as CONTRIBUTING.md wants them. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { documents } from '../support/documents.ts'
import { repository } from '../support/repository.ts'
import { messages, messagesOfShell, messagesOfSource, figuresOfMessages, phrasesOfMessages } from './messages.ts'
import { avoided, figuresOf, phrasesIn, wideLines } from './prose.ts'

interface Limits {
  /** Words a sentence, on average and at most. */
  readonly average: number
  readonly longest: number
  /** Lines of more than 120 characters. */
  readonly wide: number
  /** Per cent of the sentences. */
  readonly passive: number
  readonly hard: number
}

const written: Limits = { average: 12, longest: 26, wide: 0, passive: 12, hard: 5 }
/** Of each generated stack. Lower these limits when the texts get better. */
const generated = {
  'README.md': { average: 13, longest: 30, wide: 16, passive: 9, hard: 6 },
  'RUNBOOK.md': { average: 10, longest: 25, wide: 12, passive: 5, hard: 1 },
} as const satisfies Readonly<Record<string, Limits>>

/** Of messages. Lower these limits too when the texts get better. */
const shown: Readonly<Record<keyof typeof messages, Omit<Limits, 'wide'>>> = {
  'generator/': { average: 9.6, longest: 24, passive: 7.4, hard: 2.6 },
  'docker/programs/': { average: 9.3, longest: 24, passive: 7.9, hard: 1.8 },
  'templates/Makefile.hbs and docker/host/': { average: 9.5, longest: 24, passive: 7.0, hard: 1.6 },
}

async function check(name: string, text: string, limits: Limits): Promise<void> {
  await t.test(name, async (t) => {
    const { average, longest, passive, hard } = await figuresOf(text)
    t.ok(average <= limits.average, `${average.toFixed(1)} words a sentence`)
    t.ok(longest.words <= limits.longest, `line ${longest.line} has a sentence of ${longest.words} words: ${longest.text}`)
    t.ok(passive <= limits.passive, `${passive.toFixed(0)} % of the sentences are passive`)
    t.ok(hard <= limits.hard, `${hard.toFixed(0)} % of the sentences are hard to read`)
    const wide = wideLines(text, 120)
    t.ok(wide.length <= limits.wide, `lines of more than 120 characters: ${wide.join(', ')}`)
    t.strictSame(phrasesIn(text, avoided), [])
  })
}

for (const document of ['CHANGELOG.md', ...documents]) {
  const text = readFileSync(join(repository, document), 'utf8')
  await check(document, text, written)
}

const golden = join(repository, 'test/golden')
for (const path of (readdirSync(golden, { recursive: true }) as string[]).sort()) {
  for (const [name, limits] of Object.entries(generated)) {
    if (path === name || path.endsWith(`/${name}`)) await check(`golden/${path}`, readFileSync(join(golden, path), 'utf8'), limits)
  }
}

for (const [where, limits] of Object.entries(shown)) {
  await t.test(`messages of ${where}`, async (t) => {
    const all = messages[where as keyof typeof messages]
    t.ok(all.length > 100)
    const { average, longest, passive, hard } = await figuresOfMessages(all)
    const { file, line } = all[longest.line]!
    t.ok(average <= limits.average, `${average.toFixed(2)} words a sentence`)
    t.ok(longest.words <= limits.longest, `${file}:${line} has a sentence of ${longest.words} words: ${longest.text}`)
    t.ok(passive <= limits.passive, `${passive.toFixed(2)} % of the sentences are passive`)
    t.ok(hard <= limits.hard, `${hard.toFixed(2)} % of the sentences are hard to read`)
    t.strictSame(phrasesOfMessages(all), [])
  })
}

t.test('what counts as a message', async (t) => {
  const source = [
    "import x from './x.ts'", "const path = 'a/b'", "fail('Write the path of a file, such as ' + path)",
    "const text = `é: ${ok ? 'this one is inside it' : `the file ${path} is too large`} and is four words`", "sql('SELECT name FROM one WHERE that = 1')",
  ].join('\n')
  t.strictSame(messagesOfSource(source, 'x.ts').map(({ text, line }) => [line, text]), [
    [3, 'Write the path of a file, such as `…`'], [4, 'é: `…` and is four words'], [4, 'this one is inside it'], [4, 'the file `…` is too large'],
  ])
  const shell = ['up: check ## Start what is not running', "\t@echo 'One sentence over two lines'", "\t@echo 'ends here: $(S).'", '  say "the file $name is gone"', "  echo 'ok'"].join('\n')
  t.strictSame(messagesOfShell(shell, 'x.sh').map(({ text, line }) => [line, text]), [
    [1, 'Start what is not running'], [2, 'One sentence over two lines\nends here: `…`.'], [4, 'the file `…` is gone'],
  ])
  const columns = { text: 'usage: x\n  one     do what is asked of it\n  other   do what is not asked of it', file: 'x', line: 1 }
  t.strictSame((await figuresOfMessages([columns])).sentences.map(({ words }) => words), [7, 8])
})

t.test('what is measured', async (t) => {
  const { sentences, average, passive } = await figuresOf([
    '# A heading', '', 'The key of `a b c` is read by `init`. It is short,', 'but this one goes over two lines.', '', '```sh', 'one two three four five six', '```', '',
    '| head of the table here | x |', '|---|---|', '| One cell of five words | `x` and four words more |', '',
  ].join('\n'))
  t.strictSame(sentences.map(({ words, line }) => [words, line]), [[8, 3], [10, 3], [5, 12], [5, 12]])
  t.equal(average, 28 / 4)
  t.equal(passive, 25)
})

t.test('lines that could be broken', async (t) => {
  const long = 'x'.repeat(121)
  t.strictSame(wideLines(['ok', long, '```', long, '```', `| ${long} |`, `[${long}](y)`, `- ${long}`].join('\n'), 120), [2, 8])
})

t.test('phrases are found over the end of a line, and not in code', async (t) => {
  t.strictSame(phrasesIn('Tags stand for\nwant of a digest, and `as ever` there Is none.', avoided), ['for want of', 'Is none'])
})

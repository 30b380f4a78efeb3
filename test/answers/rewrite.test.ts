/** One value changes, every other byte of the file stays. */

import t from 'tap'
import { readAnswers } from '../../generator/answers/read.ts'
import { rewriteAnswer } from '../../generator/answers/rewrite.ts'
import { answerText, randomAnswers, randomNumbers } from '../support/random-answers.ts'

const key = 'STACKS_VERSION'

/** `<` and `>` enclose what is replaced by 4.0.4. */
const inPlace: readonly [name: string, text: string][] = [
  ['bare', 'STACKS_VERSION=<4.0.2>\n'],
  ['no final newline', 'NETWORK=mainnet\nSTACKS_VERSION=<4.0.2>'],
  ['double quotes', 'STACKS_VERSION="<4.0.2>"\n'],
  ['single quotes', "STACKS_VERSION='<4.0.2>'\n"],
  ['backquotes', 'STACKS_VERSION=`<4.0.2>`\n'],
  ['blanks around =', '  STACKS_VERSION \t=\t <4.0.2>  \t\n'],
  ['export', 'export  STACKS_VERSION=<4.0.2>\n'],
  ['export, blanks, quotes and a comment', '\texport STACKS_VERSION = "<4.0.2>"   # was 4.0.1, "really"\n'],
  ['a comment behind a bare value', 'STACKS_VERSION=<4.0.2> # STACKS_VERSION=4.0.1\n'],
  ['comments that look like it', '# STACKS_VERSION=4.0.0\n#STACKS_VERSION=4.0.1\nSTACKS_VERSION=<4.0.2>\n#STACKS_VERSION=4.0.3\n'],
  ['names that begin or end like it', 'MY_STACKS_VERSION=1\nSTACKS_VERSION_2=2\nSTACKS_VERSION=<4.0.2>\n'],
  ['CRLF', '# first\r\nNETWORK=mainnet\r\nSTACKS_VERSION=<4.0.2>\r\n\r\n'],
  ['CR alone', 'NETWORK=mainnet\rSTACKS_VERSION=<4.0.2>\r'],
  ['line ends of all kinds', 'A=1\rB=2\nSTACKS_VERSION=<4.0.2>\r\nC=3'],
  ['a byte order mark', '\uFEFFSTACKS_VERSION=<4.0.2>\nNETWORK=mainnet\n'],
  ['a byte order mark and CRLF', '\uFEFF# first\r\nSTACKS_VERSION="<4.0.2>" # x\r\n'],
  ['a value over lines before and behind', 'NODE__node__name="one\nSTACKS_VERSION=4.0.1\n two"\nSTACKS_VERSION=<4.0.2>\nX=\'a\n\nb\'\n'],
  ['others given twice', 'NETWORK=mainnet\nNETWORK=testnet\nSTACKS_VERSION=<4.0.2>\nNETWORK=mainnet\n'],
  ['lines that are no answers', 'what is this\nSTACKS_VERSION=<4.0.2>\n: = nothing\n'],
  ['the same text elsewhere', 'NODE__node__name=4.0.2\nSTACKS_VERSION=<4.0.2>\nSIGNER__x="4.0.2"\n'],
  ['letters of many kinds', '# ünïcödé ✓ 雪 \u{1f600}\nNODE__node__name=\'雪 \u{1f600}\'\nSTACKS_VERSION=<4.0.2> # ✓\n'],
  ['a longer value', 'STACKS_VERSION=<3.1.0.0.13>\n'],
  ['empty', 'STACKS_VERSION=<>\n'],
  ['empty at the end of the file', 'A=1\nSTACKS_VERSION=<>'],
  ['empty in quotes', 'STACKS_VERSION="<>" # none yet\n'],
  ['blanks alone', 'STACKS_VERSION=   <>\n'],
]

for (const [name, marked] of inPlace) {
  t.test(`in place: ${name}`, async (t) => {
    const text = marked.replace('<', '').replace('>', '')
    t.equal(rewriteAnswer(text, key, '4.0.4'), marked.replace(/<.*>/, '4.0.4'))
    const same = /<(.*)>/.exec(marked)![1]!
    if (same) t.equal(rewriteAnswer(text, key, same), text, 'the value that is there changes nothing')
  })
}

t.test('an empty value before a comment stays apart from it', async (t) => {
  t.equal(rewriteAnswer('STACKS_VERSION= # none yet\n', key, '4.0.4'), 'STACKS_VERSION= 4.0.4 # none yet\n')
})

const added: readonly [name: string, before: string, after: string][] = [
  ['behind the last line', 'NETWORK=mainnet\n', 'NETWORK=mainnet\nSTACKS_VERSION=4.0.4\n'],
  ['no final newline', 'NETWORK=mainnet', 'NETWORK=mainnet\nSTACKS_VERSION=4.0.4\n'],
  ['a comment without its newline', 'NETWORK=mainnet\n# end', 'NETWORK=mainnet\n# end\nSTACKS_VERSION=4.0.4\n'],
  ['CRLF', 'NETWORK=mainnet\r\nA=1', 'NETWORK=mainnet\r\nA=1\r\nSTACKS_VERSION=4.0.4\r\n'],
  ['an empty file', '', 'STACKS_VERSION=4.0.4\n'],
  ['a byte order mark alone', '\uFEFF', '\uFEFFSTACKS_VERSION=4.0.4\n'],
  ['commented out', '# STACKS_VERSION=4.0.2\n', '# STACKS_VERSION=4.0.2\nSTACKS_VERSION=4.0.4\n'],
  ['inside another value only', 'X="a\nSTACKS_VERSION=4.0.2\n"\n', 'X="a\nSTACKS_VERSION=4.0.2\n"\nSTACKS_VERSION=4.0.4\n'],
]

for (const [name, before, after] of added) t.test(`added: ${name}`, async (t) => { t.equal(rewriteAnswer(before, key, '4.0.4'), after) })

t.test('what no single line holds is left to the user', async (t) => {
  t.equal(rewriteAnswer('STACKS_VERSION=4.0.1\nSTACKS_VERSION=4.0.2\n', key, '4.0.4'), undefined)
  t.equal(rewriteAnswer('STACKS_VERSION="4.0.1\n"\n', key, '4.0.4'), undefined)
})

t.test('a value that would need quotes is a bug', async (t) => {
  for (const value of ['', 'a b', '4.0.4#', "'", '"', '4.0.4\n', '$x']) t.throws(() => rewriteAnswer('', key, value), JSON.stringify(value))
})

t.test('random answer files', async (t) => {
  const rounds = 400
  for (let seed = 1; seed <= rounds; seed += 1) {
    const { pairs } = randomAnswers(seed)
    const next = randomNumbers(seed)
    const lineEnd = ['\n', '\r\n', '\r'][seed % 3]!
    const text = `${seed % 5 ? '' : '\uFEFF'}${answerText(pairs, seed % 7)}`.replaceAll('\n', lineEnd).slice(0, seed % 2 ? undefined : -lineEnd.length)
    const [target] = pairs[Math.floor(next() * pairs.length)]!
    const after = rewriteAnswer(text, target, '3.9.9')
    if (after === undefined) {
      t.fail(`seed ${seed}: no line of ${target}`)
      continue
    }
    const [old, now] = [text, after].map((one) => one.split(lineEnd)) as [string[], string[]]
    const changed = old.flatMap((line, index) => (line === now[index] ? [] : [index]))
    if (old.length !== now.length || changed.length !== 1 || !old[changed[0]!]!.includes(target)) t.fail(`seed ${seed}: more than the line of ${target} changed`)
    const values = (one: string) => JSON.stringify(readAnswers('a', one).entries.map((entry) => [entry.key, entry.key === target ? '' : entry.value]))
    if (values(text) !== values(after)) t.fail(`seed ${seed}: another value changed`)
    if (readAnswers('a', after).entries.find((entry) => entry.key === target)?.value !== '3.9.9') t.fail(`seed ${seed}: ${target} does not read back`)
    const there = readAnswers('a', text).entries.find((entry) => entry.key === target)!.value
    if (/^[\w.-]+$/.test(there) && rewriteAnswer(after, target, there) !== text) t.fail(`seed ${seed}: the way back is another file`)
  }
  t.pass(`${rounds} files`)
})

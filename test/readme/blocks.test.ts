/** Every command block of the README is run: here what needs Node alone, in test/engines/readme.test.ts what needs an engine. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { findAnswer } from '../../generator/answers/schema.ts'
import { builtCheckout } from '../support/checkout.ts'
import { codeSpans, fencedBlocks } from '../support/markdown.ts'
import { checkCommands } from '../support/named-commands.ts'
import { planText } from '../support/pipeline.ts'
import { repository } from '../support/repository.ts'
import { makePlace, typeBlock } from './place.ts'
import { runs } from './runs.ts'

const readme = readFileSync(join(repository, 'README.md'), 'utf8')
const blocks = fencedBlocks(readme)
const commands = blocks.filter(({ language }) => language === 'sh')
const under = (heading: string) => commands.filter((block) => block.heading === heading)

t.test('each command block has its run, and each run its block', async (t) => {
  const found = Object.fromEntries(commands.map(({ heading }) => [heading, under(heading).length]))
  t.strictSame(found, Object.fromEntries(Object.entries(runs).map(([heading, { length }]) => [heading, length])))
  t.strictSame([...new Set(blocks.map(({ language }) => language))].sort(), ['', 'env', 'mermaid', 'sh'], 'no other kind of block, which nothing would hold to the truth')
})

const programs = builtCheckout(t.testdir({}))

for (const [heading, all] of Object.entries(runs)) {
  for (const [index, run] of all.entries()) {
    if (run.by !== 'node') continue
    t.test(`${heading}, block ${index + 1}`, async (t) => {
      const place = makePlace(t, programs)
      const { cwd, environment } = await run.prepare?.(t, place) ?? { cwd: place.home, environment: {} }
      const typed = await typeBlock(place, cwd, under(heading)[index]!.text, environment)
      t.equal(typed.code, 0, typed.output)
      run.check(t, place, typed)
    })
  }
}

t.test('what types the blocks of the suite', async (t) => {
  const ci = readFileSync(join(repository, '.ci/run'), 'utf8')
  for (const command of under('Tests')[0]!.text.trim().split(' && ')) t.match(ci, command)
})

t.test('each line of answers goes into a stack', async (t) => {
  const mainnet = readFileSync(join(repository, 'examples/mainnet.env'), 'utf8')
  const plain = planText(mainnet).files
  for (const { text, line } of blocks.filter(({ language }) => language === 'env')) {
    const { files, warnings } = planText(`${mainnet}${text}`)
    t.strictSame(warnings.map(({ code }) => code).filter((code) => code !== 'no-digest'), [], `line ${line}`)
    t.not(files.get('docker-compose.yml')?.content, plain.get('docker-compose.yml')?.content, `line ${line} makes a difference`)
  }
})

t.test('each command that the text names exists', async (t) => {
  checkCommands(t, readme, ['mainnet', 'backup', 'sbtc', 'split/node-host', 'split/signer-host'].map((name) => join(repository, 'test/golden', name)))
})

t.test('the table of examples has a row for each, and no other', async (t) => {
  const rows = [...readme.matchAll(/^\| `examples\/([^`]+)` \|/gm)].map((match) => match[1])
  t.strictSame([...rows].sort(), readdirSync(join(repository, 'examples')).sort())
})

t.test('the table of what each container sees has a row for each', async (t) => {
  const rows = /## Security in brief\n([^]*?)\n\n-/.exec(readme)![1]!.split('\n').slice(3).map((row) => row.split('|')[1]!.trim())
  const services = ['mainnet', 'backup', 'sbtc', 'split/node-host', 'split/signer-host'].flatMap((name) =>
    Object.keys((parse(readFileSync(join(repository, 'test/golden', name, 'docker-compose.yml'), 'utf8')) as { readonly services: object }).services))
  t.strictSame(rows.flatMap((row) => row.split(', ')).sort(), [...new Set(services)].sort())
})

t.test('each file and answer that the text names exists', async (t) => {
  for (const span of new Set(codeSpans(readme))) {
    const answer = /^([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=|$)/.exec(span)?.[1]
    if (answer && !outside.has(answer)) t.ok(findAnswer(answer), `there is an answer ${answer}`)
    if (/^examples\/[^ ]+$/.test(span)) t.ok(readFileSync(join(repository, span), 'utf8'), `there is ${span}`)
  }
  const anchors = new Set([...readme.matchAll(/^#+ (.*)$/gm)].map((match) => `#${match[1]!.toLowerCase().replace(/[^a-z0-9 -]/g, '').replaceAll(' ', '-')}`))
  for (const [, target = ''] of readme.matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
    t.ok(target.startsWith('#') ? anchors.has(target) : readFileSync(join(repository, target)), `there is ${target}`)
  }
})

/** Names in capitals that are no answers: variables of other programs. */
const outside = new Set(['FORCE_COLOR', 'HTTPS_PROXY', 'NO_COLOR', 'NODE_EXTRA_CA_CERTS', 'NO_PROXY', 'REQUIRE_ENGINES'])

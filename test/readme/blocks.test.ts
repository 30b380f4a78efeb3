/** Every block of the documents is run, compared or generated. Blocks that need an engine are run by test/engines/readme.test.ts. */

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { findAnswer } from '../../generator/answers/schema.ts'
import { builtCheckout } from '../support/checkout.ts'
import { documents, examples } from '../support/documents.ts'
import { codeSpans, fencedBlocks, type Block } from '../support/markdown.ts'
import { checkCommands } from '../support/named-commands.ts'
import { planText } from '../support/pipeline.ts'
import { repository } from '../support/repository.ts'
import { makePlace, typeBlock } from './place.ts'
import { runs } from './runs.ts'

const texts = new Map(documents.map((document) => [document, readFileSync(join(repository, document), 'utf8')]))
const blocks = [...texts].flatMap(([document, text]) => fencedBlocks(text).map((block) => ({ ...block, document })))
const commands = blocks.filter(({ language }) => language === 'sh')
const under = (document: string, heading: string): readonly Block[] => commands.filter((block) => block.document === document && block.heading === heading)
const stacks = ['mainnet', 'backup', 'observers', 'sbtc', 'sidekick', 'split/node-host', 'split/signer-host'].map((name) => join(repository, 'test/golden', name))

t.test('each command block has its run, and each run its block', async (t) => {
  t.ok(documents.length > 15)
  const found = new Set(commands.map(({ document, heading }) => `${document}: ${heading}: ${under(document, heading).length}`))
  const wanted = Object.entries(runs).flatMap(([document, headings]) => Object.entries(headings).map(([heading, { length }]) => `${document}: ${heading}: ${length}`))
  t.strictSame([...found].sort(), wanted.sort())
  t.strictSame([...new Set(blocks.map(({ language }) => language))].sort(), ['', 'env', 'mermaid', 'sh'], 'no other kind of block, which no test would check')
})

t.test('what this test does not run has a reason', async (t) => {
  for (const [document, headings] of Object.entries(runs)) {
    for (const [heading, all] of Object.entries(headings)) {
      for (const [index, run] of all.entries()) {
        if (run.by === 'node') continue
        t.ok(existsSync(join(repository, run.by)), run.by)
        t.comment(`${document}, ${heading}, block ${index + 1}: run by ${run.by}, because ${run.because}`)
      }
    }
  }
})

t.test('each block without a language is generated, or names modules that exist', async (t) => {
  for (const { document, text, line } of blocks.filter(({ language }) => ['', 'mermaid'].includes(language))) {
    const before = texts.get(document)!.split('\n').slice(0, line - 1).join('\n')
    if (/<!-- (\w+) -->(?![^]*<!-- \/\1 -->)/.test(before)) continue
    const modules = text.match(/\b[a-z-]+\/[a-z-]+\b/g) ?? []
    t.ok(modules.length > 3, `${document}: a block that nothing generates names modules`)
    for (const module of modules) t.ok(existsSync(join(repository, dirname(document), `${module}.ts`)), `${document}: ${module}`)
  }
  for (const [document, text] of texts) t.notMatch(text, /\n\n {4,}[^ *\n-]/, `${document} has no indented block, which would be run by no test`)
})

const programs = builtCheckout(t.testdir({}))

for (const [document, headings] of Object.entries(runs)) {
  for (const [heading, all] of Object.entries(headings)) {
    for (const [index, run] of all.entries()) {
      if (run.by !== 'node') continue
      t.test(`${document}, ${heading}, block ${index + 1}`, async (t) => {
        const place = makePlace(t, programs)
        const { cwd, environment } = await run.prepare?.(t, place) ?? { cwd: place.home, environment: {} }
        const typed = await typeBlock(place, cwd, under(document, heading)[index]!.text, environment)
        t.equal(typed.code, 0, typed.output)
        run.check(t, place, typed)
      })
    }
  }
}

t.test('.ci/run types the block that runs all tests', async (t) => {
  const ci = readFileSync(join(repository, '.ci/run'), 'utf8')
  for (const command of under('README.md', 'Tests')[0]!.text.trim().split(' && ')) t.match(ci, command)
})

const textOf = (files: ReturnType<typeof planText>['files']) => ['docker-compose.yml', 'Makefile'].map((path) => files.get(path)?.content).join('')

t.test('each line of answers goes into a stack', async (t) => {
  const mainnet = readFileSync(join(repository, 'examples/mainnet.env'), 'utf8')
  const plain = planText(mainnet).files
  const answers = blocks.filter(({ language }) => language === 'env')
  t.ok(answers.length > 5)
  for (const { document, text, line } of answers) {
    const { files, warnings } = planText(`${mainnet}${text}`)
    t.strictSame(warnings.map(({ code }) => code).filter((code) => code !== 'no-digest'), [], `${document}:${line}`)
    t.not(textOf(files), textOf(plain), `${document}:${line} makes a difference`)
  }
})

t.test('README.md has at most 220 lines, and a row for each document and each example', async (t) => {
  const readme = texts.get('README.md')!
  t.ok(readme.split('\n').length <= 221)
  const linked = new Set([...readme.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map((match) => match[1]))
  t.strictSame(documents.filter((document) => document !== 'README.md' && !linked.has(document)), [])
  t.strictSame(examples.filter((name) => !readme.includes(`\`examples/${name}\``)), [])
})

t.test('each recipe explains the answer file beside it', async (t) => {
  for (const name of examples.filter((one) => one !== 'complete.env')) {
    const recipe = texts.get(`examples/${name.replace(/env$/, 'md')}`)
    t.ok(recipe?.includes(`Answer file: [${name}](${name})`), name)
  }
})

t.test('the table of what each container sees has a row for each', async (t) => {
  const section = /\n## Containers\n([^]*?)\n\n[^|\n]/.exec(texts.get('docker/security.md')!)![1]!
  const rows = section.trim().split('\n').slice(2).map((row) => row.split('|')[1]!.trim())
  const services = stacks.flatMap((directory) => Object.keys((parse(readFileSync(join(directory, 'docker-compose.yml'), 'utf8')) as { readonly services: object }).services))
  t.strictSame(rows.flatMap((row) => row.split(', ')).sort(), [...new Set(services)].sort())
})

/** Names in capitals that are not answers: capabilities, and variables of other programs and of tests. */
const outside = new Set(['DAC_OVERRIDE', 'FORCE_COLOR', 'HTTPS_PROXY', 'NO_COLOR', 'NODE_EXTRA_CA_CERTS', 'NO_PROXY', 'REQUIRE_ENGINES', 'STACK_ROOT', 'TAP_SNAPSHOT', 'TEST_SEED'])

/** The anchors that GitHub gives to the headings of a document. */
const anchors = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (.*)$/gm)].map((match) => `#${match[1]!.toLowerCase().replace(/[^a-z0-9 -]/g, '').replaceAll(' ', '-')}`)

for (const [document, text] of texts) {
  t.test(`what ${document} names exists`, async (t) => {
    checkCommands(t, text, stacks)
    for (const span of new Set(codeSpans(text))) {
      const answer = /^([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=|$)/.exec(span)?.[1]
      if (answer && !outside.has(answer)) t.ok(findAnswer(answer), `there is an answer ${answer}`)
      if (/^[\w.-]+\/[\w./-]+\.(ts|sh|hbs)$/.test(span) && !span.includes('NAME')) t.ok([repository, join(repository, dirname(document))].some((folder) => existsSync(join(folder, span))), `there is ${span}`)
      if (/^examples\/[^ *]+$/.test(span)) t.ok(existsSync(join(repository, span)), `there is ${span}`)
    }
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? document : join(dirname(document), path)
      t.ok(existsSync(join(repository, file)), `${target}: there is ${file}`)
      if (anchor !== undefined) t.ok(anchors(readFileSync(join(repository, file), 'utf8')).includes(`#${anchor}`), `there is ${target}`)
    }
  })
}

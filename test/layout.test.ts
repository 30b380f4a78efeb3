/** What may import what: no import leads back to where it began, floors import downwards only, each package where the table says. Types count. */

import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { cruise, type ICruiseResult, type IRegularForbiddenRuleType } from 'dependency-cruiser'
import t from 'tap'
import { readAssets } from '../generator/io/assets.ts'
import { plan } from '../generator/plan.ts'
import { hostPrograms } from '../generator/stack/programs.ts'
import { repository } from './support/repository.ts'
import { sampleStack, sampleVariety } from './support/sample-stack.ts'

/** Floors of generator/ from below: a module imports from its own floor and from lower ones. */
const floors: readonly (readonly string[])[] = [
  ['printable', 'screen', 'problem', 'public-key', 'suggest', 'plan-types'],
  ['render'],
  ['catalogue'],
  ['stack-file'],
  ['answers'],
  ['stack/model', 'stack/backup-target', 'stack/bitcoin-source', 'stack/log-driver', 'stack/monitoring-model', 'stack/observer', 'stack/sidekick-settings'],
  ['monitoring'],
  ['certs'],
  ['stack'],
  ['files'],
  ['plan'],
  ['changes'],
  ['registry', 'upgrade', 'adopt'],
  ['io'],
  ['wizard'],
  ['cli'],
  ['main'],
  ['start'],
  ['packaging'],
]

/** What programs in containers share with the generator: facts and small helpers, which bring nothing along. */
const shared = ['catalogue/container', 'stack-file/schema', 'monitoring/metrics', 'printable', 'problem', 'public-key', 'answers/known-secrets', 'answers/key-shapes', 'io/disk', 'io/held-directory']

const users: Readonly<Record<string, readonly string[]>> = {
  yaml: ['render/yaml', 'render/read-yaml'],
  '@iarna/toml': ['render/toml'],
  handlebars: ['io/templates', 'packaging/build'],
  esbuild: ['packaging/build'],
  valibot: ['stack-file/schema'],
  rollup: ['packaging/programs'],
  '@rollup/plugin-commonjs': ['packaging/programs'],
  '@rollup/plugin-node-resolve': ['packaging/programs'],
  dotenv: ['answers/read'],
  cac: ['cli/run'],
  '@clack/prompts': ['wizard/ask'],
  diff: ['changes/diff'],
  undici: ['registry/transport'],
  '@peculiar/x509': ['certs/library'],
  'reflect-metadata': ['certs/library'],
  '@stacks/wallet-sdk': ['stack/keys'],
  '@scure/bip39': ['answers/mnemonics'],
  c32check: ['stack/keys'],
  '@noble/hashes': ['stack/keys'],
}

/** Modules and folders of generator/, as a pattern of paths. */
const of = (names: readonly string[]) => `^generator/(${names.join('|')})(/|\\.ts$)`
const packages = (names: readonly string[]) => `^node_modules/(${names.join('|')})/`

const rules: readonly Omit<IRegularForbiddenRuleType, 'severity'>[] = [
  { name: 'no import leads back to where it began', from: {}, to: { circular: true } },
  { name: 'each import is found as it is written', from: {}, to: { couldNotResolve: true } },
  ...floors.slice(0, -1).map((names, index) => ({
    name: `${names.join(', ')} imports from no higher floor`,
    // The longer of two names counts: stack/model stands lower than stack.
    from: { path: of(names), pathNot: floors.slice(0, index).map(of) },
    to: { path: floors.slice(index + 1).map(of), pathNot: floors.slice(0, index + 1).map(of) },
  })),
  { name: 'the generator imports from itself and from packages', from: { path: '^generator/' }, to: { pathNot: ['^generator/', '^node_modules/'], dependencyTypesNot: ['core'] } },
  { name: 'a package that the generator imports stands in the table', from: { path: '^generator/' }, to: { path: '^node_modules/', pathNot: packages(Object.keys(users)) } },
  ...Object.entries(users).map(([name, modules]) => ({
    name: `${name} is imported where the table says`, from: { path: '^generator/', pathNot: of(modules) }, to: { path: packages([name]) },
  })),
  { name: 'what is decided is decided without the disk', from: { path: '^generator/', pathNot: of(['io', 'cli', 'main', 'packaging']) }, to: { path: '^(fs|fs/promises|child_process)$', dependencyTypes: ['core'] } },
  { name: 'programs share facts and helpers with the generator, and no more', from: { path: '^docker/programs/' }, to: { path: '^generator/', pathNot: of(shared) } },
  { name: 'what programs share brings nothing along', from: { path: of(shared) }, to: { path: '^generator/', pathNot: of([...shared, 'screen']) } },
]

/** TypeScript 7 has no parser for other programs, and swc has one. */
const { modules, summary } = (await cruise(['generator', 'docker/programs'], {
  baseDir: repository, parser: 'swc', validate: true, doNotFollow: { path: '^node_modules/' },
  ruleSet: { forbidden: rules.map((rule) => ({ ...rule, severity: 'error' as const })) },
}, { extensions: ['.ts', '.mjs', '.js', '.json'], exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] })).output as ICruiseResult
const ours = modules.filter(({ source }) => /^(generator|docker)\/.*\.ts$/.test(source)).map((module) => ({ ...module, text: readFileSync(join(repository, module.source), 'utf8') }))

for (const { name } of rules) {
  t.test(name!, async (t) => {
    t.strictSame(summary.violations.filter(({ rule }) => rule.name === name).map(({ from, to, cycle }) => [from, ...cycle?.map(({ name }) => name) ?? [to]].join(' -> ')), [])
  })
}

t.test('every module is seen, and stands on a floor', async (t) => {
  const generator = ours.map(({ source }) => source).filter((source) => source.startsWith('generator/'))
  t.ok(generator.length > 200)
  t.ok(ours.some(({ source }) => source.startsWith('docker/programs/')))
  t.strictSame(generator.filter((source) => !floors.some((names) => new RegExp(of(names)).test(source))), [])
})

t.test('every import is seen as it is written, those of types too', async (t) => {
  t.match(ours.find(({ source }) => source === 'generator/stack/side.ts')?.dependencies, [{ resolved: 'generator/stack/model.ts' }], 'all that it imports are types')
  // The parser passes over import('…').Type, and finds a .ts for a .js.
  t.strictSame(ours.flatMap(({ source, text, dependencies }) => [...text.matchAll(/\bimport\('(?:node:)?([^']+)'\)/g)]
    .filter(([, target]) => !dependencies.some(({ module }) => module === target)).map(([written]) => `${source}: ${written}`)), [])
  t.strictSame(ours.flatMap(({ source, dependencies }) => dependencies
    .filter(({ module, resolved }) => module.startsWith('.') && basename(module) !== basename(resolved)).map(({ module }) => `${source}: ${module}`)), [])
})

t.test('a file has one concept', async (t) => {
  t.strictSame(ours.filter(({ text }) => text.split('\n').length > 260).map(({ source }) => source), [])
})

t.test('services name their programs: no expression over file names decides which host gets which', async (t) => {
  // What makes the bundles, what reads them, and the one rule for a program's name in a stack.
  const may = new RegExp(of(['packaging/programs', 'packaging/build', 'io/assets', 'stack/programs']))
  t.strictSame(ours.filter(({ source, text }) => source.startsWith('generator/') && !may.test(source) && text.includes('.mjs')).map(({ source }) => source), [])
  const assets = readAssets(repository)
  const run = new Set<string>()
  for (const options of sampleVariety) {
    const { stack } = sampleStack(options)
    const some = { a: { b: 1 } }
    const { sbtc } = stack
    const filled = sbtc && { sbtc: { ...sbtc, config: some, blocklistConfig: some, ...(sbtc.pair && { pair: { ...sbtc.pair, nodeConfig: some } }) } }
    const files = plan({ ...stack, signerConfig: some, nodeConfig: some, ...filled }, assets).map(({ path }) => path)
    for (const host of stack.hosts) {
      const named = [...new Set([...hostPrograms, ...host.services.flatMap(({ program, targetPrograms = [] }) => [...(program === undefined ? [] : [program]), ...targetPrograms])])].map((program) => `${host.directory}docker/${program}.mjs`).sort()
      t.strictSame(files.filter((path) => path.startsWith(`${host.directory}docker/`) && path.endsWith('.mjs')), named, JSON.stringify(options))
      for (const path of named) run.add(path.slice(host.directory.length))
    }
  }
  t.strictSame([...run].sort(), assets.programs.map(({ path }) => path), 'and each program has a service or a make target that runs it')
})

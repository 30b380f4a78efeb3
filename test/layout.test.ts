/** What may import what: layers import downwards only, and each package has one user. */

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import t from 'tap'
import { readAssets } from '../generator/io/assets.ts'
import { plan } from '../generator/plan.ts'
import { repository } from './support/repository.ts'
import { sampleStack, sampleVariety } from './support/sample-stack.ts'

const generator = join(repository, 'generator')

/** Layers from below; a module may import from its own folder and from lower layers. */
const layers: readonly (readonly string[])[] = [
  ['printable', 'screen', 'problem', 'public-key', 'suggest', 'plan-types'],
  ['render', 'stack/model'],
  ['catalogue'],
  ['monitoring'],
  ['answers'],
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

const packages: Readonly<Record<string, readonly string[]>> = {
  yaml: ['render/yaml', 'render/read-yaml'],
  '@iarna/toml': ['render/toml'],
  handlebars: ['io/templates', 'packaging/build'],
  esbuild: ['packaging/build'],
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
  '@scure/bip39/wordlists/english.js': ['answers/mnemonics'],
  c32check: ['stack/keys'],
  '@noble/hashes/ripemd160': ['stack/keys'],
}

function modules(folder: string): readonly string[] {
  return readdirSync(folder).sort().flatMap((name) => {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) return modules(path)
    return name.endsWith('.ts') ? [path] : []
  })
}

function layerOf(module: string): number {
  const best = layers.flatMap((names, index) => names.filter((name) => module === name || module.startsWith(`${name}/`)).map((name) => ({ name, index })))
    .sort((a, b) => b.name.length - a.name.length)[0]
  if (!best) throw new Error(`${module} is in no layer`)
  return best.index
}

for (const path of modules(generator)) {
  const module = relative(generator, path).replace(/\.ts$/, '')
  const text = readFileSync(path, 'utf8')
  const imports = [...text.matchAll(/^(?:import|export) (type )?[^;'"]*from '([^']+)'|import\('([^']+)'\)/gm)]
  t.test(module, async (t) => {
    t.ok(text.split('\n').length <= 260, 'a file has one concept')
    for (const [, isType, fixed, dynamic] of imports) {
      const target = fixed ?? dynamic!
      if (target.endsWith('.json')) continue
      if (target.startsWith('.')) {
        const other = relative(generator, join(dirname(path), target)).replace(/\.ts$/, '')
        // A layer may name the types of its own consumers' neighbours, never call them.
        if (!isType) t.ok(layerOf(other) <= layerOf(module), `${module} may import ${other}`)
        t.match(target, /\.ts$/)
      } else if (!target.startsWith('node:')) {
        t.ok(packages[target]?.includes(module), `${module} may use ${target}`)
      } else if (['node:fs', 'node:fs/promises', 'node:child_process'].includes(target)) {
        t.ok(['io', 'cli', 'main', 'packaging'].some((layer) => module === layer || module.startsWith(`${layer}/`)), `${module} may touch the disk`)
      }
    }
  })
}

t.test('the table is not looser than it must be', async (t) => {
  t.ok(modules(generator).length > 40)
  t.equal(layerOf('stack/model') < layerOf('stack/resolve'), true)
})

t.test('services name their programs: no expression over file names decides which host gets which', async (t) => {
  for (const path of modules(generator)) {
    const module = relative(generator, path).replace(/\.ts$/, '')
    // What makes the bundles, what reads them, and the one rule for a program's name in a stack.
    if (['packaging/programs', 'packaging/build', 'io/assets', 'stack/programs'].includes(module)) continue
    t.notMatch(readFileSync(path, 'utf8'), /\.mjs/, module)
  }
  const assets = readAssets(repository)
  const run = new Set<string>()
  for (const options of sampleVariety) {
    const { stack } = sampleStack(options)
    const some = { a: { b: 1 } }
    const { sbtc } = stack
    const filled = sbtc && { sbtc: { ...sbtc, config: some, blocklistConfig: some, ...(sbtc.pair && { pair: { ...sbtc.pair, nodeConfig: some } }) } }
    const files = plan({ ...stack, signerConfig: some, nodeConfig: some, ...filled }, assets).map(({ path }) => path)
    for (const host of stack.hosts) {
      const named = [...new Set(host.services.flatMap(({ program }) => (program === undefined ? [] : [`${host.directory}docker/${program}.mjs`])))].sort()
      t.strictSame(files.filter((path) => path.startsWith(`${host.directory}docker/`) && path.endsWith('.mjs')), named, JSON.stringify(options))
      for (const path of named) run.add(path.slice(host.directory.length))
    }
  }
  t.strictSame([...run].sort(), assets.programs.map(({ path }) => path), 'and each program has a service that runs it')
})

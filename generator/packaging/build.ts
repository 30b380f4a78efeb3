/**
 * Bundles the command into `dist/`. What generating needs is one CommonJS file, `command.js`: each file more, and the
 * loader of ES modules, is time before the first line runs. Whatever else there is, every dynamic import, stands beside
 * it as ES modules that are loaded when needed.
 */

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild'
import Handlebars from 'handlebars'
import { readAssets } from '../io/assets.ts'
import { templateOptions } from '../render/template-options.ts'
import { bundlePrograms, type ProgramInputs } from './programs.ts'

const root = join(import.meta.dirname, '../..')

/** In the place of `generator/io/templates.ts`: the same templates, compiled now and not at each run. */
const compiledTemplates: Plugin = {
  name: 'compiled-templates',
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]generator[\\/]io[\\/]templates\.ts$/ }, () => ({ contents: templatesModule(), resolveDir: root, loader: 'js' }))
  },
}

function templatesModule(): string {
  const folder = join(root, 'templates')
  const names = readdirSync(folder).filter((name) => /^[^.].*\.hbs$/.test(name)).sort()
  const entries = names.map((name) => {
    const compiled = Handlebars.precompile(readFileSync(join(folder, name), 'utf8'), templateOptions)
    return `[${JSON.stringify(name.slice(0, -'.hbs'.length))}, Handlebars.template(${lean(String(compiled))})]`
  })
  return `import Handlebars from 'handlebars/runtime'
const templates = new Map([${entries.join(',\n')}])
export const readTemplates = () => templates\n`
}

/**
 * A third of it says for each field where in the template it stands, which tells nobody anything of a package without
 * templates, and for each block what runtimes of other versions lack.
 */
function lean(compiled: string): string {
  const place = /, ?(?:"loc":)?\{"start":\{"line":\d+,"column":\d+\},"end":\{"line":\d+,"column":\d+\}\}(?= ?[)}])/g
  const lookup = / \|\| function\(parent, propertyName\) \{\s+if \(Object\.prototype\.hasOwnProperty\.call\(parent, propertyName\)\) \{\s+return parent\[propertyName\];\s+\}\s+return undefined\s+\}/g
  return compiled.replace(place, '').replace(lookup, '')
}

const packedFile = 'docker.json'

/**
 * In the place of `generator/io/assets.ts`: what a stack gets of `docker/`, read and hashed now. One file is found, installed and
 * read sooner than a hundred.
 */
const packedAssets: Plugin = {
  name: 'packed-assets',
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]generator[\\/]io[\\/]assets\.ts$/ }, () => ({
      contents: `import { readFileSync } from 'node:fs'
import { readTemplates } from './templates.ts'
export const readAssets = () => ({ templates: readTemplates(), ...JSON.parse(readFileSync(import.meta.dirname + '/${packedFile}', 'utf8')) })\n`,
      resolveDir: join(root, 'generator/io'), loader: 'js',
    }))
  },
}

/** One character beyond Latin-1 would double the memory that the text takes. */
function escaped(json: string): string {
  return json.replace(/[\x7f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Of yaml its modules, which are those of the build for browsers: from the other nothing unused can be left out. */
const yamlModules: Plugin = {
  name: 'yaml-modules',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^yaml$/ }, () => ({ path: join(root, 'node_modules/yaml/browser/dist/index.js'), sideEffects: false }))
  },
}

/** Leaves dynamic imports out of a file, as `NAME.mjs`; `found` gets the path of each by its name. */
function apart(found: Map<string, string>): Plugin {
  return {
    name: 'apart',
    setup: ({ onResolve, resolve }) => {
      onResolve({ filter: /./ }, async ({ kind, path, importer, resolveDir, pluginData }) => {
        if (kind !== 'dynamic-import' || path.startsWith('node:') || pluginData === apart) return undefined
        const { path: full, errors } = await resolve(path, { kind, importer, resolveDir, pluginData: apart })
        const name = path.replace(/^.*\//, '').replace(/\.ts$/, '')
        if (errors.length > 0 || (found.get(name) ?? full) !== full) return { errors: [...errors, { text: `two files would be named ${name}` }] }
        found.set(name, full)
        return { path: `./${name}.mjs`, external: true }
      })
    },
  }
}

/** main.ts is a file of its own: start.ts looks at the version of Node.js before anything else is read. */
const commandApart: Plugin = {
  name: 'command-apart',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^\.\/main\.ts$/ }, () => ({ path: './command.js', external: true }))
  },
}

const common: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  mainFields: ['module', 'main'],
  metafile: true,
  // Names stay: the stack of a bug must be readable.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
}

export interface Bundled {
  /** What went into `command.js`, which is read at each run. */
  readonly command: Metafile
  /** What went into all of it. */
  readonly outputs: Readonly<Record<string, { readonly inputs: ProgramInputs }>>
}

/** Builds into `outdir`, which is emptied. The notices that it must come with are made by licences.mjs. */
export async function bundle(outdir: string): Promise<Bundled> {
  rmSync(outdir, { recursive: true, force: true })
  const scripts: BuildOptions = { ...common, outdir, format: 'cjs', define: { 'import.meta.dirname': '__dirname' } }
  const lazy = new Map<string, string>()
  const start = await build({ ...scripts, entryPoints: { main: join(root, 'generator/start.ts') }, plugins: [commandApart] })
  const command = await build({ ...scripts, entryPoints: { command: join(root, 'generator/main.ts') }, plugins: [compiledTemplates, packedAssets, yamlModules, apart(lazy)] })
  const others = await build({
    // Mostly the code of others: what npm has to fetch and unpack counts more there than names.
    ...common, minifyIdentifiers: true, keepNames: true, outdir, format: 'esm', splitting: true, outExtension: { '.js': '.mjs' }, entryPoints: Object.fromEntries(lazy), plugins: [compiledTemplates, packedAssets, yamlModules],
    banner: { js: 'import{createRequire as __cr}from\'node:module\';const require=__cr(import.meta.url);' },
  })
  const programs = await bundlePrograms(root, join(outdir, 'programs'))
  const { templates: _, ...packed } = readAssets(root, join(outdir, 'programs'))
  writeFileSync(join(outdir, packedFile), escaped(JSON.stringify(packed)))
  writeFileSync(join(outdir, 'package.json'), '{ "type": "commonjs" }\n')
  const ofPrograms = Object.fromEntries([...programs].map(([name, inputs]) => [`programs/${name}.mjs`, { inputs }]))
  return { command: command.metafile!, outputs: { ...start.metafile!.outputs, ...command.metafile!.outputs, ...others.metafile!.outputs, ...ofPrograms } }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { outputs } = await bundle(join(root, 'dist'))
  writeFileSync(join(root, 'dist/meta.json'), JSON.stringify({ outputs }))
}

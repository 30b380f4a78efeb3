/**
 * Bundles the command into `dist/`. `main.js` is one file with what generating needs, since each file more is time before
 * the first line runs. Whatever else there is, every dynamic import, stands beside it in files of its own.
 */

import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild'
import Handlebars from 'handlebars'
import { templateOptions } from './generator/render/template-options.ts'

const root = import.meta.dirname

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
    return `[${JSON.stringify(name.slice(0, -'.hbs'.length))}, Handlebars.template(${String(compiled)})]`
  })
  return `import Handlebars from 'handlebars/runtime'
const templates = new Map([${entries.join(',\n')}])
export const readTemplates = () => templates\n`
}

/** Of yaml its modules, which are those of the build for browsers: from the other nothing unused can be left out. */
const yamlModules: Plugin = {
  name: 'yaml-modules',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^yaml$/ }, () => ({ path: join(root, 'node_modules/yaml/browser/dist/index.js'), sideEffects: false }))
  },
}

/** Leaves dynamic imports out of a file; `found` gets their paths by the name that the output will have. */
function apart(found: Map<string, string>): Plugin {
  return {
    name: 'apart',
    setup: ({ onResolve, resolve }) => {
      onResolve({ filter: /./ }, async ({ kind, path, importer, resolveDir, pluginData }) => {
        if (kind !== 'dynamic-import' || path.startsWith('node:') || pluginData === apart) return undefined
        const { path: full, errors } = await resolve(path, { kind, importer, resolveDir, pluginData: apart })
        const name = path.replace(/^.*\//, '').replace(/\.ts$/, '')
        if (errors.length > 0 || (found.get(name) ?? full) !== full) return { errors: [...errors, { text: `two files would be named ${name}.js` }] }
        found.set(name, full)
        return { path: `./${name}.js`, external: true }
      })
    },
  }
}

/** Builds into `outdir`, which is emptied; returns what went into `main.js`. */
export async function bundle(outdir: string): Promise<Metafile> {
  const options: BuildOptions = {
    outdir,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    mainFields: ['module', 'main'],
    // Names stay: the stack of a bug must be readable.
    minifySyntax: true,
    minifyWhitespace: true,
    banner: { js: 'import{createRequire as __cr}from\'node:module\';const require=__cr(import.meta.url);' },
    logLevel: 'warning',
  }
  rmSync(outdir, { recursive: true, force: true })
  const others = new Map<string, string>()
  const main = await build({ ...options, entryPoints: [join(root, 'generator/main.ts')], metafile: true, plugins: [compiledTemplates, yamlModules, apart(others)] })
  await build({ ...options, entryPoints: Object.fromEntries(others), splitting: true, plugins: [compiledTemplates, yamlModules] })
  return main.metafile
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await bundle(join(root, 'dist'))

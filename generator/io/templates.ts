/**
 * The package's templates, read and compiled. `packaging/build.ts` puts another module in this one's place, which holds them
 * compiled already: reading a template takes longer than filling it.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Handlebars from 'handlebars'
import { templateOptions } from '../render/template-options.ts'
import type { Templates } from '../render/template.ts'

/** Everything in `templates/` that ends in `.hbs`, by its name without that. Throws where the folder is missing. */
export function readTemplates(packageRoot: string): Templates {
  const folder = join(packageRoot, 'templates')
  const names = readdirSync(folder).filter((name) => /^[^.].*\.hbs$/.test(name)).sort()
  return new Map(names.map((name) => [name.slice(0, -'.hbs'.length), Handlebars.compile(readFileSync(join(folder, name), 'utf8'), templateOptions)]))
}

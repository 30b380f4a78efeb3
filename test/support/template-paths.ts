/** The fields that a template uses and the fields that a view has, as paths like `services[].name`. */

import { readFileSync, readdirSync } from 'node:fs'
import Handlebars from 'handlebars'
import type { View } from '../../generator/render/template.ts'

const folder = new URL('../../templates/', import.meta.url)

/** The texts of the templates, by name. */
export function templateTexts(): ReadonlyMap<string, string> {
  return new Map(readdirSync(folder).filter((name) => name.endsWith('.hbs')).sort()
    .map((name) => [name.slice(0, -'.hbs'.length), readFileSync(new URL(name, folder), 'utf8')]))
}

class Paths extends Handlebars.Visitor {
  readonly found = new Set<string>()
  private readonly scopes: string[] = ['']

  override PathExpression(path: hbs.AST.PathExpression): void {
    const scope = this.scopes.at(-1 - path.depth) ?? ''
    this.found.add(path.parts.length > 0 ? `${scope}${path.parts.join('.')}` : scope.slice(0, -1))
  }

  override BlockStatement(block: hbs.AST.BlockStatement): void {
    const [subject] = block.params as hbs.AST.PathExpression[]
    if (!subject || !['if', 'each'].includes(block.path.original as string)) throw new Error('only if and each, please')
    this.PathExpression(subject)
    const each = block.path.original === 'each'
    if (each) this.scopes.push(`${this.scopes.at(-1) ?? ''}${subject.parts.join('.')}[].`)
    this.accept(block.program)
    if (each) this.scopes.pop()
    if (block.inverse) this.accept(block.inverse)
  }
}

/** Every path that the template prints, tests or iterates over. */
export function usedPaths(source: string): readonly string[] {
  const visitor = new Paths()
  visitor.accept(Handlebars.parse(source))
  return [...visitor.found].sort()
}

/** Every path that one of the views has. A field that is undefined counts too, because strict mode accepts it. */
export function offeredPaths(views: readonly View[]): readonly string[] {
  return [...new Set(views.flatMap((view) => pathsOf(view, '')))].sort()
}

function pathsOf(value: View, prefix: string): readonly string[] {
  return Object.entries(value).flatMap(([key, item]) => {
    const path = `${prefix}${key}`
    if (Array.isArray(item)) {
      return [path, ...item.flatMap((one: View | string) => (typeof one === 'object' ? pathsOf(one, `${path}[].`) : [`${path}[]`]))]
    }
    return typeof item === 'object' ? [path, ...pathsOf(item as View, `${path}.`)] : [path]
  })
}

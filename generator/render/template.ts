/** Text from a Handlebars template; the only user of handlebars. Knows no word of the domain. */

import Handlebars from 'handlebars'

/** A small plain view: what a template may see. */
export type View = { readonly [key: string]: string | number | boolean | undefined | View | readonly View[] | readonly string[] }

/** The filled template, ending in one newline. Throws with the template's name on a field that the view lacks. */
export function renderTemplate(name: string, source: string, view: View): string {
  try {
    const template = Handlebars.compile(source, { strict: true, noEscape: true, knownHelpersOnly: true })
    return `${template(view).trimEnd()}\n`
  } catch (cause) {
    throw new Error(`template ${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

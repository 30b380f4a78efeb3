/** Text from a template. Knows no word of the domain. */

/** A small plain view: what a template may see. */
export type View = { readonly [key: string]: string | number | boolean | undefined | View | readonly View[] | readonly string[] }

/** A template made ready. Throws on a field that the view lacks. */
export type Template = (view: View) => string

/** Templates by name. */
export type Templates = ReadonlyMap<string, Template>

/** The filled template, ending in one newline. Throws with the template's name where it is missing, or the view lacks a field. */
export function renderTemplate(templates: Templates, name: string, view: View): string {
  const template = templates.get(name)
  if (!template) throw new Error(`there is no template ${name}`)
  try {
    return `${template(view).trimEnd()}\n`
  } catch (cause) {
    throw new Error(`template ${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

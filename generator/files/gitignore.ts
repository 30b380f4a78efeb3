/** `.gitignore`: keeps the secrets out of the ops repository. */

import type { PlannedFile } from '../plan-types.ts'
import { header } from '../render/header.ts'
import { renderTemplate, type Templates, type View } from '../render/template.ts'

/** The `.gitignore` of a directory, which ends in a slash or is ''. Throws when the template is not among `templates`. */
export function gitignoreFile(directory: string, templates: Templates): PlannedFile {
  return {
    path: `${directory}.gitignore`,
    content: renderTemplate(templates, 'gitignore', gitignoreView()),
    mode: 0o644,
  }
}

/** What templates/gitignore.hbs may see. */
export function gitignoreView(): View {
  return { header }
}

/** The generated parts of the project's README, each between its own markers. */

import { referenceMarkdown } from '../answers/reference.ts'
import { ports } from '../catalogue/container.ts'
import { exitCodes } from './exit-codes.ts'
import { helpText } from './help.ts'

const sections: Readonly<Record<string, () => string>> = {
  usage: () => `\`\`\`\n${helpText().split('\nAnswers (')[0]!.trimEnd()}\n\`\`\``,
  'exit-codes': () => ['| code | meaning |', '|---|---|', ...exitCodes.map(({ code, meaning }) => `| ${code} | ${meaning} |`)].join('\n'),
  answers: referenceMarkdown,
  ports: () => ['| port | what | reachable from |', '|---|---|---|',
    ...Object.values(ports).map((port) => `| ${port.number}/${port.protocol} | ${port.purpose} | ${port.reach} |`)].join('\n'),
}

/** The README with every marked part made anew. Throws when a marker is missing: that is a mistake in the README. */
export function fillReadme(readme: string): string {
  let filled = readme
  for (const [name, make] of Object.entries(sections)) {
    const pattern = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`)
    if (!pattern.test(filled)) throw new Error(`the README has no part named ${name}`)
    filled = filled.replace(pattern, (_, open: string, close: string) => `${open}${make().trimEnd()}\n${close}`)
  }
  return filled
}

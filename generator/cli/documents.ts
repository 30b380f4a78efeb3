/** The generated parts of the project's README, each between its own markers. */

import { checkAnswers } from '../answers/check.ts'
import { readAnswers } from '../answers/read.ts'
import { referenceMarkdown } from '../answers/reference.ts'
import { ports } from '../catalogue/container.ts'
import { mermaidDiagram } from '../files/diagram.ts'
import { renderProblem } from '../problem.ts'
import { resolve } from '../stack/resolve.ts'
import { exitCodes } from './exit-codes.ts'
import { helpText } from './help.ts'

const sections: Readonly<Record<string, () => string>> = {
  usage: () => `\`\`\`\n${helpText().split('\nAnswers (')[0]!.trimEnd()}\n\`\`\``,
  'exit-codes': () => ['| code | meaning |', '|---|---|', ...exitCodes.map(({ code, meaning }) => `| ${code} | ${meaning} |`)].join('\n'),
  answers: referenceMarkdown,
  ports: () => ['| port | what | reachable from |', '|---|---|---|',
    ...Object.values(ports).map((port) => `| ${port.number}/${port.protocol} | ${port.purpose} | ${port.reach} |`)].join('\n'),
  map,
}

/** A whole stack on one host, drawn and listed from its model, as the README of such a stack does it. */
function map(): string {
  const read = readAnswers('map.env', 'STACK_NAME=my-signer\nNETWORK=mainnet\n')
  const checked = checkAnswers('map.env', read.entries, { secretsAllowed: false, outputDirectory: '.' })
  const stack = checked.value && resolve(checked.value, { toolsHash: '0'.repeat(64) })
  if (!stack?.value) throw new Error([...checked.problems, ...(stack?.problems ?? [])].map(renderProblem).join('\n'))
  const host = stack.value.hosts[0]!
  return [
    '```mermaid', mermaidDiagram(stack.value, host), '```', '',
    '| part | does | networks | published |', '|---|---|---|---|',
    ...host.services.map(({ name, purpose, networks, ports: open }) =>
      `| ${name} | ${purpose} | ${networks.join(', ') || 'none'} | ${open.map((port) => `${port.host}/${port.protocol}`).join(', ') || 'nothing'} |`),
  ].join('\n')
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

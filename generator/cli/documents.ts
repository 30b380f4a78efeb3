/** The generated parts of the project's documents, each between its own markers. */

import { checkAnswers } from '../answers/check.ts'
import { readAnswers } from '../answers/read.ts'
import { referenceMarkdown } from '../answers/reference.ts'
import { ports } from '../catalogue/container.ts'
import { mermaidDiagram } from '../files/diagram.ts'
import { sizingRows } from '../files/readme-facts.ts'
import { renderProblem } from '../problem.ts'
import type { Stack } from '../stack/model.ts'
import { resolve } from '../stack/resolve.ts'
import { helpText } from './help.ts'

/** By document, then by the name in the markers. */
const parts: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  'README.md': { sizes, map },
  'examples/answers.md': { answers: referenceMarkdown },
  'examples/command.md': { usage: () => `\`\`\`\n${helpText().split('\nAnswers (')[0]!.trimEnd()}\n\`\`\`` },
  'docker/security.md': {
    ports: () => ['| port | what | reachable from |', '|---|---|---|',
      ...Object.values(ports).map((port) => `| ${port.number}/${port.protocol} | ${port.purpose} | ${port.reach} |`)].join('\n'),
  },
}

/** The documents that have generated parts. */
export const generatedDocuments: readonly string[] = Object.keys(parts)

/** The model of a stack with these answers. */
function stackOf(answers: string): Stack {
  const read = readAnswers('answers.env', `STACK_NAME=my-signer\n${answers}`)
  const checked = checkAnswers('answers.env', read.entries, { secretsAllowed: false, outputDirectory: '.' })
  const stack = checked.value && resolve(checked.value)
  if (!stack?.value) throw new Error([...checked.problems, ...(stack?.problems ?? [])].map(renderProblem).join('\n'))
  return stack.value
}

/** A whole stack on one host, drawn and listed from its model, as the README of such a stack does it. */
function map(): string {
  const stack = stackOf('NETWORK=mainnet\n')
  const host = stack.hosts[0]!
  return [
    '```mermaid', mermaidDiagram(stack, host), '```', '',
    '| service | what it does | networks | published |', '|---|---|---|---|',
    ...host.services.map(({ name, purpose, networks, ports: open }) =>
      `| ${name} | ${purpose} | ${networks.join(', ') || 'none'} | ${open.map((port) => `${port.host}/${port.protocol}`).join(', ') || 'nothing'} |`),
  ].join('\n')
}

/** What a machine needs, for the usual stacks side by side. */
function sizes(): string {
  const columns = { testnet: 'NETWORK=testnet\n', mainnet: 'NETWORK=mainnet\n', 'mainnet, pruned bitcoind': 'NETWORK=mainnet\nBITCOIN_MODE=pruned\n' }
  const needs = Object.values(columns).map((answers) => {
    const stack = stackOf(answers)
    return new Map(sizingRows(stack, stack.hosts[0]!).map(({ what, need }) => [String(what), String(need)]))
  })
  const rows = [...new Set(needs.flatMap((need) => [...need.keys()]))]
  return [
    `| | ${Object.keys(columns).join(' | ')} |`, `|---${'|---'.repeat(needs.length)}|`,
    ...rows.map((row) => `| ${row} | ${needs.map((need) => need.get(row) ?? 'none').join(' | ')} |`),
  ].join('\n')
}

/** `text` of `document` with every generated part generated again. Throws if a marker is missing. */
export function fillDocument(document: string, text: string): string {
  return Object.entries(parts[document] ?? {}).reduce((filled, [name, make]) => fillPart(document, filled, name, make()), text)
}

/** `text` of `document` with `content` between the markers of the part `name`. Throws if a marker is missing. */
export function fillPart(document: string, text: string, name: string, content: string): string {
  const pattern = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`)
  if (!pattern.test(text)) throw new Error(`${document} has no part named ${name}`)
  return text.replace(pattern, (_, open: string, close: string) => `${open}${content.trimEnd()}\n${close}`)
}

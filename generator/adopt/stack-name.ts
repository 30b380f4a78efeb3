/** A name for the new stack, like that of the deployment and never the same. */

import type { ComposeFacts } from './compose.ts'
import type { EnvFacts } from './env-file.ts'
import { exposure } from './hiding.ts'
import type { DraftAnswer } from './model.ts'

const ending = '-stack'
const longest = 63

/** Compose itself would name the project by `name`, by the variable, or by the directory. */
export function stackName(directoryName: string, compose: ComposeFacts | undefined, env: EnvFacts, secretTexts: readonly string[]): DraftAnswer {
  const variable = env.entries.findLast(({ name }) => name === 'COMPOSE_PROJECT_NAME')
  const found = [
    ...(variable ? [{ text: variable.value, from: [variable.origin] }] : []),
    ...(compose?.name ? [{ text: compose.name.value, from: [compose.name.origin] }] : []),
    { text: directoryName, from: [] },
    { text: 'adopted-signer', from: [] },
  ].find(({ text }) => asName(text) !== '' && !exposure({ secretTexts }, 'name', text))!
  return {
    key: 'STACK_NAME', value: `${asName(found.text)}${ending}`, from: found.from,
    remark: 'Another name than the deployment had: under the same one Compose would take its containers and volumes for this stack\'s.',
  }
}

/** Small letters, digits, _ and -; empty where nothing of the text is left. */
export function asName(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9_-]+/g, '-').replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '').slice(0, longest - ending.length)
}

/** Random answer files, most of them with a secret in a wrong place or damaged otherwise. */

import { answerText, hostileTexts, randomAnswers } from '../support/random-answers.ts'
import { notations, type Random, type Secrets } from './secrets.ts'

export interface RandomFile {
  readonly text: string
  /** It gives the token as an answer, so that it can be known; a damaged one cannot. */
  readonly given: boolean
}

const keyed = ['NODE__node__name', 'BITCOIN_RPC_USER', 'RUNBOOK_URL', 'STACK_NAME', 'SNAPSHOT_SHA256', 'ALERT_SMTP_USER', 'SIGNER_KEY', 'SIGNER__event_timeout_ms', 'NETWORK', 'PUBLIC_ADDRESS', 'NO_SUCH_ANSWER'] as const

export function randomFile(seed: number, random: Random, secrets: Secrets): RandomFile {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!
  const { pairs } = randomAnswers(seed)
  const given = random() < 0.7
  const lines = answerText(pairs, Math.floor(random() * 6)).split('\n')
  if (given) lines.push(`SIGNER_PRIVATE_KEY=${pick([secrets.key, secrets.key.slice(0, 64), secrets.key.toUpperCase()])}`, `AUTH_TOKEN='${secrets.token}'`)
  // A token that no answer gives is a word like any other.
  const kinds = given ? ['key', 'token', 'mnemonic'] as const : ['key', 'mnemonic'] as const
  for (let count = Math.floor(random() * 3); count > 0; count -= 1) {
    const leak = pick(notations(secrets, pick(kinds)))
    const at = Math.floor(random() * lines.length)
    const quote = pick(['', "'", '"', '`'])
    const planted = pick([
      () => lines.splice(at, 0, `# ${leak}`), () => lines.splice(at, 0, `#SIGNER_PRIVATE_KEY=${leak}`), () => { lines[at] += ` # ${leak}` },
      () => lines.splice(at, 0, `${pick(keyed)}=${quote}${leak}${quote}`), () => lines.splice(at, 0, leak), () => lines.splice(at, 0, `SIGNER_PRIVATE_KEY: ${leak}`),
      () => lines.splice(at, 0, `${pick(['SIGNER_PRIVTE_KEY', 'AUTH_TOKN', 'auth_token', 'stacks_private_key'])}=${leak}`),
    ])
    planted()
  }
  let text = lines.join(pick(['\n', '\n', '\n', '\r\n', '\r']))
  if (random() < 0.2) text = `\uFEFF${text}`
  for (let count = random() < 0.3 ? 1 + Math.floor(random() * 3) : 0; count > 0; count -= 1) {
    const at = Math.floor(random() * text.length)
    text = pick([
      () => text.slice(0, at) + pick([...hostileTexts, '\0', '\u2028', '\u202e', "'", '"', '=', '#', '\n']) + text.slice(at), () => text.slice(0, at) + text.slice(at + 1 + Math.floor(random() * 5)),
    ])()
  }
  return { text, given: given && new RegExp(`^AUTH_TOKEN='${secrets.token}'$`, 'm').test(text) }
}

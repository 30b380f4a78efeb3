/** What an answer is made of, and the groups that answers stand in. */

import type { Network } from '../catalogue/networks.ts'

/** How a value is read. `kind` picks the check in values.ts or secrets.ts; the rest are its parameters. */
export type AnswerType =
  | { readonly kind: 'name'; readonly maxLength: number }
  | { readonly kind: 'choice'; readonly values: readonly string[] }
  | { readonly kind: 'list'; readonly values: readonly string[] }
  | { readonly kind: 'pattern'; readonly pattern: string; readonly expects: string }
  | { readonly kind: 'release'; readonly of: 'pair' | 'node' | 'signer' }
  | { readonly kind: 'port' }
  | { readonly kind: 'number'; readonly least: number; readonly most: number }
  | { readonly kind: 'host' }
  | { readonly kind: 'address' }
  | { readonly kind: 'binding' }
  | { readonly kind: 'url' }
  | { readonly kind: 'sha256' }
  | { readonly kind: 'user' }
  | { readonly kind: 'directory' }
  | { readonly kind: 'networks' }
  | { readonly kind: 'openings' }
  | { readonly kind: 'recipients' }
  | { readonly kind: 'observers' }
  | { readonly kind: 'secret'; readonly form: SecretForm; readonly file: string }

/** private-key: of a signer. token: 16 characters at least, no blanks. word: a token of what a URL leaves as it is. url: of https or http. password: anything on one line. pem: a private key in a file of lines. */
export type SecretForm = 'private-key' | 'token' | 'word' | 'url' | 'password' | 'pem'

/** What an absent answer means: a text as one would write it, or where that text comes from. */
export type AnswerDefault =
  | string
  | { readonly byNetwork: Readonly<Record<Network, string>> }
  | { readonly follows: string }
  | { readonly newest: true }

export interface AnswerDefinition {
  readonly key: string
  readonly type: AnswerType
  readonly group: AnswerGroup
  readonly required?: true
  readonly default?: AnswerDefault
  /** What happens without the answer, where it has no default. */
  readonly absent?: string
  readonly title: string
  readonly text: string
  readonly example: string
  /** The version of this generator that brought the answer. */
  readonly since: string
}

export const groups = [
  { name: 'stack', title: 'The stack' },
  { name: 'releases', title: 'Releases and images' },
  { name: 'bitcoin', title: 'Bitcoin' },
  { name: 'node', title: 'The Stacks node' },
  { name: 'snapshot', title: 'The snapshot' },
  { name: 'tls', title: 'TLS between signer and node' },
  { name: 'monitoring', title: 'Monitoring and alerts' },
  { name: 'operation', title: 'Operation' },
  { name: 'backup', title: 'Backups' },
  { name: 'sbtc', title: 'The sBTC signer' },
  { name: 'keys', title: 'Keys and secrets' },
] as const

export type AnswerGroup = (typeof groups)[number]['name']

/** Random secrets, and a search for them that shares no code with the generator. */

import { createHash } from 'node:crypto'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { keyNotations, mnemonicNotations, textNotations } from '../support/notations.ts'

export type Random = () => number

export interface Secrets {
  readonly key: string
  readonly token: string
  readonly mnemonic: string
}

export function randomSecrets(random: Random): Secrets {
  const hash = (text: string) => createHash('sha256').update(`${text} ${random()}`).digest('hex')
  return {
    key: `1${hash('key').slice(1)}01`,
    token: Buffer.from(hash('token'), 'hex').toString('base64url').slice(0, 20 + Math.floor(random() * 20)),
    mnemonic: Array.from({ length: random() < 0.5 ? 12 : 24 }, () => wordlist[Math.floor(random() * wordlist.length)]!).join(' '),
  }
}

/** Every notation of one of them. */
export function notations({ key, token, mnemonic }: Secrets, kind: keyof Secrets): readonly string[] {
  return kind === 'key' ? keyNotations(key) : kind === 'mnemonic' ? mnemonicNotations(mnemonic) : textNotations(token)
}

/** Which of them the text holds, in whole or in a good part; undefined when none. */
export function heldBy(text: string, { key, token, mnemonic }: Secrets): string | undefined {
  const digits = key.slice(0, 64)
  const squeezed = text.toLowerCase().replace(/\b0x/g, '').replace(/[^0-9a-z]/g, '')
  const letters = text.toLowerCase().replace(/[^a-z]/g, '')
  const base64 = text.replaceAll('-', '+').replaceAll('_', '/')
  const forms = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '').slice(0, -1)
  const parts = [0, 20, 40].map((at) => digits.slice(at, at + 24))
  if (parts.some((part) => squeezed.includes(part))) return 'the key'
  if ([Buffer.from(digits, 'hex'), Buffer.from(digits), Buffer.from(digits.toUpperCase())].some((bytes) => base64.includes(forms(bytes)))) return 'the key as base64'
  if (letters.includes(mnemonic.split(' ').slice(0, 6).join(''))) return 'the mnemonic'
  if (text.includes(token) || base64.includes(forms(Buffer.from(token))) || squeezed.includes(Buffer.from(token).toString('hex'))) return 'the token'
  return undefined
}

/** Keeps secrets out of messages: what a value or a source line may show. */

import { suggest } from '../suggest.ts'
import { keyShapes } from './key-shapes.ts'
import { findAnswer, isSecretAnswer, secretKeys } from './schema.ts'

const telling = /KEY|TOKEN|PASSW|PASSPHRASE|SEED|MNEMONIC|SECRET|CREDENTIAL/i
const longWord = /(?<![\w-])(?!(?:SIGNER|NODE|SBTC)__)[\w-]{16,}/g
const userInfo = /\/\/[^/\s]*@/g

/** Whether a value under this name must be hidden: a secret answer, one that is nearly called so, or any name that tells of one. */
export function looksSecret(key: string): boolean {
  if (findAnswer(key) && key !== 'SIGNER_KEY') return isSecretAnswer(key)
  if (/public[._-]?key/i.test(key)) return false
  return telling.test(key) || suggest(key.toUpperCase(), secretKeys) !== undefined
}

/** Whether this value must be hidden: SIGNER_KEY says in a word where the key comes from, and anything longer is a key. */
export function hidesValue(key: string, value: string): boolean {
  return key === 'SIGNER_KEY' ? !/^[a-z]{0,12}$/i.test(value) : looksSecret(key)
}

/** The text with everything in it that could be a key replaced by its length. */
export function maskText(text: string): string {
  if (isMnemonic(text)) return hidden(text)
  const bare = keyShapes(text, 'part').reduceRight((shorter, { start, end }) => `${shorter.slice(0, start)}${hidden(shorter.slice(start, end))}${shorter.slice(end)}`, text)
  return bare.replace(userInfo, '//[hidden]@')
}

/**
 * A source line as a message may show it. `from` is where the value of a secret begins; without it a line that could
 * not be read is searched for a telling name, and all after that name is hidden.
 */
export function maskLine(line: string, from?: number): string {
  // A token or a password alone on a line has no name that tells of it.
  if (from === undefined) line = line.replace(longWord, (word) => ([/[a-z]/, /[A-Z]/, /[0-9]/].every((kind) => kind.test(word)) ? hidden(word) : word))
  const start = from ?? secretStart(line)
  const head = line.slice(0, start)
  const tail = line.slice(start)
  const shown = start < line.length && tail.trim() !== '' ? `${maskText(head)}${hidden(tail.trim())}` : maskText(line)
  return shown.replace(/[^\P{C}\t]|[\u2028\u2029]/gu, '?')
}

/** A value inside a message: quoted, escaped, short, and without anything that could be a key. */
export function shown(value: string): string {
  const text = maskText(value)
  if (text !== value && text.startsWith('[')) return text
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text
  return JSON.stringify(short).replace(/[\u007f-\u{10ffff}]/gu, (character) =>
    (/\p{L}|\p{N}|\p{P}|\p{S}/u.test(character) ? character : `\\u{${character.codePointAt(0)!.toString(16)}}`))
}

function hidden(text: string): string {
  return `[${text.length} character${text.length === 1 ? '' : 's'} hidden]`
}

/** Where a line that is no assignment may hold a secret: after the separators that follow a telling name. */
function secretStart(line: string): number {
  for (const word of line.matchAll(/[\w.-]+/g)) {
    if (!looksSecret(word[0])) continue
    const rest = word.index + word[0].length
    return rest + /^[\s=:]*/.exec(line.slice(rest))![0].length
  }
  return line.length
}

function isMnemonic(text: string): boolean {
  const words = text.trim().replace(/^.*=/, '').replace(/["'`]/g, ' ').trim().split(/\s+/)
  return words.length >= 11 && words.every((word) => /^[a-z]{3,8}$/i.test(word))
}

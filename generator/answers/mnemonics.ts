/** Finds mnemonics in a text, however their words are separated. */

import { wordlist } from '@scure/bip39/wordlists/english.js'

const list: ReadonlySet<string> = new Set(wordlist)

/** The most characters between two words of one mnemonic: `, "`, or the comment sign and number of the next line. */
const farthest = 12
/** So many words of the list among twelve: a mnemonic of which a word is damaged or split, or two are run together. */
const listedWords = 10

/** Where each begins. */
export function mnemonics(text: string): readonly number[] {
  const found: number[] = []
  let row: { readonly at: number, readonly listed: boolean }[] = []
  let [end, inside] = [0, false]
  for (const { index: at, 0: word } of text.matchAll(/[a-z]+/gi)) {
    if (at - end > farthest) row = []
    end = at + word.length
    row = [...row.slice(-11), { at, listed: list.has(word.toLowerCase()) }]
    const enough = row.filter((one) => one.listed).length >= listedWords
    // Words before the one that is not of the list may be an answer's name and value.
    if (enough && !inside) found.push(row[row.findLastIndex((one) => !one.listed) + 1]!.at)
    inside = enough
  }
  return found
}

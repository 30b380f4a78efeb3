/** The words that mnemonics are made of; loaded only where a text has a row of words that may be one. */

import { wordlist } from '@scure/bip39/wordlists/english.js'

export const mnemonicWords: ReadonlySet<string> = new Set(wordlist)

/** The ways in which people and programs write a secret. */

/** Twenty-four words with a correct checksum. */
export const testMnemonic = `${'abandon '.repeat(23)}art`

/** `key` is 66 hexadecimal digits. */
export function keyNotations(key: string): readonly string[] {
  const digits = key.slice(0, 64)
  const groups = (size: number, separator: string) => key.match(new RegExp(`.{1,${size}}`, 'g'))!.join(separator)
  return [
    key, digits, `0x${digits}`, key.toUpperCase(), groups(4, ' '), groups(2, ':'), groups(8, '-'), groups(16, '_'), groups(32, ' '), `0x${groups(2, ', 0x')}`, groups(16, '\n# '),
    Buffer.from(digits, 'hex').toString('base64'), Buffer.from(digits, 'hex').toString('base64url'), Buffer.from(key, 'hex').toString('base64'),
    Buffer.from(digits).toString('base64'), Buffer.from(`${key}\n`).toString('base64'),
  ]
}

export function mnemonicNotations(mnemonic: string): readonly string[] {
  const words = mnemonic.split(' ')
  return [mnemonic, mnemonic.toUpperCase(), words.join(', '), words.join('-'), words.join('  '), words.map((word, index) => `${index + 1}. ${word}`).join('\n# ')]
}

/** Any other secret. */
export function textNotations(text: string): readonly string[] {
  return [text, `x${text}y`, encodeURIComponent(text), Buffer.from(text).toString('base64'), Buffer.from(`user:${text}`).toString('base64'), Buffer.from(text).toString('base64url'), Buffer.from(text).toString('hex')]
}

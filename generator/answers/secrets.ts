/** Secrets: values that no message, log or generated file may show. */

import type { SecretForm } from './definition.ts'

/** A secret value. Printing, interpolating, inspecting or serialising it shows its length alone. */
export interface Secret {
  readonly kind: 'secret'
  /** The value itself; only what writes or compares secret files calls this. */
  readonly reveal: () => string
}

export function secret(value: string): Secret {
  const shown = `[secret, ${value.length} characters]`
  const hidden = { toString: () => shown, toJSON: () => shown, [Symbol.for('nodejs.util.inspect.custom')]: () => shown }
  return Object.freeze(Object.assign(Object.create(hidden) as object, { kind: 'secret', reveal: () => value } as const))
}

/** What is wrong with a signer key, without showing it; undefined when it can be used. */
export function privateKeyFault(value: string): string | undefined {
  const words = value.trim().split(/\s+/)
  if (words.length >= 12 && words.every((word) => /^[a-z]+$/i.test(word))) return `these are ${words.length} words of a mnemonic, not a private key`
  if (value !== value.trim()) return 'there are blanks around it'
  if (/^0x/i.test(value)) return 'it starts with 0x; the signer takes the digits alone'
  if (/^[0-9a-f]*$/i.test(value)) return hexFault(value.toLowerCase())
  if (/^[5KL][1-9A-HJ-NP-Za-km-z]{50,51}$/.test(value)) return 'this is a Bitcoin key in WIF, not hexadecimal digits'
  if (/^S[PTMN][0-9A-Z]{30,45}$/i.test(value)) return 'this is a Stacks address, not a private key'
  const at = value.search(/[^0-9a-f]/i)
  return `character ${at + 1} of ${value.length} is not a hexadecimal digit`
}

/** The order of secp256k1: a private key is a number from 1 to this minus 1. */
const curveOrder = 0xffff_ffff_ffff_ffff_ffff_ffff_ffff_fffe_baae_dce6_af48_a03b_bfd2_5e8c_d036_4141n

function hexFault(value: string): string | undefined {
  if ((value.length === 66 && /^0[23]/.test(value)) || (value.length === 130 && value.startsWith('04'))) {
    if (value.length === 130 || !value.endsWith('01')) return 'this is a public key, not a private key'
  }
  if (value.length === 66 && !value.endsWith('01')) return '66 digits must end in 01, which marks a compressed key'
  if (value.length !== 64 && value.length !== 66) return `it has ${value.length} digits, not 64 or 66`
  const number = BigInt(`0x${value.slice(0, 64)}`)
  if (number === 0n) return 'it is zero, which is no key'
  if (number >= curveOrder) return 'it lies outside the range of secp256k1 keys'
  return undefined
}

/** What is wrong with a secret of that form, without showing it; undefined when it can be used. */
export function secretFault(form: SecretForm, value: string): string | undefined {
  switch (form) {
    case 'private-key': return privateKeyFault(value)
    case 'token': return tokenFault(value)
    case 'word': return tokenFault(value) ?? wordFault(value)
    case 'url': return secretUrlFault(value)
    case 'password': return value.length > 256 ? `it has ${value.length} characters, at most 256 are allowed` : /[^ -~]/.test(value) ? 'it is not printable ASCII' : undefined
    case 'pem': return /^-----BEGIN [A-Z ]*PRIVATE KEY-----\n[^]*\n-----END [A-Z ]*PRIVATE KEY-----$/.test(value) ? undefined : 'it is no private key as ssh-keygen writes it'
  }
}

/** What stands in a URL, in SQL and in a list with commas is as it is. */
function wordFault(value: string): string | undefined {
  const at = value.search(/[^A-Za-z0-9._~-]/)
  return at < 0 ? undefined : `character ${at + 1} of ${value.length} is no letter, digit, dot, dash, underscore or tilde`
}

function secretUrlFault(value: string): string | undefined {
  if (value.length > 2048) return `it has ${value.length} characters, at most 2048 are allowed`
  if (!/^https?:\/\/[^/]/i.test(value)) return 'it does not begin with https:// or http://'
  return /[^!-~]/.test(value) || !URL.canParse(value) ? 'it is no address of printable ASCII characters without blanks' : undefined
}

const tokenLength = { min: 16, max: 256 } as const

/** What is wrong with a token or password, without showing it; undefined when it can be used. */
export function tokenFault(value: string): string | undefined {
  if (value.length < tokenLength.min) return `it has ${value.length} characters, at least ${tokenLength.min} are needed`
  if (value.length > tokenLength.max) return `it has ${value.length} characters, at most ${tokenLength.max} are allowed`
  const at = value.search(/[^!-~]/)
  return at < 0 ? undefined : `character ${at + 1} of ${value.length} is ${/\s/.test(value[at]!) ? 'a blank' : 'not printable ASCII'}`
}

/** The files of secrets/, and the forms that they must have. Messages name files, never a value. */

import { paths, placeholders, type Placeholder } from '../../../generator/catalogue/container.ts'
import { errorCode, systemReason } from '../../../generator/io/disk.ts'
import { readMounted } from './files.ts'
import { OperatorError } from './program.ts'
import { publicKeyOf } from './public-key.ts'
import type { Root } from './root.ts'

interface Form { readonly pattern: RegExp; readonly expects: string }

export const privateKey: Form = { pattern: /^[0-9A-Fa-f]{64}(01)?$/, expects: '64 hexadecimal digits, or 66 that end in 01' }
const token: Form = { pattern: /^[!-~]{16,256}$/, expects: '16 to 256 printable ASCII characters without blanks' }
/** It stands in addresses, which have no quotes. */
const word: Form = { pattern: /^[A-Za-z0-9._~-]{16,256}$/, expects: '16 to 256 letters, digits, dots, dashes, underscores and tildes' }

const forms: Readonly<Record<Placeholder, Form>> = {
  SIGNER_PRIVATE_KEY: privateKey,
  AUTH_TOKEN: token,
  BITCOIN_METRICS_RPCAUTH: token,
  SBTC_BITCOIN_RPCAUTH: word,
  SBTC_BITCOIN_RPC_PASSWORD: word,
  SBTC_PRIVATE_KEY: privateKey,
  EMILY_API_KEY: word,
  POSTGRES_PASSWORD: word,
}

export const secretForm = (name: Placeholder): Form => forms[name]

/** The value behind a placeholder. */
export function readSecret(at: Root, name: Placeholder): string {
  const file = placeholders[name]
  return checkSecret(name, read(at, file, 4096, forms[name].expects), `secrets/${file}`)
}

/** The value in `content`, which is that of the file `where`. */
export function checkSecret(name: Placeholder, content: Buffer, where: string): string {
  const { pattern, expects } = forms[name]
  const value = content.toString('latin1').replace(/[\r\n]+$/, '')
  if (value === '') throw new OperatorError(`${where} is empty: put ${expects} into that file`)
  if (!pattern.test(value)) throw new OperatorError(`${where} is malformed: it must hold ${expects}, and nothing else`)
  return value
}

/** The public key of the private key in the file `where`. */
export function checkPrivateKey(value: string, where: string): string {
  const publicKey = publicKeyOf(value)
  if (publicKey === undefined) throw new OperatorError(`${where} is not a key of secp256k1: it must be above 0 and below the order of the curve`)
  return publicKey
}

/** A private key in PEM, as it stands there. */
export function readPem(at: Root, name: string): Buffer {
  const content = read(at, name, 1 << 16, 'a private key in PEM')
  if (!content.includes('PRIVATE KEY-----')) throw new OperatorError(`secrets/${name} is malformed: it must hold a private key in PEM`)
  return content
}

/** A secret that a program reads from a file of its own: one line, without its end. */
export function readLine(at: Root, name: string): Buffer {
  const value = read(at, name, 4096, 'the secret, on one line').toString('latin1').replace(/[\r\n]+$/, '')
  if (!/^[ -~]{1,2048}$/.test(value)) throw new OperatorError(`secrets/${name} is malformed: it must hold one line of printable ASCII characters`)
  return Buffer.from(value)
}

function read(at: Root, name: string, most: number, expects: string): Buffer {
  try {
    return readMounted(at(`${paths.secrets}/${name}`), most)
  } catch (error) {
    const code = errorCode(error)
    if (code === undefined) throw error
    if (code === 'ENOENT') throw new OperatorError(`secrets/${name} is missing: put ${expects} into that file`)
    throw new OperatorError(`secrets/${name} cannot be read: ${systemReason(code)}; it must be a file with ${expects}`)
  }
}

/** The signer's private key, as it lies in secrets/. Messages name the file, never a value. */

import { createECDH } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { errorCode } from '../../../generator/io/disk.ts'
import { OperatorError } from './program.ts'
import type { Root } from './root.ts'

const file = 'signer-private-key'
const where = `secrets/${file}`
const expected = '64 hexadecimal digits, or 66 that end in 01'

export interface SignerKey {
  /** 64 lower-case hexadecimal digits. */
  readonly secret: string
  /** Compressed, in hexadecimal. */
  readonly publicKey: string
}

export function readSignerKey(root: Root): SignerKey {
  const value = content(root(`/run/secrets/${file}`)).toString('latin1').replace(/[\r\n]+$/, '')
  if (!value) throw new OperatorError(`${where} is empty: put ${expected} into that file`)
  if (!/^[0-9A-Fa-f]{64}(?:01)?$/.test(value)) throw new OperatorError(`${where} is malformed: it must hold ${expected}, and nothing else`)
  const secret = value.slice(0, 64).toLowerCase()
  return { secret, publicKey: publicKeyOf(secret) }
}

function publicKeyOf(secret: string): string {
  const curve = createECDH('secp256k1')
  try {
    curve.setPrivateKey(secret, 'hex')
  } catch {
    throw new OperatorError(`${where} is no key of secp256k1: it must be above 0 and below the order of the curve`)
  }
  return curve.getPublicKey('hex', 'compressed')
}

/** Follows links: Kubernetes mounts secrets so. Of a larger file than any key, the beginning. */
function content(path: string): Buffer {
  try {
    const [handle, bytes] = [openSync(path, 'r'), Buffer.alloc(4096)]
    try {
      return bytes.subarray(0, readSync(handle, bytes))
    } finally {
      closeSync(handle)
    }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') throw new OperatorError(`${where} is missing: put ${expected} into that file`)
    throw new OperatorError(`${where} cannot be read (${errorCode(error) ?? 'no reason given'}): it must be a file with ${expected}`)
  }
}

/** The public key of a private key of secp256k1. */

import { createECDH } from 'node:crypto'

/** Compressed, in hexadecimal, of 64 hexadecimal digits or 66 that end in 01. Undefined where it is no key of the curve. */
export function publicKeyOf(privateKey: string): string | undefined {
  const curve = createECDH('secp256k1')
  try {
    curve.setPrivateKey(privateKey.slice(0, 64), 'hex')
  } catch {
    return undefined
  }
  return curve.getPublicKey('hex', 'compressed')
}

/** Public keys of secp256k1, as node's own OpenSSL knows them. */

import { ECDH } from 'node:crypto'

/** Whether these 66 or 130 hexadecimal digits are a point of the curve: about half of all are not. */
export function isPublicKey(digits: string): boolean {
  try {
    ECDH.convertKey(digits, 'secp256k1', 'hex', 'hex', 'uncompressed')
    return true
  } catch {
    return false
  }
}

/** Public key and Stacks address of a signer's private key, derived without the library that the generator uses. */

import { createECDH, createHash } from 'node:crypto'

export interface Identity { readonly publicKey: string; readonly address: string }

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const versions = { mainnet: 22, other: 26 } as const

/** The identity that a valid key stands for on `network`; undefined for a key that is none. */
export function identityOf(privateKey: string, network: string): Identity | undefined {
  if (!/^[0-9a-fA-F]{64}(01)?$/.test(privateKey)) return undefined
  const pair = createECDH('secp256k1')
  try {
    pair.setPrivateKey(privateKey.slice(0, 64), 'hex')
  } catch {
    return undefined
  }
  const publicKey = pair.getPublicKey(null, 'compressed')
  const hash = digest('ripemd160', digest('sha256', publicKey))
  const version = network === 'mainnet' ? versions.mainnet : versions.other
  return { publicKey: publicKey.toString('hex'), address: c32Address(version, hash) }
}

/** `S`, the version's letter, then the hash and its checksum in c32. */
function c32Address(version: number, hash: Buffer): string {
  const checksum = digest('sha256', digest('sha256', Buffer.concat([Buffer.from([version]), hash]))).subarray(0, 4)
  return `S${alphabet[version]}${c32(Buffer.concat([hash, checksum]))}`
}

/** The bytes as one number in base 32; each leading zero byte becomes one leading zero. */
function c32(bytes: Buffer): string {
  const zeros = bytes.findIndex((byte) => byte !== 0)
  let digits = ''
  for (let rest = BigInt(`0x${bytes.toString('hex')}`); rest > 0n; rest /= 32n) digits = alphabet[Number(rest % 32n)] + digits
  return '0'.repeat(zeros) + digits
}

function digest(algorithm: 'sha256' | 'ripemd160', bytes: Uint8Array): Buffer {
  return createHash(algorithm).update(bytes).digest()
}

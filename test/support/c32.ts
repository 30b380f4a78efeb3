/** Stacks addresses computed from their definition, to check the library. */

import { createECDH, createHash } from 'node:crypto'

const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const versions = { mainnet: 22, testnet: 26 } as const

/** The single-signature address of the compressed public key. */
export function addressOf(privateKey: string, network: keyof typeof versions): string {
  const hash = createHash('ripemd160').update(sha256(publicKeyOf(privateKey))).digest()
  const version = versions[network]
  const checksum = sha256(sha256(Buffer.concat([Buffer.from([version]), hash]))).subarray(0, 4)
  return `S${digits[version]}${c32(Buffer.concat([hash, checksum]))}`
}

/** The compressed public key, from the two coordinates of the point: the sign of y, then x. */
export function publicKeyOf(privateKey: string): Buffer {
  const curve = createECDH('secp256k1')
  curve.setPrivateKey(privateKey.slice(0, 64), 'hex')
  const point = curve.getPublicKey()
  return Buffer.concat([Buffer.from([(point.at(-1)! & 1) === 1 ? 3 : 2]), point.subarray(1, 33)])
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest()
}

/** The number in base 32, with one zero digit for each leading zero byte. */
function c32(bytes: Buffer): string {
  let number = BigInt(`0x${bytes.toString('hex')}`)
  let text = ''
  for (; number > 0n; number /= 32n) text = digits[Number(number % 32n)] + text
  const zeros = bytes.findIndex((byte) => byte !== 0)
  return '0'.repeat(zeros) + text
}

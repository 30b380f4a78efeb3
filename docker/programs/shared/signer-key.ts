/** The signer's private key, as it lies in secrets/. */

import { placeholders } from '../../../generator/catalogue/container.ts'
import type { Root } from './root.ts'
import { checkPrivateKey, readSecret } from './secrets.ts'

export interface SignerKey {
  /** 64 lower-case hexadecimal digits. */
  readonly secret: string
  /** Compressed, in hexadecimal. */
  readonly publicKey: string
}

export function readSignerKey(root: Root): SignerKey {
  const value = readSecret(root, 'SIGNER_PRIVATE_KEY')
  return { secret: value.slice(0, 64).toLowerCase(), publicKey: checkPrivateKey(value, `secrets/${placeholders.SIGNER_PRIVATE_KEY}`) }
}

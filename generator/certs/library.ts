/** The X.509 library, loaded when a certificate is handled and not before: it is large, and most runs need none. */

import type * as X509 from '@peculiar/x509'

export type Library = typeof X509

let loaded: Promise<Library> | undefined

/** The library; its injector needs the reflection methods before it is evaluated. */
export function library(): Promise<Library> {
  loaded ??= import('reflect-metadata').then(() => import('@peculiar/x509'))
  return loaded
}

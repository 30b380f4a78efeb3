/** What the files made from templates share. */

import type { Host, Service, Stack } from '../stack/model.ts'

/** The service of that name, if it runs on this host. */
export function findService(host: Host, name: string): Service | undefined {
  return host.services.find((service) => service.name === name)
}

/** Whether the signer's release makes PoX-5 grants; older ones sign for PoX-4, and none does both. */
export function signsForPox5(stack: Stack): boolean {
  return Number.parseInt(stack.signerRelease, 10) >= 4
}

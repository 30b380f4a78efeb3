/** What names this host, these volumes and this boot of the machine. */

import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { paths } from '../../../generator/catalogue/container.ts'
import { readText } from './files.ts'
import type { Root } from './root.ts'

export const hostId = `${paths.signerConfig}/host-id`

/** The machine's own number, as a hypervisor or a mainboard gives it. Some give one that stands on many machines. */
const machineFiles = ['/sys/class/dmi/id/product_uuid', '/sys/hypervisor/uuid']
const noNumber = /^(?:[0f-]*|03000200-0400-0500-0006-000700080009)$/i

/**
 * Made of a random number that no backup carries, of the two directories as the disk numbers them, and of the machine's own
 * number. Where the machine has none, a copy of the whole disk could not be told from the first one; then each boot of the machine
 * is another host, and the guard watches again.
 */
export function hostName(root: Root): string {
  const number = machineFiles.map((path) => kernelText(root(path))).find((found) => !noNumber.test(found)) ?? ''
  const folders = [paths.signerConfig, paths.signerData].map((path) => inode(root(path)))
  const parts = [readText(root(hostId)).trim(), ...folders, number, ...(number ? [] : [bootId(root)])]
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 32)
}

/** The kernel's own name for the time since the machine was started; '' where it gives none. */
export function bootId(root: Root): string {
  return kernelText(root('/proc/sys/kernel/random/boot_id'))
}

/** A file of the kernel. In /sys the folders are links. */
function kernelText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}

/** Node.js tells 64 bits with a sign; the system's number has none. */
function inode(path: string): string {
  return BigInt.asUintN(64, statSync(path, { bigint: true }).ino).toString()
}

/** Disks, as containers and df see them. Sizes are in KiB. */

import type { Evidence } from '../evidence/evidence.ts'
import { Missing } from '../evidence/missing.ts'

export interface Disk {
  readonly name: string
  readonly device: string
  readonly size: number
  readonly free: number
}

export const gigabyte = 1024 ** 2

/** Of each volume, as its own container sees it. */
export function volumeDisks(seen: Evidence): readonly Disk[] {
  return seen.rows('disk.volumes').map(([name = '', device = '', size, , free]) => ({ name, device, size: kibibytes(size), free: kibibytes(free) }))
}

/** The one that Docker keeps its data on. */
export function dockerDisk(seen: Evidence): Disk {
  const [device = '', size, , free] = seen.rows('disk.docker')[0] ?? []
  return { name: 'Docker', device, size: kibibytes(size), free: kibibytes(free) }
}

/** Those that hold volumes: as far as containers run they tell, else it is Docker's. */
export function disks(seen: Evidence): readonly Disk[] {
  const volumes = volumeDisks(seen)
  return volumes.length > 0 ? volumes : [dockerDisk(seen)]
}

/** Block devices by their path in /dev. */
export function devices(seen: Evidence) {
  return new Map(seen.rows('devices').flatMap(([name, turns, mapped, kind, ...vendor]) => {
    const device = { rotates: turns === '1' ? true : turns === '0' ? false : undefined, encrypted: kind === 'CRYPT', vendor: vendor.join(' ') }
    return [`/dev/${name}`, `/dev/mapper/${mapped}`].map((path) => [path, device] as const)
  }))
}

export function kibibytes(word: string | undefined): number {
  if (!/^\d{1,15}$/.test(word ?? '')) throw new Missing('df shows no size')
  return Number(word)
}

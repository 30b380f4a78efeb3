/** What the README says of data: where it lies, and how a damaged chain is thrown away. */

import { dataMarker } from '../catalogue/container.ts'
import type { View } from '../render/template.ts'
import type { Host, Stack } from '../stack/model.ts'

const volumeName = ({ name }: Stack, volume: string) => `${name}_${volume}`

/** The command that deletes what a program has in `volume`. */
export function discardCommand(stack: Stack, host: Host, volume: string): string {
  const path = host.volumes.find(({ name }) => name === volume)?.directory?.path
  return path ? `sudo find ${path} -mindepth 1 ! -name ${dataMarker} -delete` : `docker volume rm ${volumeName(stack, volume)}`
}

/** The folders of this machine that hold data; undefined where there is none. */
export function folderFacts({ volumes }: Host): View | undefined {
  const rows = volumes.flatMap(({ directory, purpose }) => (directory ? [{ path: directory.path, purpose }] : []))
  return rows.length > 0 ? { rows, mounts: rows.map(({ path }) => path).join(' ') } : undefined
}

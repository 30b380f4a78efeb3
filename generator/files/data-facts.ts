/** What the README says of data: where it lies, and how a damaged chain is thrown away. */

import { dataMarker } from '../catalogue/container.ts'
import type { View } from '../render/template.ts'
import type { Host, Stack, Volume } from '../stack/model.ts'

const volumeName = ({ name }: Stack, volume: string) => `${name}_${volume}`

/** What its data is called on the machine. */
export function placeName(stack: Stack, { name, directory }: Volume): string {
  return directory?.path ?? volumeName(stack, name)
}

/** The command that deletes what a program has in `volume`. */
export function discardCommand(stack: Stack, host: Host, volume: string): string {
  const path = host.volumes.find(({ name }) => name === volume)?.directory?.path
  return path ? `sudo find ${path} -mindepth 1 ! -name ${dataMarker} -delete` : `docker volume rm ${volumeName(stack, volume)}`
}

/** The folders of this machine that hold data; undefined where there is none. */
export function folderFacts({ volumes }: Host): View | undefined {
  const paths = volumes.flatMap(({ directory }) => directory?.path ?? [])
  return paths.length > 0 ? { mounts: paths.join(' ') } : undefined
}

/** The steps of docker/host/data.sh that need the volumes: what has to move, the copy, and the switch. */

import { statfsSync } from 'node:fs'
import { dataMarker, paths } from '../../../generator/catalogue/container.ts'
import type { StackFile } from '../../../generator/stack-file/schema.ts'
import { ownerOf } from '../shared/owner.ts'
import { OperatorError, type Io } from '../shared/program.ts'
import type { Root } from '../shared/root.ts'
import { readStackFile } from '../shared/stack-file.ts'
import { copyTree, sizeOfTree } from './copy-tree.ts'
import { acceptPlace, beginMove, isSource, moveOf, type Move, type WithData } from './data-place.ts'

/** A line NAME FROM for each program whose data has to move. */
export function listMoves(at: Root, io: Io): number {
  for (const { one, from } of movesOf(at, readStackFile(at))) io.say(`${one.name} ${from}`)
  return 0
}

/** Copies the data of a program that `make move-data` has mounted. `pass` is ahead, while the program runs, or last. */
export function copyData(at: Root, [name = '', pass = '']: readonly string[], io: Io): number {
  const stack = readStackFile(at)
  const move = movesOf(at, stack).find(({ one }) => one.name === name)
  if (!move) throw new OperatorError(`there is nothing to move for ${name}`)
  const { one, from, to } = move
  if (!isSource(at, one)) throw new OperatorError(`what is mounted from ${from} is not the data of ${name}: is its disk mounted?`)
  beginMove(at, stack, one)
  const [source, target] = [at(paths.movedData), at(one.data.path)]
  const [all, done] = [sizeOfTree(source), sizeOfTree(target)]
  const { bavail, bsize } = statfsSync(target)
  const free = bavail * bsize
  if (all - done > free) throw new OperatorError(`${to} has ${gigabytes(free)} free, and ${name} needs ${gigabytes(all - done)} more`)
  io.say(`${name}: ${gigabytes(all)} from ${from} to ${to}`)
  copyTree(source, target, { except: dataMarker, isRunning: pass === 'ahead', copied: progress(all, (line) => { io.say(`${name}: ${line}`) }), say: (line) => { io.say(`${name}: ${line}`) } })
  return 0
}

/** Makes the place in the answers the one that counts. */
export function acceptData(at: Root, [name = '']: readonly string[], io: Io): number {
  const stack = readStackFile(at)
  const one = withData(stack).find((each) => each.name === name)
  if (!one) throw new OperatorError(`say which data: ${withData(stack).map((each) => each.name).join(', ')}`)
  acceptPlace(at, stack, one, ownerOf(`${one.uid}:${one.gid}`, io))
  io.say(`${name}: its data is in ${one.data.directory?.path ?? 'its named volume'} from now on`)
  return 0
}

function movesOf(at: Root, stack: StackFile): readonly Move[] {
  return withData(stack).flatMap((one) => moveOf(at, stack, one) ?? [])
}

const withData = ({ consumers }: StackFile): readonly WithData[] => consumers.filter((one): one is WithData => one.config !== undefined && one.data !== undefined)

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`

/** Says each tenth. */
function progress(all: number, say: (line: string) => void): (bytes: number) => void {
  let [done, told] = [0, 0]
  return (bytes) => {
    done += bytes
    const tenths = Math.floor(10 * done / Math.max(all, 1))
    if (tenths > told && tenths < 10) say(`${tenths}0 %`)
    told = Math.max(told, tenths)
  }
}

/**
 * The archive as far as it is here, in a sparse file that a later start finds again. The map beside it has a byte for each piece:
 * whether it is written, and whether it would survive a power cut. A stream has a small file instead, which is filled again and again.
 */

import { constants, readFileSync, statSync } from 'node:fs'
import { open, rm, type FileHandle } from 'node:fs/promises'
import { readJsonObject, removeFile, writeJson } from '../shared/files.ts'
import { bytesOf } from './pieces.ts'
import type { Places } from './places.ts'

const written = 1, durable = 2
const create = constants.O_RDWR | constants.O_CREAT

export class PartFile {
  readonly #file: FileHandle
  readonly #map: FileHandle | undefined
  readonly #bytes: number
  #fresh: number[] = []
  #syncing: Promise<void> | undefined

  private constructor(file: FileHandle, bytes: number, map?: FileHandle) {
    this.#file = file
    this.#bytes = bytes
    this.#map = map
  }

  static async keep(at: Places, size: number, states: Uint8Array): Promise<PartFile> {
    const part = new PartFile(await open(at.part, create, 0o640), size, await open(at.map, create, 0o640))
    await part.#file.truncate(size)
    await part.#map!.write(states, 0, states.length, 0)
    await part.#map!.truncate(states.length)
    part.#fresh = [...states.keys()].filter((index) => states[index] === written)
    writeJson(at.note, { ...readJsonObject(at.note), boot: boot() })
    return part
  }

  /** Room for `bytes` bytes, which is gone with the process. */
  static async window(at: Places, bytes: number): Promise<PartFile> {
    const file = await open(at.window, create, 0o640)
    await rm(at.window)
    return new PartFile(file, bytes)
  }

  /** Writes to `position` of the archive. A piece never goes over the end of a window. */
  async write(chunk: Buffer, position: number): Promise<void> {
    for (let done = 0; done < chunk.length;) done += (await this.#file.write(chunk, done, chunk.length - done, (position + done) % this.#bytes)).bytesWritten
  }

  async read(position: number, end: number): Promise<Buffer> {
    const at = position % this.#bytes
    const block = Buffer.allocUnsafe(Math.min(1 << 17, end - position, this.#bytes - at))
    const { bytesRead } = await this.#file.read(block, 0, block.length, at)
    if (bytesRead === 0) throw new Error('the part is shorter than it was')
    return block.subarray(0, bytesRead)
  }

  /** Notes a piece whose bytes are all written, and makes it durable. `fail` hears of a disk that does not take it. */
  async note(index: number, fail: (error: unknown) => void): Promise<void> {
    if (!this.#map) return
    await this.#map.write(Uint8Array.of(written), 0, 1, index)
    this.#fresh.push(index)
    this.#syncing ??= this.#sync(this.#map).catch(fail)
  }

  async close(): Promise<void> {
    await this.#syncing
    await this.#file.close()
    await this.#map?.close()
  }

  async #sync(map: FileHandle): Promise<void> {
    while (this.#fresh.length > 0) {
      const indices = this.#fresh.splice(0)
      await this.#file.datasync()
      for (const index of indices) await map.write(Uint8Array.of(durable), 0, 1, index)
    }
    this.#syncing = undefined
  }
}

/** The length of a piece and what is here of the part that the note is of; undefined where that is nothing. */
export function readStates(at: Places): { readonly length: number; readonly states: Uint8Array } | undefined {
  const { size, segment: length, boot: before } = readJsonObject(at.note)
  if (typeof size !== 'number' || typeof length !== 'number' || statSync(at.part, { throwIfNoEntry: false })?.size !== size) return undefined
  try {
    // What was written before the machine was started anew may be lost.
    const states = new Uint8Array(readFileSync(at.map)).map((state) => (state === durable || before === boot() ? state : 0))
    return states.length === Math.ceil(size / length) ? { length, states } : undefined
  } catch {
    return undefined
  }
}

export function bytesHere(at: Places): number {
  const part = readStates(at)
  return part ? bytesOf(Number(readJsonObject(at.note)['size']), part.length, part.states) : 0
}

export function dropPart(at: Places): void {
  for (const path of [at.part, at.map, at.note]) removeFile(path)
}

/** Which start of the machine this is. */
function boot(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'ascii').trim()
}

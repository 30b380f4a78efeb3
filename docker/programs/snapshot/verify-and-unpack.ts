/** An archive's bytes, from the first one on, to chain data in the staging folder that is whole, right and durable. */

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { constants, createGunzip, createZstdDecompress } from 'node:zlib'
import { errorCode } from '../../../generator/io/disk.ts'
import { checkChain } from './chain-check.ts'
import { ArchiveDamaged, OperatorError, RetryableError, refused } from './errors.ts'
import type { Archive } from './find-archive.ts'
import type { Unpacked } from './places.ts'
import { SafeTarFilter } from './safe-tar-filter.ts'
import type { Settings } from './settings.ts'
import { unpackTar } from './unpack-tar.ts'

/** The window is memory that the archive asks for. The zstd program gives it 128 MiB and no more, unless it is told to. */
const windowLog = 27
const buffers = { chunkSize: 1 << 17, highWaterMark: 1 << 19 }

/** How the archive that begins with `head` is packed. */
export function methodOf(head: Buffer): 'zstd' | 'gzip' {
  const magic = head.length < 4 ? 0 : head.readUInt32LE()
  if (magic === 0xfd2fb528 || magic >>> 4 === 0x0184d2a5) return 'zstd'
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip'
  throw new OperatorError('the archive is compressed neither with zstd nor with gzip: set another SNAPSHOT_URL')
}

/**
 * Hashing and unpacking go on side by side. `check` throws what is wrong with the checksum. Damage counts only after that: whether
 * the archive came damaged or was made so is known with its last byte. `used` hears how many bytes have been unpacked.
 */
export async function verifyAndUnpack(
  { at, network }: Settings, archive: Archive, source: AsyncIterable<Buffer>, stop: AbortSignal, used: (bytes: number) => void, check: (sha256: string) => void,
): Promise<Unpacked> {
  await rm(at.tree, { recursive: true, force: true })
  mkdirSync(at.tree, { mode: 0o750 })
  const method = methodOf(archive.head)
  const decoder = method === 'gzip' ? createGunzip(buffers) : createZstdDecompress({ ...buffers, params: { [constants.ZSTD_d_windowLogMax]: windowLog } })
  const filter = new SafeTarFilter(network)
  const [hash, bytes] = [createHash('sha256'), source[Symbol.asyncIterator]()]
  let size = 0
  async function* hashed() {
    for (let next = await bytes.next(); !next.done; next = await bytes.next()) {
      hash.update(next.value)
      used(size += next.value.length)
      yield next.value
    }
  }
  let damage: ArchiveDamaged | undefined
  try {
    await pipeline(hashed, decoder, (chunks: AsyncIterable<Buffer>) => unpackTar(chunks, at.tree, filter, () => size), { signal: stop })
    // Node.js passes over what is not a frame.
    if (method === 'zstd' && decoder.bytesWritten !== size) damage = new ArchiveDamaged('there is something behind its end')
  } catch (error) {
    stop.throwIfAborted()
    damage = asDamage(error, method)
    for await (const _ of hashed()) stop.throwIfAborted()
  }
  const sha256 = hash.digest('hex')
  check(sha256)
  if (damage) throw refused(damage.message)
  const root = join(at.tree, filter.root)
  await checkChain(root, network)
  return { root, source: archive.url, sha256, size }
}

/** Throws what is not damage. */
function asDamage(error: unknown, method: string): ArchiveDamaged {
  if (error instanceof ArchiveDamaged) return error
  const code = errorCode(error) ?? ''
  if (code === 'ZSTD_error_frameParameter_windowTooLarge') {
    throw refused(`it needs more than ${2 ** (windowLog - 20)} MiB of memory to be unpacked (a zstd window above --long=${windowLog})`)
  }
  if (code === 'Z_MEM_ERROR' || code === 'ZSTD_error_memory_allocation') throw new RetryableError('there is not enough memory for unpacking')
  if (code.startsWith('Z_') || code.startsWith('ZSTD_')) return new ArchiveDamaged(`${method}: ${(error as Error).message}`)
  throw error
}

/** Makes the unpacked files survive a power cut. A file at a time would take hours; this waits for the whole file system of the volume. */
export async function makeDurable({ at, stop }: Settings): Promise<void> {
  await promisify(execFile)('sync', ['-f', at.tree], { signal: stop }).catch((error: Error) => {
    throw new OperatorError(`the disk did not take everything (${error.message.trim()})`)
  })
}

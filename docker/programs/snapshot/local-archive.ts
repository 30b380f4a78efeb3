/** An archive that is a file of the host, mounted into the container. */

import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { errorCode } from '../../../generator/io/disk.ts'
import { OperatorError } from './errors.ts'
import { headSize, readChecksums, type Archive } from './find-archive.ts'

/** The archive at `url`, a file: address, with the checksum that the operator gave or that stands beside it. */
export function findLocal(url: string, pinned: string | undefined): Archive {
  try {
    const path = fileURLToPath(url)
    const found = statSync(path)
    if (!found.isFile()) throw new OperatorError(`${path} is not a file: mount the archive into this container`)
    return { url, sha256: pinned ?? checksumBeside(path), size: found.size, version: `${found.size}-${found.mtimeMs}`, head: readHead(path), path }
  } catch (error) {
    const code = errorCode(error) ?? ''
    if (code.startsWith('ERR_')) throw new OperatorError(`SNAPSHOT_URL is not an address of a file (${code})`)
    throw code === '' ? error : new OperatorError(`${(error as Error).message}: mount the archive into this container`)
  }
}

function checksumBeside(path: string): string {
  const name = `${path.replace(/\.(tar\.zst|tar\.gz|tgz)$/, '')}.sha256`
  const text = statSync(name, { throwIfNoEntry: false })?.isFile() ? readFileSync(name, 'utf8') : ''
  const [found] = readChecksums(text)
  if (!found) throw new OperatorError(`no checksum ${name} beside the archive: set SNAPSHOT_SHA256`)
  return found.sha256
}

/** The first bytes of a file. */
export function readHead(path: string): Buffer {
  const file = openSync(path, 'r')
  try {
    const head = Buffer.alloc(headSize)
    return head.subarray(0, readSync(file, head))
  } finally {
    closeSync(file)
  }
}

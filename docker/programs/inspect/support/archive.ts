/** A compressed tar archive, in the form that every tar reads (ustar). */

import { gzipSync } from 'node:zlib'
import { Header } from 'tar/header'

const block = 512

/** `at` is the time of every file in it, in seconds since 1970. */
export function archive(files: ReadonlyMap<string, string>, at: number): Buffer {
  const parts = [...files].flatMap(([name, text]) => {
    const content = Buffer.from(text)
    return [header(name, content.length, at), content, Buffer.alloc((block - content.length % block) % block)]
  })
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * block)]))
}

function header(path: string, size: number, at: number): Buffer {
  const bytes = Buffer.alloc(block)
  const needsMore = new Header({ path, size, mode: 0o644, uid: 0, gid: 0, mtime: new Date(at * 1000), type: 'File' }).encode(bytes)
  if (needsMore) throw new Error(`too long a name for the archive: ${path}`)
  return bytes
}

/** Archives for the snapshot: good ones, and ones that want to write where they must not. */

import { spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'

export interface Entry {
  readonly name: string
  readonly content?: string | Buffer
  /** '0' file (the default), '5' folder, '2' symbolic link, '1' hard link, '3' device. */
  readonly type?: string
  readonly link?: string
  /** Without it, what is usual for the type. */
  readonly mode?: number
}

const block = 512

/** The block before the content of `entry`. */
export function header(entry: Entry, size: number): Buffer {
  const bytes = Buffer.alloc(block)
  const number = (value: number, width: number) => `${value.toString(8).padStart(width - 1, '0')}\0`
  bytes.write(entry.name, 0, 100)
  bytes.write(number(entry.mode ?? (entry.type === '5' ? 0o755 : 0o644), 8), 100)
  bytes.write(number(0, 8) + number(0, 8), 108)
  bytes.write(number(size, 12) + number(0, 12), 124)
  bytes.write(' '.repeat(8), 148)
  bytes.write(entry.type ?? '0', 156)
  bytes.write(entry.link ?? '', 157, 100)
  bytes.write('ustar\0' + '00', 257)
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return bytes
}

export function tar(entries: readonly Entry[]): Buffer {
  const parts = entries.flatMap((entry) => {
    const content = Buffer.from(entry.content ?? '')
    return [header(entry, content.length), content, Buffer.alloc((block - (content.length % block)) % block)]
  })
  return Buffer.concat([...parts, Buffer.alloc(2 * block)])
}

/** What a stacks-node leaves behind, in the folder `top` ('' for none); `filler` bytes that do not compress. */
export function chainstate(top: string, filler = 1000): readonly Entry[] {
  const under = (path: string) => (top ? `${top}/${path}` : path)
  return [
    ...(top ? [{ name: `${top}/`, type: '5' }] : []),
    { name: under('burnchain/sortition/'), type: '5' },
    { name: under('burnchain/sortition/marf.sqlite'), content: 'sortitions' },
    { name: under('chainstate/vm/'), type: '5' },
    { name: under('chainstate/vm/index.sqlite'), content: 'index' },
    { name: under('chainstate/blocks/filler'), content: randomBytes(filler) },
    { name: under('headers.sqlite'), content: 'headers' },
  ]
}

export function gzip(content: Buffer): Buffer {
  return gzipSync(content)
}

/** With `more` options for zstd. */
export function zstd(content: Buffer, ...more: readonly string[]): Buffer {
  const made = spawnSync('zstd', ['-q', '-c', ...more], { input: content, maxBuffer: 1 << 28 })
  if (made.status !== 0) throw new Error('zstd failed')
  return made.stdout
}

export function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

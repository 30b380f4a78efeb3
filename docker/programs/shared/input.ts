import type { Io } from './program.ts'

/** What is on standard input, and of more than `most` bytes the beginning. */
export async function readInput(io: Io, most: number): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of io.input) {
    parts.push(part)
    size += part.length
    if (size > most) break
  }
  return Buffer.concat(parts)
}

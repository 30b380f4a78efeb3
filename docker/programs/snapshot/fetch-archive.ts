/** Fetches an archive from its server, for as long as it takes: over several connections, or over one from the first byte on. */

import { count, type Answer, type ArchiveClient } from './archive-client.ts'
import type { ConnectionLimiter } from './connection-limiter.ts'
import { ArchiveChanged, ArchiveGone, RetryableError } from './errors.ts'
import { versionOf, type Archive } from './find-archive.ts'
import type { PartFile } from './part-file.ts'
import type { Piece, Pieces } from './pieces.ts'

export interface Fetching {
  readonly archive: Archive
  readonly client: ArchiveClient
  readonly limiter: ConnectionLimiter
  readonly stop: AbortSignal
  /** Ends it for all, for what no other try would mend. */
  fail(error: unknown): void
  say(line: string): void
}

/** Fills the part over all connections. Ends when it is complete, or `stop` is aborted. */
export async function fetchPieces(fetching: Fetching, part: PartFile, pieces: Pieces): Promise<void> {
  const { limiter, stop, fail } = fetching
  const work = async (number: number) => {
    for (;;) {
      await limiter.ready(number, stop)
      const piece = await pieces.take(stop)
      if (!piece) return
      try {
        await fetchPiece(fetching, part, piece)
        pieces.finish(piece)
        await part.note(piece.index, fail)
        limiter.succeeded(number)
      } catch (error) {
        pieces.giveBack(piece)
        if (stop.aborted || error instanceof ArchiveGone || error instanceof ArchiveChanged) throw error
        // One that was ended because it was late is no failure.
        if (!piece.cancel.signal.aborted) await limiter.failed(number, error, stop)
      }
    }
  }
  const look = () => { pieces.emit('change') }
  stop.addEventListener('abort', look)
  const timer = setInterval(look, 500)
  await Promise.all(Array.from({ length: limiter.connections }, (_, number) => work(number).catch(fail)))
  clearInterval(timer)
  stop.removeEventListener('abort', look)
}

/** The bytes of the part, in their order, as they come. */
export async function* readPieces(part: PartFile, pieces: Pieces, stop: AbortSignal): AsyncGenerator<Buffer> {
  for (let position = 0; ;) {
    const end = await pieces.waitPast(position, stop)
    if (end <= position) return
    const block = await part.read(position, end)
    position += block.length
    yield block
  }
}

async function fetchPiece({ archive, client }: Fetching, part: PartFile, { start, end, cancel }: Piece): Promise<void> {
  const answer = await client.get(archive.url, { range: `bytes=${start}-${end - 1}`, ...(archive.version && { 'if-range': archive.version }) }, cancel.signal)
  let position = start
  for await (const chunk of client.chunks(answer)) {
    checkSame(archive, answer)
    if (answer.statusCode !== 206 || answer.headers['content-range'] !== `bytes ${start}-${end - 1}/${archive.size}`) {
      throw new RetryableError(`the server answered ${answer.statusCode} with another range than was asked for`)
    }
    const piece = chunk.subarray(0, end - position)
    await part.write(piece, position)
    position += piece.length
  }
  if (position < end) throw endedEarly(position, archive)
}

/** The archive from a server that sends no ranges. A connection that broke begins at the first byte again. */
export async function* fetchWhole({ archive, client, limiter, stop, say }: Fetching): AsyncGenerator<Buffer> {
  for (let done = 0; ;) {
    await limiter.ready(0, stop)
    const before = done
    try {
      if (done > 0) say(`starting from zero: the server cannot resume, so the first ${done} bytes are fetched again`)
      const answer = await client.get(archive.url)
      let position = 0
      for await (const chunk of client.chunks(answer)) {
        checkSame(archive, answer)
        position += chunk.length
        if (position <= done) continue
        const fresh = chunk.subarray(-(position - done))
        done = position
        yield fresh
      }
      if (position < (archive.size ?? done)) throw endedEarly(position, archive)
      return
    } catch (error) {
      if (stop.aborted || error instanceof ArchiveGone || error instanceof ArchiveChanged) throw error
      if (done > before) limiter.succeeded(0)
      await limiter.failed(0, error, stop)
    }
  }
}

function checkSame(archive: Archive, answer: Answer): void {
  const version = versionOf(answer)
  const length = answer.statusCode === 200 ? count(answer.headers['content-length']) : undefined
  if ((version && archive.version && version !== archive.version) || (length !== undefined && archive.size !== undefined && length !== archive.size)) {
    throw new ArchiveChanged('starting from zero: the archive has changed on the server')
  }
}

function endedEarly(position: number, { size }: Archive): Error {
  return new RetryableError(`the connection ended early, at ${position}${size === undefined ? '' : ` of ${size}`} bytes`)
}

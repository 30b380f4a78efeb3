/** Which connection of the snapshot fetches which piece, when some are slow and when only so much may be fetched ahead. */

import t, { type Test } from 'tap'
import { Pieces, pieceLength, type Piece } from '../../docker/programs/snapshot/pieces.ts'

const { signal } = new AbortController()

/** `count` pieces of ten bytes, but for the last, which has five; a clock that the test moves. */
function made(t: Test, count: number, window?: number) {
  const clock = { now: 0 }
  t.intercept(performance, 'now', { value: () => clock.now })
  const pieces = new Pieces(10 * count - 5, 10, new Uint8Array(count), window)
  return { pieces, clock }
}

const indices = (taken: readonly (Piece | undefined)[]) => taken.map((piece) => piece?.index)

t.test('pieces are of a power of two, of small archives smaller, and never longer than is asked', async (t) => {
  t.equal(pieceLength(1), 16384)
  t.equal(pieceLength(512 * 65536), 65536)
  t.equal(pieceLength(512 * 65536 - 1), 32768)
  t.equal(pieceLength(2 ** 40), 32 << 20)
  t.equal(pieceLength(2 ** 40, 4 << 20), 4 << 20)
})

t.test('each piece once, in their order; what is given back comes first', async (t) => {
  const { pieces } = made(t, 3)
  const [first, second] = [await pieces.take(signal), await pieces.take(signal)]
  t.strictSame(indices([first, second]), [0, 1])
  pieces.giveBack(first!)
  t.equal((await pieces.take(signal))!.index, 0)
  const last = await pieces.take(signal)
  t.strictSame([last!.start, last!.end], [20, 25])
})

t.test('what is here is not fetched, and what is here without a gap may be read', async (t) => {
  const pieces = new Pieces(25, 10, Uint8Array.of(1, 0, 1))
  t.equal(pieces.bytes, 15)
  t.equal(await pieces.waitPast(0, signal), 10)
  const piece = (await pieces.take(signal))!
  t.equal(piece.index, 1)
  const waited = pieces.waitPast(10, signal)
  pieces.finish(piece)
  t.equal(await waited, 25)
  t.ok(pieces.complete)
  t.equal(await pieces.take(signal), undefined)
})

t.test('no piece is begun beyond the window, which moves with what is used', async (t) => {
  const { pieces } = made(t, 5, 2)
  const [first] = [await pieces.take(signal), await pieces.take(signal)]
  const third = pieces.take(signal)
  pieces.finish(first!)
  pieces.emit('change')
  t.equal(await Promise.race([third, new Promise((resolve) => { setImmediate(resolve, 'waits') })]), 'waits')
  await pieces.waitPast(0, signal)
  t.equal(await Promise.race([third, new Promise((resolve) => { setImmediate(resolve, 'waits') })]), 'waits')
  const more = pieces.waitPast(10, signal)
  t.equal((await third)!.index, 2)
  pieces.emit('change')
  void more
})

t.test('a piece that takes four times as long as others is begun anew, once', async (t) => {
  const { pieces, clock } = made(t, 2)
  const [slow, quick] = [await pieces.take(signal), await pieces.take(signal)]
  clock.now = 2000
  pieces.finish(quick!)
  const idle = pieces.take(signal)
  clock.now = 7999
  pieces.emit('change')
  await new Promise((resolve) => { setImmediate(resolve) })
  t.notOk(slow!.cancel.signal.aborted, 'not before')
  clock.now = 8000
  pieces.emit('change')
  await new Promise((resolve) => { setImmediate(resolve) })
  t.ok(slow!.cancel.signal.aborted)
  pieces.giveBack(slow!)
  const again = (await idle)!
  t.equal(again.index, 0)
  clock.now = 1e9
  const other = pieces.take(signal)
  pieces.emit('change')
  await new Promise((resolve) => { setImmediate(resolve) })
  t.notOk(again.cancel.signal.aborted, 'where all are slow, one would never be done')
  pieces.finish(again)
  t.equal(await other, undefined)
})

t.test('whoever waits hears that it is over', async (t) => {
  const { pieces } = made(t, 1)
  await pieces.take(signal)
  const over = new AbortController()
  const waits: readonly Promise<unknown>[] = [pieces.take(over.signal), pieces.waitPast(0, over.signal)]
  over.abort(new Error('stopped'))
  pieces.emit('change')
  for (const one of waits) await t.rejects(one, { message: 'stopped' })
})

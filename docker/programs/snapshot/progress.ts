/** Numbers for lines that tell how far it is. */

import prettyBytes from 'pretty-bytes'
import prettyMilliseconds from 'pretty-ms'

const interval = 10_000

export function duration(milliseconds: number): string {
  return prettyMilliseconds(milliseconds, { compact: true, verbose: true })
}

export function size(bytes: number): string {
  return prettyBytes(bytes, { minimumFractionDigits: 1, maximumFractionDigits: 1 })
}

/** Says a line where the phase is another than before, or the last line is ten seconds old. `total` is undefined where no server tells it. */
export function progressLines(say: (line: string) => void) {
  let last = { phase: '', done: 0, at: 0 }
  return (phase: string, done: number, total: number | undefined): void => {
    const at = performance.now()
    if (phase === last.phase && at - last.at < interval) return
    const rate = phase === last.phase ? (done - last.done) / (at - last.at) : 0
    last = { phase, done, at }
    const part = total ? `${Math.floor((100 * done) / total)} % (${size(done)} of ${size(total)})` : `(${size(done)} so far)`
    say(`${phase} ${part}${rate > 0 ? `, ${size(1000 * rate)}/s` : ''}${total && rate > 0 ? `, about ${duration((total - done) / rate)} left` : ''}`)
  }
}

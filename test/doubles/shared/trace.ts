/** With DOUBLE_TRACE=1 each event leaves a line on both ends, by which a test sees that it arrived as it was sent. */

import { createHash } from 'node:crypto'
import type { Log } from './log.ts'

export function traceEvent(log: Log, what: 'sent' | 'taken', path: string, body: string): void {
  if (process.env['DOUBLE_TRACE'] === '1') log('INFO', `event ${what} ${path} ${createHash('sha256').update(body).digest('hex').slice(0, 16)}`)
}

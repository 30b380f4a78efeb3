/** What the container is told by its environment. */

import { OperatorError } from './errors.ts'
import type { Io } from '../shared/program.ts'
import { placesOf, type Places } from './places.ts'

export interface Settings {
  readonly at: Places
  /** The folder of the network, in the volume and in the archive. */
  readonly network: string
  readonly url: string
  /** The checksum that the operator gave; without it the published one counts. */
  readonly pinned: string | undefined
  readonly mode: 'auto' | 'file' | 'stream'
  readonly connections: number
  /** The longest wait between two tries, in milliseconds. */
  readonly patience: number
  /** A connection that brings nothing for so many milliseconds is given up. */
  readonly stall: number
  /** How much more the content takes than the archive. Chain data shrinks to between a half and a third; nobody publishes the unpacked size. */
  readonly ratio: number
  readonly stop: AbortSignal
  say(line: string): void
}

const modes = ['auto', 'file', 'stream'] as const

export function readSettings(io: Io): Settings {
  const { environment } = io
  const number = (name: string, fallback: number) => Number(environment[name] || fallback)
  const network = environment['NETWORK_DIR'] ?? ''
  if (!/^[A-Za-z0-9]+$/.test(network)) throw new OperatorError('NETWORK_DIR must name the network\'s directory, mainnet or krypton')
  const mode = modes.find((one) => one === (environment['SNAPSHOT_MODE'] || 'auto'))
  if (!mode) throw new OperatorError(`SNAPSHOT_MODE must be ${modes.join(', ')}, not ${environment['SNAPSHOT_MODE']}`)
  const connections = number('SNAPSHOT_CONNECTIONS', 8)
  if (!(Number.isInteger(connections) && connections >= 1 && connections <= 16)) {
    throw new OperatorError(`SNAPSHOT_CONNECTIONS must be a number from 1 to 16, not ${environment['SNAPSHOT_CONNECTIONS']}`)
  }
  return {
    at: placesOf(io), network, mode, connections,
    url: environment['SNAPSHOT_URL'] ?? '',
    pinned: environment['SNAPSHOT_SHA256']?.toLowerCase() || undefined,
    patience: 1000 * number('SNAPSHOT_RETRY_SECONDS', 300),
    stall: 1000 * number('SNAPSHOT_STALL_SECONDS', 30),
    ratio: number('SNAPSHOT_UNPACKED_RATIO', 2.5),
    stop: io.stop,
    // Servers and archives have a part in almost every line; Io makes them printable.
    say: (line) => { io.say(`snapshot: ${line}`) },
  }
}

/** The address without what may be a credential in it. */
export function shown(url: string): string {
  const [, scheme = '', rest = ''] = /^([^:]*:\/\/)?(.*)$/s.exec(url) ?? []
  const [place = '', ...path] = rest.replace(/\?.*$/s, '').split('/')
  return scheme + [place.slice(place.lastIndexOf('@') + 1), ...path].join('/')
}

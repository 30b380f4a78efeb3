/**
 * Connects to each TLS port and reads the certificate that the server shows:
 *
 *   inspect certs CA NAME=HOST:PORT/SERVERNAME...
 *
 * A line for each. Ends with 1 when one is not valid, cannot be read, or has less than `failDays` left.
 */

import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { checkServerIdentity, connect, type TLSSocket } from 'node:tls'
import { type Io, OperatorError } from '../../shared/program.ts'

const [warnDays, failDays] = [30, 7]
const day = 86_400_000
const patience = 10_000

interface Target { readonly name: string; readonly host: string; readonly port: number; readonly server: string }
interface Seen { readonly isFine: boolean; readonly text: string }

export async function certs([authority, ...words]: readonly string[], io: Pick<Io, 'say' | 'warn'>): Promise<number> {
  if (authority === undefined || words.length === 0) {
    io.warn('say inspect certs CA NAME=HOST:PORT/SERVERNAME...')
    return 2
  }
  const [targets, ca] = [words.map(parseTarget), readAuthority(authority)]
  let code = 0
  for (const target of targets) {
    const { isFine, text } = await look(ca, target)
    io.say(`${target.name.padEnd(12)} ${text}`)
    if (!isFine) code = 1
  }
  return code
}

function readAuthority(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new OperatorError(`the certificate of the authority cannot be read: ${error instanceof Error ? error.message : path}`)
  }
}

function parseTarget(word: string): Target {
  const [, name, host, port, server] = /^([^=]+)=\[?([^/]+?)\]?:(\d+)\/\[?([^\]]+)\]?$/.exec(word) ?? []
  if (name === undefined) throw new OperatorError(`${word} is not NAME=HOST:PORT/SERVERNAME`)
  return { name, host: host!, port: Number(port), server: server! }
}

function look(ca: Buffer, { host, port, server }: Target): Promise<Seen> {
  return new Promise((resolve) => {
    const end = (result: Seen) => {
      clearTimeout(timer)
      wire.destroy()
      resolve(result)
    }
    const fail = (text: string) => { end({ isFine: false, text: `FAIL  ${text}` }) }
    const timer = setTimeout(() => { fail(`${host}:${port} cannot be read: no answer within ${patience / 1000} seconds`) }, patience)
    // No certificate of ours is sent: the other side shows its own before it asks for one. Addresses are no server names in TLS.
    const wire: TLSSocket = connect({
      host, port, ca, minVersion: 'TLSv1.3', ...(isIP(server) === 0 && { servername: server }), checkServerIdentity: (_, certificate) => checkServerIdentity(server, certificate),
    }, () => { end(judged(wire)) })
    wire.on('error', (error) => { fail(wire.authorizationError ? `the certificate is not valid: ${error.message}` : `${host}:${port} cannot be read: ${error.message}`) })
  })
}

function judged(wire: TLSSocket): Seen {
  const { valid_to: until, subjectaltname: names = '' } = wire.getPeerCertificate()
  const days = (Date.parse(until) - Date.now()) / day
  const word = days < failDays ? 'FAIL' : days < warnDays ? 'warn' : 'ok  '
  return { isFine: days >= failDays, text: `${word}  ${days.toFixed()} days left, until ${until}, for ${names.replace(/(DNS|IP Address):/g, '')}` }
}

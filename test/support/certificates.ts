/** Certificates in memory, and real TLS handshakes with them. */

import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createServer, connect, type TLSSocket } from 'node:tls'
import type { AddressInfo } from 'node:net'
import { inspect, type CertFiles, type Setting } from '../../generator/certs/inspect.ts'
import { makeMissing } from '../../generator/certs/first.ts'
import type { Chance } from '../../generator/certs/issue.ts'
import { pendingKey, type LeafName } from '../../generator/certs/places.ts'
import { samePair } from '../../generator/certs/read.ts'
import type { CertWrite } from '../../generator/certs/writes.ts'
import { hasErrors, type Problem } from '../../generator/problem.ts'
import { splitPlaces } from './split-places.ts'

export const day = 86_400_000

export function newKey(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
}

export const chance: Chance = { key: newKey, serial: () => randomBytes(16).toString('hex') }

export { splitPlaces }

export function setting(now: Date = new Date(), changes: Partial<Setting> = {}): Setting {
  return { stackName: 's1', places: splitPlaces, mode: 'generated', now, ...changes }
}

/** The files on the disk after the first `count` writes. */
export function after(files: CertFiles, writes: readonly CertWrite[], count = writes.length): Map<string, string> {
  const result = new Map(files)
  for (const write of writes.slice(0, count)) {
    if (write.kind === 'add' && result.has(write.path)) throw new Error(`${write.path} is there already`)
    if (write.kind === 'move') {
      result.set(write.path, result.get(write.from)!)
      result.delete(write.from)
    } else result.set(write.path, write.text)
  }
  return result
}

/** The files of a stack after its first run. */
export async function firstRun(using: Setting = setting()): Promise<Map<string, string>> {
  const made = await makeMissing(new Map(), using, chance, true)
  if (!made.value) throw new Error(JSON.stringify(made.problems))
  return after(new Map(), made.value.writes)
}

/** The certificates without the matching key. A key may be in place or prepared for the next step. */
export async function brokenPairs(files: CertFiles, using: Setting): Promise<readonly string[]> {
  const { leaves } = await inspect(files, using)
  return leaves.filter(({ chain, key, pending }) => chain && !(key && samePair(key, chain[0].publicKey)) && !(pending && samePair(pending, chain[0].publicKey)))
    .map(({ place }) => place.name)
}

export function messages(problems: readonly Problem[]): readonly string[] {
  return problems.map(({ severity, message, hint }) => `${severity}: ${message} | ${hint ?? ''}`)
}

export function errors(problems: readonly Problem[]): boolean {
  return hasErrors(problems)
}

export interface End {
  readonly cert?: string
  readonly key?: string
  readonly ca: string
}

/** The files on the host of a sidecar. */
export function end(files: CertFiles, name: LeafName, places = splitPlaces): End {
  const place = places.leaves.find((one) => one.name === name)!
  const home = place.certificate.replace(/certs\/.*$/, '')
  const cert = files.get(place.certificate)!
  return { cert, key: files.get(place.key) ?? files.get(pendingKey(place.key))!, ca: files.get(`${home}certs/ca.pem`)! }
}

/**
 * Opens a TLS 1.3 connection in which each end verifies the other. Returns `ok`, or the error of the end that refused first. In TLS
 * 1.3 the client only knows that the server has accepted it when it has read a byte.
 */
export async function handshake(server: End, client: End, name: string): Promise<string> {
  // The server would verify without this too, but it would not say why it closes the connection.
  const listening = createServer({ ...server, requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.3' })
  let refusal: string | undefined
  const refuse = (cause: Error & { code?: string }): void => { refusal ??= cause.code ?? cause.message }
  listening.on('tlsClientError', refuse)
  listening.on('secureConnection', (socket: TLSSocket) => {
    socket.on('error', refuse)
    if (socket.authorized) socket.end('welcome')
    else {
      const shown = Object.keys(socket.getPeerCertificate()).length > 0
      refusal ??= shown ? String(socket.authorizationError) : 'no certificate'
      socket.destroy()
    }
  })
  await new Promise<void>((resolve) => { listening.listen(0, '127.0.0.1', resolve) })
  const { port } = listening.address() as AddressInfo
  try {
    return await new Promise<string>((resolve) => {
      let text = ''
      const socket = connect({ ...client, host: '127.0.0.1', port, servername: name, minVersion: 'TLSv1.3' })
      socket.on('error', refuse).on('data', (bytes) => { text += bytes.toString() })
      socket.on('close', () => { setImmediate(() => { resolve(text === 'welcome' ? 'ok' : refusal ?? 'closed') }) })
    })
  } finally {
    await new Promise((resolve) => { listening.close(resolve) })
  }
}

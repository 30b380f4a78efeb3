/** The doubles as programs on this machine, with what they talk to: for tests without Docker. */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { until } from '../support/wait.ts'
import { bitcoinNetwork, decodeMessages, encodeMessage, versionPayload } from './node/bitcoin-messages.ts'

export { freePort } from '../support/port.ts'

export interface Program {
  readonly child: ChildProcess
  /** stdout and stderr together, so far. */
  readonly output: () => string
  /** Exit code, or the signal that ended it; waits for it. */
  readonly ended: Promise<number | string>
  /** Waits until the output matches; throws as soon as the program has ended without. */
  readonly says: (pattern: RegExp) => Promise<void>
}

/** Starts `path`; the caller ends it. */
export function startProgram(path: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): Program {
  // Nothing that a test runner left in the environment.
  const child = spawn(path, args, { env: { PATH: process.env['PATH'] ?? '', ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  child.stdout.on('data', (data: Buffer) => { text += data.toString() })
  child.stderr.on('data', (data: Buffer) => { text += data.toString() })
  let end: string | undefined
  const ended = once(child, 'close').then(([code, signal]) => {
    end = `${path} ended with ${code ?? signal}`
    return (code ?? signal) as number | string
  })
  return {
    child,
    output: () => text,
    ended,
    says: (pattern) => until(() => pattern.test(text), () => `${pattern.source} was not said:\n${text}`, () => end),
  }
}

/** Runs `path` to its end. */
export async function runProgram(path: string, args: readonly string[]): Promise<{ readonly ended: number | string; readonly output: string }> {
  const program = startProgram(path, args)
  return { ended: await program.ended, output: program.output() }
}

export interface BitcoinPeer { readonly port: number; readonly commands: string[]; readonly drop: () => void; readonly close: () => void }

/** A peer that shakes hands and has no headers, as a regtest bitcoind without blocks; the engine tests use a real one. */
export async function bitcoinPeer(mode: string): Promise<BitcoinPeer> {
  const { magic } = bitcoinNetwork(mode)
  const commands: string[] = []
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    let rest: Buffer = Buffer.alloc(0)
    socket.on('error', () => undefined)
    socket.on('data', (data) => {
      const decoded = decodeMessages(magic, Buffer.concat([rest, data]))
      rest = decoded.rest
      for (const { command } of decoded.messages) {
        commands.push(command)
        const send = (name: string, payload: Buffer) => socket.write(encodeMessage(magic, name, payload))
        if (command === 'version') {
          send('version', versionPayload('/Test:1.0/', 1n, 7))
          send('verack', Buffer.alloc(0))
        }
        if (command === 'getheaders') {
          send('ping', Buffer.alloc(8))
          send('headers', Buffer.from([0]))
        }
      }
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const drop = () => sockets.forEach((socket) => socket.destroy())
  return { port: (server.address() as AddressInfo).port, commands, drop, close: () => { server.close(); drop() } }
}

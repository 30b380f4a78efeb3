/** The link to bitcoind: one connection, a real handshake, headers, and again when it is lost. */

import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { showAddress, type Address } from '../shared/address.ts'
import { reason, type Log } from '../shared/log.ts'
import { bitcoinNetwork, decodeMessages, encodeMessage, getHeadersPayload, headerCount, readVersion, versionPayload, type Message } from './bitcoin-messages.ts'

/** What the node knows of its bitcoind. */
export interface BitcoinLink { connected: boolean; height: number }

const answerMs = 30_000
const longestPauseMs = 60_000

/**
 * Connects until it works or `stopped` says so between two tries, then keeps connecting in the background.
 * Resolves with the link when headers were answered, or with undefined when it was stopped before.
 */
export async function linkToBitcoin(mode: string, peer: Address, log: Log, stopped: () => boolean): Promise<BitcoinLink | undefined> {
  const link: BitcoinLink = { connected: false, height: 0 }
  const again = async (): Promise<boolean> => {
    for (let pause = 1000; !stopped(); pause = Math.min(pause * 2, longestPauseMs)) {
      try {
        const { socket, height } = await synchronize(mode, peer, log)
        Object.assign(link, { connected: true, height })
        socket.once('close', () => {
          link.connected = false
          if (stopped()) return
          log('WARN', `Lost the connection to peer ${showAddress(peer)}`)
          void again()
        })
        return true
      } catch (thrown) {
        log('WARN', `Failed to connect to peer ${showAddress(peer)}: ${reason(thrown)}`)
        await sleep(pause)
      }
    }
    return false
  }
  log('INFO', 'Start syncing Bitcoin headers, feel free to grab a cup of coffee, this can take a while')
  return await again() ? link : undefined
}

/** One connection up to the peer's headers. Rejects, and closes it, when anything of that fails or is late. */
async function synchronize(mode: string, peer: Address, log: Log): Promise<{ readonly socket: Socket; readonly height: number }> {
  const { magic, genesis } = bitcoinNetwork(mode)
  const socket = connect({ host: peer.host, port: peer.port, timeout: answerMs })
  const send = (command: string, payload: Buffer = Buffer.alloc(0)) => socket.write(encodeMessage(magic, command, payload))
  try {
    const height = await new Promise<number>((resolve, reject) => {
      let rest: Buffer = Buffer.alloc(0)
      let version: ReturnType<typeof readVersion> | undefined
      const handle = ({ command, payload }: Message) => {
        if (command === 'ping') send('pong', payload)
        if (command === 'version') {
          version = readVersion(payload)
          send('verack')
        }
        if (command === 'verack') {
          if (!version) throw new Error('verack before version')
          log('INFO', `Bitcoin peer handshake complete: ${version.agent} height ${version.height}`)
          send('getheaders', getHeadersPayload(genesis))
        }
        if (command === 'headers') {
          log('INFO', `Bitcoin headers received: ${headerCount(payload)}`)
          // From here on silence is no failure: a peer may have nothing to say for long.
          socket.setTimeout(0)
          resolve(version?.height ?? 0)
        }
      }
      socket.once('connect', () => send('version', versionPayload('/Stacks:2.1/', randomBytes(8).readBigUInt64LE(), 0)))
      socket.on('data', (data) => {
        try {
          const decoded = decodeMessages(magic, Buffer.concat([rest, data]))
          rest = decoded.rest
          decoded.messages.forEach(handle)
        } catch (thrown) {
          socket.destroy(thrown instanceof Error ? thrown : new Error(String(thrown)))
        }
      })
      socket.on('timeout', () => socket.destroy(new Error('timed out')))
      socket.on('error', reject)
      socket.on('close', () => reject(new Error('connection closed')))
    })
    return { socket, height }
  } catch (thrown) {
    socket.destroy()
    throw thrown
  }
}

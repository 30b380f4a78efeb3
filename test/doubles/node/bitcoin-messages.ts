/** Bitcoin's P2P messages, as far as a node needs them that only follows headers. */

import { createHash } from 'node:crypto'

export interface Network { readonly magic: number; readonly genesis: string }
export interface Message { readonly command: string; readonly payload: Buffer }

/** Magic bytes as they go over the wire, and the first block, by `burnchain.mode`; every mode not named is regtest. */
export function bitcoinNetwork(mode: string): Network {
  if (mode === 'mainnet') return { magic: 0xf9beb4d9, genesis: '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f' }
  if (mode === 'xenon') return { magic: 0x0b110907, genesis: '000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943' }
  return { magic: 0xfabfb5da, genesis: '0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206' }
}

const headerLength = 24
const protocolVersion = 70001

/** One message as it is sent: magic, command, length, checksum, payload. */
export function encodeMessage(magic: number, command: string, payload: Buffer): Buffer {
  const header = Buffer.alloc(headerLength)
  header.writeUInt32BE(magic, 0)
  header.write(command, 4, 'ascii')
  header.writeUInt32LE(payload.length, 16)
  checksum(payload).copy(header, 20)
  return Buffer.concat([header, payload])
}

/** The whole messages at the start of `bytes`, and what follows them. Throws on foreign magic or a bad checksum. */
export function decodeMessages(magic: number, bytes: Buffer): { readonly messages: readonly Message[]; readonly rest: Buffer } {
  const messages: Message[] = []
  let rest = bytes
  while (rest.length >= headerLength) {
    if (rest.readUInt32BE(0) !== magic) throw new Error(`bad magic ${rest.toString('hex', 0, 4)}`)
    const end = headerLength + rest.readUInt32LE(16)
    if (rest.length < end) break
    const payload = rest.subarray(headerLength, end)
    if (!checksum(payload).equals(rest.subarray(20, 24))) throw new Error('bad checksum')
    messages.push({ command: rest.toString('ascii', 4, 16).replace(/\0+$/, ''), payload })
    rest = rest.subarray(end)
  }
  return { messages, rest }
}

/** The payload of `version`: who we are. */
export function versionPayload(agent: string, nonce: bigint, height: number): Buffer {
  const fixed = Buffer.alloc(80)
  fixed.writeInt32LE(protocolVersion, 0)
  fixed.writeBigInt64LE(BigInt(Math.floor(Date.now() / 1000)), 12)
  fixed.writeBigUInt64LE(nonce, 72)
  const tail = Buffer.alloc(5)
  tail.writeInt32LE(height, 0)
  return Buffer.concat([fixed, Buffer.from([agent.length]), Buffer.from(agent, 'ascii'), tail])
}

/** What a peer's `version` says of itself. Throws when it is cut off. */
export function readVersion(payload: Buffer): { readonly version: number; readonly agent: string; readonly height: number } {
  const length = payload.readUInt8(80)
  return { version: payload.readInt32LE(0), agent: payload.toString('utf8', 81, 81 + length), height: payload.readInt32LE(81 + length) }
}

/** The payload of `getheaders` from one known block on, without an end. */
export function getHeadersPayload(known: string): Buffer {
  const start = Buffer.alloc(5)
  start.writeInt32LE(protocolVersion, 0)
  start.writeUInt8(1, 4)
  return Buffer.concat([start, Buffer.from(known, 'hex').reverse(), Buffer.alloc(32)])
}

/** How many headers a `headers` message holds. Throws when it does not have the length that goes with them. */
export function headerCount(payload: Buffer): number {
  const first = payload.readUInt8(0)
  const [count, start] = first < 0xfd ? [first, 1] : [payload.readUInt16LE(1), 3]
  // 80 bytes and a transaction count of zero each.
  if (payload.length !== start + count * 81) throw new Error('headers of a wrong length')
  return count
}

function checksum(payload: Buffer): Buffer {
  const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest()
  return hash(hash(payload)).subarray(0, 4)
}

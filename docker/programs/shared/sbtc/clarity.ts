/**
 * Clarity values from their consensus bytes, as a node answers a read-only call. Strict: what would not give the same bytes again is
 * refused, so that no answer can mean two things.
 */

/** An answer that cannot be relied on; the message says why. */
export class UnreliableAnswer extends Error {}

export interface Principal {
  readonly version: number
  readonly hash160: Buffer
  /** The name of a contract. */
  readonly contract?: string
}

/** A uint, a buffer, a principal, a list or a tuple. Other kinds are of no use here, and refused. */
export type ClarityValue = bigint | Buffer | Principal | readonly ClarityValue[] | ReadonlyMap<string, ClarityValue>

const deepest = 8
const contractOrField = /^([a-zA-Z][a-zA-Z0-9\-_!?+<>=/*]*|[-+=/*]|[<>]=?)$/

/** The value of the text 0x… in a node's answer. Throws UnreliableAnswer for anything else. */
export function decodeClarity(text: unknown): ClarityValue {
  if (typeof text !== 'string' || !/^0x(?:[0-9a-f]{2})+$/.test(text)) throw new UnreliableAnswer('it is not 0x and pairs of lower-case hexadecimal digits')
  const reader = new Reader(Buffer.from(text.slice(2), 'hex'))
  const value = reader.value(0)
  if (reader.left > 0) throw new UnreliableAnswer(`${reader.left} bytes follow the value`)
  return value
}

class Reader {
  readonly #content: Buffer
  #at = 0

  constructor(content: Buffer) {
    this.#content = content
  }

  get left(): number {
    return this.#content.length - this.#at
  }

  value(depth: number): ClarityValue {
    if (depth > deepest) throw new UnreliableAnswer('it is nested too deep')
    const kind = this.#byte()
    switch (kind) {
      case 0x01: return BigInt(`0x${this.#take(16).toString('hex')}`)
      case 0x02: return this.#take(this.#length())
      case 0x05: return this.#principal()
      case 0x06: return { ...this.#principal(), contract: this.#name() }
      case 0x0b: return Array.from({ length: this.#count() }, () => this.value(depth + 1))
      case 0x0c: return this.#tuple(depth)
      default: throw new UnreliableAnswer(`it has a value of the kind 0x${kind.toString(16).padStart(2, '0')}, which is not expected`)
    }
  }

  #take(count: number): Buffer {
    if (count > this.left) throw new UnreliableAnswer(`it ends ${count - this.left} bytes early`)
    this.#at += count
    return this.#content.subarray(this.#at - count, this.#at)
  }

  #byte(): number {
    return this.#take(1)[0]!
  }

  #length(): number {
    return this.#take(4).readUInt32BE()
  }

  /** How many values follow; each takes a byte at least. */
  #count(): number {
    const count = this.#length()
    if (count > this.left) throw new UnreliableAnswer(`it announces ${count} values, and has ${this.left} bytes left`)
    return count
  }

  #principal(): Principal {
    const version = this.#byte()
    if (version > 31) throw new UnreliableAnswer(`no address has the version ${version}`)
    return { version, hash160: this.#take(20) }
  }

  #name(): string {
    const name = this.#take(this.#byte()).toString('latin1')
    if (name.length > 128 || !contractOrField.test(name)) throw new UnreliableAnswer('a name in it is not a Clarity name')
    return name
  }

  #tuple(depth: number): ReadonlyMap<string, ClarityValue> {
    const fields = new Map<string, ClarityValue>()
    let before = ''
    for (let count = this.#count(); count > 0; count -= 1) {
      const name = this.#name()
      if (name <= before) throw new UnreliableAnswer('the names of a tuple are not in order')
      fields.set(name, this.value(depth + 1))
      before = name
    }
    return fields
  }
}

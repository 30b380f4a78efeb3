/**
 * The token by which a standby says to the other host what it is. It is signed with a key made from the signer's own, so only a host
 * that holds it can make one. What it says can be looked up: the public key, and how often the signer's slots were written.
 */

import { createHmac, timingSafeEqual } from 'node:crypto'
import { isJsonObject, parseJson, toJson } from '../shared/json.ts'
import { OperatorError } from '../shared/program.ts'
import type { SignerKey } from '../shared/signer-key.ts'

const name = 'stacks-standby-1'
/** Seconds that a token counts; clocks of two hosts may differ by a few minutes. */
const [age, ahead] = [3600, 300]

/** What the node of a host knows of the signer's slots. */
export interface Slots {
  readonly cycle: bigint
  /** Heights of its Bitcoin and Stacks blocks. */
  readonly burn: bigint
  readonly stacks: bigint
  /** Versions by contract. */
  readonly slots: Readonly<Record<string, bigint>>
}

export interface Token extends Slots {
  /** When it was made, in seconds. */
  readonly at: bigint
  readonly host: string
  /** The signer's public key. */
  readonly key: string
  /** Whether the host was the active one before. */
  readonly demoted: boolean
}

export function makeToken(token: Token, key: SignerKey): string {
  const body = Buffer.from(toJson(token)).toString('base64url')
  return `${name}.${body}.${seal(body, key)}`
}

/** What a token of the other host says. Refused for one that is forged, old, of this host or of another key. */
export function readToken(text: string, host: string, key: SignerKey, now: number): Token {
  const [first, body = '', sealed = '', ...more] = text.trim().split('.')
  if (text.trim() === '') throw new OperatorError('TOKEN is missing: make handover-token prints it on the other host')
  if (first !== name || more.length > 0 || !/^[\w=-]+$/.test(body)) throw notOne()
  const [given, right] = [Buffer.from(sealed), Buffer.from(seal(body, key))]
  if (given.length !== right.length || !timingSafeEqual(given, right)) throw new OperatorError('the token was not made with this signer\'s key, or was changed')
  const token = parsed(Buffer.from(body, 'base64url').toString())
  const old = now - Number(token.at)
  if (token.key !== key.publicKey) throw new OperatorError('the token is for another key')
  if (token.host === host) throw new OperatorError('the token is of this very host')
  if (old > age) throw new OperatorError(`the token is ${Math.round(old / 60)} minutes old: make handover-token prints a new one on the other host`)
  if (old < -ahead) throw new OperatorError('the token is from the future: the clock of one of the hosts is wrong')
  return token
}

/** What guard --slots has printed. */
export function readSlots(text: string): Slots {
  const found = json(text)
  if (!areSlots(found)) throw new OperatorError('the guard did not say what the node knows')
  return { cycle: found.cycle, burn: found.burn, stacks: found.stacks, slots: found.slots }
}

function parsed(text: string): Token {
  const found = json(text)
  if (!areSlots(found) || typeof found['at'] !== 'bigint' || typeof found['host'] !== 'string' || typeof found['key'] !== 'string') throw notOne()
  return { cycle: found.cycle, burn: found.burn, stacks: found.stacks, slots: found.slots, at: found['at'], host: found['host'], key: found['key'], demoted: found['demoted'] === true }
}

function areSlots(found: unknown): found is Slots & Readonly<Record<string, unknown>> {
  return isJsonObject(found) && [found['cycle'], found['burn'], found['stacks']].every(isWhole) && isJsonObject(found['slots']) && Object.values(found['slots']).every(isWhole)
}

function isWhole(value: unknown): boolean {
  return typeof value === 'bigint' && value >= 0n
}

function json(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

function notOne(): OperatorError {
  return new OperatorError('this is no token of make handover-token, or not the whole of it')
}

function seal(body: string, { secret }: SignerKey): string {
  const own = createHmac('sha256', secret).update('stacks-signer-stack handover').digest()
  return createHmac('sha256', own).update(`${name}.${body}`).digest('hex')
}

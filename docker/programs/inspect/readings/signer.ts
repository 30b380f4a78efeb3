/** What node and signer tell of the signer's work, and which role it has. */

import type { Evidence } from '../evidence/evidence.ts'
import { fieldsOf, numberOf } from '../evidence/fields.ts'
import { ifKnown, Missing } from '../evidence/missing.ts'
import type { LogLine } from '../evidence/text.ts'

/** Public keys are compared without 0x, in small letters. */
export function keyText(value: unknown): string {
  return typeof value === 'string' ? value.toLowerCase().replace(/^0x/, '') : ''
}

/** A counter of the signer over all its labels. A series without any event does not exist, and counts 0. */
export function counter(seen: Evidence, name: string): number {
  const series = new RegExp(`^stacks_signer_${name}(?:\\{[^}]*\\})? ([0-9.e+]+)$`, 'gm')
  return [...seen.text('signer.metrics').matchAll(series)].reduce((sum, [, value]) => sum + numberOf(Number(value), name), 0)
}

/** By the signer set of the node; `weight` is undefined where the set is not known, and 0 where the signer is not in it. */
export interface Seat { readonly cycle: number; readonly weight: number | undefined }
export type Registration =
  | { readonly by: 'node'; readonly cycle: number; readonly weight: number; readonly next: Seat }
  | { readonly by: 'log'; readonly cycle: number; readonly registered: boolean }

/** Whether the signer is registered for this cycle: the node knows, and where it does not answer, the signer's log may. */
export function registration(seen: Evidence): Registration {
  const seats = seatsOf(seen)
  if (seats?.now.weight !== undefined) return { by: 'node', cycle: seats.now.cycle, weight: seats.now.weight, next: seats.next }
  const said = seen.has('marks.stacks-signer') ? inLog(seen.log('stacks-signer', 'marks')) : undefined
  if (!said) throw new Missing('neither the node nor the log of the signer tells')
  return said
}

function seatsOf(seen: Evidence): { readonly now: Seat; readonly next: Seat } | undefined {
  const cycle = ifKnown(() => seen.number('node.pox', 'reward_cycle_id'))
  if (cycle === undefined || seen.facts.publicKey === '') return undefined
  return { now: { cycle, weight: ifKnown(() => weightIn(seen, 'node.set')) }, next: { cycle: cycle + 1, weight: ifKnown(() => weightIn(seen, 'node.next-set')) } }
}

function weightIn(seen: Evidence, name: string): number {
  const { signers } = fieldsOf(seen.answer(name)['stacker_set'], name)
  if (!Array.isArray(signers)) throw new Missing(`${name} lists no signers`)
  const own = signers.map((one) => fieldsOf(one, name)).filter((one) => keyText(one['signing_key']) === seen.facts.publicKey)
  return own.reduce((sum, one) => sum + numberOf(one['weight'] ?? 1, `weight of ${name}`), 0)
}

/** The newest that the signer says of itself; it does at each Bitcoin block. */
function inLog(lines: readonly LogLine[]): Registration | undefined {
  const pattern = /(is|not) registered for reward cycle (\d+)|current_reward_cycle: (\d+).*registered_for_current: (true|false)/
  const [, is, cycle, current, said] = lines.map(({ text }) => pattern.exec(text)).findLast((match) => match !== null) ?? []
  return cycle ?? current ? { by: 'log', cycle: Number(cycle ?? current), registered: is === 'is' || said === 'true' } : undefined
}

/** What the signer says while it cannot begin, about every ten seconds. */
export const cannotBegin = 'Failed to initialize signer runloop'
/** After so many seconds it no longer just waits for its node to come up. */
export const tooLong = 180

/** For how many seconds the signer has said without a break that it cannot begin; undefined where it does not say so now. */
export function cannotBeginFor(seen: Evidence, lines: readonly LogLine[]): number | undefined {
  const started = seen.started('stacks-signer')
  let since: number | undefined
  let last = 0
  for (const { at, text } of lines.filter((line) => line.at >= started - 1)) {
    if (text.includes(cannotBegin)) {
      since ??= at
      last = at
    } else if (text.includes('registered for reward cycle') || isResponse(text)) {
      since = undefined
    }
  }
  return since !== undefined && last > seen.now - 60 ? seen.now - since : undefined
}

export function isResponse(text: string): boolean {
  return text.includes('Broadcasting block response')
}

/** By `make promote` and `make demote`. */
export function roleNow(seen: Evidence): 'active' | 'standby' {
  return seen.guard.state === 'standby' ? 'standby' : 'active'
}

/** Whether the node rightly runs without its observer: on a standby, or while the guard has not let the signer start. */
export function runsAlone(seen: Evidence): boolean {
  return seen.has('guard.verdict') ? seen.guard.state !== 'passed' : seen.facts.role !== 'active'
}

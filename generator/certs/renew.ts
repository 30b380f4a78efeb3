/** `certs renew`: which leaves need a new certificate, and what is written for it. */

import { error, hasErrors, warning, type Problem, type Result } from '../problem.ts'
import { date, daysLeft, dueDays } from './check.ts'
import { command, issuerOf, problemOf } from './first.ts'
import { inspect, leafDaysLeft, type CertFiles, type LeafState, type Setting, type State } from './inspect.ts'
import { day, leafDays, type Chance } from './issue.ts'
import { leafWrites, moveKey, type CertWrite } from './writes.ts'

export interface Renewal {
  readonly leaf: string
  readonly certificate: string
  /** Why it is renewed, for people. */
  readonly reasons: readonly string[]
  readonly newKey: boolean
}

export interface RenewPlan {
  readonly renewals: readonly Renewal[]
  readonly writes: readonly CertWrite[]
}

/**
 * Due is a leaf with fewer than 30 days, one that does not fit its place, and all of them with `force`, which makes new
 * keys too. Errors among the problems mean that something is due and cannot be renewed; nothing may be written then.
 */
export async function planRenewal(files: CertFiles, setting: Setting, chance: Chance, force: boolean): Promise<Result<RenewPlan>> {
  const state = await inspect(files, setting)
  const blocking = state.faults.filter(({ code }) => code !== 'expired')
  if (blocking.length > 0) {
    return { problems: blocking.map((one) => problemOf(one, one.code === 'missing' ? 'put it back: git restore, or from the host' : 'put the right file back')) }
  }
  const problems: Problem[] = []
  const renewals: Renewal[] = []
  const writes: CertWrite[] = []
  for (const leaf of state.leaves) {
    const reasons = reasonsFor(leaf, state, setting, force)
    problems.push(...reasons.problems)
    if (reasons.why.length === 0) continue
    const { place } = leaf
    renewals.push({ leaf: place.name, certificate: place.certificate, reasons: reasons.why, newKey: reasons.newKey })
    if (reasons.finishOnly) {
      writes.push(moveKey(place.key))
      continue
    }
    const issuer = issuerOf(state, files, setting)
    if (!issuer.value) return { problems: issuer.problems }
    if (issuerExpired(state, setting)) return { problems: [error('certificates', `the authority ${state.own!.commonName} has run out itself`, undefined, `replace it: ${command} rotate`)] }
    writes.push(...await leafWrites({ leaf, issuer: issuer.value, chance, now: setting.now, newKey: reasons.newKey }))
  }
  return hasErrors(problems) ? { problems } : { value: { renewals, writes }, problems }
}

interface Reasons {
  readonly why: readonly string[]
  readonly newKey: boolean
  /** Nothing but a key is to be put in its place. */
  readonly finishOnly: boolean
  readonly problems: readonly Problem[]
}

function reasonsFor(leaf: LeafState, state: State, setting: Setting, force: boolean): Reasons {
  const of = (why: readonly string[], newKey = false, problems: readonly Problem[] = []): Reasons => ({ why, newKey, finishOnly: false, problems })
  const faults = leaf.faults.filter(({ code }) => code !== 'no-key')
  if (force) return of(faults.length > 0 ? faults.map(({ file, message }) => `${file} ${message}`) : ['--force'], true)
  const badKey = faults.filter(({ code, file }) => code === 'unreadable-key' || (code === 'weak' && file === leaf.place.key))
  if (badKey.length > 0) return of([], false, badKey.map((one) => problemOf(one, `make a new pair: ${command} renew --force`)))
  if (faults.length > 0) {
    return { ...of(faults.map(({ file, message }) => `${file} ${message}`)), finishOnly: faults.every(({ code }) => code === 'half-swapped') }
  }
  const days = leafDaysLeft(leaf, setting.now)
  if (days === undefined || days >= dueDays) return of([])
  // Where the authority's own end is near, a new certificate would end with it: cron would make one every day.
  const best = Math.min(setting.now.getTime() + leafDays * day, state.own?.notAfter.getTime() ?? Infinity)
  if (best <= leaf.chain![0].notAfter.getTime() + day) {
    return of([], false, [error('authority-ends', `${leaf.place.certificate} has ${days} days left, as has its authority`, undefined, `replace the authority: ${command} rotate`)])
  }
  return of([`${days} days left`])
}

function issuerExpired({ own }: State, { now }: Setting): boolean {
  return own !== undefined && own.notAfter <= now
}

/** A warning when the authority will end before the next leaf would. */
export function authorityWarning({ own, authorities }: State, { now }: Setting): readonly Problem[] {
  const issuing = own ?? authorities[0]
  if (!issuing || daysLeft(issuing, now) >= leafDays) return []
  return [warning('authority-ends', `the authority ${issuing.commonName} ends on ${date(issuing.notAfter)}, and certificates with it`, undefined,
    `replace it in time: ${command} rotate`)]
}

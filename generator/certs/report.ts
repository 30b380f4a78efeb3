/** `certs status`: every certificate with its names, its issuer and what is left of it. */

import { warning, type Problem } from '../problem.ts'
import { date, daysLeft, dueDays, type Fault } from './check.ts'
import { command, bundlesDiffer, problemOf, providedHint, renewHint } from './first.ts'
import { inspect, leafDaysLeft, type CertFiles, type LeafState, type Setting, type State } from './inspect.ts'
import { authorityWarning } from './renew.ts'
import { rotationState } from './rotate.ts'

export interface Report {
  readonly lines: readonly string[]
  readonly data: Readonly<Record<string, unknown>>
  /** Broken things are errors among them. */
  readonly problems: readonly Problem[]
  /** Something works still, and ends within 30 days. */
  readonly due: boolean
}

/** Reads only; what the files hold cannot make it throw. */
export async function certificatesReport(files: CertFiles, setting: Setting): Promise<Report> {
  const state = await inspect(files, setting)
  const { now, mode, places } = setting
  const generated = mode === 'generated'
  const leaves = state.leaves.map((leaf) => ({ leaf, faults: leaf.faults.filter(({ code }) => code !== 'no-key'), days: leafDaysLeft(leaf, now) }))
  const dueLeaves = leaves.filter(({ days, faults }) => days !== undefined && days < dueDays && faults.length === 0)
  const dueAuthorities = issuing(state).filter((one) => daysLeft(one, now) < dueDays)
  const rotation = rotationState(state)
  return {
    due: dueLeaves.length > 0 || dueAuthorities.length > 0,
    problems: [
      ...state.faults.map((one) => problemOf(one, generated ? authorityHint(one) : providedHint(one))),
      ...leaves.flatMap(({ faults }) => faults.map((one) => problemOf(one, generated ? renewHint(one) : providedHint(one)))),
      ...dueLeaves.map(({ leaf, days }) => warning('certificate-due', `${leaf.place.certificate} has ${days} days left`, undefined,
        generated ? `renew it: ${command} renew` : 'ask whoever issues it for the next one')),
      ...(generated ? authorityWarning(state, setting) : dueAuthorities.map((one) => warning('authority-ends', `the authority ${one.commonName} ends on ${date(one.notAfter)}`, undefined,
        'ask your organisation for the next one'))),
      ...(generated && bundlesDiffer(state) ? [warning('certificates', `the copies of ${places.ca[0]!} differ`, undefined, `a run was cut off; finish it: ${command} rotate`)] : []),
    ],
    lines: [
      ...leaves.map(({ leaf }) => leafLine(leaf, now)),
      ...state.authorities.map((one) => `${'authority'.padEnd(width)}${one.commonName || 'without a name'}: ${span(daysLeft(one, now), one.notAfter)}${one === state.own ? '; its key is here' : ''}`),
      ...(rotation ? [`rotation: ${rotation}`] : []),
    ],
    data: {
      mode,
      certificates: leaves.map(({ leaf, faults, days }) => ({
        name: leaf.place.name, file: leaf.place.certificate, keyIsHere: leaf.key !== undefined,
        ...(leaf.chain && { names: leaf.chain[0].names, issuer: leaf.chain[0].issuerName, until: leaf.chain[0].notAfter.toISOString(), daysLeft: days }),
        faults: faults.map(({ code, file, message }) => ({ code, file, message })),
      })),
      authorities: state.authorities.map((one) => ({ name: one.commonName, until: one.notAfter.toISOString(), daysLeft: daysLeft(one, now), keyIsHere: one === state.own })),
      ...(rotation && { rotation }),
    },
  }
}

const width = 12

function leafLine({ place, chain, key }: LeafState, now: Date): string {
  const start = place.name.padEnd(width)
  if (!chain) return `${start}${place.certificate}: none that can be used`
  const [leaf] = chain
  return `${start}${place.certificate}: ${span(daysLeft(leaf, now), leaf.notAfter)}, for ${leaf.names.join(', ') || 'no name'}; from ${leaf.issuerName}${key ? '' : '; its key is not here'}`
}

function span(days: number, until: Date): string {
  return days < 0 ? `ran out on ${date(until)}` : `${days} day${days === 1 ? '' : 's'} left, until ${date(until)}`
}

/** Those on whose end something ends: during a rotation the old one's does not matter once nothing is from it. */
function issuing(state: State) {
  const names = state.leaves.flatMap(({ chain }) => (chain ? [chain[0].issuerName] : []))
  return state.authorities.filter((one) => names.includes(one.commonName))
}

function authorityHint({ code }: Fault): string {
  if (code === 'expired') return `replace it: ${command} rotate`
  if (code === 'missing') return 'put it back: git restore, or from the host; on the first run generating makes it'
  return 'put the right file back: git restore, or from the host'
}

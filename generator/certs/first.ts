/** What generating does for TLS: it makes what is missing, and never changes what is there. */

import { error, hasErrors, warning, type Problem, type Result } from '../problem.ts'
import { daysLeft, dueDays, type Fault } from './check.ts'
import { distinct, inspect, leafDaysLeft, type CertFiles, type LeafState, type Setting, type State } from './inspect.ts'
import { issueAuthority, type Chance, type Issuer } from './issue.ts'
import { leafWrites, type CertWrite } from './writes.ts'

export const command = 'create-stacks-signer-stack certs'

export interface Made {
  readonly writes: readonly CertWrite[]
  /** A line for each file; never a byte of a key. */
  readonly notes: readonly string[]
}

/** With problems among which there is an error, nothing may be written. Without `writes`, nothing is made. */
export async function makeMissing(files: CertFiles, setting: Setting, chance: Chance, writes: boolean): Promise<Result<Made>> {
  const state = await inspect(files, setting)
  const problems = setting.mode === 'provided' ? providedProblems(state, setting) : generatedProblems(state, files, setting, writes)
  if (hasErrors(problems)) return { problems }
  if (!writes || setting.mode === 'provided') return { value: { writes: [], notes: [] }, problems }
  const all: CertWrite[] = []
  const authority = await settledAuthority(state, files, setting, chance)
  all.push(...authority.writes)
  for (const leaf of state.leaves.filter(isMissing)) {
    if (!authority.issuer) throw new Error('a leaf without an authority got this far')
    all.push(...await leafWrites({ leaf, issuer: authority.issuer, chance, now: setting.now, newKey: false }))
  }
  return { value: { writes: all, notes: all.map((write) => note(write, setting)) }, problems }
}

function note(write: CertWrite, { places }: Setting): string {
  return write.path === places.authorityKey ? `${write.path} (new; whoever has it can pass for either host: keep it off both)` : `${write.path} (new)`
}

interface Authority { readonly issuer?: Issuer; readonly writes: readonly CertWrite[] }

/** The bundle as it is, or a new one: from the key that a killed run has left, or from a new key. */
async function settledAuthority({ bundles: [known], own }: State, files: CertFiles, { stackName, places, now }: Setting, chance: Chance): Promise<Authority> {
  const stored = files.get(places.authorityKey)
  const key = stored ?? chance.key()
  const text = known ? files.get(known.file)! : await issueAuthority({ stackName, key, serial: chance.serial(), now })
  const certificate = own?.pem ?? text
  const missing = places.ca.filter((path) => !files.has(path))
  return {
    ...((own || !known) && { issuer: { certificate, key } }),
    writes: [
      ...(known || stored !== undefined ? [] : [{ kind: 'add', path: places.authorityKey, text: key, secret: true } as const]),
      ...missing.map((path) => ({ kind: 'add', path, text, secret: false } as const)),
    ],
  }
}

function isMissing({ place, faults }: LeafState): boolean {
  return faults.some(({ code, file }) => code === 'missing' && file === place.certificate)
}

function generatedProblems(state: State, files: CertFiles, { places, now }: Setting, writes: boolean): readonly Problem[] {
  const problems: Problem[] = []
  const bundleMissing = state.bundles.length === 0 && state.faults.every(({ code }) => code === 'missing')
  const missing = state.leaves.filter(isMissing)
  for (const one of state.faults) {
    if (one.code === 'missing') continue
    if (one.code === 'expired') problems.push(problemOf(one, `replace the authority: ${command} rotate`))
    else problems.push(problemOf(one, one.file === places.authorityKey ? 'put the right key back' : 'put the right file back: git restore, or from the host'))
  }
  if (bundleMissing && missing.length < state.leaves.length) {
    problems.push(error('certificates', `${places.ca[0]!} is missing, and there are certificates that it must vouch for`, undefined, 'put it back: git restore, or from the host'))
  } else if (missing.length > 0 && !bundleMissing && !files.has(places.authorityKey)) {
    problems.push(error('certificates', `${missing.map(({ place }) => place.certificate).join(' and ')} cannot be made: ${places.authorityKey} is not here`, undefined,
      `run this where that key is kept, or put the certificate back`))
  }
  if (bundlesDiffer(state)) problems.push(warning('certificates', `the copies of ${places.ca[0]!} differ`, undefined, `a run was cut off; finish it: ${command} rotate`))
  for (const leaf of state.leaves.filter((one) => !isMissing(one))) problems.push(...leafProblems(leaf, now))
  return [...problems, ...(writes ? absentKeys(state) : [])]
}

/** Whether one copy of the bundle holds what another does not. */
export function bundlesDiffer({ bundles, authorities }: State): boolean {
  return bundles.some(({ certificates }) => distinct(certificates).length !== authorities.length)
}

function leafProblems(leaf: LeafState, now: Date): readonly Problem[] {
  const faults = leaf.faults.filter(({ code }) => code !== 'no-key')
  const days = leafDaysLeft(leaf, now)
  const due = faults.length === 0 && days !== undefined && days < dueDays
  return [
    ...faults.map((one) => problemOf(one, renewHint(one))),
    ...(due ? [warning('certificate-due', `${leaf.place.certificate} has ${days} days left`, undefined, `renew it: ${command} renew`)] : []),
  ]
}

/** What helps against a fault of a certificate that was made here. */
export function renewHint({ code }: Fault): string {
  if (code === 'unreadable-key' || code === 'weak') return `make a new pair: ${command} renew --force`
  if (code === 'half-swapped') return `a run was cut off; finish it: ${command} renew`
  if (code === 'other-key') return `put the right key back, or make a certificate for this one: ${command} renew`
  return `make a new one: ${command} renew`
}

/** As in a clone: keys are not committed, and nothing is made in their place. */
function absentKeys(state: State): readonly Problem[] {
  const absent = state.leaves.filter(({ chain, faults }) => chain && faults.some(({ code }) => code === 'no-key')).map(({ place }) => place.key)
  return absent.length === 0 ? [] : [warning('no-secrets-here', `${absent.join(' and ')} ${absent.length === 1 ? 'is' : 'are'} not here`, undefined,
    `the host of each must have it; nothing was made in its place. If it is lost: ${command} renew --force`)]
}

/** What an organisation gave is judged, and nothing is made. */
function providedProblems(state: State, { now }: Setting): readonly Problem[] {
  const faults = [...state.faults, ...state.leaves.flatMap((leaf) => leaf.faults)]
  const absent = faults.filter(({ code }) => code === 'no-key')
  // A clone has no key at all; one that lacks some is wrong.
  const clone = absent.length === state.leaves.length && state.leaves.every(({ chain }) => chain)
  const problems = faults.filter(({ code }) => code !== 'no-key' || !clone).map((one) => problemOf(one, providedHint(one)))
  const due = state.leaves.filter(({ chain, faults: own }) => chain && !own.some(({ code }) => code === 'expired') && daysLeft(chain[0], now) < dueDays)
  return [
    ...problems,
    ...(clone ? absentKeys(state) : []),
    ...due.map(({ place, chain }) => warning('certificate-due', `${place.certificate} has ${daysLeft(chain![0], now)} days left`, undefined, 'ask whoever issues it for the next one')),
  ]
}

export function providedHint({ code }: Fault): string {
  switch (code) {
    case 'missing': return 'TLS_CERTS=provided makes none: put yours there, in PEM, or write TLS_CERTS=generated'
    case 'no-key': return 'put the private key of the certificate there, in PEM, mode 0600'
    case 'untrusted': return 'put what stands between the certificate and its authority after it into the same file, and the authority itself into the bundle'
    case 'expired': return 'ask whoever issues it for the next one'
    default: return 'ask whoever issues it for another one, or write TLS_CERTS=generated'
  }
}

export function problemOf({ file, message }: Fault, hint: string): Problem {
  return error('certificates', `${file}${message.startsWith(':') ? '' : ' '}${message}`, undefined, hint)
}

/** Certificate and key of the authority that issues; a problem where its key is not here. */
export function issuerOf({ own }: State, files: CertFiles, { places }: Setting): Result<Issuer> {
  const key = files.get(places.authorityKey)
  if (!own || key === undefined) {
    return { problems: [error('certificates', `${places.authorityKey} is not here, and without it no certificate can be made`, undefined, 'run this where that key is kept')] }
  }
  return { value: { certificate: own.pem, key }, problems: [] }
}

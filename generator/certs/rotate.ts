/**
 * `certs rotate`: another authority in three steps. After each, what is deployed and what is not yet work together, so
 * the hosts may follow one after the other. Which step comes next is read from the files alone.
 */

import { error, type Result } from '../problem.ts'
import { command, issuerOf, problemOf } from './first.ts'
import { distinct, inspect, type CertFiles, type Setting, type State } from './inspect.ts'
import { day, issueAuthority, type Chance } from './issue.ts'
import { library } from './library.ts'
import { pendingKey } from './places.ts'
import { isIssuedBy, readCertificates, type Certificate } from './read.ts'
import { bundleWrites, leafWrites, moveKey, type CertWrite } from './writes.ts'

export interface RotationPlan {
  readonly step: 1 | 2 | 3
  readonly writes: readonly CertWrite[]
  readonly from: readonly string[]
  readonly to: string
}

/** Nobody means to replace an authority this young: more likely the last step was run twice. */
const youngest = 7 * day

/** The next step. With errors among the problems nothing may be written. */
export async function planRotation(files: CertFiles, setting: Setting, chance: Chance, force: boolean): Promise<Result<RotationPlan>> {
  const state = await inspect(files, setting)
  const faults = [
    ...state.faults.filter(({ code }) => code !== 'expired'),
    ...state.leaves.flatMap((leaf) => leaf.faults).filter(({ code }) => ['missing', 'unreadable', 'half-swapped', 'other-key', 'unreadable-key'].includes(code)),
  ]
  if (faults.length > 0) {
    return { problems: faults.map((one) => problemOf(one, state.faults.includes(one) ? 'put the right file back: git restore, or from the host' : `first: ${command} renew`)) }
  }
  if (state.nextKey) return state.next && bundlesHold(state, state.next) ? secondStep(state, state.next, files, setting, chance) : firstStep(state, files, setting, chance)
  const own = state.own
  if (!own) {
    return force ? firstStep(state, files, setting, chance)
      : { problems: [error('certificates', `${setting.places.authorityKey} is not here`, undefined, `run this where that key is kept; if it is lost: ${command} rotate --force`)] }
  }
  if (state.leaves.some(({ chain }) => !isIssuedBy(chain![0], own))) return secondStep(state, own, files, setting, chance)
  if (state.authorities.length > 1) return thirdStep(state, own, files, setting)
  if (!force && setting.now.getTime() - own.notBefore.getTime() < youngest) {
    return { problems: [error('young-authority', `the authority ${own.commonName} is not a week old, and no rotation is under way`, undefined, `if it is to be replaced all the same: ${command} rotate --force`)] }
  }
  return firstStep(state, files, setting, chance)
}

function bundlesHold({ bundles }: State, authority: Certificate): boolean {
  return bundles.every(({ certificates }) => certificates.some(({ x509 }) => x509.fingerprint256 === authority.x509.fingerprint256))
}

/** A new authority beside the old one: from now on both are trusted, and the old one still issues. */
async function firstStep(state: State, files: CertFiles, setting: Setting, chance: Chance): Promise<Result<RotationPlan>> {
  const { places, stackName, now } = setting
  const path = pendingKey(places.authorityKey)
  const waits = files.get(path)
  const key = waits ?? chance.key()
  const next = state.next ?? await readOne(await issueAuthority({ stackName, key, serial: chance.serial(), now }))
  const old = state.authorities.filter((one) => one !== state.next)
  return {
    value: {
      step: 1,
      from: old.map(({ commonName }) => commonName),
      to: next.commonName,
      writes: [
        ...(waits === undefined ? [{ kind: 'add', path, text: key, secret: true } as const] : []),
        ...bundleWrites(places, files, bundle([...old, next])),
      ],
    },
    problems: [],
  }
}

/** Both leaves from the new authority, with the keys that they have. Its key takes the old one's place last. */
async function secondStep(state: State, to: Certificate, files: CertFiles, setting: Setting, chance: Chance): Promise<Result<RotationPlan>> {
  const { places, now } = setting
  const waits = files.get(pendingKey(places.authorityKey))
  const issuer = waits === undefined ? issuerOf(state, files, setting) : { value: { certificate: to.pem, key: waits }, problems: [] }
  if (!issuer.value) return { problems: issuer.problems }
  const writes: CertWrite[] = []
  for (const leaf of state.leaves.filter(({ chain }) => !isIssuedBy(chain![0], to))) {
    writes.push(...await leafWrites({ leaf, issuer: issuer.value, chance, now, newKey: false }))
  }
  if (waits !== undefined) writes.push(moveKey(places.authorityKey))
  return { value: { step: 2, writes, from: others(state, to), to: to.commonName }, problems: [] }
}

/** The new authority alone. */
async function thirdStep(state: State, own: Certificate, files: CertFiles, { places }: Setting): Promise<Result<RotationPlan>> {
  return { value: { step: 3, writes: bundleWrites(places, files, bundle([own])), from: others(state, own), to: own.commonName }, problems: [] }
}

function others({ authorities }: State, to: Certificate): readonly string[] {
  return authorities.filter(({ x509 }) => x509.fingerprint256 !== to.x509.fingerprint256).map(({ commonName }) => commonName)
}

function bundle(certificates: readonly Certificate[]): string {
  return distinct(certificates).map(({ pem }) => pem).join('')
}

async function readOne(pem: string): Promise<Certificate> {
  const read = readCertificates(pem, await library())
  if (!read.value) throw new Error(`what was just made ${read.fault}`)
  return read.value[0]
}

/** The step that stands before its successor now, for people; undefined when no rotation is under way. */
export function rotationState({ nextKey, own, authorities, leaves }: State): string | undefined {
  if (nextKey) return 'between step 1 and 2: both authorities are trusted, the old one issues'
  if (!own || authorities.length < 2) return undefined
  return leaves.every(({ chain }) => chain && isIssuedBy(chain[0], own)) ? 'between step 2 and 3: both authorities are trusted, the new one issues' : 'within step 2'
}


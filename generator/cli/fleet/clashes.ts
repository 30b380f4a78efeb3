/** What two stacks of a fleet may not share: a signer key, a name or a port of one machine, a directory. */

import { existsSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Answers } from '../../answers/check.ts'
import type { AnswerKey } from '../../answers/schema.ts'
import { error, type Place, type Problem } from '../../problem.ts'
import { overlap as isShared } from '../../stack/data-directories.ts'
import type { Identity, PublishedPort, Role, Stack, Volume } from '../../stack/model.ts'
import { instead, overlap } from '../../stack/port-clashes.ts'

/** What is kept of a stack to compare it with the others: little, since there may be many. */
export interface Member {
  /** The answer file as it was named. */
  readonly file: string
  readonly directory: string
  /** The directory as it was named. */
  readonly shown: string
  readonly name?: string
  /** By its answers: a standby has the key of its signer, and does not sign. */
  readonly role?: Role
  readonly identity?: Identity
  readonly sbtcIdentity?: Identity
  readonly hosts: readonly Machine[]
  readonly places: Readonly<Partial<Record<AnswerKey, Place>>>
}

/** One machine of a stack. Two are apart where both have a name, or for want of one an address, and these differ. */
export interface Machine {
  readonly name?: string
  readonly address?: string
  readonly ports: readonly PublishedPort[]
  /** Folders of the machine for data. */
  readonly folders: readonly NonNullable<Volume['directory']>[]
}

/** The machines of a stack, as far as its answers tell them apart. */
export function machinesOf({ values }: Answers, { hosts }: Stack): readonly Machine[] {
  const address = values.PUBLIC_ADDRESS?.replace(/:\d+$/, '').toLowerCase()
  return hosts.map((host) => {
    const name = (host.name === 'node' ? values.NODE_HOST : host.name === 'signer' ? values.SIGNER_HOST : values.MACHINE)?.toLowerCase()
    return {
      ...(name && { name }), ...(address && host.name !== 'signer' && { address }),
      ports: host.services.flatMap(({ ports }) => ports), folders: host.volumes.flatMap(({ directory }) => directory ?? []),
    }
  })
}

function apart(a: Machine, b: Machine): boolean {
  if (a.name && b.name) return a.name !== b.name
  return a.address !== undefined && b.address !== undefined && a.address !== b.address
}

const keptPlaces = ['STACK_NAME', 'SIGNER_PRIVATE_KEY', 'SBTC_PRIVATE_KEY', 'SBTC_P2P_PORT', 'NODE_P2P_PORT', 'NODE_RPC_PUBLISH', 'NODE_TLS_PORT', 'SIGNER_TLS_PORT', 'BITCOIN_P2P_PUBLISH',
  'BITCOIN_DATA_DIR', 'STACKS_DATA_DIR', 'SIGNER_DATA_DIR', 'METRICS_PORT', 'PROMETHEUS_PORT', 'ALERTMANAGER_PORT', 'GRAFANA_PORT'] as const

export function placesOf(answers: Answers): Member['places'] {
  return Object.fromEntries(keptPlaces.flatMap((key) => {
    const place = answers.place(key)
    return place ? [[key, place] as const] : []
  }))
}

/** Every clash, told at the later of two stacks and naming the earlier. */
export function clashes(members: readonly Member[]): readonly Problem[] {
  const directories = sameDirectories(members)
  // Two answer files for one stack share all the rest by that.
  return directories.length > 0 ? directories : [...sameKeys(members), ...sameNames(members), ...samePorts(members), ...sameFolders(members)]
}

function at({ file, places }: Member, ...keys: readonly AnswerKey[]): Place {
  const key = keys.find((one) => places[one])
  return (key && places[key]) ?? { file, line: 1, column: 1 }
}

/** A standby may have the key of another stack: it is the second host of that signer. An sBTC signer has no standby. */
function sameKeys(members: readonly Member[]): readonly Problem[] {
  const first = new Map<string, Member>()
  const signing = members.flatMap((member) => [
    ...(member.identity && member.role !== 'standby' ? [['SIGNER_PRIVATE_KEY', member.identity, member] as const] : []),
    ...(member.sbtcIdentity ? [['SBTC_PRIVATE_KEY', member.sbtcIdentity, member] as const] : []),
  ])
  return signing.flatMap(([answer, { publicKey, address }, member]) => {
    const other = first.get(publicKey)
    if (!other) first.set(publicKey, member)
    return other ? [error('same-signer-key', `this stack signs as ${address}, and so does that of ${other.file}: one running signer per key`,
      at(member, answer), answer === 'SIGNER_PRIVATE_KEY' ? 'give each stack a key of its own; if it is the second host of that signer, write ROLE=standby' : 'give each stack a key of its own')] : []
  })
}

function sameNames(members: readonly Member[]): readonly Problem[] {
  const named = new Map<string, Member[]>()
  return members.flatMap((member) => {
    const others = named.get(member.name ?? '') ?? []
    named.set(member.name ?? '', [...others, member])
    const other = member.name === undefined ? undefined : others.find((one) => !member.hosts.every((host) => one.hosts.every((theirs) => apart(host, theirs))))
    return other ? [error('same-stack-name', `${member.name} is the stack of ${other.file} too: on one machine both would be one Compose project, with the same volumes`,
      at(member, 'STACK_NAME'), `write another STACK_NAME${elsewhere}`)] : []
  })
}

const elsewhere = '; if the stacks run on different machines, tell them apart with MACHINE'

function samePorts(members: readonly Member[]): readonly Problem[] {
  const taken = new Map<string, { readonly member: Member; readonly machine: Machine; readonly port: PublishedPort }[]>()
  const problems: Problem[] = []
  for (const member of members) {
    for (const machine of member.hosts) {
      for (const port of machine.ports) {
        const key = `${port.host}/${port.protocol}`
        const users = taken.get(key) ?? []
        const other = users.find((one) => one.member !== member && !apart(one.machine, machine) && overlap(one.port, port))
        if (other) problems.push(portProblem(member, port, other.member))
        users.push({ member, machine, port })
        taken.set(key, users)
      }
    }
  }
  return problems
}

/** Two stacks with data in one folder of one machine. */
function sameFolders(members: readonly Member[]): readonly Problem[] {
  const taken: { readonly member: Member; readonly machine: Machine; readonly path: string }[] = []
  return members.flatMap((member) => member.hosts.flatMap((machine) => machine.folders.flatMap(({ path, answer }) => {
    const other = taken.find((one) => one.member !== member && !apart(one.machine, machine) && isShared(one.path, path))
    taken.push({ member, machine, path })
    return other ? [error('same-directory', `${answer}=${path} shares a folder with the data of ${other.member.file}`, at(member, answer), `write folders beside each other${elsewhere}`)] : []
  })))
}

function portProblem(member: Member, { host, protocol, purpose, answer }: PublishedPort, other: Member): Problem {
  return error('same-port', `port ${host}/${protocol} (${purpose}) is that of ${other.file} too`, at(member, answer),
    `${instead(answer)}${answer === 'BITCOIN_P2P_PUBLISH' ? ' in one of the two' : ''}${elsewhere}`)
}

function sameDirectories(members: readonly Member[]): readonly Problem[] {
  const known = new Map<string, Member>()
  const problems: Problem[] = []
  const real = members.map((member) => ({ member, path: realOf(member.directory) }))
  for (const { member, path } of real) {
    const other = known.get(path)
    if (other) problems.push(error('same-directory', `${member.shown} is the directory of ${other.file} too`, at(member), 'name each answer file once'))
    else known.set(path, member)
  }
  for (const { member, path } of real) {
    for (let above = dirname(path); above !== dirname(above); above = dirname(above)) {
      const other = known.get(above)
      if (other) problems.push(error('nested-directory', `${member.shown} lies inside the directory of ${other.file}`, at(member), 'put the stacks beside each other'))
    }
  }
  return problems
}

/** Without links and, since some file systems know none, without case. What is not there yet stands in what is. */
function realOf(path: string): string {
  const below: string[] = []
  let there = path
  while (!existsSync(there) && dirname(there) !== there) {
    below.unshift(basename(there))
    there = dirname(there)
  }
  return join(existsSync(there) ? realpathSync(there) : there, ...below).toLowerCase()
}

/** Prepares each volume that is mounted. */

import { lstatSync } from 'node:fs'
import { paths } from '../../../generator/catalogue/container.ts'
import type { ConfigVolume, Consumer, DataVolume, StackFile } from '../../../generator/stack-file/schema.ts'
import { errorCode, systemReason } from '../../../generator/io/disk.ts'
import type { Owner } from '../shared/files.ts'
import { withdraw } from '../shared/guarded.ts'
import { ownerOf } from '../shared/owner.ts'
import { OperatorError, type Io } from '../shared/program.ts'
import { roleOf } from '../shared/role.ts'
import type { Root } from '../shared/root.ts'
import { readSignerKey } from '../shared/signer-key.ts'
import { readStackFile } from '../shared/stack-file.ts'
import { keptFiles, requireClearance, withhold, withholdAll } from './clearance.ts'
import { contentsOf, programsOf, type Content } from './contents.ts'
import { placeFile, placeRecord } from './data-place.ts'
import { prepareConfig, prepareData, preparePrograms } from './volumes.ts'

type WithConfig = Consumer & { readonly config: ConfigVolume }
type WithData = Consumer & { readonly data: DataVolume }

export function prepare(at: Root, io: Io): number {
  const stack = known(at)
  const { consumers, programs } = stack
  const { role } = roleOf(at)
  // Everything is read and checked before the first byte is written.
  const configs = consumers.filter((one): one is WithConfig => one.config !== undefined && isFolder(at(one.config.path)))
    .map((one) => ({ one, wanted: withPlace(at, stack, one, contentsOf(at, one.config, one.guarded === true && role === 'standby')) }))
  const data = consumers.filter((one): one is WithData => one.data !== undefined && isFolder(at(one.data.path)))
  const guarded = data.filter((one) => one.guarded && one.config && isFolder(at(one.config.path)))
    .map((one) => ({ one, publicKey: readSignerKey(at).publicKey }))
  const copied = programs && isFolder(at(programs.path)) ? { path: programs.path, wanted: programsOf(at, programs.files) } : undefined
  if (configs.length + data.length === 0) throw new OperatorError('no volume is mounted; start it with "docker compose up -d", not by hand')
  const owner = ({ uid, gid }: Owner) => ownerOf(`${uid}:${gid}`, io)
  for (const { publicKey } of guarded) onDisk(paths.signerConfig, () => { withhold(at, role, publicKey) })
  for (const { one, wanted } of configs) onDisk(one.config.path, () => { prepareConfig(at(one.config.path), owner(one), wanted, one.guarded ? keptFiles : [], sayOf(one, io)) })
  if (copied) onDisk(copied.path, () => { preparePrograms(at(copied.path), owner({ uid: 0, gid: 0 }), copied.wanted, (line) => { io.say(`programs: ${line}`) }) })
  for (const one of data) onDisk(one.data.path, () => { prepareData(at(one.data.path), owner(one), one, sayOf(one, io)) })
  for (const { one, publicKey } of guarded) {
    onDisk(paths.signerConfig, () => { requireClearance(at, role, publicKey, owner(one), sayOf(one, io)) })
    sayOf(one, io)(`this host is the ${role === 'standby' ? 'standby' : 'active one'}`)
  }
  return 0
}

/** With the record of the place of its data, where it has one. */
function withPlace(at: Root, stack: StackFile, one: WithConfig, wanted: ReadonlyMap<string, Content>): ReadonlyMap<string, Content> {
  const record = one.data && isFolder(at(one.data.path)) ? placeRecord(at, stack, { ...one, data: one.data }) : undefined
  return record ? new Map([...wanted, [placeFile, record]]) : wanted
}

/** Where nothing is known of this host, it is a standby whose signer gets no key. */
function known(at: Root): ReturnType<typeof readStackFile> {
  try {
    return readStackFile(at)
  } catch (error) {
    if (isFolder(at(paths.signerConfig))) onDisk(paths.signerConfig, () => { withholdAll(at) })
    if (isFolder(at(`${paths.signerData}/guard`))) onDisk(paths.signerData, () => { withdraw(at) })
    throw error
  }
}

const sayOf = ({ name }: Consumer, io: Io) => (line: string): void => { io.say(`${name}: ${line}`) }

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

function onDisk(path: string, action: () => void): void {
  try {
    action()
  } catch (error) {
    const code = errorCode(error)
    if (code === undefined) throw error
    throw new OperatorError(`${path}: ${systemReason(code)}; see that the disk has room and can be written to`)
  }
}

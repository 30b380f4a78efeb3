/** `backup seal` and `check`: the secrets, encrypted to the operator's age recipients, and a look at what was encrypted. */

import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { Parser } from 'tar/parse'
import type { ReadEntry } from 'tar/read-entry'
import { paths, placeholders, users } from '../../../generator/catalogue/container.ts'
import { errorCode } from '../../../generator/io/disk.ts'
import { open, seal as sealed } from '../shared/age.ts'
import { readContent, writeAtomically, writeJson } from '../shared/files.ts'
import { readInput } from '../shared/input.ts'
import { ownerOf } from '../shared/owner.ts'
import { OperatorError, type Io } from '../shared/program.ts'
import { publicKeyOf } from '../shared/public-key.ts'
import type { Root } from '../shared/root.ts'
import { privateKey } from '../shared/secrets.ts'
import { timestamp } from '../shared/time.ts'
import { faultOf, readConfig, sealed as names, settings, withLock } from './places.ts'

const most = 16 << 20
const key = `secrets/${placeholders.SIGNER_PRIVATE_KEY}`
/** As init sees the settings. */
const config = `${paths.stackConfig}/backup`

export async function seal(root: Root, io: Io): Promise<number> {
  const content = await read(io, 'secrets/ and what belongs to it')
  const { files } = await look(content, settings(root, config)('public_key'))
  const bytes = await sealed(readConfig(root, 'recipients.txt', config), content).catch((error: unknown) => {
    throw new OperatorError(`config/backup/recipients.txt: ${faultOf(error)}; see BACKUP_AGE_RECIPIENT, and generate the stack again`)
  })
  const owner = ownerOf(users.stacksSigner, io)
  const data = root(paths.backupData)
  await withLock(root, io, 'store', () => {
    writeAtomically(`${data}/${names.file}`, bytes, { mode: 0o600, owner })
    writeJson(`${data}/${names.note}`, { made: timestamp(), sha256: createHash('sha256').update(bytes).digest('hex'), files }, { owner })
  }, owner)
  io.say(`backup: ${files.length} files sealed; they go with the next backup`)
  return 0
}

export async function check(root: Root, io: Io): Promise<number> {
  const identity = await read(io, 'the age identity')
  const { files, publicKey } = await look(await open(identity.toString(), readSealed(root)), settings(root, config)('public_key'))
  io.say(`backup: the identity opens them: ${files.length} files, and the key is ${publicKey === '' ? 'a signer key' : `that of this stack, ${publicKey}`}`)
  return 0
}

function readSealed(root: Root): Buffer {
  try {
    return readContent(root(`${paths.backupDrill}/${names.file}`), 2 * most)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') throw new OperatorError('the newest backup holds no sealed secrets: make backup')
    if (errorCode(error) === 'EFBIG') throw new OperatorError(`${names.file} of the backup is larger than any that was made`)
    throw error
  }
}

async function read(io: Io, what: string): Promise<Buffer> {
  const content = await readInput(io, most)
  if (content.length > most) throw new OperatorError(`${what} have more than ${most >> 20} MB`)
  return content
}

/** The names of the files in the tar. Throws where the signer's key is not in it, or another one than that of `wanted`, if that is known. */
async function look(archive: Uint8Array, wanted: string): Promise<{ readonly files: readonly string[]; readonly publicKey: string }> {
  const files = await filesOf(archive)
  const value = files.get(key)?.toString('latin1').trim()
  if (value === undefined) throw new OperatorError(`${key} is not in it`)
  const publicKey = privateKey.pattern.test(value) ? publicKeyOf(value) : undefined
  if (publicKey === undefined) throw new OperatorError(`${key} holds no signer key`)
  if (wanted !== '' && publicKey !== wanted) throw new OperatorError(`${key} is the key of ${publicKey}, and this stack signs with ${wanted}`)
  return { files: [...files.keys()].sort(), publicKey: wanted }
}

/** The regular files of a tar by name, and the content of the signer's key. */
async function filesOf(archive: Uint8Array): Promise<ReadonlyMap<string, Buffer>> {
  const found = new Map<string, Buffer>()
  const notTar = () => new OperatorError('what is to be sealed is not a tar archive')
  await new Promise<void>((resolve, reject) => {
    const parser = new Parser({ strict: true, gzip: false, zstd: false })
    parser.on('entry', (entry: ReadEntry) => {
      const name = posix.normalize(entry.path)
      const pieces: Buffer[] = []
      entry.on('data', (piece: Buffer) => { if (name === key) pieces.push(piece) })
      entry.on('end', () => { if (entry.type.endsWith('File')) found.set(name, Buffer.concat(pieces)) })
    })
    parser.on('error', () => { reject(notTar()) })
    parser.on('end', resolve)
    parser.end(Buffer.from(archive))
  })
  return found
}

/**
 * What the volumes hold, compared with what init would write now. Runs with every mount read-only. Answers with JSON that holds words,
 * truth values and public keys, and never a secret: `files` maps a file of a volume to same, different or missing; `refused` is what
 * init would say; `tokensEqual` is null where only one side is here; `chain` says which parts of the node's chain there are.
 */

import { lstatSync } from 'node:fs'
import { paths } from '../../../generator/catalogue/container.ts'
import type { StackFile } from '../../../generator/stack-file/schema.ts'
import { errorCode } from '../../../generator/io/disk.ts'
import { readContent } from '../shared/files.ts'
import { OperatorError, type Io } from '../shared/program.ts'
import { publicKeyOf } from '../shared/public-key.ts'
import { roleOf } from '../shared/role.ts'
import type { Root } from '../shared/root.ts'
import { privateKey, readSecret } from '../shared/secrets.ts'
import { readStackFile } from '../shared/stack-file.ts'
import { contentsOf } from './contents.ts'

export function compare(at: Root, io: Io): number {
  const stack = readStackFile(at)
  io.write(`${JSON.stringify({ ...configs(at, stack), tokensEqual: tokensEqual(at), publicKeys: publicKeys(at), chain: chain(at, stack) })}\n`)
  return 0
}

function configs(at: Root, { consumers }: StackFile): { readonly files: Readonly<Record<string, string>>; readonly refused: string | null } {
  const files: Record<string, string> = {}
  let refused: string | null = null
  for (const { name, config, guarded } of consumers) {
    if (!config || !exists(at(config.path))) continue
    try {
      for (const [file, { bytes }] of contentsOf(at, config, guarded === true && roleOf(at).role === 'standby')) {
        const path = at(`${config.path}/${file}`)
        files[`${name}/${file}`] = !exists(path) ? 'missing' : contentOf(path)?.equals(bytes) ? 'same' : 'different'
      }
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error
      refused = error.message
    }
  }
  return { files, refused }
}

/** Undefined for what init does not write: a link, say. */
function contentOf(path: string): Buffer | undefined {
  try {
    return readContent(path, 16 << 20)
  } catch (error) {
    if (errorCode(error) === undefined) throw error
    return undefined
  }
}

/** The string that a filled config has for `key`. */
function valueOf(at: Root, path: string, key: string): string | undefined {
  return new RegExp(`^[ \\t]*${key}[ \\t]*=[ \\t]*"((?:[^"\\\\]|\\\\.)*)"`, 'm').exec(contentOf(at(path))?.toString() ?? '')?.[1]
}

function tokensEqual(at: Root): boolean | null {
  const node = valueOf(at, `${paths.nodeConfig}/node-config.toml`, 'auth_token')
  const signer = valueOf(at, `${paths.signerConfig}/signer-config.toml`, 'auth_password')
  return node === undefined || signer === undefined ? null : node === signer
}

/** By the place of each key; without those that are not there, or are not keys. */
function publicKeys(at: Root): Readonly<Record<string, string>> {
  const keys = { 'the signer\'s volume': valueOf(at, `${paths.signerConfig}/signer-config.toml`, 'stacks_private_key'), 'secrets/signer-private-key': storedKey(at) }
  return Object.fromEntries(Object.entries(keys).flatMap(([place, key]) => {
    const publicKey = key !== undefined && privateKey.pattern.test(key) ? publicKeyOf(key) : undefined
    return publicKey === undefined ? [] : [[place, publicKey]]
  }))
}

function storedKey(at: Root): string | undefined {
  try {
    return exists(at(paths.signerConfig)) ? readSecret(at, 'SIGNER_PRIVATE_KEY') : undefined
  } catch (error) {
    if (error instanceof OperatorError) return undefined
    throw error
  }
}

/** Which parts are there; empty where the node's volume is not. */
function chain(at: Root, { node }: StackFile): Readonly<Record<string, boolean>> {
  if (!node || !exists(at(paths.nodeData))) return {}
  const parts = { chainstate: 'chainstate', sortition: 'burnchain/sortition' }
  return Object.fromEntries(Object.entries(parts).map(([name, path]) => [name, exists(at(`${paths.nodeData}/${node.chainDirectory}/${path}`))]))
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

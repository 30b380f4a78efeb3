/** What belongs into the config volume of a consumer, from the stack's own files and from secrets/. */

import { readdirSync } from 'node:fs'
import { basename, relative } from 'node:path'
import { paths } from '../../../generator/catalogue/container.ts'
import type { ConfigVolume } from '../../../generator/stack-file/schema.ts'
import { errorCode, systemReason } from '../../../generator/io/disk.ts'
import { readMounted } from '../shared/files.ts'
import { OperatorError } from '../shared/program.ts'
import type { Root } from '../shared/root.ts'
import { readLine, readPem } from '../shared/secrets.ts'
import { fill, withoutObservers } from './fill.ts'

export interface Content { readonly bytes: Buffer; readonly mode: 0o400 | 0o444 }

/** By their paths in the volume. `keyless`: without the configs that hold the signer's key. */
export function contentsOf(at: Root, volume: ConfigVolume, keyless: boolean): ReadonlyMap<string, Content> {
  const wanted = new Map<string, Content>()
  const closed = (name: string, bytes: Buffer) => { wanted.set(name, { bytes, mode: 0o400 }) }
  const open = (name: string, bytes: Buffer) => { wanted.set(name, { bytes, mode: 0o444 }) }
  const { configs = {}, withoutObservers: copies = {}, scripts = [], certificates = [], keys = {}, folder, secrets = [] } = volume
  for (const [name, placeholders] of keyless ? [] : Object.entries(configs)) {
    const filled = fill(at, textOf(at, name), `config/${name}`, placeholders)
    closed(basename(name), Buffer.from(filled))
    for (const [copy] of Object.entries(copies).filter(([, original]) => original === name)) closed(copy, Buffer.from(withoutObservers(filled, `config/${name}`)))
  }
  for (const name of folder === undefined ? [] : filesIn(at, folder)) closed(name, read(at, 'config', `${folder}/${name}`))
  for (const name of scripts) open(name, read(at, 'docker/gate', name))
  for (const name of certificates) open(name, read(at, 'certs', name))
  for (const [name, secret] of Object.entries(keys)) closed(name, readPem(at, secret))
  for (const name of secrets) closed(name, readLine(at, name))
  return wanted
}

/** The programs of docker/, for everybody. */
export function programsOf(at: Root, files: readonly string[]): ReadonlyMap<string, Content> {
  return new Map(files.map((name) => [name, { bytes: read(at, 'docker', name), mode: 0o444 }]))
}

function textOf(at: Root, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(read(at, 'config', name))
  } catch (error) {
    if (error instanceof TypeError) throw new OperatorError(`config/${name} is not UTF-8 text; generate the stack again`)
    throw error
  }
}

/** The files of a folder in config/, by their paths in it. */
function filesIn(at: Root, folder: string): readonly string[] {
  const top = at(`${paths.stackConfig}/${folder}`)
  try {
    const found = readdirSync(top, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory())
    if (found.length > 0) return found.map((entry) => relative(top, `${entry.parentPath}/${entry.name}`)).sort()
  } catch (error) {
    if (errorCode(error) === undefined) throw error
  }
  throw new OperatorError(`config/${folder} is missing or empty; generate the stack again`)
}

const mounted = { config: paths.stackConfig, docker: paths.stackDocker, 'docker/gate': paths.stackGate, certs: paths.stackCerts } as const

function read(at: Root, folder: keyof typeof mounted, name: string): Buffer {
  try {
    return readMounted(at(`${mounted[folder]}/${name}`), 16 << 20)
  } catch (error) {
    const code = errorCode(error)
    if (code === undefined) throw error
    throw new OperatorError(`${folder}/${name} cannot be read: ${systemReason(code)}; generate the stack again`)
  }
}

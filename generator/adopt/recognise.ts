/** Which of the TOML files is the signer's and which the node's, told by their keys and not by their names. */

import { error, warning, type Place, type Problem, type Result } from '../problem.ts'
import { readToml, type TomlTable } from '../render/toml.ts'
import { locateKeys } from './locate.ts'
import type { ConfigFile, SourceFile } from './model.ts'

export interface Recognised {
  readonly signer: ConfigFile
  readonly node: ConfigFile
}

/** Exactly one of each must be there; a text that is no TOML is an error, for it could be either. */
export function recognise(tomls: readonly SourceFile[]): Result<Recognised> {
  const problems: Problem[] = []
  const found: Record<'signer' | 'node', ConfigFile[]> = { signer: [], node: [] }
  for (const { name, text } of tomls) {
    const clean = text.replace(/^\uFEFF/, '')
    const read = readToml(clean)
    const begin: Place = { file: name, line: 1, column: 1 }
    if ('fault' in read) {
      problems.push(error('bad-toml', `this is not TOML: ${read.fault.message}`, { file: name, line: read.fault.line, column: read.fault.column }))
      continue
    }
    const kind = kindOf(read.data)
    if (!kind) problems.push(warning('not-a-config', 'this is the config of neither a signer nor a node, and was left alone', begin))
    else found[kind].push({ file: name, data: read.data, place: locateKeys(name, clean) })
  }
  const { signer: [signer, secondSigner], node: [node, secondNode] } = found
  for (const second of [secondSigner, secondNode]) {
    if (second) problems.push(error('several', `this is another config of a ${second === secondNode ? 'node' : 'signer'}: one deployment is adopted at a time`,
      { file: second.file, line: 1, column: 1 }, 'put the files of one signer and its node into a directory of their own'))
  }
  // One that could not be read may be the one that seems to be missing.
  if (!problems.some(({ code }) => code === 'bad-toml')) problems.push(...missing(signer, node))
  return { ...(signer && node && { value: { signer, node } }), problems }
}

function missing(signer: ConfigFile | undefined, node: ConfigFile | undefined): readonly Problem[] {
  const say = (program: string, names: string, keys: string) =>
    error('no-config', `there is no config of a ${program}: a .toml file with ${keys}`, undefined, `put a copy of it there, for example as ${names}`)
  return [
    ...(signer ? [] : [say('signer', 'signer-config.toml', 'node_host and stacks_private_key')]),
    ...(node ? [] : [say('node', 'node-config.toml', '[node] and [burnchain]')]),
  ]
}

function kindOf(data: TomlTable): 'signer' | 'node' | undefined {
  const has = (key: string) => Object.hasOwn(data, key)
  if (has('stacks_private_key') || (has('node_host') && has('endpoint'))) return 'signer'
  return ['node', 'burnchain', 'connection_options', 'events_observer'].filter(has).length >= 2 ? 'node' : undefined
}

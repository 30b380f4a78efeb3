/**
 * Reads the directory of an existing deployment: the configs it may consist of, in it and in its usual folders. Nothing
 * outside of it is read, whatever links say, and nothing large.
 */

import { readdirSync, realpathSync, statSync } from 'node:fs'
import { basename, join, sep } from 'node:path'
import { label } from '../adopt/label.ts'
import type { Deployment, SourceFile } from '../adopt/model.ts'
import { error, type Problem, type Result } from '../problem.ts'
import { diskProblem, errorCode } from './disk.ts'
import { readRegularText } from './regular-file.ts'

const largest = 1024 * 1024
/** A directory with more names than this is no deployment's. */
const mostNames = 1000
/** Folders in which configs usually stand; no other is looked into. */
const usualFolders = new Set([
  'bitcoin', 'bitcoind', 'conf', 'config', 'configs', 'configuration', 'configurations', 'docker', 'etc', 'mainnet', 'node', 'signer', 'stacks',
  'stacks-blockchain', 'stacks-core', 'stacks-node', 'stacks-signer', 'testnet',
])
const deepest = 2

const composeNames = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml']
type Kind = 'toml' | 'compose' | 'env' | 'bitcoinConf'

interface Found {
  readonly files: { readonly kind: Kind; readonly source: SourceFile }[]
  readonly passedOver: { readonly name: string; readonly why: string }[]
  readonly seen: Set<string>
}

/** `shown` is the directory as it was named. */
export function readDeployment(directory: string, shown: string): Result<Deployment> {
  const found: Found = { files: [], passedOver: [], seen: new Set() }
  let root: string
  try {
    root = realpathSync(directory)
    if (!statSync(root).isDirectory()) return { problems: [error('no-deployment', `${label(shown)} is not a directory`, undefined, 'name the directory that holds the configs')] }
    look(root, root, '', 0, found)
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return { problems: [error('no-deployment', `${label(shown)}: there is no such directory`)] }
    return { problems: [diskProblem(cause, label(shown), 'read')] }
  }
  const problems = several(found)
  if (problems.length > 0) return { problems }
  const one = (kind: Kind) => found.files.find((file) => file.kind === kind)?.source
  const [compose, env, bitcoinConf] = [one('compose'), one('env'), one('bitcoinConf')]
  return {
    value: {
      directoryName: basename(root),
      tomls: found.files.filter(({ kind }) => kind === 'toml').map(({ source }) => source),
      ...(compose && { compose }), ...(env && { env }), ...(bitcoinConf && { bitcoinConf }),
      passedOver: found.passedOver,
    },
    problems: [],
  }
}

function several({ files }: Found): readonly Problem[] {
  return (['compose', 'bitcoinConf'] as const).flatMap((kind) => {
    const [first, second] = files.filter((file) => file.kind === kind)
    return first && second ? [error('several', `${first.source.name} and ${second.source.name} are both here: nothing tells which is in use`, undefined,
      'put a copy of the files of one deployment into a directory of their own')] : []
  })
}

function look(root: string, directory: string, prefix: string, depth: number, found: Found): void {
  const names = readdirSync(directory).sort()
  if (names.length > mostNames) {
    found.passedOver.push({ name: label(prefix || '.'), why: `more than ${mostNames} names` })
    return
  }
  for (const name of names) {
    const path = join(directory, name)
    const short = label(`${prefix}${name}`)
    const real = realOf(path)
    if (real === undefined) {
      if (kindOf(name, depth)) found.passedOver.push({ name: short, why: 'a link that leads nowhere' })
      continue
    }
    const inside = real === root || real.startsWith(root.endsWith(sep) ? root : `${root}${sep}`)
    const stat = statSync(real)
    if (stat.isDirectory()) {
      if (!inside || real !== path) found.passedOver.push({ name: `${short}/`, why: 'a link to a directory' })
      else if (depth < deepest && usualFolders.has(name.toLowerCase())) look(root, path, `${prefix}${name}/`, depth + 1, found)
      else found.passedOver.push({ name: `${short}/`, why: 'no folder in which configs usually stand' })
      continue
    }
    const kind = kindOf(name, depth)
    if (!kind) continue
    const read = !inside ? { why: 'a link that leads out of the directory' } : found.seen.has(real) ? { why: 'the same file under another name' } : readText(real)
    found.seen.add(real)
    if (typeof read !== 'string') found.passedOver.push({ name: short, why: read.why })
    else if (!(kind === 'toml' && /^(Cargo|pyproject|book|netlify)\.toml$/i.test(name))) found.files.push({ kind, source: { name: short, text: read } })
  }
}

function realOf(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch (cause) {
    if (['ENOENT', 'ELOOP'].includes(errorCode(cause) ?? '')) return undefined
    throw cause
  }
}

/** Compose and its `.env` count in the directory itself alone. */
function kindOf(name: string, depth: number): Kind | undefined {
  if (/\.toml$/i.test(name)) return 'toml'
  if (/^bitcoin\.conf$/i.test(name)) return 'bitcoinConf'
  if (depth > 0) return undefined
  return name === '.env' ? 'env' : composeNames.includes(name) ? 'compose' : undefined
}

function readText(path: string): string | { readonly why: string } {
  const read = readRegularText(path, { links: 'refuse', most: largest })
  return 'text' in read ? read.text : read
}

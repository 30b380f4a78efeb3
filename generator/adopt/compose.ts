/** What a Compose file says that matters here: which service runs which program, from which image, behind which ports. */

import { looksSecret } from '../answers/mask.ts'
import { error, type Problem, type Result } from '../problem.ts'
import { readYaml, type LocatedYaml } from '../render/read-yaml.ts'
import { interpolate } from './interpolate.ts'
import type { Origin, SourceFile } from './model.ts'
import { readPublished, type Published } from './published.ts'

export type Program = 'node' | 'signer' | 'bitcoind'

export interface ComposeService {
  readonly name: string
  readonly origin: Origin
  readonly program?: Program
  /** The image's name and tag after filling variables; the tag is absent where there is none, or a variable is not known, which makes it `partial`. */
  readonly image?: { readonly name: string; readonly tag?: string; readonly partial?: true; readonly origin: Origin }
  /** Entrypoint and command, as one text. */
  readonly command: string
  readonly ports: readonly { readonly published: Published | undefined; readonly origin: Origin }[]
  /** Every name under which other services reach it. */
  readonly names: readonly string[]
  readonly hostNetwork: boolean
  readonly platform?: { readonly value: string; readonly origin: Origin }
  readonly environment: readonly { readonly name: string; readonly origin: Origin }[]
  /** The rest of what it says. */
  readonly otherKeys: readonly string[]
}

export interface ComposeFacts {
  readonly name?: { readonly value: string; readonly origin: Origin }
  readonly services: readonly ComposeService[]
  readonly otherKeys: readonly { readonly name: string; readonly origin: Origin }[]
  /** The values of variables with a telling name: they may be neither shown nor written. */
  readonly secretTexts: readonly string[]
  /** The variables that it asks for. */
  readonly used: ReadonlySet<string>
}

/** What to do with a file whose services stand partly in others. */
export const writeOut = 'let Compose write one file: docker compose config --no-interpolate > compose.yaml in another directory, beside copies of the configs. Then adopt that directory'

type Table = Readonly<Record<string, unknown>>

/** Reads the file; `values` are those of the `.env` beside it. */
export function readCompose(source: SourceFile, values: ReadonlyMap<string, string>): Result<ComposeFacts> {
  const file = source.name
  const read = readYaml(source.text)
  if ('fault' in read) return { problems: [error('bad-yaml', `this is not YAML: ${read.fault.message}`, { file, line: read.fault.line, column: read.fault.column })] }
  const { data } = read
  if (isTable(data) && 'include' in data && !('services' in data)) {
    return { problems: [error('not-followed', 'the services come from the files in include, and these are not read', { file, line: 1, column: 1, ...read.place(['include']) }, writeOut)] }
  }
  if (!isTable(data) || !isTable(data['services'])) {
    return { problems: [error('not-compose', 'this is no Compose file: it has no services', { file, line: 1, column: 1 })] }
  }
  const used = new Set([...source.text.matchAll(/(?<!\$)\$\{?([A-Za-z_]\w*)/g)].map(([, name]) => name!))
  const reader: Reader = { at: (path) => ({ file, line: 1, column: 1, ...nearest(read, path) }), values }
  const named = typeof data['name'] === 'string' ? interpolate(data['name'], values).text : ''
  const services = Object.entries(data['services']).filter((entry): entry is [string, Table] => isTable(entry[1]))
    .map(([name, service]) => readService(name, service, reader))
  return {
    value: {
      ...(named !== '' && { name: { value: named, origin: reader.at(['name']) } }),
      services,
      otherKeys: Object.keys(data).filter((key) => key !== 'services' && key !== 'name').map((name) => ({ name, origin: reader.at([name]) })),
      used,
      secretTexts: Object.values(data['services']).flatMap((service) => (isTable(service) ? telling(service['environment']) : [])),
    },
    problems: twice(services),
  }
}

interface Reader {
  readonly at: (path: readonly (string | number)[]) => Origin
  readonly values: ReadonlyMap<string, string>
}

function readService(name: string, service: Table, { at, values }: Reader): ComposeService {
  const path = ['services', name]
  const command = words(service['entrypoint']).concat(words(service['command'])).map((word) => interpolate(word, values).text).join(' ')
  const image = typeof service['image'] === 'string' ? readImage(service['image'], at([...path, 'image']), values) : undefined
  const program = programOf(image?.name ?? '', command)
  const platform = typeof service['platform'] === 'string' ? interpolate(service['platform'], values).text : ''
  return {
    name, origin: at(path), command,
    ...(program && { program }),
    ...(image && { image }),
    ports: list(service['ports']).map((entry, index) => ({ published: readPublished(entry, values), origin: at([...path, 'ports', index]) })),
    names: [name, ...['container_name', 'hostname'].flatMap((key) => words(service[key])), ...aliases(service['networks'])],
    hostNetwork: service['network_mode'] === 'host',
    ...(platform !== '' && { platform: { value: platform, origin: at([...path, 'platform']) } }),
    environment: environmentNames(service['environment']).map(({ name: one, key }) => ({ name: one, origin: at([...path, 'environment', key]) })),
    otherKeys: Object.keys(service).filter((key) => !['image', 'ports', 'environment', 'platform'].includes(key)),
  }
}

function readImage(text: string, origin: Origin, values: ReadonlyMap<string, string>): NonNullable<ComposeService['image']> {
  const { text: filled, missing } = interpolate(text, values)
  const [, name = '', tag] = /^(.*?)(?::([\w][\w.-]*))?(?:@.*)?$/.exec(filled)!
  return { name, origin, ...(tag !== undefined && missing.length === 0 && { tag }), ...(missing.length > 0 && { partial: true as const }) }
}

function programOf(image: string, command: string): Program | undefined {
  if (/\bcheck-config\b/.test(command)) return undefined
  if (/\bstacks-signer\b.*\brun\b/.test(command)) return 'signer'
  if (/\bstacks-node\b.*\bstart\b/.test(command)) return 'node'
  const last = image.split('/').at(-1)!
  if (last === 'stacks-signer') return 'signer'
  if (/^stacks-(core|blockchain|node)$/.test(last)) return 'node'
  return /^bitcoin(d|-core|-knots)?$/i.test(last) || /\bbitcoind\b/.test(command) ? 'bitcoind' : undefined
}

/** Two nodes or two signers are two deployments, and nothing tells which is meant. */
function twice(services: readonly ComposeService[]): readonly Problem[] {
  return (['node', 'signer'] as const).flatMap((program) => {
    const [, second] = services.filter((one) => one.program === program)
    return second ? [error('several', `a second service runs stacks-${program}: one deployment is adopted at a time`, second.origin,
      'put the files of one signer and its node into a directory of their own')] : []
  })
}

function nearest(read: LocatedYaml, path: readonly (string | number)[]): ReturnType<LocatedYaml['place']> {
  // What came in through an alias has no place of its own.
  for (let length = path.length; length > 0; length -= 1) {
    const found = read.place(path.slice(0, length))
    if (found) return found
  }
  return undefined
}

function environmentNames(value: unknown): readonly { readonly name: string; readonly key: string | number }[] {
  if (isTable(value)) return Object.keys(value).map((name) => ({ name, key: name }))
  return list(value).map((one, key) => ({ name: String(one).split('=')[0]!, key }))
}

function telling(environment: unknown): readonly string[] {
  const pairs = isTable(environment) ? Object.entries(environment).map(([name, value]) => [name, String(value)] as const)
    : list(environment).map((one) => /^([^=]*)=?(.*)$/s.exec(String(one))!.slice(1) as [string, string])
  return pairs.flatMap(([name, value]) => (looksSecret(name) ? [value] : []))
}

function aliases(networks: unknown): readonly string[] {
  return isTable(networks) ? Object.values(networks).flatMap((one) => (isTable(one) ? words(one['aliases']) : [])) : []
}

function words(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string')
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

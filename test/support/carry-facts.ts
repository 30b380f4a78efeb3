/** Derives the data of the catalogue from the facts in test/facts/. Only what the generator needs is in the data. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from './repository.ts'

interface Key {
  readonly name: string; readonly type?: string; readonly range?: readonly number[]; readonly values?: readonly string[]
  readonly since: string; readonly removed: string | null; readonly secret?: boolean; readonly testBuildsOnly?: boolean
}
interface Image { readonly repository: string; readonly platforms: readonly string[]; readonly distros: readonly string[]; readonly alpineUsable: boolean }
interface Release { readonly version: string; readonly kind: 'node' | 'signer' | 'both'; readonly date: string; readonly images: { readonly node?: Image; readonly signer?: Image } }
interface TestnetHistory {
  readonly fromRelease: string; readonly bootstrap_node: string; readonly epochs: Readonly<Record<string, number>>
  readonly ustx_balance: readonly (readonly [string, number])[]; readonly burnchain: Readonly<Record<string, string | number>>; readonly pox5: Readonly<Record<string, string>>
}
interface Facts {
  readonly releases: readonly Release[]
  readonly signerConfig: { readonly keys: readonly Key[] }
  readonly nodeConfig: { readonly sections: Readonly<Record<string, { readonly keys?: readonly Key[] }>> }
  readonly epochs: { readonly lastMainnetHeightByFamily: Readonly<Record<string, string>>; readonly mainnetStarts: Readonly<Record<string, number | 'MAX'>>; readonly mainnetLastEpochByRelease: Readonly<Record<string, readonly [string, number | 'MAX']>> }
  readonly compatibility: { readonly signer: Readonly<Record<string, { readonly minNode: string; readonly maxNodeMainnet: string }>> }
  readonly dbSchema: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly networks: { readonly testnet: { readonly history: readonly TestnetHistory[]; readonly workingSubdir: string } }
}
interface Later { readonly releases: readonly string[]; readonly keysAsIn: string; readonly signerDbSchema: Readonly<Record<string, number>>; readonly removedSignerKeys: Readonly<Record<string, string>> }
interface Call { readonly by: string; readonly call: string; readonly since?: string; readonly until?: string }
export interface ImageFact { readonly image: string; readonly tag: string; readonly digest: string | null; readonly digestKind: string; readonly independentSources: number; readonly ownProject: boolean }

function read<T>(name: string): T {
  return JSON.parse(readFileSync(join(repository, 'test/facts', name), 'utf8')) as T
}

/** The text of each file in generator/catalogue/data/, by its name. */
export function catalogueData(): Readonly<Record<string, string>> {
  const facts = read<Facts>('stacks-releases.json')
  const later = read<Later>('later-releases.json')
  return {
    'releases.json': rows([...facts.releases.flatMap((release) => releaseRows(release, facts, later)), ...laterRows(facts, later)]),
    'signer-keys.json': rows(facts.signerConfig.keys.filter((key) => !key.testBuildsOnly).map((key) => keyRow(key, later.removedSignerKeys[key.name]))),
    'node-keys.json': rows(Object.entries(facts.nodeConfig.sections).flatMap(([section, { keys }]) => (keys ?? []).map((key) => ({ section, ...keyRow(key) })))),
    'refused-values.json': rows(read<{ readonly rows: readonly object[] }>('refused-values.json').rows),
    'networks.json': networksText(facts),
    'calls.json': rows(read<{ readonly calls: readonly Call[] }>('calls.json').calls.map(({ by, call, since, until }) => ({ by, call, ...(since && { since }), ...(until && { until }) }))),
    'digests.json': rows(read<readonly ImageFact[]>('images.json').filter(trusted).map(({ image, tag, digest, digestKind, independentSources }) =>
      ({ repository: image, tag, digest, index: digestKind === 'index', sources: independentSources }))),
  }
}

/** Each file of generator/catalogue/networks/, by its name. The history of the test network is in the facts. */
function networksText(facts: Facts): string {
  const folder = join(repository, 'generator/catalogue/networks')
  const entries = readdirSync(folder).sort().map((file) => {
    const { source: _, ...network } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { readonly source: string }
    return `  ${JSON.stringify(file.replace(/\.json$/, ''))}: ${JSON.stringify({ ...(file === 'testnet.json' && { releases: testnets(facts) }), ...network })}`
  })
  return `{\n${entries.join(',\n')}\n}\n`
}

function testnets({ networks }: Facts): readonly object[] {
  return networks.testnet.history.map((one) => ({
    fromRelease: one.fromRelease,
    node: { bootstrap_node: one.bootstrap_node, ...one.pox5 },
    burnchain: Object.fromEntries(Object.entries(one.burnchain).filter(([key]) => !/^(peer|rpc)_/.test(key))),
    epochs: Object.entries(one.epochs).sort(([a], [b]) => Number(a) - Number(b)),
    // As strings, because most numbers are larger than 2^53.
    balances: one.ustx_balance.map(([address, amount]) => [address, BigInt(amount).toString()]),
  }))
}

/** Index digests, digests with two independent sources, and those that the software's own project published. */
function trusted({ digest, digestKind, independentSources, ownProject }: ImageFact): boolean {
  return digest !== null && digestKind !== 'platform' && (digestKind === 'index' || independentSources >= 2 || ownProject)
}

function releaseRows(release: Release, facts: Facts, later: Later): readonly object[] {
  return (['node', 'signer'] as const).flatMap((program) => {
    const image = release.images[program]
    if (!image || (release.kind !== 'both' && release.kind !== program)) return []
    return [{
      program, version: release.version, date: release.date.slice(0, 10), ...imageFields(image),
      ...(program === 'node' && fork(release.version, facts)), ...(program === 'signer' && range(release.version, facts, later)),
      schemas: schemas(program, release.version, facts),
    }]
  })
}

function imageFields({ repository: name, platforms, distros, alpineUsable }: Image): object {
  return { repository: name, platforms: platforms.filter((one) => one !== 'linux/amd64/v3'), variants: distros, alpineUsable }
}

/** The Bitcoin block where this node leaves mainnet. That is the first epoch that the node has at another height or with other contracts. */
function fork(version: string, { epochs }: Facts): object {
  const own = /^diverges at (\d+)/.exec(epochs.lastMainnetHeightByFamily[version] ?? '')
  if (own) return { leavesMainnet: Number(own[1]) }
  const [last, height] = epochs.mainnetLastEpochByRelease[version]!
  const order = Object.entries(epochs.mainnetStarts).sort(([a], [b]) => Number(a) - Number(b))
  const at = order.findIndex(([epoch]) => epoch === last)
  const leaves = order[at]![1] === height ? order[at + 1] : order[at]
  return leaves && leaves[1] !== 'MAX' ? { leavesMainnet: leaves[1] } : {}
}

/** Removes the end of a range that ends at the newest release whose sources were read: no later release is known to end it. */
function range(version: string, { compatibility }: Facts, later: Later): object {
  const { minNode, maxNodeMainnet } = compatibility.signer[version]!
  return { minNode, ...(maxNodeMainnet !== later.keysAsIn && { maxNode: maxNodeMainnet }) }
}

function laterRows(facts: Facts, later: Later): readonly object[] {
  const model = facts.releases.find(({ version }) => version === later.keysAsIn)!
  return later.releases.flatMap((version) => (['node', 'signer'] as const).map((program) => ({
    program, version, ...imageFields(model.images[program]!), keysAsIn: later.keysAsIn,
    ...(program === 'signer' && range(later.keysAsIn, facts, later)),
    // The facts have no schemas of the node for these releases.
    ...(program === 'signer' && { schemas: { signerDb: newestUpTo(later.signerDbSchema, version) } }),
  })))
}

const databases = { node: ['chainstate', 'sortition', 'burnchain', 'marf', 'nakamotoStaging'], signer: ['signerDb'] } as const

function schemas(program: 'node' | 'signer', version: string, { dbSchema }: Facts): object {
  return Object.fromEntries(databases[program].map((name) => [name, dbSchema[name]![version]!]))
}

function newestUpTo(table: Readonly<Record<string, number>>, version: string): number {
  return table[Object.keys(table).sort().filter((one) => one <= version).at(-1)!]!
}

function keyRow({ name, type, range: limits, values, since, removed, secret }: Key, removedLater?: string): object {
  const gone = removed ?? removedLater
  return { name, ...(type && { type }), ...(limits && { range: limits }), ...(values && { values }), since, ...(gone && { removed: gone }), ...(secret && { secret }) }
}

/** Each row is one line, so that a diff shows one fact in a line. */
function rows(list: readonly object[]): string {
  return `[\n${list.map((row) => `  ${JSON.stringify(row)}`).join(',\n')}\n]\n`
}

/** The settings of the backups, from one JSON file that the generator writes. All mistakes in it are told at once. */

import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { paths } from '../../../generator/catalogue/container.ts'
import { isJsonObject } from '../shared/json.ts'
import type { Io } from '../shared/program.ts'
import { rootOf } from '../shared/root.ts'
import { faultOf, Misused } from './programs.ts'

/** What /v2/info of a node calls them. */
export const networkIds = { mainnet: 1, testnet: 0x80000000, regtest: 0x80000000 } as const

const text = (pattern: RegExp, what: string) => v.pipe(v.string(`must be ${what}`), v.regex(pattern, `must be ${what}`))
const folder = text(/^\/[^\0]*$/, 'an absolute path')
const list = (pattern: RegExp, what: string) => v.array(text(pattern, what), `must be a list, each ${what}`)
const number = (least: number) => v.pipe(v.number(`must be a number from ${least} to 10000`), v.integer('must be a whole number'), v.minValue(least, `must be at least ${least}`), v.maxValue(10_000, 'must be at most 10000'))
const strictObject = <const T extends v.ObjectEntries>(entries: T) =>
  v.strictObject(entries, ({ expected }) => (expected === 'never' ? 'is not known' : expected === 'Object' ? 'must be a JSON object' : 'is missing'))

const schema = strictObject({
  network: v.picklist(Object.keys(networkIds) as (keyof typeof networkIds)[], `must be one of ${Object.keys(networkIds).join(', ')}`),
  deployer: text(/^S[0-9A-HJKMNP-TV-Z]{28,41}$/, 'a Stacks address'),
  publicKey: text(/^0[23][0-9a-f]{64}$/, 'a compressed public key in lower-case hexadecimal'),
  database: text(/^postgres(?:ql)?:\/\/[^\s/?:@]+@[^\s/?@]*\/[A-Za-z_][A-Za-z0-9_-]*(?:\?\S*)?$/, 'postgresql://USER@HOST:PORT/NAME without a password'),
  passwordFile: v.optional(folder),
  /** The encrypted dumps; nothing else leaves the host. */
  store: folder,
  /** Where dumps are tried out. */
  scratch: folder,
  metrics: folder,
  /** The file with this host's own age identity, which is made if it is missing. */
  identity: folder,
  /** The operator's age public keys: without them, a lost host would take its backups along. */
  recipients: v.pipe(list(/^age1[0-9a-z]{50,120}$/, 'an age public key, not one of SSH'), v.minLength(1, 'must not be empty')),
  /** Nodes or APIs, asked in this order. */
  chain: v.pipe(list(/^https?:\/\/[^\s?#]+$/, 'an http address'), v.minLength(1, 'must not be empty')),
  /** Folders elsewhere. */
  copies: v.optional(list(/^\/[^\0]*$/, 'an absolute path'), []),
  keep: v.optional(strictObject({ last: v.optional(number(1), 7), daily: v.optional(number(0), 14), weekly: v.optional(number(0), 8), monthly: v.optional(number(0), 12) }), {}),
  /** Hour and minute of the daily dump in UTC. */
  at: v.optional(text(/^([01]\d|2[0-3]):[0-5]\d$/, 'hour and minute'), '03:17'),
  /** How many Bitcoin blocks a dump may lag behind the chain. */
  behind: v.optional(number(1), 200),
})

export type Config = v.InferOutput<typeof schema>
export type Policy = Config['keep']

/** The settings, and what each step needs besides. */
export interface Job extends Config {
  readonly stop: AbortSignal
  say(line: string): void
}

/** Throws Misused, with a line for each mistake. No value is shown: it may be a secret in the wrong place. */
export function readConfig(io: Pick<Io, 'environment'>): Config {
  const file = `${paths.sbtcBackupConfig}/sbtc-backup.json`
  let found: unknown
  try {
    found = JSON.parse(readFileSync(rootOf(io)(file), 'utf8'))
  } catch (error) {
    throw new Misused(`${file} cannot be read: ${error instanceof SyntaxError ? 'it is not JSON' : faultOf(error)}`)
  }
  const { success, issues, output } = v.safeParse(schema, isJsonObject(found) ? found : null)
  if (success) return output
  throw new Misused(issues.map((issue) => [`${file}:`, v.getDotPath(issue), issue.message].filter((part) => part !== null).join(' ')).join('\n'))
}

export const databaseName = ({ database }: Config): string => /^\w+:\/\/[^/]*\/([^?]*)/.exec(database)![1]!

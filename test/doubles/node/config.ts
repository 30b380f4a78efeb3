/** The node's TOML, read as strictly as the release does: sections, keys and types first, then what the values mean. */

import { parseAddress, type Address } from '../shared/address.ts'
import { checkKeys, integerOf, isTableList, parseToml, section, stringOf, type Table } from '../shared/toml.ts'
import type { Tables } from '../tables.ts'
import { valueProblem } from './config-values.ts'

export interface Observer {
  readonly endpoint: Address
  readonly keys: readonly string[]
  readonly timeoutMs: number
  readonly disableRetries: boolean
}

export interface NodeConfig {
  readonly mode: string
  readonly workingDir: string
  readonly rpc: Address
  readonly p2p: Address
  readonly bitcoin: Address
  readonly prometheus: Address | undefined
  readonly stacker: boolean
  readonly authToken: string | undefined
  readonly observers: readonly Observer[]
  /** What `/v2/pox` lists. */
  readonly epochs: readonly (readonly [name: string, start: number])[]
  readonly chainId: number
}

/** The config that `text` holds, or the line that the program ends with. Asks no name server. */
export function readNodeConfig(text: string, tables: Tables, environment: NodeJS.ProcessEnv): { readonly config: NodeConfig } | { readonly problem: string } {
  const parsed = parseToml(text)
  if ('problem' in parsed) return { problem: `Invalid config file: Invalid toml: ${parsed.problem}` }
  const { table } = parsed
  const [wrong] = shapeProblems(table, tables, text)
  if (wrong !== undefined) return { problem: `Invalid config file: Invalid toml: ${wrong}` }
  const problem = valueProblem(table, tables)
  if (problem !== undefined) return { problem }
  return { config: configOf(table, tables, environment) }
}

function shapeProblems(table: Table, { node: { sections } }: Tables, text: string): readonly string[] {
  const unknown = Object.keys(table).filter((name) => !Object.hasOwn(sections, name))
  return [
    ...unknown.map((name) => `unknown field \`${name}\`, expected one of ${Object.keys(sections).map((one) => `\`${one}\``).join(', ')}`),
    ...Object.entries(sections).flatMap(([name, { array, keys }]) => {
      const section = table[name]
      if (section === undefined) return []
      if (array && !isTableList(section)) return [`invalid type: expected a sequence for key \`${name}\``]
      return (isTableList(section) ? section : [section]).flatMap((one) => checkKeys(one, keys, { strict: true, text, where: name }))
    }),
  ]
}

function configOf(table: Table, tables: Tables, environment: NodeJS.ProcessEnv): NodeConfig {
  const node = section(table, 'node')
  const burnchain = section(table, 'burnchain')
  const mode = stringOf(burnchain, 'mode')!
  const { epochs } = burnchain
  const observers = table['events_observer']
  const prometheus = stringOf(node, 'prometheus_bind')
  // The variable counts only where there is a [node] to override.
  const workingDir = (table['node'] !== undefined && environment['STACKS_WORKING_DIR']) || stringOf(node, 'working_dir')
  return {
    mode,
    workingDir: workingDir ?? `/tmp/stacks-node-${process.pid}`,
    rpc: parseAddress(stringOf(node, 'rpc_bind') ?? '0.0.0.0:20443')!,
    p2p: parseAddress(stringOf(node, 'p2p_bind') ?? '0.0.0.0:20444')!,
    bitcoin: { host: (stringOf(burnchain, 'peer_host') ?? '0.0.0.0').replace(/^\[(.*)\]$/, '$1'), port: integerOf(burnchain, 'peer_port') ?? 8333 },
    prometheus: prometheus === undefined ? undefined : parseAddress(prometheus),
    stacker: node['stacker'] === true,
    authToken: stringOf(section(table, 'connection_options'), 'auth_token'),
    observers: (isTableList(observers) ? observers : []).map((one) => ({
      endpoint: parseAddress(stringOf(one, 'endpoint')!)!,
      keys: one['events_keys'] as readonly string[],
      timeoutMs: integerOf(one, 'timeout_ms') ?? 1000,
      disableRetries: one['disable_retries'] === true,
    })),
    epochs: isTableList(epochs)
      ? epochs.map((one) => [stringOf(one, 'epoch_name')!, integerOf(one, 'start_height')!] as const)
      : tables.node.mainnetEpochs,
    chainId: integerOf(burnchain, 'chain_id') ?? (mode === 'mainnet' ? 1 : 0x80000000),
  }
}

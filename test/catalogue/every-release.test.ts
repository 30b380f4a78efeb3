/**
 * For every release and network: what is generated holds only keys that this release accepts. The judge here reads the
 * facts as they were collected, and shares nothing with the catalogue.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import TOML from '@iarna/toml'
import { planText } from '../support/pipeline.ts'
import { repository } from '../support/repository.ts'

interface Key { readonly name: string; readonly type?: string; readonly values?: readonly string[]; readonly since: string; readonly removed: string | null; readonly required?: boolean; readonly testBuildsOnly?: boolean }
type Keys = { readonly keys?: readonly Key[] }
interface Facts {
  readonly releaseOrder: { readonly node: readonly string[]; readonly signer: readonly string[] }
  readonly signerConfig: { readonly keys: readonly Key[]; readonly acceptedKeysByRelease: Readonly<Record<string, readonly string[]>> }
  readonly nodeConfig: { readonly topLevelSections: readonly string[]; readonly sections: Readonly<Record<string, Keys>> }
  readonly epochs: { readonly configNames: Readonly<Record<string, readonly string[]>> }
  readonly networks: { readonly mainnet: { readonly forbiddenKeys: readonly string[] } }
}
interface Later { readonly releases: readonly string[]; readonly keysAsIn: string; readonly removedSignerKeys: Readonly<Record<string, string>> }

const read = <T>(name: string) => JSON.parse(readFileSync(join(repository, 'test/facts', name), 'utf8')) as T
const facts = read<Facts>('stacks-releases.json')
const later = read<Later>('later-releases.json')
const orders = { node: [...facts.releaseOrder.node, ...later.releases], signer: [...facts.releaseOrder.signer, ...later.releases] }

/** The release whose recorded keys are meant: its own, or those it is taken to have. */
const recorded = (version: string) => (later.releases.includes(version) ? later.keysAsIn : version)

/** By the position in the order of the facts, so that no number is compared. */
function accepts({ since, removed }: Key, version: string, order: readonly string[]): boolean {
  const at = (one: string) => {
    const index = order.indexOf(one)
    if (index < 0) throw new Error(`the facts name ${one}, which is no release`)
    return index
  }
  return at(since) <= at(version) && (removed === null || at(version) < at(removed))
}

function signerAccepts(version: string): readonly string[] {
  const gone = Object.entries(later.removedSignerKeys).filter(([, since]) => orders.signer.indexOf(version) >= orders.signer.indexOf(since)).map(([name]) => name)
  return facts.signerConfig.acceptedKeysByRelease[recorded(version)]!.filter((key) => !gone.includes(key))
}

function sectionAccepts(section: string, version: string): readonly Key[] {
  const name = section === 'mstx_balance' ? 'ustx_balance' : section
  return (facts.nodeConfig.sections[name]?.keys ?? []).filter((key) => !key.testBuildsOnly && accepts(key, recorded(version), facts.releaseOrder.node))
}

const signerOf = (node: string) => facts.releaseOrder.signer.concat(later.releases).filter((one) => one === node || one.startsWith(`${node}.`)).at(-1)!
const nodeOf = (signer: string) => (orders.node.includes(signer) ? signer : signer.replace(/\.\d+$/, ''))
const pairs = [...new Map([...orders.node.map((node) => [node, signerOf(node)] as const), ...orders.signer.map((signer) => [nodeOf(signer), signer] as const)]
  .map((pair) => [pair.join(' '), pair])).values()]

t.test('every release of the facts is among the pairs', async (t) => {
  t.strictSame([...new Set(pairs.map(([node]) => node))].sort(), [...orders.node].sort())
  t.strictSame([...new Set(pairs.map(([, signer]) => signer))].sort(), [...orders.signer].sort())
  t.ok(orders.node.length >= 34 && orders.signer.length >= 37)
})

const modes = { mainnet: ['full', 'external'], testnet: ['full', 'external'] } as const

for (const network of ['mainnet', 'testnet'] as const) {
  for (const [node, signer] of pairs) {
    t.test(`${network}: node ${node}, signer ${signer}`, async (t) => {
      for (const mode of modes[network]) {
        const { files } = planText([`STACK_NAME=s`, `NETWORK=${network}`, `STACKS_NODE_VERSION=${node}`, `STACKS_SIGNER_VERSION=${signer}`, 'ALLOW_UNSUPPORTED=yes',
          `BITCOIN_MODE=${mode}`, ...(mode === 'external' ? ['BITCOIN_HOST=bitcoin.example.net'] : []), 'PUBLIC_ADDRESS=203.0.113.7', ...everyKey(node, signer)].join('\n'))
        checkSigner(t, TOML.parse(files.get('config/signer-config.toml')!.content), signer, network)
        checkNode(t, TOML.parse(files.get('config/node-config.toml')!.content), node, network)
        const compose = files.get('docker-compose.yml')!.content
        for (const image of [`stacks-core:${node}`, `stacks-signer:${signer}`]) t.match(compose, new RegExp(`image: \\S+/${image.replaceAll('.', '\\.')}(@sha256:[0-9a-f]{64})?\\n`))
      }
    })
  }
}

/** Keys that came, or that went, in the midst of the releases: passed through wherever the facts say they are known. */
function everyKey(node: string, signer: string): readonly string[] {
  const wanted = [['node', 'txindex', 'true'], ['node', 'assume_present_anchor_blocks', 'true'], ['node', 'marf_compress', 'true'],
    ['connection_options', 'block_proposal_max_age_secs', '600'], ['connection_options', 'private_neighbors', 'true'], ['burnchain', 'socket_timeout', '30']] as const
  const signerKeys = [['tenure_idle_timeout_secs', '30'], ['validate_with_replay_tx', 'true'], ['reset_replay_set_after_fork_blocks', '2'], ['stackerdb_timeout_secs', '120']] as const
  return [
    ...wanted.filter(([section, key]) => sectionAccepts(section, node).some(({ name }) => name === key)).map(([section, key, value]) => `NODE__${section}__${key}=${value}`),
    ...signerKeys.filter(([key]) => signerAccepts(signer).includes(key)).map(([key, value]) => `SIGNER__${key}=${value}`),
  ]
}

function checkSigner(t: Test, config: TOML.JsonMap, version: string, network: string): void {
  const known = signerAccepts(version)
  for (const key of Object.keys(config)) t.ok(known.includes(key), `stacks-signer ${version} knows ${key}`)
  for (const key of facts.signerConfig.keys.filter(({ required }) => required)) t.ok(key.name in config, `stacks-signer ${version} gets ${key.name}`)
  t.equal(config['network'], network)
}

function checkNode(t: Test, config: TOML.JsonMap, version: string, network: string): void {
  for (const [section, value] of Object.entries(config)) {
    t.ok(facts.nodeConfig.topLevelSections.includes(section), `stacks-node knows [${section}]`)
    const known = sectionAccepts(section, version)
    for (const table of (Array.isArray(value) ? value : [value]) as TOML.JsonMap[]) {
      for (const [key, item] of Object.entries(table)) {
        const fact = known.find(({ name }) => name === key)
        t.ok(fact, `stacks-node ${version} knows ${section}.${key}`)
        if (fact?.type) typed(t, `${section}.${key}`, fact.type, item)
      }
    }
  }
  const burnchain = config['burnchain'] as TOML.JsonMap
  const epochs = (burnchain['epochs'] ?? []) as { readonly epoch_name: string; readonly start_height: number }[]
  const names = facts.epochs.configNames[recorded(version)]!
  for (const { epoch_name: name } of epochs) t.ok(names.includes(name), `stacks-node ${version} knows epoch ${name}`)
  if (epochs.length > 0) t.strictSame(epochs.map(({ epoch_name: name }) => name), names.slice(0, epochs.length), 'the list skips none')
  if (network === 'testnet') t.ok(epochs.length > 5 && Array.isArray(config['ustx_balance']))
  else for (const rule of facts.networks.mainnet.forbiddenKeys) forbidden(t, config, rule)
}

function typed(t: Test, name: string, type: string, item: unknown): void {
  const is = Array.isArray(item) ? 'array' : typeof item === 'bigint' || Number.isInteger(item) ? 'integer' : typeof item === 'number' ? 'float' : typeof item
  const fits = type === is || (type === 'enum' && is === 'string') || (type === 'float' && is === 'integer') || (type === 'bool' && is === 'boolean') || (/\[\]$|^array-of-tables /.test(type) && is === 'array')
  t.ok(fits, `${name} is ${type}, found ${is}`)
}

/** `burnchain.first_burn_block_*`, `ustx_balance (non-empty)`, `node.x=true`. */
function forbidden(t: Test, config: TOML.JsonMap, rule: string): void {
  const [, path = '', value] = /^([\w.*]+)(?:=(\w+)| .*)?$/.exec(rule)!
  const [section = '', key] = path.split('.')
  const table = config[section]
  const hit = key === undefined ? table !== undefined : Object.entries((table ?? {}) as TOML.JsonMap)
    .some(([name, item]) => new RegExp(`^${key.replaceAll('*', '.*')}$`).test(name) && (value === undefined || String(item) === value))
  t.notOk(hit, `mainnet refuses ${rule}`)
}

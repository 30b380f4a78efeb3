/** EVENT_OBSERVERS: observers with commas between them, each `HOST:PORT`, then what it wants to hear and how it is told, with blanks. */

import type { Fault } from './fault.ts'
import { listWords } from './list.ts'
import { shown } from './mask.ts'

export interface EventObserver {
  /** A DNS name, an IPv4 address or an IPv6 address in brackets, as it is written; `host` is the machine that runs the stack. */
  readonly host: string
  readonly port: number
  readonly keys: readonly string[]
  readonly timeoutMs: number
  readonly retries: boolean
}

const usualTimeout = 10_000
const [leastTimeout, mostTimeout] = [100, 600_000]

/**
 * Keys as `EventKeyType::from_string` of stackslib/src/config/mod.rs reads them: a word, `ADDRESS.contract::event`, or `ADDRESS.contract.asset`.
 * The node panics at any other.
 */
const words = ['*', 'stx', 'memtx', 'burn_blocks', 'microblocks', 'stackerdb', 'block_proposal']
const contractName = '[A-Za-z][A-Za-z0-9_-]{0,127}'
const ofContract = new RegExp(`^S[0-9A-HJKMNP-TV-Z]{27,40}\\.${contractName}(::[A-Za-z][A-Za-z0-9_!?+<>=/*-]{0,127}|\\.${contractName})$`)

/** What is wrong with the answer. */
export function eventObserversFault(value: string, hostFault: (host: string) => Fault | undefined): Fault | undefined {
  const parts = listWords(value)
  const endpoints = parts.map((part) => part.split(/ +/)[0]!.toLowerCase())
  const twice = endpoints.find((one, index) => one !== '' && endpoints.indexOf(one) !== index)
  return parts.map((part) => observerFault(part, hostFault)).find((fault) => fault) ?? (twice === undefined ? undefined : { message: `names ${shown(twice)} twice` })
}

function observerFault(part: string, hostFault: (host: string) => Fault | undefined): Fault | undefined {
  const [endpoint = '', ...rest] = part.split(/ +/)
  const [, host = '', port = ''] = /^(.+):([1-9][0-9]{0,4})$/.exec(endpoint) ?? []
  if (Number(port) === 0 || Number(port) > 65535 || hostFault(host)) {
    return { message: `expects observers like api.example.net:3700, with commas between them, found ${shown(endpoint)}`, hint: 'a host and a port alone; behind them what it wants to hear, as in: api.example.net:3700 stx burn_blocks' }
  }
  for (const word of rest) {
    const [, name, said = ''] = /^(timeout_ms|retries)=(.*)$/.exec(word) ?? []
    if (name === 'timeout_ms' && !(/^[1-9][0-9]{2,5}$/.test(said) && Number(said) >= leastTimeout && Number(said) <= mostTimeout)) return { message: `expects timeout_ms from ${leastTimeout} to ${mostTimeout}, found ${shown(said)}` }
    if (name === 'retries' && said !== 'on' && said !== 'off') return { message: `expects retries=on or retries=off, found ${shown(word)}` }
    if (name === undefined && !words.includes(word) && !ofContract.test(word)) {
      return { message: `expects a key of events_keys, timeout_ms= or retries=, found ${shown(word)}`, hint: `keys are ${words.join(', ')}, ADDRESS.contract::event and ADDRESS.contract.asset` }
    }
  }
  const twice = rest.find((word, index) => rest.findIndex((one) => one.replace(/=.*/, '=') === word.replace(/=.*/, '=')) !== index)
  return twice === undefined ? undefined : { message: `names ${shown(twice)} twice for ${shown(endpoint)}` }
}

/** The observers of an answer that `eventObserversFault` found right. */
export function readEventObservers(value: string): readonly EventObserver[] {
  return listWords(value).map((part) => {
    const [endpoint = '', ...rest] = part.split(/ +/)
    const at = endpoint.lastIndexOf(':')
    const option = (name: string) => rest.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1)
    const keys = rest.filter((word) => !/^(timeout_ms|retries)=/.test(word))
    return {
      host: endpoint.slice(0, at), port: Number(endpoint.slice(at + 1)), keys: keys.length > 0 ? keys : ['*'],
      timeoutMs: Number(option('timeout_ms') ?? usualTimeout), retries: option('retries') !== 'off',
    }
  })
}

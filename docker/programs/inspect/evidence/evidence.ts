/**
 * What docker/host/evidence.sh has gathered, read distrustfully: every answer in it may be missing, an error, or not what it
 * should be. A question for which there is no evidence throws Missing; there are no defaults.
 */

import { type Facts, parseFacts } from '../facts.ts'
import { type ComposeService, parseCompose } from './compose.ts'
import { type Container, type Neighbour, parseContainer, parseNeighbour } from './container.ts'
import { type Fields, numberOf, parseFields } from './fields.ts'
import { Missing } from './missing.ts'
import { type LogLine, logLines, plain, secondsOf } from './text.ts'
import { readStream, type Section, type Stream } from './stream.ts'

const guardStates = ['waiting', 'watching', 'passed', 'refused', 'standby'] as const
export interface GuardVerdict { readonly state: typeof guardStates[number]; readonly words: string }

export class Evidence {
  readonly mode: string
  readonly complete: boolean
  readonly #sections: Stream['sections']
  readonly #parsed = new Map<string, unknown>()

  constructor(bytes: Buffer) {
    const stream = readStream(bytes)
    this.mode = stream.mode
    this.complete = stream.complete && stream.rest.length === 0
    this.#sections = stream.sections
  }

  get sections(): Stream['sections'] {
    return this.#sections
  }

  /** The answer whatever came of it; undefined where nobody asked. */
  section(name: string): Section | undefined {
    return this.#sections.get(name)
  }

  /** Whether the question was answered. */
  has(name: string): boolean {
    return this.#sections.get(name)?.code === 0
  }

  /** What was said on stdout. */
  text(name: string): string {
    const section = this.#sections.get(name)
    if (!section) throw new Missing(`${name} was not asked`)
    if (section.code !== 0) throw new Missing(`${name}: ${lastLine(section.err) || `ended with ${section.code}`}`)
    return section.out
  }

  /** Its lines that are not empty. */
  lines(name: string): readonly string[] {
    return this.text(name).split('\n').filter((line) => line.trim() !== '')
  }

  /** The words of each line. */
  rows(name: string): readonly (readonly string[])[] {
    return this.lines(name).map((line) => line.trim().split(/\s+/))
  }

  /** Why the question has no answer: the last thing that was said on stderr. */
  reason(name: string): string {
    return lastLine(this.#sections.get(name)?.err ?? '') || 'no answer'
  }

  /** The JSON object that was said. */
  answer(name: string): Fields {
    return this.#once(`answer ${name}`, () => parseFields(this.text(name), name))
  }

  number(name: string, key: string): number {
    return numberOf(this.answer(name)[key], `${key} of ${name}`)
  }

  get now(): number {
    const text = this.text('now').trim()
    if (!/^\d+$/.test(text)) throw new Missing('the time is not a number')
    return Number(text)
  }

  get facts(): Facts {
    return this.#once('facts', () => parseFacts(this.text('facts')))
  }

  /** What the Compose files say now. */
  get compose(): ReadonlyMap<string, ComposeService> {
    return this.#once('compose', () => parseCompose(this.text('config')))
  }

  /** The containers of this stack by service. */
  get containers(): ReadonlyMap<string, Container> {
    return this.#once('containers', () => new Map(this.lines('containers').map(parseContainer).map((one) => [one.service, one])))
  }

  /** Every other container of the engine. */
  get neighbours(): readonly Neighbour[] {
    const own = new Set([...this.containers.values()].map(({ id }) => id))
    return this.#once('neighbours', () => this.lines('neighbours').map(parseNeighbour)).filter(({ id }) => !own.has(id))
  }

  /** The service's container. That there is none is a finding of another check. */
  container(service: string): Container {
    const found = this.containers.get(service)
    if (!found) throw new Missing(`${service} has no container`)
    return found
  }

  /** Whether one of them has work on this host. The signer of a standby has none. */
  here(...names: readonly string[]): boolean {
    return names.some((name) => this.facts.services.includes(name) && !(name === 'stacks-signer' && this.isStandby))
  }

  runs(service: string): boolean {
    return this.here(service) && this.containers.get(service)?.status === 'running'
  }

  started(service: string): number {
    return secondsOf(this.container(service).started)
  }

  get guard(): GuardVerdict {
    const text = this.text('guard.verdict')
    const state = guardStates.find((one) => one === text.split('\n', 1)[0])
    if (!state) throw new Missing('the guard has no verdict')
    return { state, words: text.slice(state.length).trim() }
  }

  get isStandby(): boolean {
    return this.has('guard.verdict') && this.text('guard.verdict').split('\n', 1)[0] === 'standby'
  }

  /** What is left of the service's log, oldest first: from before its last start too. `marks` are the lines that tell of its work. */
  log(service: string, kind: 'logs' | 'marks' = 'logs'): readonly LogLine[] {
    return this.logOf(`${kind}.${service}`)
  }

  logOf(name: string): readonly LogLine[] {
    return this.#once(`log ${name}`, () => logLines(this.text(name)))
  }

  /** The lines since the container's last start. */
  logSinceStart(service: string): readonly LogLine[] {
    const since = this.started(service)
    return this.log(service).filter(({ at }) => at >= since - 1)
  }

  #once<T>(key: string, make: () => T): T {
    if (!this.#parsed.has(key)) this.#parsed.set(key, make())
    return this.#parsed.get(key) as T
  }
}

export function lastLine(text: string): string {
  return plain(text.trim().split('\n').at(-1)?.trim() ?? '', 500)
}

/** What the guard does with what it sees: it clears this host, refuses it, or goes on watching. */

import { toJson } from '../shared/json.ts'
import { readText, removeFile, writeAtomically } from '../shared/files.ts'
import { clear, guardFiles, isCleared, readLine, refusalOf, refuse, verdictOf, wasCleared, withdraw, writeVerdict } from '../shared/guarded.ts'
import type { Root } from '../shared/root.ts'
import type { Look } from './look.ts'
import { readReceipt } from './receipt.ts'
import type { Settings } from './settings.ts'
import { lookAt, NotYet, type Node } from './stackerdb.ts'
import { Watch } from './watch.ts'
import { writtenBy } from './written.ts'

/** By what the second line of `skip` says. */
const skipWords = new Map([
  ['skip', 'make guard-skip: the operator has said that no other instance runs'],
  ['new key', 'the key was generated just now: no other instance can have it'],
])

export class Guard {
  readonly #root: Root
  readonly #node: Node
  readonly #settings: Settings
  #wanted = ''
  #watch: Watch | undefined

  constructor(root: Root, settings: Settings, stop: AbortSignal) {
    this.#root = root
    this.#settings = settings
    this.#node = { address: settings.node, stop }
  }

  /** One look at what is wanted, and at the node where that is needed. */
  async step(): Promise<void> {
    const root = this.#root
    const wanted = readText(root(guardFiles.wanted))
    const line = readLine(wanted)
    if (!line) return this.#end('waiting', 'init has not prepared this host yet')
    const refusal = refusalOf(root, wanted)
    if (line.role !== 'active' || refusal !== undefined) {
      // A word that was given before this does not count later: it must be given again.
      removeFile(root(guardFiles.skip))
      withdraw(root)
      return line.role === 'active' ? this.#end('refused', refusal!) : this.#end('standby', 'this host is the standby: its signer does not start')
    }
    // What was cleared for another host, key or database counts no more.
    if (!wasCleared(root, wanted)) withdraw(root)
    const word = this.#takeWord(wanted)
    if (word !== undefined) {
      clear(root, wanted)
      this.#end('passed', word)
    }
    if (this.#settings.off) {
      if (!isCleared(root, wanted)) clear(root, wanted)
      return this.#end('passed', 'DOPPELGANGER_GUARD=off: nothing checks whether another instance runs')
    }
    if (isCleared(root, wanted)) {
      // A kill right after clearing leaves it; it would say nothing of what this host signs from now on.
      removeFile(root(guardFiles.receipt))
      if (readText(root(guardFiles.proven)) === wanted) return this.#end('passed', this.#passedBefore() ?? 'this host was cleared before')
    }
    if (!this.#watch || this.#wanted !== wanted || (this.#watch.started && !isCleared(root, wanted))) {
      this.#watch = this.#begin(wanted, line.key)
      this.#wanted = wanted
    }
    await this.#look(this.#watch, wanted, line.key)
  }

  /** What is told of the operator's or init's word that this may start without a check. Removed before it counts: a kill in between must not let it count twice. */
  #takeWord(wanted: string): string | undefined {
    const [line, ...word] = readText(this.#root(guardFiles.skip)).split('\n')
    removeFile(this.#root(guardFiles.skip))
    return `${line}\n` === wanted ? skipWords.get(word.join('\n').trim()) : undefined
  }

  /** The watch that this host's past asks for. */
  #begin(wanted: string, key: string): Watch {
    const [root, shortest] = [this.#root, this.#settings.shortest]
    if (isCleared(root, wanted)) return new Watch({ shortest, started: true })
    const receipt = readReceipt(root)
    // Nobody could say that the other host is off.
    if (receipt === 'lost') return new Watch({ shortest, intervals: 4 })
    if (receipt) return new Watch({ shortest, more: 0, receipt })
    if (wasCleared(root, wanted) && readText(root(guardFiles.proven)) === wanted) {
      // The machine was started anew, or this is another one with a copy of its disk: what was written since tells which.
      const before = this.#lastWritten(key)
      if (before && before.size > 0) return new Watch({ shortest, intervals: 1, more: 1, before })
    }
    return new Watch({ shortest })
  }

  #lastWritten(key: string): ReadonlyMap<number, bigint> | undefined {
    try {
      return writtenBy(this.#root, key)
    } catch (error) {
      if (error instanceof NotYet) return undefined
      throw error
    }
  }

  async #look(watch: Watch, wanted: string, key: string): Promise<void> {
    try {
      const look = await lookAt(this.#node, key, this.#settings.lanes)
      this.#see(watch, look, wanted, key)
    } catch (error) {
      if (!(error instanceof NotYet)) throw error
      // What a guard that is told to stop has not heard says nothing of its node.
      if (this.#node.stop.aborted) return
      if (!watch.started) writeVerdict(this.#root, 'waiting', error.message)
      else if (this.#passedBefore() === undefined) writeVerdict(this.#root, 'passed', 'this host was cleared before; its slots are compared when the node shows them')
    }
  }

  #see(watch: Watch, look: Look, wanted: string, key: string): void {
    const root = this.#root
    const before = watch.started
    const { state, words } = watch.see(look, performance.now() / 1000, before ? writtenBy(root, key) : undefined)
    if (state === 'refused') {
      const told = `${words}. Stop it (make demote on its host), then make guard-retry`
      refuse(root, wanted, told)
      withdraw(root)
      return this.#end('refused', told)
    }
    const isWanted = readText(root(guardFiles.wanted)) === wanted
    if (state === 'passed' && !before && isWanted) clear(root, wanted)
    if (state === 'passed' && watch.done && isWanted) writeAtomically(root(guardFiles.proven), wanted, { mode: 0o444 })
    writeVerdict(root, state, words)
    if (watch.done) this.#watch = undefined
  }

  #passedBefore(): string | undefined {
    const verdict = verdictOf(this.#root)
    return verdict?.state === 'passed' ? verdict.words : undefined
  }

  /** Tells of something that needs no watch. */
  #end(state: 'waiting' | 'passed' | 'refused' | 'standby', words: string): void {
    this.#watch = undefined
    writeVerdict(this.#root, state, words)
  }
}

/** What the node says of the signer's slots in its cycle, for a token of this host. */
export async function slotsOf(root: Root, settings: Settings, stop: AbortSignal): Promise<string> {
  const line = readLine(readText(root(guardFiles.wanted)))
  if (!line) throw new NotYet('init has not prepared this host yet')
  const { cycle, burn, stacks, own } = await lookAt({ address: settings.node, stop }, line.key, settings.lanes)
  const slots = Object.fromEntries(own.filter((slot) => slot.cycle === cycle).map(({ contract, version }) => [contract, version]))
  return toJson({ cycle, burn, stacks, slots })
}

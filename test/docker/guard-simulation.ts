/**
 * Two hosts with one key that start their guards together: the guard's own decision code, with a simulated clock, chain, network
 * and signers. Everything is random, from one seed.
 *
 * The chain: others answer a block every 5 to 40 seconds (moving), or write their state at each Bitcoin block alone, every 1 to 30
 * minutes (standing). A signer that runs writes once it is up, at the next such event. A write is at its own node at once, and at
 * the other one after up to 3 seconds. Each guard looks every 5 seconds. The hosts start within a minute of each other.
 */

import type { Dice } from '../../docker/programs/guard/dice.ts'
import { twice, Watch } from '../../docker/programs/guard/watch.ts'
import type { Look } from '../../docker/programs/guard/look.ts'

const [period, arrives, boot, hours] = [5, 3, [2, 20], 12] as const
/** A write that is at the other node for so many seconds, before that one's own signer writes, is seen by its guard. */
export const heardAfter = (twice + 1) * period
const contracts = ['signers-0-1', 'signers-0-2', 'signers-0-3'] as const
const cycle = 4n

export interface Result {
  readonly seed: number
  readonly runs: number
  bothPassed: number
  bothPassedThoughHeard: number
  nonePassed: number
  onePassed: number
  bothRan: number
  unheardApart: number
}

/** Dice whose throws follow from the seed (mulberry32). */
export function seeded(seed: number): Dice {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return { whole: (most) => Math.floor(next() * (most + 1)), between: (least, most) => least + (most - least) * next() }
}

class Host {
  readonly watch: Watch
  nextLook: number
  readonly own = new Map<string, bigint>(contracts.map((contract) => [contract, 40n]))
  arriving: { readonly at: number; readonly contract: string; readonly version: bigint }[] = []
  readonly written = new Map<number, bigint>()
  upAt: number | undefined
  firstWrite: number | undefined
  firstHeard: number | undefined
  refused = false

  constructor(dice: Dice, startedAt: number) {
    this.watch = new Watch({ dice })
    this.nextLook = startedAt
  }

  look(now: number, others: readonly bigint[], burn: bigint): void {
    this.receive(now)
    const own = contracts.map((contract) => ({ key: contract, cycle, contract, seat: 1, version: this.own.get(contract)! }))
    const look: Look = { cycle, seats: new Map([[cycle, 1]]), own, others: new Map([0, 2, 3].map((seat) => [seat, { weight: 10n, versions: others }])), burn, stacks: 0n }
    if (this.watch.see(look, now, this.written).state !== 'refused') return
    this.refused = true
    this.upAt = undefined
  }

  receive(now: number): void {
    for (const { contract, version } of this.arriving.filter(({ at }) => at <= now)) if (version > this.own.get(contract)!) this.own.set(contract, version)
    this.arriving = this.arriving.filter(({ at }) => at > now)
  }

  /** As stacks-signer does: a version that the node has already is refused, and the next one is tried. */
  write(now: number, contract: string, other: Host, dice: Dice, unheard: boolean): void {
    this.receive(now)
    const [last, there] = [this.written.get(1) ?? -1n, this.own.get(contract)!]
    const version = (last > there ? last : there) + 1n
    this.own.set(contract, version)
    this.written.set(1, version)
    const at = now + dice.between(0, arrives)
    if (!unheard) other.arriving.push({ at, contract, version })
    if (this.firstWrite !== undefined) return
    this.firstWrite = now
    other.firstHeard = at
  }
}

function runOnce(seed: number, standing: boolean, unheard: boolean): readonly [Host, Host] {
  const dice = seeded(seed)
  const hosts = [new Host(seeded(seed * 2 + 1), dice.between(0, 60)), new Host(seeded(seed * 2 + 2), dice.between(0, 60))] as const
  let [event, others, burn, now] = [dice.between(0, 60), [7n, 7n, 7n], 900n, 0]
  let writes: { readonly at: number; readonly host: Host; readonly contract: string }[] = []
  while (now < hours * 3600 && !hosts.every((host) => host.refused || host.watch.done)) {
    now = Math.min(event, ...hosts.filter(({ refused }) => !refused).map(({ nextLook }) => nextLook), ...writes.map(({ at }) => at))
    const due = writes.filter(({ at }) => at <= now)
    writes = writes.filter(({ at }) => at > now)
    for (const { host, contract } of due) if (host.upAt !== undefined && host.upAt <= now) host.write(now, contract, host === hosts[0] ? hosts[1] : hosts[0], dice, unheard)
    if (now === event) {
      const moved: readonly string[] = standing ? [contracts[1]] : [contracts[2], contracts[0]]
      others = others.map((version, lane) => version + (moved.includes(contracts[lane]!) ? 1n : 0n))
      if (standing) burn++
      event = now + (standing ? dice.between(60, 1800) : dice.between(5, 40))
      writes.push(...hosts.flatMap((host) => moved.map((contract, order) => ({ at: now + dice.between(0.1, 3) + 0.5 * order, host, contract }))))
    }
    for (const host of hosts.filter(({ refused, nextLook }) => !refused && nextLook <= now)) {
      host.look(now, others, burn)
      host.nextLook = now + period
      if (host.watch.started && host.upAt === undefined && !host.refused) host.upAt = now + dice.between(...boot)
    }
  }
  return hosts
}

/** `unheard`: no write reaches the other host, to show that the simulation can fail. */
export function simulate(runs: number, seed: number, unheard = false): Result {
  const result: Result = { seed, runs, bothPassed: 0, bothPassedThoughHeard: 0, nonePassed: 0, onePassed: 0, bothRan: 0, unheardApart: 0 }
  for (let number = 0; number < runs; number++) {
    const hosts = runOnce(seed * 100_000 + number, number % 2 === 1, unheard)
    const heard = hosts.some(({ firstHeard, firstWrite }) => firstHeard !== undefined && (firstWrite === undefined || firstWrite - firstHeard >= heardAfter))
    const passed = hosts.filter(({ refused }) => !refused).length
    if (passed === 2) result.bothPassed++
    if (passed === 2 && heard) result.bothPassedThoughHeard++
    if (passed === 1) result.onePassed++
    if (passed === 0) result.nonePassed++
    if (!heard) result.unheardApart++
    if (hosts.every(({ firstWrite }) => firstWrite !== undefined)) result.bothRan++
  }
  return result
}

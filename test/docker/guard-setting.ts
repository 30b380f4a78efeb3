/** docker/programs/guard against a scripted node, under a root of its own. */

import type { Test } from 'tap'
import { run } from '../../docker/programs/guard/run.ts'
import { listening, ownKey, scriptedNode, usualState, type NodeState } from './guard-node.ts'
import { runHere, type InProcess } from './run-program.ts'
import { makeRoot, until, type Root } from './tools.ts'

export const place = '/var/lib/stacks-signer/guard'
export const wanted = `v1 active ${'ab'.repeat(16)} ${ownKey}\n`
export const boot = '6f1c1f4e-0000-4000-8000-000000000001\n'

export interface Guarded {
  readonly root: Root
  readonly state: NodeState
  readonly address: string
  /** What the guard's container has of the world. */
  environment(more?: Readonly<Record<string, string>>): Readonly<Record<string, string>>
  run(more?: Readonly<Record<string, string>>): InProcess
  /** One of its options. */
  asks(option: string): InProcess
  verdict(): readonly string[]
  reaches(pattern: RegExp): Promise<void>
}

export async function guarded(t: Test, change: (state: NodeState) => void = () => undefined, line = wanted): Promise<Guarded> {
  const root = makeRoot(t, [place, '/etc/stacks-signer', '/tmp'])
  const state = usualState()
  change(state)
  root.write(`${place}/wanted`, line)
  root.write('/proc/sys/kernel/random/boot_id', boot)
  const address = await listening(t, scriptedNode(state))
  const verdict = () => (root.has(`${place}/verdict`) ? root.read(`${place}/verdict`).trimEnd().split('\n') : [])
  const environment = (more = {}) => ({ STACK_ROOT: root.path, NODE_RPC: address, LANES: '1,2,3', GUARD_PERIOD: '0.05', GUARD_LEAST: '0.2', ...more })
  let last: InProcess | undefined
  return {
    root, state, address, verdict, environment,
    run: (more) => { last = runHere(t, 'guard', run, [], environment(more)); return last },
    asks: (option) => runHere(t, 'guard', run, [option], environment()),
    reaches: (pattern) => until(() => pattern.test(verdict().join(': ')), () => `${pattern}, but ${verdict().join(': ')}`, () => last?.over()),
  }
}

/** What a wait shows of a guard that does not come there. */
export const seen = (guard: Guarded) => () => guard.verdict().join(': ')

export const cleared = ({ root }: Guarded) => root.has(`${place}/cleared`)
export const proven = ({ root }: Guarded) => root.has(`${place}/proven`)

/** The others write to `contract`. */
export function othersWrite(state: NodeState, contract = 'signers-0-1'): void {
  const keys = Object.entries(state.sets).find(([cycle]) => contract.startsWith(`signers-${Number(cycle) % 2}-`))?.[1] ?? []
  state.slots[contract] = state.slots[contract]!.map((version, index) => version + (keys[index] === ownKey ? 0 : 1))
}

/** The others answer blocks until `done`. */
export async function chainGoesOn(guard: Guarded, done: () => boolean, contract = 'signers-0-1'): Promise<void> {
  await until(() => { othersWrite(guard.state, contract); return done() }, seen(guard))
}

export const inInterval = (guard: Guarded) => /signing interval [1-7] of/.test(guard.verdict()[1] ?? '')

/** Waits until the guard has looked at what is wanted twice more, the second time from its beginning: at each look it drops a word that is not for it. */
export async function looksTwice(guard: Guarded): Promise<void> {
  for (let count = 0; count < 2; count++) {
    guard.root.write(`${place}/skip`, 'not a word\n')
    await until(() => !guard.root.has(`${place}/skip`), seen(guard))
  }
}

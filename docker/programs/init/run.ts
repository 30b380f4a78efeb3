/**
 * Init prepares the volumes, and ends. As root in a container without a network:
 *   init                      hands each volume to its user, with the configs that the secrets are filled into
 *   init check-secret NAME    whether it would take what is on stdin for that secret; of a key it prints the public one
 *   init compare              whether the volumes hold what init would write now, as JSON without a secret
 *   init moves                which data is not where the answers say, as lines NAME FROM
 *   init copy NAME ahead|last copies that data; docker/host/data.sh mounts its old place
 *   init accept NAME          makes the place in the answers the one that counts
 *   init facts                what config/stack.json says, which is on stdin, as lines NAME=VALUE
 * What it prepares stands in config/stack.json. It may run again at any time, whether the stack is up or not.
 */

import type { Io, Run } from '../shared/program.ts'
import { rootOf } from '../shared/root.ts'
import { checkSecretOnInput } from './check-secret.ts'
import { compare } from './compare.ts'
import { printFacts } from './facts.ts'
import { acceptData, copyData, listMoves } from './move-data.ts'
import { prepare } from './prepare.ts'

export const run: Run = async (words, io: Io) => {
  const [step, ...more] = words
  if (step === undefined) return prepare(rootOf(io), io)
  if (step === 'check-secret') return checkSecretOnInput(more, io)
  if (step === 'compare' && more.length === 0) return compare(rootOf(io), io)
  if (step === 'facts' && more.length === 0) return printFacts(io)
  if (step === 'moves' && more.length === 0) return listMoves(rootOf(io), io)
  if (step === 'copy' && more.length === 2) return copyData(rootOf(io), more, io)
  if (step === 'accept' && more.length === 1) return acceptData(rootOf(io), more, io)
  io.warn('init: say nothing, check-secret NAME, compare, facts, moves, copy NAME ahead or last, or accept NAME')
  return 2
}

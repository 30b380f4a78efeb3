/** The secrets that are carried on: the signer's key, and the token between signer and node. */

import { privateKeyFault, secret, tokenFault, type Secret } from '../answers/secrets.ts'
import { warning, type Problem } from '../problem.ts'
import type { ConfigFile, Finding } from './model.ts'
import { isTable } from './units.ts'

type Fate = Pick<Finding, 'fate' | 'note' | 'danger'>

export interface KeyFacts {
  readonly secrets: Readonly<Partial<Record<'signer-private-key' | 'auth-token', Secret>>>
  readonly privateKey: Fate
  readonly authPassword: Fate
  readonly authToken: Fate
  readonly problems: readonly Problem[]
}

export function keysOf(signer: ConfigFile, node: ConfigFile): KeyFacts {
  const options = isTable(node.data['connection_options']) ? node.data['connection_options'] : {}
  const key = keyOf(signer)
  const token = tokenOf(signer, signer.data['auth_password'], options['auth_token'])
  return {
    secrets: { ...(key.value && { 'signer-private-key': key.value }), ...(token.value && { 'auth-token': token.value }) },
    privateKey: key.fate, authPassword: token.fate, authToken: token.fate,
    problems: [...key.problems, ...token.problems],
  }
}

interface Found { readonly value?: Secret; readonly fate: Fate; readonly problems: readonly Problem[] }

function keyOf(signer: ConfigFile): Found {
  const given = signer.data['stacks_private_key']
  const at = signer.place('stacks_private_key')
  const fault = typeof given === 'string' ? given === '' ? 'it is empty' : privateKeyFault(given) : 'there is none'
  if (fault === undefined) return { value: secret(given as string), fate: { fate: 'secret', note: 'secrets/signer-private-key' }, problems: [] }
  const note = `it cannot be used: ${fault}`
  return {
    fate: { fate: 'left-out', note, danger: true },
    problems: [warning('no-signer-key', `the signer has no key that can be used: ${fault}`, at, 'put the key into secrets/signer-private-key of the output before generating')],
  }
}

function tokenOf(signer: ConfigFile, password: unknown, token: unknown): Found {
  const text = typeof password === 'string' ? password : undefined
  const other = typeof token === 'string' ? token : undefined
  const anew = 'generating makes a new one for both'
  const drop = (why: string): Found => ({
    fate: { fate: 'left-out', note: `${why}; ${anew}`, danger: true },
    problems: [warning('token-left-out', `the token between signer and node was not taken over: ${why}`, signer.place('auth_password'), `${anew}: the two meet again as soon as both are started from the new stack`)],
  })
  if (text !== undefined && other !== undefined && text !== other) return drop('auth_password and auth_token differ, so the node refuses the calls of this signer')
  const value = text ?? other
  if (value === undefined || value === '') return drop('there is none')
  const fault = tokenFault(value)
  if (fault) return drop(`it is too weak or not fit: ${fault}`)
  return { value: secret(value), fate: { fate: 'secret', note: 'secrets/auth-token' }, problems: [] }
}

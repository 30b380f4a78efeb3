/** `generate-staking-signature` and its older sister: what an operator needs to register the signer. */

import { createECDH, createPrivateKey, sign } from 'node:crypto'
import type { Arguments } from '../shared/arguments.ts'
import { compareVersions } from '../shared/version.ts'
import type { SignerConfig } from './config.ts'

/** Flags that the subcommand needs beside `--config`, or undefined where this release has no such subcommand. */
export function signatureFlags(subcommand: string | undefined, release: string): readonly string[] | undefined {
  const pox5 = compareVersions(release, '4.0.0') >= 0
  if (subcommand === 'generate-staking-signature' && pox5) return ['--signer-manager', '--auth-id']
  if (subcommand === 'generate-stacking-signature' && !pox5) return ['--pox-address', '--reward-cycle', '--method', '--period', '--max-amount', '--auth-id']
  return undefined
}

/** Why the values of those flags are refused; undefined when they are not. */
export function signatureProblem(flags: Arguments['flags']): string | undefined {
  const wrong = Object.entries(flags).find(([name, value]) => {
    if (name === '--signer-manager') return !/^S[0-9A-Z]{26,40}(\.[a-zA-Z][a-zA-Z0-9-]*)?$/.test(value)
    if (name === '--method') return !['stack-stx', 'stack-extend', 'stack-increase', 'agg-commit', 'aggregation-commit', 'agg-increase', 'aggregation-increase'].includes(value)
    return ['--auth-id', '--reward-cycle', '--period', '--max-amount'].includes(name) && !/^\d+$/.test(value)
  })
  return wrong && `error: invalid value '${wrong[1]}' for '${wrong[0]}'`
}

/**
 * The line that the subcommand prints. The signature is a real secp256k1 one by the signer's key, but over a message of
 * this double's own: no contract would take it. Tests look at the key and at what stands beside the signature.
 */
export function signatureLine(subcommand: string, flags: Arguments['flags'], config: SignerConfig, json: boolean): string {
  const { '--config': _, ...signed } = flags
  const result = {
    ...Object.fromEntries(Object.entries(signed).map(([name, value]) => [name.slice(2).replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()), value])),
    signerKey: config.identity.publicKey,
    signerSignature: signatureOf(`${subcommand} ${JSON.stringify(signed)}`, config.privateKey),
  }
  if (json) return JSON.stringify(result)
  return Object.entries(result).map(([name, value]) => `${name}: ${value}`).join('\n')
}

function signatureOf(message: string, privateKey: string): string {
  const pair = createECDH('secp256k1')
  pair.setPrivateKey(privateKey, 'hex')
  const point = pair.getPublicKey()
  const part = (bytes: Buffer) => bytes.toString('base64url')
  const key = createPrivateKey({
    format: 'jwk',
    key: { kty: 'EC', crv: 'secp256k1', d: part(Buffer.from(privateKey, 'hex')), x: part(point.subarray(1, 33)), y: part(point.subarray(33)) },
  })
  // 64 bytes and a recovery byte, which is not computed.
  return `${sign('sha256', Buffer.from(message), { key, dsaEncoding: 'ieee-p1363' }).toString('hex')}00`
}

/**
 * Keys of a signer: making one, and what may be shown of it. The only user of `@stacks/wallet-sdk`, which is large and
 * therefore loaded only when a key is made.
 */

import { createECDH, createHash } from 'node:crypto'
import { ripemd160 } from '@noble/hashes/ripemd160'
import { c32address, c32addressDecode, versions } from 'c32check'
import { networkFacts, type Network } from '../catalogue/networks.ts'
import { newestRelease } from '../catalogue/releases.ts'
import type { Identity } from './model.ts'

export interface SignerKey {
  /** 64 hexadecimal digits and the 01 that marks a compressed public key. */
  readonly privateKey: string
  /** 24 words that give the key again. */
  readonly mnemonic: string
}

/**
 * The address and the compressed public key, which is what stacking transactions name. The key must be a valid one. Made
 * with the parts that the SDK itself makes addresses of: every run shows one, and the SDK takes longer than all the rest.
 */
export function identity(privateKey: string, network: Network): Identity {
  const curve = createECDH('secp256k1')
  curve.setPrivateKey(bare(privateKey), 'hex')
  // The address of a signer is always that of its compressed key, with or without the mark. RIPEMD-160 is not among the
  // hashes of every OpenSSL.
  const publicKey = curve.getPublicKey(null, 'compressed')
  const hash = ripemd160(createHash('sha256').update(publicKey).digest())
  return { address: c32address(versions[prefixesOf(network)].p2pkh, Buffer.from(hash).toString('hex')), publicKey: publicKey.toString('hex') }
}

/** A new random key. */
export async function newSignerKey(): Promise<SignerKey> {
  const { randomSeedPhrase } = await import('@stacks/wallet-sdk')
  const mnemonic = randomSeedPhrase(256)
  return { privateKey: await keyFromMnemonic(mnemonic), mnemonic }
}

/**
 * The key of the first account, m/44'/5757'/0'/0/0: what wallets show as account 1 of these words. Throws, without
 * naming a word, when they are no BIP-39 mnemonic.
 */
export async function keyFromMnemonic(mnemonic: string): Promise<string> {
  const { generateWallet } = await import('@stacks/wallet-sdk')
  const wallet = await unheard(() => generateWallet({ secretKey: mnemonic, password: '' }))
  return wallet.accounts[0]!.stxPrivateKey
}

/** The library writes wrong words to the console before it throws. */
async function unheard<T>(action: () => Promise<T>): Promise<T> {
  const heard = console.error
  console.error = () => {}
  try {
    return await action()
  } catch {
    throw new Error('these words are no valid mnemonic')
  } finally {
    console.error = heard
  }
}

/** Whether two spellings are one key: in any case, with or without the mark of a compressed key. */
export function sameKey(a: string, b: string): boolean {
  return bare(a) === bare(b)
}

/** What is wrong with a Stacks address of this network; undefined when it is one. Continues the sentence "NAME …". */
export function addressFault(address: string, network: Network): string | undefined {
  try {
    const [version] = c32addressDecode(address)
    return Object.values(versions[prefixesOf(network)]).includes(version) ? undefined : `is an address of another network than ${network}`
  } catch {
    return 'is no Stacks address: its checksum does not fit'
  }
}

const prefixesOf = (network: Network) => networkFacts(network, newestRelease).addresses

function bare(privateKey: string): string {
  return privateKey.toLowerCase().slice(0, 64)
}

/** A stack as an ops repository holds it, and the images it asks for, in a registry. */

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { command, sbtcTestKey, testKey } from '../../support/command.ts'
import { sbtcAnswers } from '../../support/sbtc-answers.ts'
import { toolImages } from '../../../generator/catalogue/images.ts'
import { pushIndex, type Pushed } from './push.ts'

export const answers = 'STACK_NAME=pins\nNETWORK=mainnet\nSTACKS_VERSION=4.0.4\n'

export const images = {
  node: { name: 'ghcr.io/stacks-network/stacks-core:4.0.4', repository: 'stacks-network/stacks-core', tag: '4.0.4' },
  signer: { name: 'ghcr.io/stacks-network/stacks-signer:4.0.4', repository: 'stacks-network/stacks-signer', tag: '4.0.4' },
  bitcoind: { name: 'docker.io/bitcoin/bitcoin:31.1', repository: 'bitcoin/bitcoin', tag: '31.1' },
  nodejs: { name: `${toolImages.nodejs.repository}:${toolImages.nodejs.tag}`, repository: 'library/node', tag: toolImages.nodejs.tag },
} as const

/** An sBTC signer alone, and the images of it that no other stack has. */
export const sbtcStack = `STACK_NAME=pins\nNETWORK=mainnet\nSTACKS_VERSION=4.0.4\nSIGNER=off\n${sbtcAnswers}`
export const sbtcImages = {
  sbtcSigner: { name: 'ghcr.io/stacks-sbtc/sbtc:signer-v1.3.3', repository: 'stacks-sbtc/sbtc', tag: 'signer-v1.3.3' },
  blocklist: { name: 'ghcr.io/stacks-sbtc/sbtc:blocklist-client-v1.3.3', repository: 'stacks-sbtc/sbtc', tag: 'blocklist-client-v1.3.3' },
  postgres: { name: `docker.io/library/postgres:${toolImages.postgres.tag}`, repository: 'library/postgres', tag: toolImages.postgres.tag },
} as const

/** Generates a stack into a directory of its own. */
export async function makeStack(t: Test, text = answers): Promise<string> {
  const root = t.testdir({ 'answers.env': text })
  mkdirSync(join(root, 'secrets'), { mode: 0o700 })
  writeFileSync(join(root, 'secrets/signer-private-key'), `${testKey}\n`, { mode: 0o600 })
  if (text.includes('SBTC_SIGNER=on')) {
    writeFileSync(join(root, 'secrets/sbtc-signer-private-key'), `${sbtcTestKey}\n`, { mode: 0o600 })
    writeFileSync(join(root, 'secrets/emily-api-key'), 'an-api-key-of-nobody\n', { mode: 0o600 })
  }
  const ran = await command(root, [])
  if (ran.code !== 0) throw new Error(ran.err)
  return root
}

/** What CI has: the committed files. */
export function withoutSecrets(root: string): string {
  rmSync(join(root, 'secrets'), { recursive: true })
  return root
}

/** Pushes all images of the stack as indexes for two platforms. */
export async function pushAll(registry: URL, build = 'first'): Promise<Readonly<Record<keyof typeof images, Pushed>>> {
  const push = ({ repository, tag }: { readonly repository: string; readonly tag: string }) => pushIndex(registry, repository, tag, `${build} ${repository}`, { attested: true })
  return { node: await push(images.node), signer: await push(images.signer), bitcoind: await push(images.bitcoind), nodejs: await push(images.nodejs) }
}

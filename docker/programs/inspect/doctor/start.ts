/** What keeps a stack from starting as its files say: init, its secrets, another program with the same key or volume. */

import { paths } from '../../../../generator/catalogue/container.ts'
import type { Evidence } from '../evidence/evidence.ts'
import { entriesOf, textOf } from '../evidence/fields.ts'
import { Missing } from '../evidence/missing.ts'
import type { Mount } from '../evidence/container.ts'
import { keyText } from '../readings/signer.ts'
import { type Check, listed } from './check.ts'

export const startChecks: readonly Check[] = [
  {
    id: 'init-failed', problem: 'init failed, so nothing may start',
    remedy: 'Correct what it names, then `make up`.',
    find: (seen) => lastWords(seen, 'init', 'init: ').at(-1),
  },
  {
    id: 'second-signer', problem: 'Another signer with the same key runs on this machine', needs: ['stacks-signer'],
    remedy: 'Stop one of the two at once: one key must never run twice. `docker ps` shows both.',
    find: (seen) => {
      const keys = new Set([seen.facts.publicKey, seen.has('signer.info') ? keyText(seen.answer('signer.info')['signerPublicKey']) : ''].filter((key) => key !== ''))
      const silent: string[] = []
      for (const line of seen.lines('other-signers')) {
        const [, name = '', answer = ''] = /^(\S+) ?(.*)$/.exec(line) ?? []
        const [, key] = /"signerPublicKey": *"(?:0x)?([0-9a-fA-F]{66})"/.exec(answer) ?? []
        if (key === undefined) silent.push(name)
        else if (keys.has(key.toLowerCase())) return `${name} answers with the same public key`
      }
      const own = placesAt(seen.containers.get('stacks-signer')?.mounts, paths.signerConfig, paths.signerData)
      const same = seen.neighbours.find(({ running, path, mounts }) => running && path.includes('signer') && mounts.some(({ place }) => own.has(place)))
      if (same) return `${same.name} runs on the data of this signer`
      return silent[0] === undefined ? undefined : { seen: `${silent[0]} runs too and does not tell its key`, level: 'risk', remedy: 'Find out whose it is: one key must never run twice.' }
    },
  },
  {
    id: 'two-nodes', problem: 'Two programs write to the data of one chain', needs: ['stacks-node', 'bitcoind'],
    remedy: 'Stop the one that does not belong here: two programs on one database damage it.',
    find: (seen) => {
      for (const [service, target] of [['stacks-node', paths.nodeData], ['bitcoind', paths.bitcoinData]] as const) {
        const own = placesAt(seen.containers.get(service)?.mounts, target)
        for (const { name, running, mounts, service: kind } of seen.neighbours) {
          const shared = mounts.filter(({ writable, place }) => writable && own.has(place))
          if (running && shared.length > 0 && !['snapshot', 'init'].includes(kind)) return `${name} writes ${shared.map(({ place }) => place).sort().join(', ')} beside ${service}`
        }
      }
      return undefined
    },
  },
  {
    id: 'secrets-changed', problem: 'secrets/ or config/ differ from what init has put into the volumes', because: ['init-failed', 'secrets-missing', 'token-mismatch', 'wrong-key'],
    remedy: '`make restart` applies what the files say now. If you did not change them, find out who did.',
    find: (seen) => {
      const answer = seen.answer('filled')
      const refused = textOf(answer['refused'], 'filled')
      if (refused) return refused
      const files = entriesOf(answer['files'], 'filled').map(([name, state]) => [name, textOf(state, 'filled')] as const)
      if (files.length === 0) throw new Missing('no volume was compared')
      return listed(files.filter(([, state]) => state !== 'same').map(([name, state]) => `${name} ${state}`).sort())
    },
  },
]

/** What a one-shot that failed said under `prefix`, a line each, or how it ended; none where it ended well. */
export function lastWords(seen: Evidence, service: string, prefix: string): readonly string[] {
  const { status, exit, error } = seen.container(service)
  if (status === 'exited' && exit === 0) return []
  if (status === 'created' || status === 'running') throw new Missing(`${service} is ${status}`)
  const said = seen.has(`logs.${service}`) ? seen.log(service).map(({ text }) => text).filter((text) => text.startsWith(prefix)) : []
  return said.length > 0 ? said : [`${service} ended with ${exit}: ${error || 'it said nothing'}`]
}

/** The volumes and folders that are mounted there. */
function placesAt(mounts: readonly Mount[] | undefined, ...targets: readonly string[]): ReadonlySet<string> {
  return new Set((mounts ?? []).filter(({ target }) => targets.includes(target)).map(({ place }) => place))
}

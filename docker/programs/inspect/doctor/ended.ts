/** Why a node or the signer ends by itself. */

import type { Evidence } from '../evidence/evidence.ts'
import { fieldsOf } from '../evidence/fields.ts'
import { Missing } from '../evidence/missing.ts'
import { failedServices, lastTexts } from './containers.ts'
import type { Check } from './check.ts'

const nodes = ['stacks-node', 'sbtc-stacks-node']
const panicMark = 'Process abort due to thread panic: '
/** How the program's own log begins a line. What comes before it still belongs to the panic. */
const ownLine = /^(?:(TRCE|DEBG|INFO|WARN|ERRO|CRIT) \[|\{"|Panic backtrace|stack backtrace:)/

export const endedChecks: readonly Check[] = [
  {
    id: 'half-chain', problem: 'The node has half a chain: chainstate/ without burnchain/sortition/', needs: ['stacks-node'],
    remedy: 'Delete the data of the node and fetch the archive again: README, "Recovery".',
    find: (seen) => {
      const { chainstate, sortition } = fieldsOf(seen.answer('filled')['chain'], 'chain of filled')
      if (typeof chainstate !== 'boolean' || typeof sortition !== 'boolean') throw new Missing('the folders of the chain were not looked at')
      return chainstate && !sortition ? 'chainstate/ is there, burnchain/sortition/ is not' : undefined
    },
  },
  {
    id: 'retcon-epoch', problem: 'The chain was made with other epochs: by another release, or for another network', needs: nodes,
    remedy: 'NETWORK and the release in answers.env must be those that made this chain. If they are right, replace the chain: README, "Recovery".',
    find: (seen) => {
      const found = panics(seen).find(([, text]) => text.includes('tried to retcon epoch'))
      return found?.join(': ')
    },
  },
  {
    id: 'node-panic', problem: 'A node panics', needs: nodes, because: ['half-chain', 'disk-full', 'config-refused', 'illegal-instruction', 'retcon-epoch'],
    remedy: 'The text is the cause. A damaged chain: README, "Recovery".',
    find: (seen) => {
      const [service, text] = panics(seen)[0] ?? []
      return service === 'stacks-node' ? text : service && `${service}: ${text}`
    },
  },
  {
    id: 'signer-ended', problem: 'The signer ends by itself, with exit code 0', needs: ['stacks-signer'], because: ['config-refused', 'out-of-memory'],
    remedy: 'The lines before "Event receiver thread joined" say why. POST /shutdown on its event port is one reason: see that nothing else is on the network signer-link.',
    find: (seen) => {
      const { status, exit, finished, restarts } = seen.container('stacks-signer')
      const said = seen.log('stacks-signer').findLast(({ text }) => /(Event receiver|Signer) thread joined/.test(text))
      if (status === 'exited' && exit === 0) return `exited (0) at ${finished}${said ? `: ${said.text}` : ''}`
      return restarts > 0 && said && said.at > seen.now - 3600 ? `restarted ${restarts} times; last: ${said.text}` : undefined
    },
  },
]

/** The last panic of each node that has ended or was started again, with its reason: since Rust 1.73 that is on the lines after the place. */
function panics(seen: Evidence): readonly (readonly [service: string, text: string])[] {
  return failedServices(seen).filter(([service]) => nodes.includes(service)).flatMap(([service]) => {
    const log = lastTexts(seen, service, 200)
    const at = log.findLastIndex((text) => text.includes(panicMark))
    if (at < 0) return []
    const after = log.slice(at + 1, at + 6)
    const end = after.findIndex((text) => ownLine.test(text))
    const reason = after.slice(0, end < 0 ? after.length : end).map((text) => text.trim())
    return [[service, [log[at]!.slice(0, 200), ...reason].join(' ').slice(0, 600)] as const]
  })
}

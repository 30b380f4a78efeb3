/** What becomes of the variables of the `.env` beside a Compose file. */

import type { ComposeFacts } from './compose.ts'
import type { EnvFacts } from './env-file.ts'
import { label } from './label.ts'
import type { Finding } from './model.ts'
import { p2pVariable, portFate, type PeerFacts } from './peers.ts'
import { releaseVariables, type ChosenReleases } from './releases.ts'

/** Values are never shown: any may be a password. */
export function envFindings(env: EnvFacts, compose: ComposeFacts | undefined, chosen: ChosenReleases, peers: PeerFacts): readonly Finding[] {
  const told = new Set(chosen.findings.map(({ origin }) => `${origin.file}:${origin.line}`))
  return env.entries.filter(({ origin }) => !told.has(`${origin.file}:${origin.line}`)).map((entry): Finding => {
    const { name, origin } = entry
    const base = { origin, key: label(name) }
    if (env.entries.findLast((one) => one.name === name) !== entry) return { ...base, fate: 'left-out', note: 'a later line gives it again, and that one counts' }
    if (compose?.used.has(name)) return { ...base, fate: 'fixed', note: 'filled into the Compose file, and judged there' }
    if (!compose && name === p2pVariable) {
      return { ...base, ...portFate(peers), note: `peers reach the node on port ${peers.host}` }
    }
    if (Object.values(releaseVariables).includes(name)) return { ...base, fate: 'left-out', note: 'the Compose file names its images without it' }
    if (name === 'COMPOSE_PROJECT_NAME') return { ...base, fate: 'answer', answers: ['STACK_NAME'], note: 'with -stack behind it, so that old and new do not take each other\'s containers' }
    return { ...base, fate: 'left-out', note: /^(STACKS_LOG_|RUST_|BLOCKSTACK_DEBUG)/.test(name) ? 'a variable for finding faults: what is to stay goes into docker-compose.override.yml' : 'nothing in the generated stack asks for it' }
  })
}

/** Whether what runs is what the files of this directory say. */

import { Missing } from '../evidence/missing.ts'
import { releaseIn } from '../readings/programs.ts'
import { type Check, listed } from './check.ts'

export const driftChecks: readonly Check[] = [
  {
    id: 'drift', problem: 'Containers differ from the committed files', level: 'risk', because: ['init-failed'],
    remedy: 'Look at `git diff` and the override file first. `docker compose up -d` then recreates what differs.',
    find: (seen) => {
      const hashes = new Map(seen.rows('hashes').map(([service, hash]) => [service, hash]))
      const version = (text: string) => text.trim().replace(/^v/, '').split('-')[0]
      const installed = seen.has('engine') ? version(seen.lines('engine').at(-1) ?? '') : ''
      const [bad, doubtful]: [string[], string[]] = [[], []]
      for (const service of seen.facts.services) {
        const one = seen.containers.get(service)
        const image = seen.compose.get(service)?.image
        if (!one) continue
        if (image && one.image !== image) bad.push(`${service} runs ${one.image}, the files say ${image}`)
        else if (hashes.size > 0 && hashes.get(service) !== one.configHash) {
          // Another version of Compose may hash the same file differently.
          const isSame = version(one.composeVersion) === installed
          ;(isSame ? bad : doubtful).push(`${service} was made from other settings`)
        }
      }
      const found = listed(bad, '; ')
      if (found) return found
      if (hashes.size === 0) throw new Missing('Compose tells no hashes')
      if (doubtful.length > 0) throw new Missing('the containers were made by another version of Compose')
      return undefined
    },
  },
  {
    id: 'release-drift', problem: 'A program is of another release than this stack is generated for', needs: ['stacks-node', 'stacks-signer'],
    remedy: 'Generate for the release that runs, or run the one that is generated: node and signer are upgraded together.',
    find: (seen) => {
      const wanted = [['stacks-node', seen.facts.nodeRelease], ['stacks-signer', seen.facts.signerRelease]] as const
      const found = wanted.filter(([service]) => seen.here(service)).flatMap(([service, generated]) => {
        const runs = releaseIn(seen, service)
        return runs === undefined ? [] : [{ service, runs, generated }]
      })
      if (found.length === 0) throw new Missing('neither node nor signer answers')
      return listed(found.filter(({ runs, generated }) => runs !== generated).map(({ service, runs, generated }) => `${service} says ${runs}, generated is ${generated}`))
    },
  },
]

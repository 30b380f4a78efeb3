/** Faults of the stack's files, and what an older name of the stack has left. */

import { openSecrets, stackFiles } from '../readings/files.ts'
import { type Check, listed } from './check.ts'

export const fileChecks: readonly Check[] = [
  {
    id: 'secrets-missing', problem: 'A secret file is missing or empty',
    remedy: 'Restore it from your backup. Never make a new signer key for a registered signer.',
    find: (seen) => {
      const there = new Set(stackFiles(seen).filter(({ size, kind }) => size > 0 && kind.includes('regular')).map(({ name }) => name))
      return listed(seen.facts.secrets.map((name) => `secrets/${name}`).filter((name) => !there.has(name)))
    },
  },
  {
    id: 'secrets-open', problem: 'Other users of this machine can read a secret',
    remedy: '`chmod -R go-rwx secrets`. Any user with an account on this machine may have read them.',
    find: (seen) => listed(openSecrets(seen)),
  },
  {
    id: 'secrets-in-git', problem: 'Git tracks a secret',
    remedy: '`git rm -r --cached secrets`, and remove the files from the history. What was pushed is no longer secret: replace it.',
    find: (seen) => {
      // Without git, nothing of this machine can be pushed.
      if (seen.section('tracked')?.code === 3) return undefined
      const files = listed(seen.lines('tracked'))
      return files && `git tracks ${files}`
    },
  },
  {
    id: 'renamed-stack', problem: 'There are volumes or containers of this stack under another name', level: 'risk',
    remedy: 'A renamed stack starts with empty volumes. Rename it back, or take the old one down under its old name; look at what its volumes hold before you delete them.',
    find: (seen) => {
      const [own] = [...seen.containers.values()]
      const project = own?.project || seen.facts.stack
      const directory = own?.directory
      const moved = seen.neighbours.filter((one) => directory && one.directory === directory && one.project !== project && one.project !== '')
      if (moved[0]) return { seen: `containers of project ${moved[0].project} come from this directory too`, level: moved.some(({ running }) => running) ? 'fault' : 'risk' }
      const used = new Set([project, ...seen.neighbours.map((one) => one.project)])
      const left = seen.rows('volumes').filter(([, owner, volume]) => ['stacks-signer-data', 'stacks-node-data'].includes(volume ?? '') && !used.has(owner!))
      const projects = listed([...new Set(left.map(([, owner]) => owner!))].sort())
      return projects && `volumes of ${projects}, which has no containers`
    },
  },
]

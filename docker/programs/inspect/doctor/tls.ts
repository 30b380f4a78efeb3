/** Faults of the TLS link between node and signer. */

import type { Evidence } from '../evidence/evidence.ts'
import { Missing } from '../evidence/missing.ts'
import { plain } from '../evidence/text.ts'
import type { Check } from './check.ts'

const sidecars = ['node-tls', 'signer-tls']

export const tlsChecks: readonly Check[] = [
  {
    id: 'tls-broken', problem: 'The TLS link is broken', needs: sidecars, because: ['not-running', 'restarting'],
    remedy: '`make certs-status`, `make verify-tls`. Expired: `certs renew`. Another authority: bring certs/ and secrets/ of one run to both hosts, then `make tls-reload`.',
    find: (seen) => {
      const section = seen.section('tls.wire')
      if (!section || section.code > 1 || !section.out.trim()) throw new Missing(`the certificates could not be read from the wire: ${seen.reason('tls.wire')}`)
      const lines = section.out.split('\n').map((line) => line.trim().replace(/\s+/g, ' '))
      const failed = lines.find((line) => line.includes(' FAIL '))
      if (failed !== undefined) return failed
      const soon = lines.find((line) => line.includes(' warn '))
      if (soon !== undefined) return { seen: soon, level: 'risk' }
      if (section.code !== 0) throw new Missing('the certificates are not all valid')
      return undefined
    },
  },
  {
    id: 'tls-refused', problem: 'A sidecar refuses the other one', needs: sidecars, because: ['tls-broken'],
    remedy: 'The other host shows a certificate of another authority, or of another name: bring certs/ and secrets/ of one run to both hosts.',
    find: (seen) => {
      for (const service of here(seen)) {
        const said = seen.logSinceStart(service).findLast(({ text }) => /SSL certificate verify error|client SSL certificate/.test(text))
        if (said && said.at > seen.now - 900) return `${service}: ${plain(said.text, 200)}`
      }
      return undefined
    },
  },
  {
    id: 'call-refused', problem: 'A sidecar refuses a call between signer and node that it does not know', needs: sidecars, because: ['release-drift', 'drift'],
    remedy: 'Generate the directory again for the releases that run, on both hosts; then `make restart S=node-tls` and the same for signer-tls.',
    find: (seen) => {
      for (const service of here(seen)) {
        const calls = seen.logSinceStart(service).filter(({ at }) => at > seen.now - 3600).flatMap(({ text }) => / 403 "(.*)" from .* upstream -$/.exec(text)?.[1] ?? [])
        if (calls.length > 0) return `${service}: ${calls.length} within the last hour, the last was ${plain(calls.at(-1)!, 200)}`
      }
      return undefined
    },
  },
]

function here(seen: Evidence): readonly string[] {
  return sidecars.filter((service) => seen.here(service))
}

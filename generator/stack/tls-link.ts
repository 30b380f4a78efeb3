/** The TLS link between signer and node, from the answers that concern it. */

import type { Answers } from '../answers/check.ts'
import { problemsOf } from '../answers/partial.ts'
import { ports } from '../catalogue/container.ts'
import { leafCommonName, wireName } from '../certs/places.ts'
import { error, warning, type Problem, type Result } from '../problem.ts'
import type { TlsLink } from './model.ts'

/** Where a node sends its events: to its sidecar where there is one. */
export function eventsEndpoint(tls: TlsLink | undefined): string {
  return tls ? `node-tls:${tls.node.localPort}` : `stacks-signer:${ports.signerEvents.number}`
}

/** Where a signer makes its RPC calls: at its sidecar where there is one. */
export function rpcEndpoint(tls: TlsLink | undefined): string {
  return tls ? `signer-tls:${tls.signer.localPort}` : `stacks-node:${ports.nodeRpc.number}`
}

const linkAnswers = ['NODE_HOST', 'SIGNER_HOST', 'NODE_TLS_PORT', 'SIGNER_TLS_PORT', 'EVENTS_LOCAL_PORT', 'RPC_LOCAL_PORT', 'TLS_CERTS'] as const

/** No value without sidecars; with TOPOLOGY=split both hosts must be told. */
export function tlsLink(answers: Answers): Result<TlsLink> {
  const { values } = answers
  const split = values.TOPOLOGY === 'split'
  if (!split && values.TLS_SIDECARS === 'off') {
    return { problems: linkAnswers.filter((key) => answers.given.has(key)).map((key) =>
      warning('unused-answer', `${key} is not used: there are no TLS sidecars`, answers.place(key), 'write TOPOLOGY=split, or TLS_SIDECARS=on to rehearse it')) }
  }
  const problems = problemsOf(() => (split ? splitProblems(answers) : []), () => portProblems(answers))
  if (answers.partial) return { problems }
  return {
    problems,
    value: {
      certificates: values.TLS_CERTS,
      node: {
        // On one host the sidecars meet on a network of their own, whatever the world would call them.
        service: 'node-tls', host: split ? values.NODE_HOST ?? '' : 'node-tls', port: split ? values.NODE_TLS_PORT : ports.nodeTls.number,
        localPort: values.EVENTS_LOCAL_PORT, tlsName: wireName('node-tls', split ? values.NODE_HOST : undefined), commonName: leafCommonName('node-tls', values.STACK_NAME),
      },
      signer: {
        service: 'signer-tls', host: split ? values.SIGNER_HOST ?? '' : 'signer-tls', port: split ? values.SIGNER_TLS_PORT : ports.signerTls.number,
        localPort: values.RPC_LOCAL_PORT, tlsName: wireName('signer-tls', split ? values.SIGNER_HOST : undefined), commonName: leafCommonName('signer-tls', values.STACK_NAME),
      },
    },
  }
}

function splitProblems(answers: Answers): readonly Problem[] {
  const missing = (['NODE_HOST', 'SIGNER_HOST'] as const).filter((key) => !answers.given.has(key)).map((key) =>
    error('missing-answer', `TOPOLOGY=split needs ${key}: where the other host reaches this one`, answers.place('TOPOLOGY'), `add a line like ${key}=${key === 'NODE_HOST' ? 'node' : 'signer'}.example.net`))
  return missing.length > 0 ? missing : problemsOf(() => sameHost(answers))
}

function sameHost({ values, place }: Answers): readonly Problem[] {
  return values.NODE_HOST!.toLowerCase() === values.SIGNER_HOST!.toLowerCase()
    ? [error('same-host', 'NODE_HOST and SIGNER_HOST are one host', place('SIGNER_HOST'), 'write TOPOLOGY=single and TLS_SIDECARS=on to run both on one')] : []
}

/** A sidecar listens on two ports of one container, and on a third for its health check. */
function portProblems(answers: Answers): readonly Problem[] {
  const taken = [
    ['EVENTS_LOCAL_PORT', answers.values.EVENTS_LOCAL_PORT, ports.nodeTls.number],
    ['RPC_LOCAL_PORT', answers.values.RPC_LOCAL_PORT, ports.signerTls.number],
  ] as const
  return taken.filter(([, port, other]) => port === other || port === ports.sidecarHealth.number || port < 1024).map(([key, port]) =>
    error('port-taken', `${key}=${port} cannot be: ${port < 1024 ? 'a port below 1024 is only for root' : 'the sidecar listens there for something else'}`, answers.place(key), 'leave it out for the usual one'))
}

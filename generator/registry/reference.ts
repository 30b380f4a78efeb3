/** The name of an image's home, taken apart: which registry to ask, and for which repository. */

import { error, type Result } from '../problem.ts'

export interface Reference {
  /** As it was given, for messages. */
  readonly name: string
  /** Where the registry's API begins, without a slash at the end. */
  readonly base: string
  /** The repository's name within the registry. */
  readonly repository: string
}

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const repositoryPattern = new RegExp(`^${component}(?:/${component})*$`)
const hostPattern = /^(?:\[[0-9a-f:]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::(\d{1,5}))?$/i

/** The machine that answers for a host which is only a name. */
const apiHosts: Readonly<Record<string, string>> = { 'docker.io': 'registry-1.docker.io', 'index.docker.io': 'registry-1.docker.io' }

/**
 * Parses `HOST/NAME`, without tag or digest. The first part is a host where it has a dot or a port, or is `localhost`;
 * without a host the image is Docker Hub's, whose own images live under `library/`. Only this machine is asked by plain
 * http: everything else is asked by https.
 */
export function parseReference(name: string): Result<Reference> {
  const slash = name.indexOf('/')
  const first = slash < 0 ? '' : name.slice(0, slash)
  const hasHost = /[.:]/.test(first) || first === 'localhost'
  const host = hasHost ? first.toLowerCase() : 'docker.io'
  const rest = hasHost ? name.slice(slash + 1) : name
  const api = apiHosts[host] ?? host
  const repository = api === 'registry-1.docker.io' && !rest.includes('/') ? `library/${rest}` : rest
  const port = hostPattern.exec(host)
  if (!port || Number(port[1] ?? 443) > 65535 || !repositoryPattern.test(repository) || name.length > 255) {
    return { problems: [error('bad-image', `${JSON.stringify(name.slice(0, 255))} is not the name of an image`, undefined, 'a name looks like docker.io/library/debian')] }
  }
  return { value: { name, base: `${isLoopback(hostOf(host)) ? 'http' : 'https'}://${api}`, repository }, problems: [] }
}

/** Whether a host, as a URL writes it, is this machine itself. */
export function isLoopback(hostname: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]', '::1'].includes(hostname.toLowerCase())
}

function hostOf(host: string): string {
  return host.replace(/:\d+$/, '')
}

/** What Compose makes of its files, the override included: of each service the keys that evidence.sh lets through. */

import { type Confinement, isLoopback, sharesOf } from './container.ts'
import { fieldsOf, listOf, parseFields, textOf, textsOf } from './fields.ts'
import { Missing } from './missing.ts'

export type ComposeService = ReturnType<typeof parseService>

/** The services by name. The lines are those of Compose's JSON, each after the service that it belongs to. */
export function parseCompose(text: string): ReadonlyMap<string, ComposeService> {
  const lines = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [, service, content] = /^(?:service|line) (\S+)(?: (.*))?$/.exec(line) ?? []
    if (service === undefined) continue
    if (!lines.has(service)) lines.set(service, [])
    if (content !== undefined) lines.get(service)!.push(content)
  }
  if (lines.size === 0) throw new Missing('Compose names no service')
  return new Map([...lines].map(([name, content]) => [name, parseService(name, content.join('\n'))]))
}

function parseService(name: string, content: string) {
  const place = `the service ${name} in the Compose files`
  const one = parseFields(`{${content.trimEnd().replace(/,$/, '')}}`, place)
  const confinement: Confinement = {
    privileged: (one['privileged'] ?? false) !== false,
    shares: sharesOf([['network', textOf(one['network_mode'], place)], ['pid', textOf(one['pid'], place)], ['ipc', textOf(one['ipc'], place)]]),
    capabilities: textsOf(one['cap_add'], place), security: textsOf(one['security_opt'], place),
    sources: listOf(one['volumes'], place).map((mount) => textOf(fieldsOf(mount, place)['source'], place)),
  }
  // Where others than this machine would reach it: `8333/tcp` of the host.
  const published = listOf(one['ports'], place).flatMap((value) => {
    const { host_ip: address, published: port, protocol } = fieldsOf(value, place)
    return isLoopback(textOf(address, place)) ? [] : [`${port === undefined ? 'any' : String(port)}/${textOf(protocol ?? 'tcp', place)}`]
  })
  return { ...confinement, published, image: textOf(one['image'], place) }
}

/** What Compose makes of its files, the override included: of each service the keys that evidence.sh lets through. */

import { isLoopback, isShared, type Confinement } from './container.ts'
import { fieldsOf, listOf, parseFields, textOf, textsOf } from './fields.ts'
import { Missing } from './missing.ts'

export interface ComposeService extends Confinement {
  readonly image: string
  /** Where others than this machine would reach it: `8333/tcp` of the host. */
  readonly published: readonly string[]
}

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

function parseService(name: string, content: string): ComposeService {
  const place = `the service ${name} in the Compose files`
  const one = parseFields(`{${content.trimEnd().replace(/,$/, '')}}`, place)
  return {
    image: textOf(one['image'], place), privileged: (one['privileged'] ?? false) !== false,
    shares: [['network', 'network_mode'], ['pid', 'pid'], ['ipc', 'ipc']].map(([kind, key]) => `${kind} ${textOf(one[key!], place)}`).filter(isShared),
    capabilities: textsOf(one['cap_add'], place), security: textsOf(one['security_opt'], place),
    sources: listOf(one['volumes'], place).map((mount) => textOf(fieldsOf(mount, place)['source'], place)),
    published: listOf(one['ports'], place).flatMap((value) => {
      const port = fieldsOf(value, place)
      const [host = 'any', protocol] = [port['published'], port['protocol'] ?? 'tcp'].map((part) => (typeof part === 'number' ? String(part) : textOf(part, place)))
      return isLoopback(textOf(port['host_ip'], place)) ? [] : [`${host || 'any'}/${protocol}`]
    }),
  }
}

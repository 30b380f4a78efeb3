/** The plan as the wizard shows it: what will be written, opened and needed. Says "not known" where no source says more. */

import { archiveFacts, sizingRows } from '../files/readme-facts.ts'
import { wrap } from '../answers/reference.ts'
import type { Host, Stack } from '../stack/model.ts'
import { isLocal } from '../stack/port-clashes.ts'

export interface PlanFacts {
  readonly stack: Stack
  /** The directory as it will be shown, and whether it is there already. */
  readonly directory: string
  readonly exists: boolean
  /** Paths of the files that will be written, relative to the directory. */
  readonly files: readonly string[]
  /** Where the signer's key comes from, and its address where that is known already. */
  readonly key: string
  readonly address?: string
  readonly warnings: readonly string[]
}

/** Lines of at most `width` characters, words that are longer aside: headings, and items indented by two below them. */
export function planLines(facts: PlanFacts, width: number): readonly string[] {
  const { stack } = facts
  const several = stack.hosts.length > 1
  const parts: (readonly [heading: string, items: readonly string[]])[] = [
    ['Directory', [`${facts.directory}${facts.exists ? '' : ' (new)'}`]],
    ['Stack', [`${stack.name}: stacks-signer ${stack.signerRelease} and stacks-node ${stack.nodeRelease} on ${stack.network}`]],
    [`Files: ${facts.files.length}`, [folded(facts.files).join(', ')]],
    ['Signer key', [facts.key, ...(facts.address ? [`signs as ${facts.address}`] : [])]],
    ...stack.hosts.flatMap((host) => hostParts(stack, host, several ? ` on the ${host.name}'s host` : '')),
    ...(facts.warnings.length > 0 ? [['Mind', facts.warnings] as const] : []),
  ]
  return parts.flatMap(([heading, items]) => [heading, ...items.flatMap((item) => hanging(item, width))])
}

function hostParts(stack: Stack, host: Host, where: string): readonly (readonly [string, readonly string[]])[] {
  const published = host.services.flatMap((service) => service.ports.map((port) => ({ ...port, service: service.name })))
  const list = (ports: typeof published) => (ports.length > 0 ? ports.map(({ host: number, protocol, service, purpose }) => `${number}/${protocol}: ${purpose} (${service})`) : ['none'])
  const fetches = host.services.some(({ name }) => name === 'snapshot') ? snapshotItems(stack) : []
  return [
    [`Ports open to the world${where}`, list(published.filter((port) => !isLocal(port)))],
    [`Ports open to the host alone${where}`, list(published.filter(isLocal))],
    [`Needed${where}`, sizingRows(stack, host).map(({ what, need }) => `${String(what).replaceAll('`', '')}: ${String(need)}`)],
    ...(fetches.length > 0 ? [[`Snapshot${where}`, fetches] as const] : []),
    [`Images${where}`, imageItems(host)],
  ]
}

function snapshotItems(stack: Stack): readonly string[] {
  const size = archiveFacts(stack)
  return [stack.snapshot!.url, size ? `${String(size['packed'])} to fetch, ${String(size['unpacked'])} unpacked, by different sources` : 'size not known']
}

/** No source gives the sizes of images. */
function imageItems(host: Host): readonly string[] {
  const named = host.services.flatMap(({ image }) => ('repository' in image ? [`${image.repository}:${image.tag}`] : []))
  const built = host.services.flatMap(({ image }) => ('repository' in image ? [] : [`built on the host from ${image.context.replace(/^\.\//, '')}`]))
  return [...new Set([...named, ...built]), 'sizes not known']
}

/** Files by name, and folders with the number of files in them. */
function folded(paths: readonly string[]): readonly string[] {
  const tops = new Map<string, number>()
  for (const path of paths) {
    const slash = path.indexOf('/')
    const top = slash < 0 ? path : path.slice(0, slash + 1)
    tops.set(top, (tops.get(top) ?? 0) + 1)
  }
  return [...tops].sort(([a], [b]) => (a < b ? -1 : 1)).map(([top, count]) => (top.endsWith('/') ? `${top} (${count})` : top))
}

function hanging(item: string, width: number): readonly string[] {
  return wrap(item, width - 4).map((line, index) => `${index === 0 ? '  ' : '    '}${line}`)
}

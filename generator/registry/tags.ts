/** Every tag of a repository, page after page. */

import { error, type Result } from '../problem.ts'
import { nonsense, readJson, type Registries } from './client.ts'
import type { Reference } from './reference.ts'

const pageSize = 1000
const mostPages = 1000
const pageLimit = 8 * 1024 * 1024

/** A tag as the specification writes it; anything else is no tag, whatever a registry says. */
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/

/** All tags, each once, in the registry's order. Pages that lead in a circle or out of the registry are a Problem. */
export async function listTags(registries: Registries, reference: Reference): Promise<Result<readonly string[]>> {
  const { base, repository, name } = reference
  const tags = new Set<string>()
  const seen = new Set<string>()
  let next: URL | undefined = new URL(`${base}/v2/${repository}/tags/list?n=${pageSize}`)
  while (next) {
    const url: URL = next
    if (seen.has(url.href)) return circle(name, url)
    if (seen.size === mostPages) return { problems: [error('too-many-tags', `${name}: ${url.host} has more than ${mostPages} pages of tags`)] }
    seen.add(url.href)
    const answer = await registries.ask(reference, { at: url, accept: 'application/json', limit: pageLimit, what: 'the list of tags' })
    if (!answer.value) return { problems: answer.problems }
    const json = readJson(reference, url, answer.value)
    if (!json.value) return { problems: json.problems }
    const page = json.value['tags'] ?? []
    if (!Array.isArray(page)) return nonsense(reference, url, 'its list of tags is no list')
    const before = tags.size
    for (const tag of page as readonly unknown[]) if (typeof tag === 'string' && tagPattern.test(tag)) tags.add(tag)
    next = nextPage(url, answer.value.headers['link'])
    if (next && (next.origin !== url.origin || !next.pathname.startsWith('/v2/'))) return nonsense(reference, url, 'its next page of tags lies elsewhere')
    // Some registries send an empty page in between; one that only repeats itself will never end.
    if (next && page.length > 0 && tags.size === before) return circle(name, url)
  }
  return { value: [...tags], problems: [] }
}

function circle<T>(name: string, url: URL): Result<T> {
  return { problems: [error('pages-in-a-circle', `${name}: the pages of tags at ${url.host} lead in a circle`, undefined, 'run again later')] }
}

/** The URL of the next page, from a `Link` header. */
function nextPage(url: URL, link: string | undefined): URL | undefined {
  for (const [, target, parameters] of (link ?? '').matchAll(/<([^<>]*)>((?:\s*;\s*[^,;<>]+)*)/g)) {
    if (/;\s*rel\s*=\s*"?next"?\s*(;|$)/i.test(parameters ?? '') && URL.canParse(target!, url.href)) return new URL(target!, url)
  }
  return undefined
}

/** The newest release of a list on GitHub. */

/** In bytes. */
const most = 1 << 20
const mostRedirects = 5

/** Throws where the answer names no release. A redirect is followed on the same host and port only. */
export async function newestRelease(url: string, stop: AbortSignal): Promise<string> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(30_000)])
  let place = new URL(url)
  for (let redirects = 0; ; redirects += 1) {
    const answer = await fetch(place, { redirect: 'manual', signal, headers: { 'User-Agent': 'stacks-signer-stack', 'Accept': 'application/vnd.github+json' } }).catch(withCause)
    const moved = answer.headers.get('location')
    if (answer.status >= 300 && answer.status < 400 && moved !== null && redirects < mostRedirects) {
      await answer.body?.cancel()
      const next = new URL(moved, place)
      if (next.origin !== place.origin) throw new Error('it redirects to another host')
      place = next
    } else if (answer.status === 200) return releaseIn(await textOf(answer).catch(withCause))
    else throw new Error(`it answers with ${answer.status}`)
  }
}

/** Node says no more than "fetch failed"; what failed is its cause. */
function withCause(error: Error): never {
  throw error.cause instanceof Error ? error.cause : error
}

async function textOf(answer: Response): Promise<string> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of answer.body ?? []) {
    size += part.length
    if (size > most) throw new Error(`an answer of more than ${most} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString()
}

function releaseIn(text: string): string {
  let found: unknown
  try {
    found = JSON.parse(text)
  } catch {
    throw new Error('the answer is not JSON')
  }
  const tag = typeof found === 'object' && found !== null && 'tag_name' in found ? found.tag_name : undefined
  // sBTC's tags begin with a v, those of Stacks do not.
  const release = typeof tag === 'string' ? tag.replace(/^v/, '') : ''
  if (!/^\d{1,9}(\.\d{1,9}){2,6}$/.test(release)) throw new Error('the answer names no release')
  return release
}

export function isNewer(one: string, other: string): boolean {
  const [left, right] = [one, other].map((version) => version.split('.').map(Number)) as [number[], number[]]
  const differs = [...left.keys(), ...right.keys()].find((index) => (left[index] ?? -1) !== (right[index] ?? -1))
  return differs !== undefined && (left[differs] ?? -1) > (right[differs] ?? -1)
}

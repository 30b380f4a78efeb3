/** The handshake by which a registry hands a token to a stranger: its challenge read, its token request made. */

/** What a registry wants before it answers, from `WWW-Authenticate`. */
export interface Challenge {
  readonly realm: string
  readonly service?: string
  readonly scope?: string
}

const longest = 8192

/** The Bearer challenge of a header; undefined where there is none, such as where only a login will do. */
export function readChallenge(header: string | undefined): Challenge | undefined {
  if (header === undefined || header.length > longest) return undefined
  const begin = /(?:^|,)\s*bearer\s+/i.exec(header)
  if (!begin) return undefined
  const found: Record<string, string> = {}
  // A parameter without `=` begins the next challenge, so the walk ends there.
  const parameter = /\s*([a-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))\s*(?:,|$)/iy
  parameter.lastIndex = begin.index + begin[0].length
  for (let match = parameter.exec(header); match; match = parameter.exec(header)) {
    found[match[1]!.toLowerCase()] ??= match[2]?.replace(/\\(.)/g, '$1') ?? match[3]!
  }
  const { realm, service, scope } = found
  return realm ? { realm, ...(service && { service }), ...(scope && { scope }) } : undefined
}

/**
 * What to ask a token for: reading this repository, in the registry's own words where those ask for no more than that.
 */
export function scopeFor(repository: string, challenge: Challenge): string {
  const offered = challenge.scope
  return offered !== undefined && /^repository:[^\s:]+(?::\d+\/[^\s:]+)?:pull$/.test(offered) ? offered : `repository:${repository}:pull`
}

/** Where a token is to be had; undefined where the realm is no URL. */
export function tokenUrl(challenge: Challenge, scope: string): URL | undefined {
  if (!URL.canParse(challenge.realm)) return undefined
  const url = new URL(challenge.realm)
  if (challenge.service) url.searchParams.set('service', challenge.service)
  url.searchParams.set('scope', scope)
  return url
}

/** The token in a token server's answer; undefined where there is none that a header can carry. */
export function readToken(answer: Readonly<Record<string, unknown>>): string | undefined {
  const token = [answer['token'], answer['access_token']].find((one) => typeof one === 'string' && one !== '')
  return typeof token === 'string' && token.length <= longest && /^[\x21-\x7e]+$/.test(token) ? token : undefined
}

/**
 * Questions to registries by the OCI distribution API, as a stranger: no login is ever sent, only the tokens that a
 * registry itself hands to anyone, and those to that registry alone.
 */

import { error, type Problem, type Result } from '../problem.ts'
import { readChallenge, readToken, scopeFor, tokenUrl } from './challenge.ts'
import { attempts, waitFor } from './patience.ts'
import { isLoopback, type Reference } from './reference.ts'
import { openTransport, type Answer, type Exchange, type Failed, type Transport, type TransportSettings } from './transport.ts'

export interface Question {
  /** Below `/v2/REPOSITORY/`, or a whole URL that the registry gave for its next page. */
  readonly at: string | URL
  readonly accept: string
  readonly limit: number
  readonly method?: Exchange['method']
  /** What is asked for, for messages: `the tag 4.0.4`. */
  readonly what: string
}

export interface Registries {
  /** The answer of status 200, or the Problem that prevented it, which names the image. */
  readonly ask: (reference: Reference, question: Question) => Promise<Result<Answer>>
  readonly close: () => Promise<void>
}

export interface RegistrySettings extends Partial<TransportSettings> {
  readonly environment: TransportSettings['environment']
  /** For the user agent. */
  readonly version: string
  /** How many seconds one exchange may be waited for in all when a registry is busy. */
  readonly patience?: number
  readonly now?: () => number
  readonly pause?: (seconds: number) => Promise<void>
}

const redirects = 5
const busy = [429, 502, 503, 504]

export async function openRegistries(settings: RegistrySettings): Promise<Result<Registries>> {
  const transport = await openTransport({ seconds: 20, ...settings })
  if (!transport.value) return { problems: transport.problems }
  const { exchange, close } = transport.value
  const tokens = new Map<string, string>()
  const send = (request: Exchange) => persist(() => exchange(request), settings)
  const headers = (accept: string) => ({ accept, 'accept-encoding': 'identity', 'user-agent': `create-stacks-signer-stack/${settings.version}` })

  const ask = async (reference: Reference, question: Question): Promise<Result<Answer>> => {
    const { base, repository } = reference
    const url = question.at instanceof URL ? question.at : new URL(`${base}/v2/${repository}/${question.at}`)
    const key = `${base} ${repository}`
    for (let renewals = 0; ; renewals += 1) {
      const token = tokens.get(key)
      const request = { url, method: question.method ?? 'GET', limit: question.limit, headers: { ...headers(question.accept), ...(token && { authorization: `Bearer ${token}` }) } }
      const { answer, from } = await follow(request, send, base)
      if ('failed' in answer) return failed(reference, from, answer)
      // A token may have run out since it was handed over, so once more one is asked for; then it is a refusal.
      const challenge = answer.status === 401 && from.origin === new URL(base).origin && renewals < 2
        ? readChallenge(answer.headers['www-authenticate']) : undefined
      if (!challenge) return judge(reference, from, question.what, answer)
      const fresh = await newToken(reference, challenge, (tokenAt) => follow({ url: tokenAt, method: 'GET', limit: 65_536, headers: headers('application/json') }, send, base))
      if (!fresh.value) return { problems: fresh.problems }
      tokens.set(key, fresh.value)
    }
  }
  return { value: { ask, close }, problems: [] }
}

/** Puts a question again while the registry is busy or the connection breaks, within bounds. */
async function persist(exchange: () => Promise<Answer | Failed>, settings: RegistrySettings): Promise<Answer | Failed> {
  const { patience = 60, now = Date.now, pause = sleep } = settings
  let left = patience
  for (let attempt = 1; ; attempt += 1) {
    const answer = await exchange()
    const again = 'failed' in answer ? answer.failed === 'broken' : busy.includes(answer.status)
    const wait = waitFor(attempt, 'failed' in answer ? undefined : answer.headers['retry-after'], now())
    if (!again || attempt === attempts || wait > left) return answer
    left -= wait
    await pause(wait)
  }
}

function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => { setTimeout(resolve, seconds * 1000) })
}

type Followed = { readonly answer: Answer | Failed; readonly from: URL }

/**
 * Follows redirects, since registries may hand out what they keep from object storage; what was for the registry's ears is not told to
 * another host.
 */
async function follow(request: Exchange, send: Transport['exchange'], base: string): Promise<Followed> {
  let { url, headers } = request
  if (!allowed(url, base)) return { answer: { failed: 'broken', detail: 'it leads to a place that is not asked: only https, without a login' }, from: url }
  for (let count = 0; count <= redirects; count += 1) {
    const answer = await send({ ...request, url, headers })
    const target = 'failed' in answer || ![301, 302, 303, 307, 308].includes(answer.status) ? undefined : answer.headers['location']
    if (target === undefined) return { answer, from: url }
    if (!URL.canParse(target, url.href)) return { answer: { failed: 'broken', detail: 'it redirects to what is no URL' }, from: url }
    const next = new URL(target, url)
    if (!allowed(next, base)) return { answer: { failed: 'broken', detail: `it redirects to ${next.origin}, which is not asked: only https, without a login` }, from: url }
    if (next.origin !== url.origin) {
      const { authorization: _kept, ...rest } = headers
      headers = rest
    }
    url = next
  }
  return { answer: { failed: 'broken', detail: `it redirects more than ${redirects} times` }, from: url }
}

/** Plain http is for a registry on this machine, which alone may send us to another service of this machine. */
function allowed(url: URL, base: string): boolean {
  if (url.username !== '' || url.password !== '') return false
  const local = isLoopback(url.hostname)
  if (local && !isLoopback(new URL(base).hostname)) return false
  return url.protocol === 'https:' || (local && url.protocol === 'http:')
}

async function newToken(reference: Reference, challenge: { readonly realm: string }, get: (url: URL) => Promise<Followed>): Promise<Result<string>> {
  const url = tokenUrl(challenge, scopeFor(reference.repository, challenge))
  if (!url) return nonsense(reference, new URL(reference.base), 'it asks for a token and does not say where to get one')
  const { answer, from } = await get(url)
  if ('failed' in answer) return failed(reference, from, answer)
  if (answer.status !== 200) return { problems: judge(reference, from, 'a token', answer).problems }
  const json = readJson(reference, from, answer)
  if (!json.value) return { problems: json.problems }
  const token = readToken(json.value)
  return token === undefined ? nonsense(reference, from, 'it answers without a token') : { value: token, problems: [] }
}

/** The body as a JSON object. */
export function readJson(reference: Reference, from: URL, { body, headers }: Answer): Result<Readonly<Record<string, unknown>>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { value: value as Record<string, unknown>, problems: [] }
  } catch (cause) {
    if (!(cause instanceof SyntaxError) && !(cause instanceof TypeError)) throw cause
  }
  const type = /^[\w.+/-]{1,80}/.exec(headers['content-type'] ?? '')?.[0] ?? 'no type'
  return nonsense(reference, from, `it answers with what is no JSON object (${type})`)
}

/** An answer that cannot be what a registry says. */
export function nonsense<T>({ name }: Reference, from: URL, message: string): Result<T> {
  return { problems: [error('registry-nonsense', `${name}: ${from.host} does not answer as a registry does: ${message}`, undefined,
    'a proxy or a login page may stand between; run again, or ask from another network')] }
}

function judge({ name }: Reference, from: URL, what: string, answer: Answer): Result<Answer> {
  const { status, headers } = answer
  if (status === 200) return { value: answer, problems: [] }
  const say = (code: string, message: string, hint: string): { readonly problems: readonly Problem[] } =>
    ({ problems: [error(code, `${name}: ${message}`, undefined, hint)] })
  if (status === 404) return say('not-in-registry', `${from.host} does not have ${what}`, 'check name and tag; a project may have moved to another registry')
  if (status === 401 || status === 403) {
    return say('registry-refuses', `${from.host} does not show ${what} to strangers (${status})`, 'check the name; only images that anyone may pull can be asked about')
  }
  if (busy.includes(status)) {
    const wish = headers['retry-after']
    return say('registry-busy', `${from.host} is too busy to answer (${status})`, wish ? `it asks to come back after ${wish.slice(0, 40)}${/^\d+$/.test(wish) ? ' s' : ''}` : 'run again later')
  }
  return say('registry-answer', `${from.host} answers ${status} when asked for ${what}`, 'run again later')
}

const failures: Readonly<Record<Failed['failed'], readonly [code: string, says: string, hint: string]>> = {
  timeout: ['registry-timeout', 'does not answer in time', 'check the network; behind a proxy, set HTTPS_PROXY'],
  'too-large': ['registry-nonsense', 'answers with too much', 'run again; if it stays so, ask whose registry it is'],
  broken: ['registry-broken', 'cannot be heard out', 'run again; if it stays so, look at the network and its proxies'],
  unreachable: ['registry-unreachable', 'cannot be reached', 'check the network; behind a proxy, set HTTPS_PROXY'],
  certificate: ['registry-certificate', 'shows a certificate that is not trusted', 'behind a proxy that opens connections, name its certificate in NODE_EXTRA_CA_CERTS'],
  proxy: ['registry-proxy', 'is not let through by the proxy', 'check HTTPS_PROXY and NO_PROXY, and what the proxy permits'],
}

function failed<T>({ name }: Reference, from: URL, { failed: kind, detail }: Failed): Result<T> {
  const [code, says, hint] = failures[kind]
  return { problems: [error(code, `${name}: ${from.host} ${says}: ${detail.replace(/[^\x20-\x7e]/g, '?').slice(0, 300)}`, undefined, hint)] }
}

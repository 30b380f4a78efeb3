/** Tokens: how they are come by, how long they are kept, and whom they are never told. */

import type { RequestListener } from 'node:http'
import t, { type Test } from 'tap'
import type { Question } from '../../generator/registry/client.ts'
import { after, client, reference, reply, serve, type FakeRegistry } from './support/server.ts'

const question: Question = { at: 'manifests/1', accept: 'application/json', limit: 1000, what: 'the tag 1' }

interface Options {
  /** How often a token is good for. */
  readonly uses?: number
  /** In place of the token server's own answer. */
  readonly token?: RequestListener
  readonly realm?: string
  readonly served?: RequestListener
}

/** A registry and its token server in one: tokens are t1, t2 and so on. */
async function guarded(t: Test, { uses = Infinity, token, realm, served }: Options = {}): Promise<FakeRegistry> {
  let made = 0
  const left = new Map<string, number>()
  const registry = await serve(t, (request, response) => {
    if (request.url!.startsWith('/token')) {
      if (token) return token(request, response)
      made += 1
      left.set(`Bearer t${made}`, uses)
      return reply(response, 200, { token: `t${made}`, expires_in: 60 })
    }
    const good = left.get(request.headers.authorization ?? '') ?? 0
    left.set(request.headers.authorization ?? '', good - 1)
    if (good > 0) return served ? served(request, response) : reply(response, 200, {})
    reply(response, 401, { errors: [] }, { 'www-authenticate': `Bearer realm="${realm ?? `http://${registry.host}/token`}",service="the service",scope="repository:a/b:pull"` })
  })
  return registry
}

const paths = (registry: FakeRegistry) => registry.seen.map(({ url, authorization }) => `${url} ${authorization ?? '-'}`)
const ask = '/v2/a/b/manifests/1'
const tokenAsk = '/token?service=the+service&scope=repository%3Aa%2Fb%3Apull -'

t.test('401, a token, the answer', async (t) => {
  const registry = await guarded(t)
  const { registries } = await client(t)
  t.equal((await registries.ask(registry.reference, question)).value?.status, 200)
  t.strictSame(paths(registry), [`${ask} -`, tokenAsk, `${ask} Bearer t1`])

  t.equal((await registries.ask(registry.reference, question)).value?.status, 200)
  t.equal(registry.seen.length, 4, 'the token is kept')
  t.equal(paths(registry)[3], `${ask} Bearer t1`)

  await registries.ask(reference(`${registry.host}/a/c`), question)
  t.equal(registry.seen[4]!.authorization, undefined, 'and is for its repository alone')
})

t.test('a token that has run out is renewed', async (t) => {
  const registry = await guarded(t, { uses: 1 })
  const { registries } = await client(t)
  await registries.ask(registry.reference, question)
  t.equal((await registries.ask(registry.reference, question)).value?.status, 200)
  t.strictSame(paths(registry).slice(3), [`${ask} Bearer t1`, tokenAsk, `${ask} Bearer t2`])
})

t.test('a registry that takes no token of its own', async (t) => {
  const registry = await guarded(t, { uses: 0 })
  const { registries } = await client(t)
  t.match(await registries.ask(registry.reference, question), { value: undefined, problems: [{ code: 'registry-refuses' }] })
  t.equal(registry.seen.filter(({ url }) => url.startsWith('/token')).length, 2, 'it is asked for one more, and that is all')
})

t.test('token servers that give none', async (t) => {
  for (const [code, token] of [
    ['registry-refuses', (_: unknown, response: Parameters<RequestListener>[1]) => { reply(response, 403, {}) }],
    ['registry-nonsense', (_: unknown, response: Parameters<RequestListener>[1]) => { reply(response, 200, '<html>log in</html>', { 'content-type': 'text/html' }) }],
    ['registry-nonsense', (_: unknown, response: Parameters<RequestListener>[1]) => { reply(response, 200, { token: 'a\nb' }) }],
    ['registry-nonsense', (_: unknown, response: Parameters<RequestListener>[1]) => { reply(response, 200, []) }],
    ['registry-busy', (_: unknown, response: Parameters<RequestListener>[1]) => { reply(response, 429, {}) }],
  ] as const) {
    const registry = await guarded(t, { token })
    const { registries } = await client(t)
    const { value, problems } = await registries.ask(registry.reference, question)
    t.equal(value, undefined)
    t.match(problems, [{ code }])
    t.ok(problems[0]!.message.startsWith(registry.reference.name))
  }
})

t.test('a busy token server is waited for', async (t) => {
  const registry = await guarded(t, { token: after(1, (_, response) => { reply(response, 429, '', { 'retry-after': '3' }) }, (_, response) => { reply(response, 200, { access_token: 'x' }) }) })
  const { registries, waited } = await client(t)
  await registries.ask(registry.reference, question)
  t.strictSame(waited, [3])
  t.ok(paths(registry).includes(`${ask} Bearer x`), 'access_token is another name for it')
})

t.test('realms that are not asked', async (t) => {
  for (const realm of ['http://token.example.net/', 'https://user:word@127.0.0.1/', '/token', 'file:///etc/passwd']) {
    const registry = await guarded(t, { realm })
    const { registries } = await client(t)
    const { value, problems } = await registries.ask(registry.reference, question)
    t.equal(value, undefined)
    t.match(problems, [{ code: /registry-(broken|nonsense)/ }], realm)
  }
})

t.test('a redirect to another host does not carry the token', async (t) => {
  const storage = await serve(t, (_, response) => { reply(response, 200, 'blob') })
  const registry = await guarded(t, { served: (_, response) => { response.writeHead(302, { location: `http://${storage.host}/blob` }).end() } })
  const { registries } = await client(t)
  t.equal((await registries.ask(registry.reference, question)).value?.body.toString(), 'blob')
  t.strictSame(storage.seen, [{ method: 'GET', url: '/blob', authorization: undefined }])
})

t.test('a redirect within the registry does', async (t) => {
  const registry = await guarded(t, {
    served: (request, response) => {
      if (request.url === '/other') reply(response, 200, 'here')
      else response.writeHead(302, { location: '/other' }).end()
    },
  })
  const { registries } = await client(t)
  t.equal((await registries.ask(registry.reference, question)).value?.body.toString(), 'here')
})

t.test('a challenge from where a redirect leads is not answered', async (t) => {
  const other = await guarded(t)
  const registry = await serve(t, (_, response) => { response.writeHead(302, { location: `http://${other.host}/x` }).end() })
  const { registries } = await client(t)
  t.match(await registries.ask(registry.reference, question), { problems: [{ code: 'registry-refuses' }] })
  t.strictSame(other.seen.map(({ url }) => url), ['/x'])
})

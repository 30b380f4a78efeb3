/** The client against servers that are slow, busy, broken, greedy or not what they say. */

import { createServer, type AddressInfo } from 'node:net'
import t from 'tap'
import type { Question } from '../../generator/registry/client.ts'
import { openRegistries } from '../../generator/registry/client.ts'
import { after, client, reference, reply, serve } from './support/server.ts'

const question: Question = { at: 'manifests/1', accept: 'application/json', limit: 1000, what: 'the tag 1' }

t.test('an answer', async (t) => {
  const { reference, seen } = await serve(t, (_, response) => { reply(response, 200, { a: 1 }) })
  const { registries, waited } = await client(t)
  const { value, problems } = await registries.ask(reference, question)
  t.equal(value?.body.toString(), '{"a":1}')
  t.strictSame(problems, [])
  t.strictSame(seen, [{ method: 'GET', url: '/v2/a/b/manifests/1', authorization: undefined }])
  t.strictSame(waited, [])
})

t.test('the statuses that end it', async (t) => {
  const { registries } = await client(t)
  for (const [status, code] of [[404, 'not-in-registry'], [403, 'registry-refuses'], [401, 'registry-refuses'], [500, 'registry-answer'], [418, 'registry-answer']] as const) {
    const { reference, seen } = await serve(t, (_, response) => { reply(response, status, {}) })
    const { value, problems } = await registries.ask(reference, question)
    t.equal(value, undefined)
    t.match(problems, [{ code, severity: 'error', hint: /./ }])
    t.ok(problems[0]!.message.startsWith(`${reference.name}: `), 'it names the image')
    t.equal(seen.length, 1, `${status} is final`)
  }
})

t.test('a registry that is busy', async (t) => {
  for (const [status, header, want] of [[429, '7', 7], [503, '2', 2], [503, undefined, 1], [429, 'Sun, 01 Mar 2026 12:00:09 GMT', 9]] as const) {
    const { reference, seen } = await serve(t, after(1, (_, response) => { reply(response, status, '', header ? { 'retry-after': header } : {}) }, (_, response) => { reply(response, 200, {}) }))
    const { registries, waited } = await client(t, { now: () => Date.parse('2026-03-01T12:00:00Z') })
    const { value } = await registries.ask(reference, question)
    t.equal(value?.status, 200)
    t.strictSame(waited, [want], `${status} ${header}`)
    t.equal(seen.length, 2)
  }
})

t.test('a registry that stays busy', async (t) => {
  const { reference, seen } = await serve(t, (_, response) => { reply(response, 429, '') })
  const { registries, waited } = await client(t)
  t.match(await registries.ask(reference, question), { value: undefined, problems: [{ code: 'registry-busy' }] })
  t.strictSame(waited, [1, 2, 4])
  t.equal(seen.length, 4)

  const patient = await serve(t, (_, response) => { reply(response, 429, '', { 'retry-after': '3600' }) })
  t.match(await registries.ask(patient.reference, question), { problems: [{ code: 'registry-busy', hint: /after 3600 s/ }] })
  t.equal(patient.seen.length, 1, 'an hour is not waited for')

  const slow = await serve(t, (_, response) => { reply(response, 429, '', { 'retry-after': '25' }) })
  await registries.ask(slow.reference, question)
  t.equal(slow.seen.length, 3, 'no more than a minute in all')
})

t.test('hanging', async (t) => {
  const { registries, waited } = await client(t, { seconds: 0.3 })
  const silent = createServer(() => undefined)
  await new Promise<void>((resolve) => { silent.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => silent.close())
  const host = `127.0.0.1:${(silent.address() as AddressInfo).port}`
  const body = await serve(t, (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write('{"a":')
  })
  const drip = await serve(t, (_, response) => {
    response.writeHead(200)
    const timer = setInterval(() => response.write(' '), 50)
    response.once('close', () => { clearInterval(timer) })
  })
  for (const one of [reference(`${host}/a/b`), body.reference, drip.reference]) {
    t.match(await registries.ask(one, question), { value: undefined, problems: [{ code: 'registry-timeout', message: /no complete answer within 0\.3 s/ }] })
  }
  t.strictSame(waited, [], 'once is enough')
})

t.test('broken off', async (t) => {
  const truncated = await serve(t, (_, response) => {
    response.writeHead(200, { 'content-length': '1000' })
    response.write('{"a":1')
    setTimeout(() => response.destroy(), 20)
  })
  const { registries, waited } = await client(t)
  t.match(await registries.ask(truncated.reference, question), { value: undefined, problems: [{ code: 'registry-broken' }] })
  t.strictSame(waited, [1, 2, 4], 'it is asked again')
  const recovers = await serve(t, after(1, (request) => { request.socket.destroy() }, (_, response) => { reply(response, 200, {}) }))
  t.equal((await registries.ask(recovers.reference, question)).value?.status, 200)
  t.match(await registries.ask(reference('127.0.0.1:1/a/b'), question), { problems: [{ code: 'registry-unreachable', message: /refused/ }] })
})

t.test('too much', async (t) => {
  const { reference } = await serve(t, (_, response) => { reply(response, 200, 'x'.repeat(1001)) })
  const { registries } = await client(t)
  t.match(await registries.ask(reference, question), { value: undefined, problems: [{ code: 'registry-nonsense', message: /more than 1000 bytes/ }] })
  t.equal((await registries.ask(reference, { ...question, limit: 1001 })).value?.body.length, 1001)
})

t.test('redirects', async (t) => {
  const { registries } = await client(t)
  const storage = await serve(t, (_, response) => { reply(response, 200, 'blob') })
  const to = (location: string) => serve(t, (_, response) => { response.writeHead(307, { location }).end() })
  const away = await to(`http://${storage.host}/store?signature=1`)
  t.equal((await registries.ask(away.reference, question)).value?.body.toString(), 'blob')
  for (const bad of ['http://registry.example.net/x', 'ftp://127.0.0.1/x', 'https://user:word@127.0.0.1/x', 'http://[', 'file:///etc/passwd']) {
    t.match(await registries.ask((await to(bad)).reference, question), { value: undefined, problems: [{ code: 'registry-broken' }] }, bad)
  }
  const circle = await to('/v2/a/b/again')
  t.match(await registries.ask(circle.reference, question), { problems: [{ message: /redirects more than 5 times/ }] })
  t.equal(circle.seen.length, 6, 'which is final')
})

t.test('proxies that cannot be used', async (t) => {
  for (const proxy of ['socks5://127.0.0.1:1080', 'http://', 'http://user:secret@[']) {
    const { value, problems } = await openRegistries({ environment: { HTTPS_PROXY: proxy }, version: '0' })
    t.equal(value, undefined)
    t.match(problems, [{ code: 'bad-proxy', message: /HTTPS_PROXY/ }])
    t.notMatch(JSON.stringify(problems), /secret/)
  }
})

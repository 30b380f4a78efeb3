import t from 'tap'
import { listTags } from '../../generator/registry/tags.ts'
import { client, reply, serve } from './support/server.ts'

/** 10,000 tags, and the pages of them that a registry sends. */
const many = Array.from({ length: 10_000 }, (_, index) => `1.${index}.0`)

t.test('10,000 tags over pages', async (t) => {
  const { reference, seen } = await serve(t, (request, response) => {
    const query = new URL(request.url!, 'http://x').searchParams
    const from = query.has('last') ? many.indexOf(query.get('last')!) + 1 : 0
    const page = many.slice(from, from + Math.min(Number(query.get('n')), 100))
    const more = from + page.length < many.length
    reply(response, 200, { name: 'a/b', tags: page }, more ? { link: `</v2/a/b/tags/list?last=${page.at(-1)}&n=100>; rel="next"` } : {})
  })
  const { registries } = await client(t)
  t.strictSame((await listTags(registries, reference)).value, many)
  t.equal(seen.length, 100)
  t.equal(seen[0]!.url, '/v2/a/b/tags/list?n=1000')
})

t.test('one page, and what is no tag', async (t) => {
  const { registries } = await client(t)
  for (const [tags, want] of [[['b', 'a', 'b'], ['b', 'a']], [null, []], [['ok', 1, null, '', 'a/b', '\u001b[2J', 'x'.repeat(129), '-x'], ['ok']]] as const) {
    const { reference } = await serve(t, (_, response) => { reply(response, 200, { tags }) })
    t.strictSame((await listTags(registries, reference)).value, want)
  }
})

t.test('ways to write a link', async (t) => {
  const { registries } = await client(t)
  for (const [link, pages] of [
    ['</v2/a/b/tags/list?p=2>; rel="next"', 2], ['</v2/a/b/tags/list?p=2>;rel=next', 2], ['</x>; rel="prev", <list?p=2>; title="y"; rel="next"', 2],
    ['</v2/a/b/tags/list?p=2>; rel="last"', 1], ['</v2/a/b/tags/list?p=2>', 1], ['nonsense', 1], ['<http://[>; rel="next"', 1],
  ] as const) {
    const { reference, seen } = await serve(t, (request, response) => {
      const second = request.url!.includes('p=2')
      reply(response, 200, { tags: [second ? 'two' : 'one'] }, second ? {} : { link })
    })
    t.strictSame((await listTags(registries, reference)).value, pages === 2 ? ['one', 'two'] : ['one'], link)
    t.equal(seen.length, pages)
  }
})

t.test('an empty page in between', async (t) => {
  const { reference } = await serve(t, (request, response) => {
    const page = Number(new URL(request.url!, 'http://x').searchParams.get('p') ?? 1)
    reply(response, 200, { tags: page === 2 ? [] : [`t${page}`] }, page < 3 ? { link: `</v2/a/b/tags/list?p=${page + 1}>; rel="next"` } : {})
  })
  t.strictSame((await listTags((await client(t)).registries, reference)).value, ['t1', 't3'])
})

t.test('circles', async (t) => {
  const { registries } = await client(t)
  const same = await serve(t, (request, response) => { reply(response, 200, { tags: ['a'] }, { link: `<${request.url!}>; rel="next"` }) })
  t.match(await listTags(registries, same.reference), { value: undefined, problems: [{ code: 'pages-in-a-circle' }] })
  t.equal(same.seen.length, 1)
  let count = 0
  const fresh = await serve(t, (_, response) => { reply(response, 200, { tags: ['a', 'b'] }, { link: `</v2/a/b/tags/list?last=${count++}>; rel="next"` }) })
  t.match(await listTags(registries, fresh.reference), { value: undefined, problems: [{ code: 'pages-in-a-circle' }] })
  t.equal(fresh.seen.length, 2)
  let pages = 0
  const endless = await serve(t, (_, response) => { reply(response, 200, { tags: [] }, { link: `</v2/a/b/tags/list?last=${pages++}>; rel="next"` }) })
  t.match(await listTags(registries, endless.reference), { value: undefined, problems: [{ code: 'too-many-tags' }] })
})

t.test('a next page elsewhere is not fetched', async (t) => {
  const other = await serve(t, (_, response) => { reply(response, 200, { tags: ['evil'] }) })
  const { registries } = await client(t)
  for (const link of [`http://${other.host}/v2/a/b/tags/list`, '/token', 'https://127.0.0.1/v2/']) {
    const { reference } = await serve(t, (_, response) => { reply(response, 200, { tags: ['a'] }, { link: `<${link}>; rel="next"` }) })
    t.match(await listTags(registries, reference), { value: undefined, problems: [{ code: 'registry-nonsense' }] })
  }
  t.strictSame(other.seen, [])
})

t.test('what is no list of tags', async (t) => {
  const { registries } = await client(t)
  for (const body of ['<html>Please log in</html>', '', '{"tags":', '[]', 'null', '"x"', '{"tags":{}}', '{"tags":"a"}', '{"tags":1}']) {
    const { reference } = await serve(t, (_, response) => { reply(response, 200, body, { 'content-type': 'text/html; charset=utf-8' }) })
    const { value, problems } = await listTags(registries, reference)
    t.equal(value, undefined, body)
    t.match(problems, [{ code: 'registry-nonsense', hint: /proxy or a login page/ }])
    t.ok(problems[0]!.message.startsWith(reference.name))
  }
})

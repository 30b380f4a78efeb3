import { createHash } from 'node:crypto'
import t, { type Test } from 'tap'
import { namedDigest, platformProblems, resolveTag } from '../../generator/registry/digest.ts'
import { client, reply, serve } from './support/server.ts'

const ociIndex = 'application/vnd.oci.image.index.v1+json'
const dockerList = 'application/vnd.docker.distribution.manifest.list.v2+json'
const ociImage = 'application/vnd.oci.image.manifest.v1+json'
const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`

function index(mediaType: string | undefined, ...platforms: readonly object[]): string {
  return JSON.stringify({ schemaVersion: 2, ...(mediaType && { mediaType }), manifests: platforms.map((platform) => ({ digest: digestOf(''), platform })) })
}

const arm = { os: 'linux', architecture: 'arm64', variant: 'v8' }
const amd = { os: 'linux', architecture: 'amd64' }
const attestation = { os: 'unknown', architecture: 'unknown' }

/** What the client makes of a registry that has one manifest. */
async function resolved(t: Test, body: string, type: string, digest?: string) {
  const { reference } = await serve(t, (_, response) => { reply(response, 200, body, { 'content-type': type, ...(digest && { 'docker-content-digest': digest }) }) })
  return resolveTag((await client(t)).registries, reference, '1')
}

t.test('an index', async (t) => {
  for (const type of [ociIndex, dockerList]) {
    const body = index(type, arm, amd, attestation, attestation)
    t.strictSame(await resolved(t, body, type, digestOf(body)), { value: { digest: digestOf(body), index: true, platforms: ['linux/amd64', 'linux/arm64/v8'] }, problems: [] })
    t.equal((await resolved(t, body, type)).value?.digest, digestOf(body), 'a registry may name no digest')
  }
  const plain = index(undefined, amd)
  t.equal((await resolved(t, plain, `${ociIndex}; charset=utf-8`)).value?.index, true, 'the type may stand in the header alone')
})

t.test('a single image', async (t) => {
  const config = JSON.stringify(amd)
  const manifest = JSON.stringify({ schemaVersion: 2, mediaType: ociImage, config: { digest: digestOf(config) } })
  const of = async (blob: string) => {
    const { reference } = await serve(t, (request, response) => { reply(response, 200, request.url!.includes('/blobs/') ? blob : manifest, { 'content-type': ociImage }) })
    return resolveTag((await client(t)).registries, reference, '1')
  }
  t.strictSame(await of(config), { value: { digest: digestOf(manifest), index: false, platforms: ['linux/amd64'] }, problems: [] })
  t.match(await of('{"os":"linux","architecture":"arm64"}'), { value: undefined, problems: [{ code: 'registry-nonsense', message: /has another digest/ }] })
})

t.test('a digest that does not fit', async (t) => {
  const body = index(ociIndex, amd)
  for (const wrong of [digestOf('other'), 'sha512:00', 'nonsense']) {
    t.match(await resolved(t, body, ociIndex, wrong), { value: undefined, problems: [{ code: 'registry-nonsense' }] }, wrong)
  }
})

t.test('what is neither index nor image', async (t) => {
  for (const [body, type] of [
    ['<html></html>', 'text/html'], ['{}', 'application/json'], ['[]', ociIndex], [index(ociIndex), ociIndex], [index(ociIndex, attestation), ociIndex],
    ['{"manifests":{}}', ociIndex], ['{"manifests":[1,null,{"platform":{"os":"\u001b","architecture":"x"}}]}', ociIndex],
    ['{"schemaVersion":1}', 'application/vnd.docker.distribution.manifest.v1+prettyjws'], ['{"config":{"digest":"../x"}}', ociImage], ['{}', ociImage],
  ] as const) {
    t.match(await resolved(t, body, type), { value: undefined, problems: [{ code: 'registry-nonsense' }] }, body)
  }
})

t.test('the digest by name alone', async (t) => {
  const { registries } = await client(t)
  for (const [named, want] of [[digestOf('x'), digestOf('x')], ['nonsense', undefined], ['', undefined]] as const) {
    const { reference, seen } = await serve(t, (_, response) => { response.writeHead(200, { 'docker-content-digest': named, 'content-length': '500' }).end() })
    t.strictSame(await namedDigest(registries, reference, '1'), { ...(want && { value: want }), problems: [] })
    t.strictSame(seen.map(({ method }) => method), ['HEAD'])
  }
})

t.test('platforms', async (t) => {
  const many = { digest: '', index: true, platforms: ['linux/amd64', 'linux/arm64/v8'] }
  const one = { digest: '', index: false, platforms: ['linux/amd64'] }
  for (const platform of ['', 'linux/amd64', 'linux/arm64']) t.strictSame(platformProblems('x', many, platform), [])
  t.match(platformProblems('x', many, 'linux/arm'), [{ code: 'no-platform', severity: 'warning' }])
  t.match(platformProblems('x', one, ''), [{ code: 'one-platform', severity: 'warning' }])
  t.strictSame(platformProblems('x', one, 'linux/amd64'), [])
})

import t from 'tap'
import { checkAnswers } from '../../generator/answers/check.ts'
import { readAnswers } from '../../generator/answers/read.ts'
import { resolve } from '../../generator/stack/resolve.ts'

const base = 'STACK_NAME=a\nNETWORK=mainnet\n'
const sum = 'ab'.repeat(32)

function resolved(text: string) {
  const checked = checkAnswers('a.env', readAnswers('a.env', base + text).entries, { secretsAllowed: false, outputDirectory: '.' })
  if (!checked.value) throw new Error(JSON.stringify(checked.problems))
  const { value, problems } = resolve(checked.value)
  return { service: value?.hosts[0]?.services.find((service) => service.name === 'snapshot'), problems }
}

t.test('what the container is told', async (t) => {
  const { service } = resolved(`SNAPSHOT_URL=https://a.example.net/x.tar.zst\nSNAPSHOT_SHA256=${sum}\nSNAPSHOT_MODE=stream\nSNAPSHOT_CONNECTIONS=3\n`)
  const { NODE_OPTIONS: _, ...environment } = service?.environment ?? {}
  t.strictSame(environment, {
    SNAPSHOT_URL: 'https://a.example.net/x.tar.zst', NETWORK_DIR: 'mainnet', SNAPSHOT_SHA256: sum, SNAPSHOT_MODE: 'stream', SNAPSHOT_CONNECTIONS: '3',
  })
  t.equal(service?.lifetime, 'until-done')
  t.strictSame(service?.mounts.map(({ target }) => target), ['/var/lib/stacks-node', '/stack/programs'])
})

t.test('a file is mounted, alone and read-only', async (t) => {
  const { service } = resolved(`SNAPSHOT_URL=file:///srv/old%20ones/x%231.tar.gz\nSNAPSHOT_SHA256=${sum}\n`)
  t.equal(service?.environment['SNAPSHOT_URL'], 'file:///archive/x%231.tar.gz')
  t.strictSame(service?.mounts.find(({ target }) => target.startsWith('/archive')), { source: { path: '/srv/old ones/x#1.tar.gz' }, target: '/archive/x#1.tar.gz', readOnly: true })
})

t.test('a file without a checksum is refused', async (t) => {
  const { service, problems } = resolved('SNAPSHOT_URL=file:///srv/x.tar.gz\n')
  t.equal(service, undefined)
  t.match(problems, [{ code: 'missing-answer', message: /needs SNAPSHOT_SHA256/ }])
})

t.test('an http address without a checksum is refused, on every host', async (t) => {
  for (const url of ['http://archive.example.net/x.tar.zst', 'HTTP://192.168.1.2/x.tar.zst', 'http://localhost:8080/x.tar.zst']) {
    const { service, problems } = resolved(`SNAPSHOT_URL=${url}\n`)
    t.equal(service, undefined, url)
    t.match(problems, [{ code: 'missing-answer', message: /SNAPSHOT_URL with http:\/\/ needs SNAPSHOT_SHA256/, hint: /SNAPSHOT_SHA256=.*https:\/\// }])
    t.equal(resolved(`SNAPSHOT_URL=${url}\nSNAPSHOT_SHA256=${sum}\n`).service?.environment['SNAPSHOT_SHA256'], sum, `${url} with a checksum`)
  }
  t.strictSame(resolved('SNAPSHOT_URL=https://archive.example.net/x.tar.zst\n').problems.filter(({ message }) => message.startsWith('SNAPSHOT')), [])
  t.strictSame(resolved('SNAPSHOT=off\nSNAPSHOT_URL=http://archive.example.net/x.tar.zst\n').problems.filter(({ code }) => code === 'missing-answer'), [], 'nothing is fetched')
})

t.test('what %XX stands for in the address of a file', async (t) => {
  const faults: readonly (readonly [path: string, message: RegExp])[] = [
    ['/srv/x%00.tar.gz', /control characters/], ['/srv/x%0A.tar.gz', /control characters/], ['/srv/x%1b.tar.gz', /control characters/], ['/srv/%E2%80%A8.tar.gz', /control characters/],
    ['/srv/a%2F..%2F..%2Fetc%2Fshadow', /not %2F/], ['/srv%2f..', /not %2F/], ['/srv/', /that of a folder/], ['/srv/x/..', /that of a folder/], ['/srv/x%2e%2e/%2e%2e', /that of a folder/],
    ['/srv/x.tar.gz?a=b', /without \?/], ['/srv/%FF.tar.gz', /UTF-8/],
  ]
  for (const [path, message] of faults) {
    const { problems } = checkAnswers('a.env', readAnswers('a.env', `${base}SNAPSHOT_URL=file://${path}\nSNAPSHOT_SHA256=${sum}\n`).entries, { secretsAllowed: false, outputDirectory: '.' })
    t.match(problems.map((one) => one.message), [message], path)
  }
})

t.test('answers that nothing uses', async (t) => {
  const { problems } = resolved('SNAPSHOT=off\nSNAPSHOT_MODE=file\nSNAPSHOT_CONNECTIONS=4\n')
  t.strictSame(problems.map((one) => one.message).filter((one) => one.startsWith('SNAPSHOT')), ['SNAPSHOT_MODE is not used with SNAPSHOT=off', 'SNAPSHOT_CONNECTIONS is not used with SNAPSHOT=off'])
})

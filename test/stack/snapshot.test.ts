import t from 'tap'
import { checkAnswers } from '../../generator/answers/check.ts'
import { readAnswers } from '../../generator/answers/read.ts'
import { resolve } from '../../generator/stack/resolve.ts'

const base = 'STACK_NAME=a\nNETWORK=mainnet\n'
const sum = 'ab'.repeat(32)

function resolved(text: string) {
  const checked = checkAnswers('a.env', readAnswers('a.env', base + text).entries, { secretsAllowed: false, outputDirectory: '.' })
  if (!checked.value) throw new Error(JSON.stringify(checked.problems))
  const { value, problems } = resolve(checked.value, { toolsHash: 'f'.repeat(64) })
  return { service: value?.hosts[0]?.services.find((service) => service.name === 'snapshot'), problems }
}

t.test('what the container is told', async (t) => {
  const { service } = resolved(`SNAPSHOT_URL=https://a.example.net/x.tar.zst\nSNAPSHOT_SHA256=${sum}\nSNAPSHOT_MODE=stream\nSNAPSHOT_CONNECTIONS=3\n`)
  t.strictSame(service?.environment, {
    SNAPSHOT_URL: 'https://a.example.net/x.tar.zst', NETWORK_DIR: 'mainnet', SNAPSHOT_SHA256: sum, SNAPSHOT_MODE: 'stream', SNAPSHOT_CONNECTIONS: '3',
  })
  t.equal(service?.mounts.length, 1)
})

t.test('a file is mounted, alone and read-only', async (t) => {
  const { service } = resolved(`SNAPSHOT_URL=file:///srv/old%20ones/x%231.tar.gz\nSNAPSHOT_SHA256=${sum}\n`)
  t.equal(service?.environment['SNAPSHOT_URL'], 'file:///archive/x%231.tar.gz')
  t.strictSame(service?.mounts.at(-1), { source: { path: '/srv/old ones/x#1.tar.gz' }, target: '/archive/x#1.tar.gz', readOnly: true })
})

t.test('a file without a checksum is refused', async (t) => {
  const { service, problems } = resolved('SNAPSHOT_URL=file:///srv/x.tar.gz\n')
  t.equal(service, undefined)
  t.match(problems, [{ code: 'missing-answer', message: /needs SNAPSHOT_SHA256/ }])
})

t.test('answers that nothing uses', async (t) => {
  const { problems } = resolved('SNAPSHOT=off\nSNAPSHOT_MODE=file\nSNAPSHOT_CONNECTIONS=4\n')
  t.strictSame(problems.map((one) => one.message).filter((one) => one.startsWith('SNAPSHOT')), ['SNAPSHOT_MODE is not used with SNAPSHOT=off', 'SNAPSHOT_CONNECTIONS is not used with SNAPSHOT=off'])
})

/** BITCOIN_DATA_DIR, STACKS_DATA_DIR and SIGNER_DATA_DIR: what Compose gets of them, and what is refused. */

import t from 'tap'
import { parse } from 'yaml'
import { checkAnswers } from '../../generator/answers/check.ts'
import { readAnswers } from '../../generator/answers/read.ts'
import { resolve } from '../../generator/stack/resolve.ts'
import { planText } from '../support/pipeline.ts'
import { sbtcAnswers } from '../support/sbtc-answers.ts'

const base = 'STACK_NAME=a\nNETWORK=mainnet\nSTACKS_VERSION=4.0.4\n'
const folders = 'BITCOIN_DATA_DIR=/srv/disk1/bitcoin\nSTACKS_DATA_DIR=/srv/disk2/stacks\nSIGNER_DATA_DIR=/srv/disk2/signer\n'

interface Mount { readonly type: string; readonly source: string; readonly target: string; readonly read_only?: boolean; readonly bind?: { readonly create_host_path: boolean } }
interface Compose { readonly services: Readonly<Record<string, { readonly volumes?: readonly Mount[] }>>; readonly volumes: Readonly<Record<string, object>> }

function compose(answers: string, home = ''): Compose {
  return parse(planText(`${base}${answers}`).files.get(`${home}docker-compose.yml`)!.content) as Compose
}

function problems(answers: string) {
  const checked = checkAnswers('a.env', readAnswers('a.env', `${base}${answers}`).entries, { secretsAllowed: false, outputDirectory: '.' })
  return (checked.value ? resolve(checked.value).problems : checked.problems).filter(({ code }) => code !== 'no-digest')
}

t.test('every service has the folder where it would have the volume, and Compose knows no such volume', async (t) => {
  const [plain, placed] = ['', folders].map((answers) => compose(`MONITORING=full\nALERT_RECEIVERS=webhook\nBACKUP=path\nBACKUP_PATH=/mnt/backup\n${answers}`)) as [Compose, Compose]
  const place: Readonly<Record<string, string>> = { 'bitcoin-data': '/srv/disk1/bitcoin', 'stacks-node-data': '/srv/disk2/stacks', 'stacks-signer-data': '/srv/disk2/signer' }
  const moved = (mount: Mount): Mount => {
    const { type: _, source, ...rest } = mount
    return mount.type === 'volume' && place[source] ? { type: 'bind', source: place[source], ...rest, bind: { create_host_path: false } } : mount
  }
  t.strictSame(Object.keys(placed.volumes), Object.keys(plain.volumes).filter((name) => !place[name]))
  let count = 0
  for (const [name, { volumes = [] }] of Object.entries(plain.services)) {
    t.strictSame(placed.services[name]!.volumes ?? [], volumes.map(moved), name)
    count += volumes.filter(({ source }) => place[source]).length
  }
  // init, tools, node-exporter and the programs themselves, and who works beside the signer.
  t.ok(count >= 12, `${count} mounts`)
})

t.test('two hosts, and an sBTC signer alone', async (t) => {
  const split = `TOPOLOGY=split\nNODE_HOST=n.example.net\nSIGNER_HOST=s.example.net\n${folders}`
  t.notOk('bitcoin-data' in compose(split, 'node-host/').volumes || 'stacks-node-data' in compose(split, 'node-host/').volumes)
  t.notOk('stacks-signer-data' in compose(split, 'signer-host/').volumes)
  const alone = compose(`SIGNER=off\n${sbtcAnswers}BITCOIN_DATA_DIR=/srv/b\n`)
  t.notOk('sbtc-bitcoin-data' in alone.volumes)
  t.ok('sbtc-stacks-node-data' in alone.volumes)
  t.ok('sbtc-bitcoin-data' in compose(`${sbtcAnswers}BITCOIN_DATA_DIR=/srv/b\n`).volumes, 'the answer is for the first of two')
})

t.test('what cannot be', async (t) => {
  t.match(problems('BITCOIN_DATA_DIR=/srv/a\nSTACKS_DATA_DIR=/srv/a\n'), [{ code: 'same-directory', message: 'STACKS_DATA_DIR=/srv/a is the folder of BITCOIN_DATA_DIR too', at: { line: 5 }, hint: 'write folders beside each other' }])
  t.match(problems('SIGNER_DATA_DIR=/srv/a/b\nBITCOIN_DATA_DIR=/srv/a\n'), [{ code: 'same-directory', message: 'SIGNER_DATA_DIR=/srv/a/b shares a folder with that of BITCOIN_DATA_DIR too' }])
  t.strictSame(problems('BITCOIN_DATA_DIR=/srv/a\nSTACKS_DATA_DIR=/srv/ab\n'), [])
  t.match(problems('BITCOIN_MODE=external\nBITCOIN_HOST=host\nBITCOIN_DATA_DIR=/srv/a\n'), [{ severity: 'warning', code: 'unused-answer', message: /^BITCOIN_DATA_DIR is not used/ }])
  t.match(problems('BACKUP=path\nBACKUP_PATH=/srv/a/backup\nSIGNER_DATA_DIR=/srv/a\n').filter(({ severity }) => severity === 'error'), [{ code: 'same-directory', message: 'SIGNER_DATA_DIR=/srv/a shares a folder with that of BACKUP_PATH too' }])
})

t.test('values', async (t) => {
  const fault = (value: string) => problems(`BITCOIN_DATA_DIR='${value}'\n`).map(({ message, hint = '' }) => `${message.replace(/^BITCOIN_DATA_DIR /, '')} | ${hint}`)[0]
  for (const good of ['/data', '/srv/disk-1/my.data_2', '/srv/.hidden', '/home/x', '/runs/x', '/tmpx']) t.equal(fault(good), undefined, good)
  t.equal(fault('data'), 'expects an absolute path, found "data" | ')
  t.equal(fault('~/data'), 'expects an absolute path, found "~/data" | nothing is expanded: write the path itself, without ~')
  t.match(fault('/srv//a/'), /without empty parts.* \| did you mean \/srv\/a\?$/)
  t.match(fault('/'), /without empty parts/)
  t.match(fault('/srv/../etc'), /without empty parts, \. and \.\./)
  for (const odd of ['/srv/a b', '/srv/$x', '/srv/a:b', '/srv/a,b', '/srv/ä', '/srv/{{x}}', '/srv/a#b', '/srv/"']) t.match(fault(odd), /expects a path of letters, digits/, odd)
  for (const bad of ['/tmp/x', '/run', '/var/run/x', '/proc/1', '/var/lib/docker/volumes/x', '/dev/shm']) t.match(fault(bad), /where data is not kept/, bad)
  t.match(fault(`/${'a'.repeat(65_536)}`), /expects at most 1000 characters, found 65537/)
})

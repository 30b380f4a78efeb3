/** Where logs go by the answers: Docker's own files, or the journal and its limits. */

import { parse } from 'yaml'
import t from 'tap'
import { checkAnswers } from '../../generator/answers/check.ts'
import { readAnswers } from '../../generator/answers/read.ts'
import { logSettings } from '../../generator/stack/logs.ts'
import { planText } from '../support/pipeline.ts'
import { sbtcAnswers } from '../support/sbtc-answers.ts'

const base = 'STACK_NAME=my-signer\nNETWORK=mainnet\n'
const tooShort = 'warning: the sBTC signer\'s guide asks for 90 days of logs'

function settings(text: string) {
  const read = readAnswers('a.env', `${base}${text}`)
  const checked = checkAnswers('a.env', read.entries, { secretsAllowed: false, outputDirectory: '.' })
  const { value, problems } = checked.value ? logSettings(checked.value) : { problems: checked.problems }
  return { value, problems: problems.map(({ severity, message }) => `${severity}: ${message}`), hints: problems.map(({ hint }) => hint) }
}

/** The logging of each service in docker-compose.yml. */
function logging(text: string): readonly (readonly [service: string, logging: unknown])[] {
  const compose = parse(planText(text).files.get('docker-compose.yml')!.content, { merge: true }) as { services: Record<string, { logging: unknown }> }
  return Object.entries(compose.services).map(([name, service]) => [name, service.logging] as const)
}

t.test('Docker\'s files, unless an answer says otherwise', async (t) => {
  t.strictSame(settings(''), { value: { driver: 'json-file' }, problems: [], hints: [] })
  for (const [name, fields] of logging(base)) t.strictSame(fields, { driver: 'json-file', options: { 'max-size': '100m', 'max-file': '10', compress: 'true' } }, name)
  t.notOk(planText(base).files.has('config/journald.conf'))
})

t.test('the journal', async (t) => {
  t.strictSame(settings('LOGS=journald\n').value, { driver: 'journald', days: 7, maxSize: '20G' })
  t.strictSame(settings('LOGS=journald\nLOG_RETENTION_DAYS=30\nLOG_MAX_SIZE=500M\n'), { value: { driver: 'journald', days: 30, maxSize: '500M' }, problems: [], hints: [] })
  for (const [name, fields] of logging(`${base}LOGS=journald\n`)) {
    t.strictSame(fields, { driver: 'journald', options: { tag: `my-signer/${name}` } }, name)
  }
  const file = planText(`${base}LOGS=journald\nLOG_RETENTION_DAYS=30\nLOG_MAX_SIZE=500M\n`).files.get('config/journald.conf')!.content
  t.equal(file.slice(file.indexOf('[')), '[Journal]\nStorage=persistent\nMaxRetentionSec=31day\nMaxFileSec=1day\nSystemMaxUse=500M\nSystemMaxFiles=10000\nRateLimitIntervalSec=0\n')
  t.match(file, /whole journal of the machine/)
})

t.test('both hosts of a split stack have the same limits', async (t) => {
  const { files } = planText(`${base}LOGS=journald\nTOPOLOGY=split\nNODE_HOST=node.example.net\nSIGNER_HOST=signer.example.net\n`)
  t.equal(files.get('node-host/config/journald.conf')?.content, files.get('signer-host/config/journald.conf')?.content)
  t.ok(files.has('node-host/config/journald.conf'))
})

t.test('an sBTC signer: the journal, for 90 days', async (t) => {
  t.strictSame(settings(sbtcAnswers), { value: { driver: 'journald', days: 90, maxSize: '100G' }, problems: [], hints: [] })
  t.strictSame(settings(`${sbtcAnswers}LOG_RETENTION_DAYS=120\n`).problems, [])
  t.strictSame(settings(`${sbtcAnswers}LOG_RETENTION_DAYS=30\n`).problems, [tooShort])
  t.strictSame(settings(`${sbtcAnswers}LOGS=docker\n`), { value: { driver: 'json-file' }, problems: [tooShort], hints: ['leave out LOGS and LOG_RETENTION_DAYS'] })
})

t.test('limits of the journal without the journal', async (t) => {
  for (const line of ['LOG_RETENTION_DAYS=30', 'LOG_MAX_SIZE=20G']) {
    const key = line.split('=')[0]!
    for (const more of ['', 'LOGS=docker\n']) {
      t.strictSame(settings(`${more}${line}\n`), {
        value: { driver: 'json-file' }, hints: [`write LOGS=journald, or remove ${key}`],
        problems: [`error: ${key} is only for LOGS=journald; here it is docker, which stores at most 1 GB of each container, for however long that lasts`],
      })
    }
  }
})

t.test('values that cannot be', async (t) => {
  t.strictSame(settings('LOG_RETENTION_DAYS=0\n'), { value: undefined, problems: ['error: LOG_RETENTION_DAYS=0 left the logs to Docker, which is LOGS=docker now'], hints: ['write LOGS=docker in its place'] })
  for (const days of ['00', '-1', '3651', '7d', '1e2', '7.5']) t.match(settings(`LOGS=journald\nLOG_RETENTION_DAYS=${days}\n`).problems, [/^error: LOG_RETENTION_DAYS expects a number from 1 to 3650, found /], days)
  for (const size of ['0G', '20', '20GB', '20g', '99M', '20 G', '1.5G', '-1G', '10000G', '1T', '20G\\nStorage=none', 'infinity']) {
    t.match(settings(`LOGS=journald\nLOG_MAX_SIZE="${size}"\n`), { value: undefined, problems: [/^error: LOG_MAX_SIZE /] }, size)
  }
  for (const size of ['100M', '999999M', '1G', '9999G']) t.strictSame(settings(`LOGS=journald\nLOG_MAX_SIZE=${size}\n`).problems, [], size)
  t.match(settings('LOGS=json-file\n').problems, [/^error: LOGS expects docker or journald, found "json-file"$/])
})

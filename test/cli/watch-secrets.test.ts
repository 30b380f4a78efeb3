/** The secrets of a watched stack: what is made, what is missed, what is never changed. */

import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { command, testKey } from '../support/command.ts'
import { readFiles } from '../support/files.ts'

const base = 'STACK_NAME=a\nNETWORK=mainnet\nSTACKS_VERSION=4.0.4\nMONITORING=full\n'
const hook = 'https://hooks.example.net/services/T0000/B0000/hush-hush'

function stack(t: Test, answers: string, homes: readonly string[] = ['']): string {
  const root = t.testdir({})
  for (const home of homes) mkdirSync(join(root, 'out', home, 'secrets'), { recursive: true, mode: 0o700 })
  const key = join(root, 'out', homes.at(-1)!, 'secrets/signer-private-key')
  writeFileSync(key, `${testKey}\n`, { mode: 0o600 })
  writeFileSync(join(root, 'a.env'), answers)
  return root
}

const secret = (root: string, name: string, home = '') => readFileSync(join(root, 'out', home, 'secrets', name), 'utf8')

t.test('passwords of the stack\'s own are made, private and each its own; a second run leaves them', async (t) => {
  const root = stack(t, base)
  const first = await command(root, ['a.env', 'out'])
  t.equal(first.code, 0, first.err)
  const [grafana, bitcoin] = [secret(root, 'grafana-admin-password'), secret(root, 'bitcoin-metrics-password')]
  t.match(grafana, /^[0-9a-f]{64}\n$/)
  t.not(grafana, bitcoin)
  t.equal(statSync(join(root, 'out/secrets/grafana-admin-password')).mode & 0o777, 0o600)
  for (const value of [grafana.trim(), bitcoin.trim()]) {
    t.notMatch(first.out + first.err, value)
    for (const [path, text] of Object.entries(readFiles(join(root, 'out'), ['secrets']))) t.notMatch(text, value, path)
  }
  t.equal((await command(root, ['a.env', 'out', '--check'])).code, 0)
  t.equal((await command(root, ['a.env', 'out'])).code, 0)
  t.equal(secret(root, 'grafana-admin-password'), grafana)
})

t.test('a receiver\'s secret is never invented: it is given, stored, or missed', async (t) => {
  const root = stack(t, `${base}ALERT_RECEIVERS=slack\n`)
  const missed = await command(root, ['a.env', 'out'])
  t.equal(missed.code, 2)
  t.match(missed.err, /a\.env:5:17: error: secrets\/alert-slack-url is not here, and ALERT_RECEIVERS needs it/)
  t.match(missed.err, /or write ALERT_SLACK_URL into an answer file outside of the directory/)
  t.strictSame(readdirSync(join(root, 'out')), ['secrets'], 'nothing was written')
  writeFileSync(join(root, 'a.env'), `${base}ALERT_RECEIVERS=slack\nALERT_SLACK_URL=${hook}\n`)
  const given = await command(root, ['a.env', 'out'])
  t.equal(given.code, 0, given.err)
  t.equal(secret(root, 'alert-slack-url'), `${hook}\n`)
  t.notMatch(given.out + given.err, 'hush')
  for (const [path, text] of Object.entries(readFiles(join(root, 'out'), ['secrets']))) t.notMatch(text, 'hush', path)
  t.match(readFileSync(join(root, 'out/config/alertmanager/alertmanager.yml'), 'utf8'), 'api_url_file: /etc/alertmanager/alert-slack-url')
  writeFileSync(join(root, 'a.env'), `${base}ALERT_RECEIVERS=slack\nALERT_SLACK_URL=${hook}2\n`)
  const other = await command(root, ['a.env', 'out'])
  t.equal(other.code, 2)
  t.match(other.err, /ALERT_SLACK_URL differs from the stored secrets\/alert-slack-url/)
  t.notMatch(other.err, 'hush')
  t.equal(secret(root, 'alert-slack-url'), `${hook}\n`)
})

t.test('inside the directory a secret answer is refused', async (t) => {
  const root = stack(t, '')
  writeFileSync(join(root, 'out/answers.env'), `${base}ALERT_RECEIVERS=slack\nALERT_SLACK_URL=${hook}\n`)
  const ran = await command(join(root, 'out'), ['answers.env'])
  t.equal(ran.code, 2)
  t.match(ran.err, /ALERT_SLACK_URL is a secret, and this file is committed with the stack/)
  t.notMatch(ran.err, 'hush')
})

t.test('where secrets/ is not here, as in the repository\'s CI, nothing is missed and nothing made', async (t) => {
  const root = stack(t, `${base}ALERT_RECEIVERS=slack\nALERT_SLACK_URL=${hook}\n`)
  t.equal((await command(root, ['a.env', 'out'])).code, 0)
  rmSync(join(root, 'out/secrets'), { recursive: true })
  const check = await command(join(root, 'out'), ['--check'])
  t.equal(check.code, 0, check.err)
  t.strictSame(readdirSync(join(root, 'out')).filter((name) => name === 'secrets'), [])
})

t.test('each host of two gets its own passwords, and the same receiver', async (t) => {
  const split = 'TOPOLOGY=split\nNODE_HOST=node.example.net\nSIGNER_HOST=signer.example.net\n'
  const root = stack(t, `${base}${split}ALERT_RECEIVERS=webhook\nALERT_WEBHOOK_URL=${hook}\n`, ['node-host', 'signer-host'])
  const ran = await command(root, ['a.env', 'out'])
  t.equal(ran.code, 0, ran.err)
  t.not(secret(root, 'grafana-admin-password', 'node-host'), secret(root, 'grafana-admin-password', 'signer-host'))
  t.equal(secret(root, 'alert-webhook-url', 'node-host'), secret(root, 'alert-webhook-url', 'signer-host'))
  t.notOk(readdirSync(join(root, 'out/signer-host/secrets')).includes('bitcoin-metrics-password'), 'the signer\'s host has no bitcoind')
  rmSync(join(root, 'out/node-host/secrets/alert-webhook-url'))
  writeFileSync(join(root, 'a.env'), `${base}${split}ALERT_RECEIVERS=webhook\n`)
  const again = await command(root, ['a.env', 'out', '--force'])
  t.equal(again.code, 0, again.err)
  t.match(again.out + again.err, /node-host\/secrets\/alert-webhook-url +as on the other host/)
})

t.test('a stored secret that cannot be used is said, and its value not', async (t) => {
  const root = stack(t, `${base}ALERT_RECEIVERS=webhook\n`)
  writeFileSync(join(root, 'out/secrets/alert-webhook-url'), 'hush hush\n')
  chmodSync(join(root, 'out/secrets/alert-webhook-url'), 0o600)
  const ran = await command(root, ['a.env', 'out'])
  t.equal(ran.code, 2)
  t.match(ran.err, 'secrets/alert-webhook-url cannot be used: it does not begin with https:// or http://')
  t.notMatch(ran.err, 'hush')
})

t.test('what stands on 127.0.0.1 is not called open', async (t) => {
  const root = stack(t, base)
  const ran = await command(root, ['a.env', 'out'])
  t.equal(ran.code, 0, ran.err)
  t.match(ran.out, /^open: [^\n]*20444\/tcp/m)
  t.notMatch(ran.out, /^open: [^\n]*(Prometheus|Grafana)/m)
})

/** One run tells all problems that do not depend on each other, and nothing that only follows from one of them. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { publicKeyOf } from '../../docker/programs/shared/public-key.ts'
import { command, sbtcTestKey, testKey } from '../support/command.ts'

interface Told { readonly problems: readonly { readonly code: string; readonly severity: string; readonly message: string; readonly at?: { readonly line: number } }[]; readonly written: boolean }

const plain = ['STACK_NAME=s1', 'NETWORK=mainnet', 'STACKS_VERSION=4.0.4', `SIGNER_PRIVATE_KEY=${testKey}`]

/** The lines of an answer file, and each error: its line, 0 without one, and a part of its message. */
const cases: readonly (readonly [name: string, lines: readonly string[], errors: readonly (readonly [line: number, part: string])[]])[] = [
  ['an sBTC stack with backups, and no secrets', ['STACK_NAME=s1', 'NETWORK=mainnet', 'STACKS_VERSION=4.0.4', 'SBTC_SIGNER=on', 'BACKUP=sftp', 'BACKUP_SFTP_HOST=backup.example.net', 'BACKUP_SFTP_USER=s1',
    'BACKUP_PATH=/srv/backup', `BACKUP_SFTP_HOST_KEY='ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIH0aB0aB0aB0aB0aB0aB0aB0aB0aB0aB0aB0aB0aB0aB'`], [
    [4, 'secrets/sbtc-signer-private-key is not here'], [4, 'secrets/emily-api-key is not here'], [4, 'needs SBTC_SIGNING_SET'], [4, 'needs SBTC_SIGNATURES_REQUIRED'],
    [5, 'needs BACKUP_AGE_RECIPIENT'], [5, 'secrets/backup-ssh-key is not here'], [0, 'no signer key found'],
  ]],
  ['wrong values, and answers that do not fit together', [...plain, 'NODE_P2P_PORT=70000', 'SNAPSHOT_URL=http://a.example.net/x.tar.zst', 'NODE_RPC_PUBLISH=0.0.0.0:20443', 'BITCOIN_HOST=bitcoin.example.net'], [
    [5, 'NODE_P2P_PORT expects a port'], [6, 'needs SNAPSHOT_SHA256'], [7, 'needs FIREWALL=on and NODE_RPC_FROM'], [8, 'BITCOIN_HOST is only for BITCOIN_MODE=external'],
  ]],
  ['a wrong value and a missing key', ['STACK_NAME=S 1', 'NETWORK=mainnet', 'STACKS_VERSION=4.0.4'], [[1, 'STACK_NAME expects'], [0, 'no signer key found']]],
  ['nothing follows from an unknown network', ['STACK_NAME=s1', 'NETWORK=moonnet', `SIGNER_PRIVATE_KEY=${testKey}`, 'MONITORING=full', 'ALERT_RECEIVERS=telegram'], [
    [2, 'NETWORK expects'], [5, 'needs ALERT_TELEGRAM_CHAT'],
  ]],
  ['nothing follows from an unknown release', ['STACK_NAME=s1', 'NETWORK=mainnet', 'STACKS_VERSION=9.9.9', `SIGNER_PRIVATE_KEY=${testKey}`, 'IMAGE_VARIANT=alpine'], [[3, 'STACKS_VERSION expects']]],
  ['an answer that is wrong is not called missing', [...plain, 'BACKUP=path', 'BACKUP_PATH=\'a\u0007b\''], [[6, 'BACKUP_PATH holds a control character']]],
  ['a misspelt answer is not called missing', [...plain, 'TOPOLOGY=split', 'NODE_HOTS=node.example.net'], [[5, 'needs SIGNER_HOST'], [6, 'unknown answer NODE_HOTS']]],
  ['a misspelt key is not called missing, and not shown', ['STACK_NAME=s1', 'NETWORK=mainnet', 'STACKS_VERSION=4.0.4', `SIGNER_PRIVTE_KEY=${testKey}`, 'SNAPSHOT_MODE=fast'], [
    [4, 'holds what looks like a private key'], [5, 'SNAPSHOT_MODE expects'],
  ]],
  ['a line that cannot be read ends the search', [...plain, 'BACKUP=sftp', 'this is no answer'], [[6, '']]],
]

for (const [name, lines, errors] of cases) {
  t.test(name, async (t) => {
    const root = t.testdir()
    writeFileSync(join(root, 'a.env'), `${lines.join('\n')}\n`, { mode: 0o600 })
    const ran = await command(root, ['a.env', 'out', '--json'])
    t.equal(ran.code, 2)
    const { problems, written } = JSON.parse(ran.out) as Told
    t.equal(written, false)
    const told = problems.filter(({ severity }) => severity === 'error')
    t.strictSame(told.map(({ at }) => at?.line ?? 0).sort(byLine), errors.map(([line]) => line).sort(byLine), told.map(({ message }) => message).join('\n'))
    for (const [line, part] of errors) t.ok(told.some(({ at, message }) => (at?.line ?? 0) === line && message.includes(part)), `line ${line}: ${part}`)
    t.equal(new Set(told.map(({ at, message }) => JSON.stringify([at?.line, message]))).size, told.length, 'nothing is told twice')
    t.notOk(ran.out.includes(testKey.slice(0, 40)), 'no key is shown')
  })
}

function byLine(one: number, other: number): number {
  return one - other
}

t.test('warnings that say what an operator has not done', async (t) => {
  const warned = async (...more: string[]) => {
    const root = t.testdir()
    writeFileSync(join(root, 'a.env'), ['STACK_NAME=s1', 'NETWORK=mainnet', 'STACKS_VERSION=4.0.4', ...more].map((line) => `${line}\n`).join(''), { mode: 0o600 })
    const { problems } = JSON.parse((await command(root, ['a.env', 'out', '--dry-run', '--json'])).out) as Told
    return problems.filter(({ severity }) => severity === 'warning').map(({ code }) => code)
  }
  t.ok((await warned('SIGNER_KEY=generate', 'MONITORING=full')).includes('no-receivers'))
  t.ok((await warned('SIGNER_KEY=generate', 'MONITORING=full')).includes('not-registered'))
  const registered = await warned('SIGNER_KEY=generate', 'MONITORING=full', 'SIGNER_REGISTERED=no', 'ALERT_RECEIVERS=email', 'ALERT_EMAIL_TO=a@example.net', 'ALERT_EMAIL_FROM=b@example.net', 'ALERT_SMTP_HOST=mail.example.net')
  t.strictSame(registered.filter((code) => ['no-receivers', 'not-registered'].includes(code)), [])
  const sbtc = ['SBTC_SIGNER=on', `SBTC_PRIVATE_KEY=${sbtcTestKey}`, 'EMILY_API_KEY=0123456789abcdef0123', `SBTC_SIGNING_SET=${publicKeyOf(sbtcTestKey)}`, 'SBTC_SIGNATURES_REQUIRED=1']
  t.ok((await warned('SIGNER_KEY=generate', ...sbtc)).includes('sbtc-not-backed-up'))
  t.strictSame((await warned('SIGNER_KEY=generate')).filter((code) => code === 'no-digest'), ['no-digest'], 'one warning for all images')
})

/**
 * The matrix of the sBTC signer's guide: each of its sentences of practice, in our words, the line of the generated README
 * that answers it, and the tests that show what the line says. A sentence, a line or a test that is gone fails.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { sbtcPractices } from '../../generator/files/sbtc-practices.ts'
import { repository } from '../support/repository.ts'
import { planText } from '../support/pipeline.ts'
import { sampleStack, type SampleOptions } from '../support/sample-stack.ts'
import { sbtcAnswers } from '../support/sbtc-answers.ts'

/** A file of test/, and the title of a test in it or what an assertion says; none where there is nothing but the organisation's own duty. */
type Shown = readonly (readonly [file: string, title: string])[]

const cases = (name: string): Shown => [['monitoring/alerts.test.ts', 'promtool test rules'], ['monitoring/cases/sbtc.ts', `alert: '${name}'`]]

/** By the guide's headings, in its order. */
const guide: Readonly<Record<string, readonly (readonly [sentence: string, line: string, shown: Shown])[]>> = {
  'The private key, and a cold copy of it': [
    ['Nobody who is not authorised gets at the key.', 'Keep everyone else from the private key', [['cli/sbtc.test.ts', 'an sBTC signer alone'], ['hardening.test.ts', 'no secret in the environment'], ['docker/init.test.ts', 'an sBTC signer: secrets inside of addresses, and each only where it belongs']]],
    ['There is an offline, secure copy of the key.', 'Keep an offline, secure copy of the private key', [['docker/sbtc-key.test.ts', 'out, proven, and back'], ['docker/sbtc-key.test.ts', 'the sheet, typed in again']]],
  ],
  'Backups of the database': [
    ['The database is backed up each day.', 'Back up the database daily', [['docker/sbtc-backup.test.ts', 'a dump, its copy, its proof'], ['docker/sbtc-pure.test.ts', 'when a dump is due']]],
    ['The integrity of the backups is verified from time to time.', 'Verify the dumps from time to time', [['docker/sbtc-damage.test.ts', 'bytes that are missing or other ones'], ['docker/sbtc-verify.test.ts', 'dumps of something else']]],
    ['The backup is imported into a fresh PostgreSQL, which needs no node and no signer.', 'Restore into a fresh PostgreSQL', [['docker/sbtc-restore.test.ts', 'a drill from the copy with the operator\\\'s key, and then the restore']]],
    ['The verified aggregate keys are asked for, the newest first.', 'Take the newest verified aggregate key', [['docker/sbtc-verify.test.ts', 'what the chain says, as the command tells it']]],
    ['The newest is compared with the one in the registry\'s contract.', 'Compare it with the key on the chain', [['docker/sbtc-verdict.test.ts', 'what the chain may say of a dump'], ['docker/sbtc-chain.test.ts', 'answers that cannot be relied on are no answer'], ['docker/sbtc-set.test.ts', 'what differs']]],
  ],
  'Access control': [
    ['Hardware keys are the second factor of SSH, the cloud and every other relevant action.', 'Hardware keys as second factor, for SSH, the cloud and the rest', []],
    ['Who needs no access has none, and what was given ends with the action.', 'Least privilege, which expires', [['hardening.test.ts', 'no capabilities'], ['hardening.test.ts', 'read-only root']]],
    ['Critical resources are touched with the approval of a second person.', 'Four eyes on what is critical', [['changes/diff.test.ts', 'git applies what is shown']]],
  ],
  'The firewall': [
    ['Connections to the listening address of the P2P protocol are allowed.', 'Let connections to the P2P port in', [['cli/sbtc.test.ts', 'an sBTC signer alone'], ['cli/sbtc.test.ts', 'the firewall lets its own port in, over UDP where there is QUIC, and nothing else']]],
    ['Nothing else is exposed: all is denied but what is named.', 'Deny by default, and expose nothing else', [['docker/firewall.test.ts', 'one host'], ['cli/sbtc.test.ts', 'the firewall lets its own port in, over UDP where there is QUIC, and nothing else']]],
  ],
  'Secrets': [
    ['All secrets are managed, and rotated where that is possible, as when someone leaves.', 'Manage secrets, and rotate them where possible', [['cli/sbtc.test.ts', 'a stored secret is never changed, and the key belongs to its database']]],
  ],
  'Watching': [
    ['The logs of signer, Stacks node and Bitcoin node are kept for 90 days.', 'Keep 90 days of logs of signer, node and bitcoind', [['stack/logs.test.ts', 'an sBTC signer: the journal, for 90 days'], ['duty/logs.test.ts', 'logs outlive the containers']]],
    ['The signer can give Prometheus metrics, which show its health.', 'Watch the metrics', [['docker/metrics.test.ts', 'of an sBTC signer: its nodes, its database, its blocklist and its key'], ...cases('SbtcDown'), ...cases('SbtcPeers'), ...cases('SbtcObserverSilent')]],
  ],
  'Components of its own': [
    ['A Bitcoin node and a Stacks node are for the sBTC signer.', 'Nodes for the sBTC signer alone', [['cli/sbtc.test.ts', 'beside a Stacks signer, on nodes of its own or on the same'], ['docker/sbtc-bitcoind.test.ts', 'the calls of the sBTC signer, and no other']]],
    ['The nodes have the hardware that they need.', 'The hardware that the nodes need', [['docker/host-check.test.ts', 'a host as the guide wants it']]],
    ['The nodes serve nobody else.', 'Nothing else is served by these nodes', [['stack/monitoring.test.ts', 'an sBTC signer alone: its nodes open their metrics, and one service alone comes near them']]],
  ],
  'Releases': [
    ['New releases, patches and advisories of all software are followed.', 'Follow releases and advisories', [['cli/outdated.test.ts', 'the images of an sBTC signer'], ['docker/metrics.test.ts', 'a newer sBTC release shows beside those of Stacks']]],
    ['The list of known vulnerabilities is looked at.', 'Follow releases and advisories', []],
    ['The security notices of vendors are subscribed to.', 'Follow releases and advisories', []],
    ['The relevant channels are joined.', 'Join the channels in which they are told', []],
    ['The vulnerabilities of all packages are managed.', 'Manage the vulnerabilities of all packages', [['cli/pin.test.ts', 'the images of an sBTC signer']]],
    ['Updates are applied soon, those for security first.', 'Apply updates soon', [['cli/upgrade.test.ts', 'without consent: notes, diff and containers are shown, and nothing is written'], ['docker/sbtc-backup.test.ts', 'a release of the signer that never started here starts after a dump, or not at all']]],
    ['There are an inventory and a management of patches, where they can be had.', 'An inventory, and the management of patches', [['cli/pin.test.ts', 'pin, generate, remove the lock, generate']]],
  ],
  'Redundancy': [
    ['Several trusted administrators can run the signer.', 'Several trusted administrators', []],
    ['They are in different time zones, where that can be.', 'Administrators in several time zones', []],
    ['The procedures are written down, and who needs them can read them.', 'Procedures that are written down and can be read', [['monitoring/config.test.ts', 'Anchors, commands and services that alerts and runbook name are there'], ['readme/generated.test.ts', 'a command that does not exist is found']]],
  ],
}

const sentences = Object.values(guide).flat()
const base = `STACK_NAME=s\nNETWORK=mainnet\nSTACKS_VERSION=4.0.4\n${sbtcAnswers}`
const stacks: Readonly<Record<string, string>> = {
  alone: `${base}SIGNER=off\n`, beside: base, shared: `${base}SBTC_SHARED_NODES=yes\n`, 'all on': `${base}SIGNER=off\nFIREWALL=on\nMONITORING=full\nSBTC_QUIC=on\n`,
  'backed up': `${base}SIGNER=off\nBACKUP=path\nBACKUP_PATH=/mnt/backup/s\nBACKUP_AGE_RECIPIENT=age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kudcqt9xqxnqqdk\n`,
  'few on': `${base}SIGNER=off\nLOGS=docker\nMONITORING=metrics\n`,
}

const readme = (answers: string): string => planText(answers).files.get('README.md')!.content
const rows = (text: string) => text.slice(text.indexOf('### The guide\'s checklist')).split('\n## ')[0]!.split('\n').filter((line) => /^\| [A-Z]/.test(line)).map((line) => line.slice(2, -2).split(' | '))
const anchorOf = (heading: string): string => heading.toLowerCase().replace(/[^\w -]/g, '').replaceAll(' ', '-')

t.test('each sentence has its line in the README of every stack, and each line its sentence', async (t) => {
  const wanted = [...new Set(sentences.map(([, line]) => line))]
  for (const [name, answers] of Object.entries(stacks)) {
    const found = rows(readme(answers))
    t.strictSame(found.map(([asks]) => asks), wanted, name)
    for (const row of found) t.equal(row.length, 3, `${name}: ${row.join(' | ')}`)
  }
})

t.test('each line is done by a part that it links or names, or is said to be a duty or off', async (t) => {
  for (const [name, answers] of Object.entries(stacks)) {
    const text = readme(answers)
    const anchors = new Set([...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!)))
    const targets = new Set([...planText(answers).files.get('Makefile')!.content.matchAll(/^([a-z][a-z-]*):/gm)].map(([, target]) => target))
    for (const [asks, who, how] of rows(text)) {
      t.ok(['this stack', 'this stack, and you', '**you**', '**not on here**'].includes(who!), `${name}: ${asks}`)
      if (who!.startsWith('this stack')) t.match(how, /\]\(#|`[^`]+`/, `${name}: ${asks}: by a part`)
      if (who === 'this stack, and you') t.match(how, /Yours: |`make`/, `${name}: ${asks}: what is left to do`)
      if (who === '**not on here**') t.match(how, /`[A-Z_]+(=\w+)?`|`make |They serve/, `${name}: ${asks}: the answer that turns it on`)
      for (const [, anchor] of how!.matchAll(/\]\(#([^)]+)\)/g)) t.ok(anchors.has(anchor!), `${name}: #${anchor}`)
      for (const [, target] of how!.matchAll(/make ([a-z][a-z-]+)/g)) t.ok(targets.has(target!), `${name}: make ${target}`)
    }
  }
})

t.test('what is on or off shows', async (t) => {
  const who = (name: string, asks: string) => rows(readme(stacks[name]!)).find(([one]) => one!.startsWith(asks))?.[1]
  for (const [asks, name, want] of [
    ['Nodes for', 'alone', 'this stack'], ['Nodes for', 'shared', '**not on here**'], ['Nothing else is served', 'shared', '**not on here**'], ['Deny by default', 'alone', '**not on here**'], ['Deny by default', 'all on', 'this stack, and you'],
    ['Watch the metrics', 'alone', '**not on here**'], ['Watch the metrics', 'all on', 'this stack'], ['Watch the metrics', 'few on', 'this stack, and you'],
    ['Keep 90 days', 'alone', 'this stack, and you'], ['Keep 90 days', 'few on', '**not on here**'], ['Back up the database', 'alone', '**not on here**'], ['Back up the database', 'backed up', 'this stack'], ['Compare it', 'backed up', 'this stack'], ['Administrators in', 'all on', '**you**'],
  ] as const) t.equal(who(name, asks), want, `${name}: ${asks}`)
})

t.test('what only an organisation can do is never said to be done', async (t) => {
  for (const options of [{ sbtc: 'alone' }, { sbtc: 'beside', monitoring: 'full', firewall: 'full', backup: 'path' }, { sbtc: 'shared', monitoring: 'metrics' }] as const satisfies readonly SampleOptions[]) {
    const { stack, host } = sampleStack(options)
    const duties = sbtcPractices(stack, host).filter(({ who }) => who === 'yours').map(({ asks }) => asks)
    for (const duty of ['Hardware keys as second factor, for SSH, the cloud and the rest', 'Four eyes on what is critical', 'Administrators in several time zones', 'Several trusted administrators']) t.ok(duties.includes(duty), duty)
  }
  t.throws(() => sbtcPractices(sampleStack().stack, sampleStack().host))
})

t.test('the tests that the matrix names are there', async (t) => {
  t.equal(sentences.length, 28, 'the guide has so many sentences of practice')
  t.equal(new Set(sentences.map(([sentence]) => sentence)).size, sentences.length)
  const done = new Set(Object.values(stacks).flatMap((answers) => rows(readme(answers)).flatMap(([asks, who]) => (who!.startsWith('this stack') ? [asks!] : []))))
  for (const line of done) t.ok(sentences.some(([, one, shown]) => one === line && shown.length > 0), `${line}: what is said to be done is shown`)
  for (const [sentence, , shown] of sentences) {
    for (const [file, title] of shown) t.ok(readFileSync(join(repository, 'test', file), 'utf8').includes(title), `${sentence} ${file}: ${title}`)
  }
})

/**
 * What only mainnet's rules and the sidecars' certificates can tell, on a running stack: here its bitcoind has no peer and
 * reads nothing, and its certificates were made long ago. Time is compressed (support/compressed.ts), nothing else.
 */

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { mock } from 'node:test'
import t from 'tap'
import { certs } from '../../generator/cli/certs.ts'
import { testKey } from '../support/command.ts'
import { compress } from '../engines/support/compressed.ts'
import { ownPort } from '../support/own.ts'
import { waitFor } from '../support/wait.ts'
import { must, program } from '../engines/support/docker.ts'
import { testImages } from '../engines/support/images.ts'
import { release, withEngine } from '../engines/support/setting.ts'
import { makeStack, overrideImages } from '../engines/support/stack.ts'
import { missingSigns } from '../engines/support/working.ts'
import { ask, firing, outside, tells, tellWorld, volumeOn, watchers } from '../engines/support/watched.ts'

const day = 86_400_000
/** Days that a certificate is valid. */
const life = 397
const quick = { tick: 100, burnEvery: 20, blockEvery: 5, outbound: 8, behind: 0 }

await withEngine(t, async (root, after) => {
  const beside = await outside(after, release)
  const { prometheus } = beside
  const places = Object.fromEntries(['stacks-node-data', 'stacks-signer-data'].map((name) => [name, join(root, name)])) as Record<'stacks-node-data' | 'stacks-signer-data', string>
  for (const place of Object.values(places)) mkdirSync(place)
  // A folder that the backups may not write: none is ever made.
  const repository = join(root, 'repository')
  mkdirSync(repository)
  const override = watchers(beside.port)
  const port = String(await ownPort())
  mock.timers.enable({ apis: ['Date'], now: Date.now() - (life - 2) * day })
  const stack = await makeStack(root, {
    release,
    answers: {
      STACK_NAME: 'watched-main', NETWORK: 'mainnet', STACKS_VERSION: release, SIGNER_PRIVATE_KEY: testKey, SNAPSHOT: 'off', BITCOIN_P2P_PUBLISH: 'off', NODE_P2P_PORT: port, TLS_SIDECARS: 'on',
      BACKUP: 'path', BACKUP_PATH: repository, MONITORING: 'full', PROMETHEUS_PORT: String(prometheus), ALERTMANAGER_PORT: String(beside.alertmanager), ALERT_RECEIVERS: 'webhook', ALERT_WEBHOOK_URL: `http://outside:${beside.port}/hook`,
    },
    override,
  })
  mock.timers.reset()
  overrideImages(stack.directory, { release, override, volumes: Object.fromEntries(Object.entries(places).map(([name, place]) => [name, volumeOn(place)])) })
  compress(stack.directory)
  tellWorld(places['stacks-node-data'], { ...quick, outbound: 2, burn: 700_000 })
  tellWorld(places['stacks-signer-data'], { refresh: 1, cycle: 1 })
  const up = stack.compose('up', '-d', '--build')
  t.equal(up.status, 0, up.err)
  t.strictSame(await missingSigns(stack, 'node-tls:31000'), [])

  await t.test('a bitcoind that reads nothing, a node with few peers, a signer in a past cycle, no backup', async (t) => {
    await tells(t, 'mainnet', beside, ['BitcoinFewPeers warn', 'BitcoinSyncing warn', 'NodeFewPeers warn', 'SignerCycleStale warn', 'BitcoinNoBlock warn', 'BitcoinNoBlock page', 'BackupMissing warn'])
  })

  const renewed = async (left: number) => {
    const { exitCode, problems } = await certs(['renew', stack.directory], { force: true }, { cwd: root }, { now: () => new Date(Date.now() - (life - left) * day) })
    if (exitCode !== 0) throw new Error(JSON.stringify(problems))
    const made = stack.compose('up', '-d', '--force-recreate', '--no-deps', 'init', 'node-tls', 'signer-tls')
    if (made.status !== 0) throw new Error(made.err)
  }

  await t.test('a certificate with two days left, with ten, and a new one', async (t) => {
    await tells(t, 'two days', beside, ['CertExpiry page'])
    t.notOk(beside.told().includes('CertExpiry warn'), 'once is enough')
    beside.forget()
    await renewed(10)
    await tells(t, 'ten days', beside, ['CertExpiry warn'])
    t.notOk((await firing(prometheus)).includes('CertExpiry page'), 'it is no page any more')
    await renewed(life)
    // While the sidecars are made anew there is nothing to probe, which ends the alert, too.
    await waitFor('both new ones are seen', () => ask(prometheus, 'count(probe_ssl_earliest_cert_expiry - time() > 390 * 86400) == count(up{job="certificates"})'), (count) => count !== undefined)
    await waitFor('it is told that all is well', beside.resolved, (names) => names.includes('CertExpiry warn'))
    await waitFor('and nothing fires any more', () => firing(prometheus), (names) => !names.some((one) => one.startsWith('CertExpiry')))
  })

  await t.test('a backup of yesterday, and one of the day before', async (t) => {
    const made = (hours: number) => {
      must(['run', '--rm', '--user', '0:0', '--volume', `${stack.name}_backup-metrics:/volume`, testImages.base, 'sh', '-ec', `: >/volume/backup.prom; chmod 644 /volume/backup.prom; touch -d '${hours} hours ago' /volume/backup.prom`])
    }
    made(27)
    await tells(t, 'one of 27 hours', beside, ['BackupTooOld warn'])
    made(51)
    await tells(t, 'one of 51 hours', beside, ['BackupTooOld page'])
  })

  await t.test('a sidecar away', async (t) => {
    beside.forget()
    must(['stop', stack.container('node-tls')])
    await tells(t, 'no sidecar', beside, ['LinkDown page'])
    must(['start', stack.container('node-tls')])
    await waitFor('it is told that all is well', beside.resolved, (names) => names.includes('LinkDown page'))
  })

  await t.test('make alert-test comes through', async (t) => {
    beside.forget()
    t.equal(program('make', ['alert-test'], { cwd: stack.directory }).status, 0)
    await waitFor('the test alert arrives', beside.told, (names) => names.length > 0)
  })
})

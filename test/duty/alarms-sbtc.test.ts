/**
 * A running sBTC signer's stack, watched: its own alarms and those of its dumps are told to a webhook when their fault is
 * planted. Time is compressed (support/compressed.ts), nothing else.
 */

import { spawnSync } from 'node:child_process'
import { chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { compress } from '../engines/support/compressed.ts'
import { docker, must, program } from '../engines/support/docker.ts'
import { execIn } from '../engines/support/engine.ts'
import { buildTestImages, testImages } from '../engines/support/images.ts'
import { regtestPeer } from '../engines/support/peer.ts'
import { blocksTo, keyOf, shareRow } from '../engines/support/sbtc-rows.ts'
import { release, withEngine } from '../engines/support/setting.ts'
import { makeStack } from '../engines/support/stack.ts'
import { ask, firing, outside, tells, watchers } from '../engines/support/watched.ts'
import { sbtcTestKey } from '../support/command.ts'
import { ownPort } from '../support/own.ts'
import { waitFor } from '../support/wait.ts'

/** In the set: this signer, and another. */
const [own, other] = ['02b61056bb84aa2ff7d740a31334c68a691e93ed3a229632e1b22e5b47bbb87ec0', '0378ce6a121f87f89e91a2dff541e9cbf413f6f825d9cb7e9be6128c6e13f7d35f']
const [older, newer] = [keyOf('older'), keyOf('newer')]
/** The alarms that none of the sBTC signer's neighbours can cause here: those nodes have no peers but one. */
const mine = /^(Sbtc(Down|Blocklist|Observer|NoBitcoin|Peers|Sign|NodeErrors|Key|Backup)|PostgresDown)/

await withEngine(t, async (root, after) => {
  await buildTestImages(release, ['postgres', 'sbtc'])
  const beside = await outside(after, release)
  const { prometheus } = beside
  const disk = join(root, 'disk')
  mkdirSync(disk, { mode: 0o700 })
  chownSync(disk, 2002, 2002)
  const recipient = /age1\w+/.exec(spawnSync('age-keygen', { encoding: 'utf8' }).stderr)?.[0] ?? ''
  const peers = regtestPeer('sbtc-bitcoin-p2p')
  const stack = await makeStack(root, {
    release,
    answers: {
      STACK_NAME: 'watched-sbtc', NETWORK: 'testnet', STACKS_VERSION: release, SNAPSHOT: 'off', SIGNER: 'off', SBTC_SIGNER: 'on', LOGS: 'docker', SBTC_PRIVATE_KEY: sbtcTestKey, EMILY_API_KEY: 'an-api-key-of-nobody',
      SBTC_SIGNING_SET: `${own},${other}`, SBTC_SIGNATURES_REQUIRED: '2', SBTC_DEPLOYER: 'SN3VMHXEN64ZZF71JQ5VESXDWTR301XTTXGF4J8F1', SBTC_EMILY_URL: 'http://emily.example.net:3031',
      SBTC_SEEDS: 'tcp://192.0.2.1:4122', SBTC_P2P_PORT: String(await ownPort()), SBTC__bitcoin__chain_tip_polling_interval: '1', BACKUP: 'path', BACKUP_PATH: disk, BACKUP_AGE_RECIPIENT: recipient,
      MONITORING: 'full', PROMETHEUS_PORT: String(prometheus), ALERTMANAGER_PORT: String(beside.alertmanager), ALERT_RECEIVERS: 'webhook', ALERT_WEBHOOK_URL: `http://outside:${beside.port}/hook`,
    },
    override: { ...watchers(beside.port, false), peers },
  })
  compress(stack.directory)
  const compose = (...args: readonly string[]) => {
    const { status, err } = stack.compose(...args)
    if (status !== 0) throw new Error(`${args.join(' ')}: ${err}`)
  }
  /** What a command in a container prints; throws where it fails. */
  const within = async (service: string, command: readonly string[], options: { readonly User?: string } = {}) => {
    const { status, out, err } = await execIn(stack.container(service), command, options)
    if (status !== 0) throw new Error(`${command.join(' ')}: ${err}`)
    return out.trim()
  }
  const cli = (...args: readonly string[]) => within('sbtc-bitcoind', ['bitcoin-cli', '-conf=/etc/bitcoin/sbtc-bitcoin.conf', '-datadir=/var/lib/bitcoin', ...args])
  const blocks = (count: number) => cli('generatetodescriptor', String(count), 'raw(51)#8lvh9jxk')
  const sql = (text: string) => within('postgres', ['psql', '-tA', '-U', 'postgres', '-d', 'signer', '-c', text], { User: '999' })
  const put = (volume: string, file: string, text: string) => {
    must(['run', '--rm', '--interactive', '--user', '0:0', '--volume', `${stack.name}_${volume}:/volume`, testImages.base, 'sh', '-ec', `cat >/volume/${file}; chmod 644 /volume/${file}`], { input: text })
  }
  const dkg = (contract: string) => ({ rounds: 1, current_aggregate_key: older, contract_aggregate_key: contract })
  const well = { peers: 1, signed: { success: 1 }, dkg: dkg(older) }
  const signer = (world: object = {}) => { put('sbtc-signer-config', 'world.json', JSON.stringify({ ...well, ...world })) }
  const onChain = (key?: string) => {
    put('sbtc-stacks-node-data', 'world.json', JSON.stringify({ tick: 100, burn: 400, burnEvery: 200, blockEvery: 5, outbound: 8, behind: 0, ...(key !== undefined && { registry: { key, set: [own, other], threshold: 2 } }) }))
  }
  const share = (key: string, day: number) => sql(shareRow(key, day, [own, other], 2))
  /** The signer follows real blocks; those of its node are made up. */
  const toTip = async () => sql(blocksTo(await within('sbtc-stacks-node', ['sh', '/etc/stacks-node/http-get.sh', '127.0.0.1', '20443', '/v2/info'])))
  const dump = () => program('make', ['sbtc-backup'], { cwd: stack.directory })
  /** The node reads its world a moment later. */
  const verifies = (verdict: string) => waitFor(`a verification says ${verdict}`, () => program('make', ['sbtc-backup-verify'], { cwd: stack.directory }).out, (said) => said.includes(`: ${verdict}: `))
  const quiet = async () => {
    signer()
    await waitFor('nothing of the signer itself fires', async () => {
      await blocks(1)
      return (await firing(prometheus, true)).filter((one) => mine.test(one) && !/^SbtcBackup/.test(one))
    }, (fires) => fires.length === 0)
    beside.forget()
  }

  const up = stack.compose('up', '-d', '--build')
  t.equal(up.status, 0, up.err)
  onChain()
  signer()
  await stack.becomesHealthy('postgres', 'sbtc-bitcoind', 'sbtc-stacks-node', 'sbtc-backup')
  await blocks(101)
  await cli('addnode', 'peers:18444', 'add')

  await t.test('a dump that nothing on the chain can be held against, one that is cut off, and a good one', async (t) => {
    await toTip()
    await share(older, 1)
    dump()
    await tells(t, 'no contract', beside, ['SbtcBackupChainUnreachable warn'])
    onChain('00')
    await verifies('no-key-on-chain')
    await tells(t, 'a contract without a key', beside, ['SbtcBackupNoKeyOnChain note'])
    const cut = docker(['run', '--rm', '--user', '0:0', '--volume', `${stack.name}_sbtc-backup-data:/volume`, testImages.base, 'sh', '-ec', 'truncate -s -1 /volume/*.dump.age'])
    t.equal(cut.status, 0, cut.err)
    await verifies('damaged')
    await tells(t, 'a dump that lacks its last byte', beside, ['SbtcBackupDamaged page'])
    onChain(older)
    await toTip()
    const good = dump()
    t.equal(good.status, 0, good.out + good.err)
  })

  await t.test('as it should be: nothing of it fires, and all is read', async (t) => {
    await quiet()
    await waitFor('nothing of its dumps either', async () => (await firing(prometheus)).filter((one) => mine.test(one)), (fires) => fires.length === 0)
    // On a busy machine a single scrape may come too late: the next one does not.
    for (const job of ['sbtc-signer', 'sbtc-stack', 'sbtc-stacks-node']) await waitFor(`${job} is read`, () => ask(prometheus, `min(up{job="${job}"})`), (up) => up === 1)
    await waitFor('how many signatures a withdrawal needs', () => ask(prometheus, 'stack_sbtc_signatures_required'), (count) => count === 2)
    await waitFor('blocks are counted', () => ask(prometheus, 'sum(increase(blocks_observed_total{job="sbtc-signer",blockchain="stacks"}[30s]))'), (more) => more !== undefined && more > 0)
    await waitFor('the verdict on the dump', () => ask(prometheus, 'sbtc_backup_verdict{verdict="good"}'), (count) => count === 1)
    t.pass('all is read')
  })

  await t.test('no peers, failing signatures, a node that refuses, a key that is not the contract\'s, no blocklist; a rotation that hangs', async (t) => {
    signer({ peers: 0, signed: { success: 1, failed: 3 }, refused: 2, dkg: dkg(newer) })
    compose('stop', 'blocklist-client')
    await share(newer, 3)
    await tells(t, 'all of it', beside, ['SbtcPeers page', 'SbtcSignFailures warn', 'SbtcNodeErrors warn', 'SbtcBlocklistDown warn', 'SbtcKeyMismatch page', 'SbtcBackupRotationPending warn'])
    compose('start', 'blocklist-client')
    onChain(keyOf('of the others'))
    await verifies('stale')
    await tells(t, 'the chain has another key', beside, ['SbtcBackupStale page'])
    onChain(newer)
  })

  await t.test('a signer that hears and sees nothing while its nodes move', async (t) => {
    await quiet()
    signer({ hears: false, sees: false })
    const until = tells(t, 'deaf and blind', beside, ['SbtcObserverSilent page', 'SbtcNoBitcoin page'])
    let deaf = true
    const done = until.finally(() => { deaf = false })
    while (deaf) {
      await blocks(1)
      await Promise.race([done, sleep(5000)])
    }
    await done
  })

  await t.test('a signer away, and a database', async (t) => {
    await quiet()
    compose('stop', 'sbtc-signer')
    await tells(t, 'no signer', beside, ['SbtcDown page'])
    compose('start', 'sbtc-signer')
    await quiet()
    compose('stop', 'postgres')
    await tells(t, 'no database', beside, ['PostgresDown page'])
    t.equal(dump().status, 2, 'and no dump of it')
    await tells(t, 'a dump that does not work', beside, ['SbtcBackupFailing warn'])
    compose('start', 'postgres')
  })

  await t.test('dumps that are a day old, two, and what was never verified since', async (t) => {
    compose('stop', 'sbtc-backup')
    const told = (backup: number, verify: number) => {
      for (const [file, name, hours] of [['sbtc_backup', 'last_success', backup], ['sbtc_backup_verify', 'verify', verify]] as const) {
        put('sbtc-backup-metrics', `${file}.prom`, `sbtc_backup_${name}_timestamp_seconds ${Math.round(Date.now() / 1000) - hours * 3600}\n`)
      }
    }
    told(27, 51)
    await tells(t, 'a day', beside, ['SbtcBackupTooOld warn', 'SbtcBackupVerificationTooOld warn'])
    told(51, 51)
    await tells(t, 'two days', beside, ['SbtcBackupTooOld page'])
    docker(['run', '--rm', '--user', '0:0', '--volume', `${stack.name}_sbtc-backup-metrics:/volume`, testImages.base, 'rm', '/volume/sbtc_backup.prom'])
    await tells(t, 'none at all', beside, ['SbtcBackupMissing warn'])
  })
})

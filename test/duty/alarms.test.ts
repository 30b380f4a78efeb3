/**
 * A running stack under Debian's Prometheus, Alertmanager and blackbox exporter: each alarm is told to a webhook when its
 * fault is planted, and none in hours of quiet. Time is compressed (support/compressed.ts), nothing else.
 */

import { appendFileSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { stranger } from '../doubles/node/world.ts'
import { ownPort } from '../support/own.ts'
import { waitFor } from '../support/wait.ts'
import { docker, must } from '../engines/support/docker.ts'
import { testImages } from '../engines/support/images.ts'
import { compress, pace } from '../engines/support/compressed.ts'
import { regtestPeer } from '../engines/support/peer.ts'
import { release, withEngine } from '../engines/support/setting.ts'
import { makeStack, overrideImages } from '../engines/support/stack.ts'
import { missingSigns } from '../engines/support/working.ts'
import { ask, disk, firing, outside, tells, tellWorld, volumeOn, watchers } from '../engines/support/watched.ts'

/** Many blocks in little time, as it is compressed; the numbers of the node are asked anew as often. */
const quick = { tick: 100, burnEvery: 20, blockEvery: 5, outbound: 8, inbound: 2, behind: 0 }
const seen = { refresh: 1 }

await withEngine(t, async (root, after) => {
  const beside = await outside(after, release)
  const { prometheus } = beside
  const [nodeDisk, signerDisk, bitcoinDisk] = [disk(after, 400), disk(after, 64), disk(after, 600)]
  const volumes = { 'stacks-node-data': volumeOn(nodeDisk), 'stacks-signer-data': volumeOn(signerDisk), 'bitcoin-data': volumeOn(bitcoinDisk) }
  const peers = regtestPeer('bitcoin-p2p')
  const override = { ...watchers(beside.port), peers }
  const stack = await makeStack(root, {
    release,
    answers: {
      STACK_NAME: 'watched', NETWORK: 'testnet', BITCOIN_MODE: 'full', STACKS_VERSION: release, SIGNER_KEY: 'generate', SNAPSHOT: 'off', BITCOIN_P2P_PUBLISH: 'off', NODE_P2P_PORT: String(await ownPort()),
      MONITORING: 'full', PROMETHEUS_PORT: String(prometheus), ALERTMANAGER_PORT: String(beside.alertmanager), ALERT_RECEIVERS: 'webhook', ALERT_WEBHOOK_URL: `http://outside:${beside.port}/hook`,
    },
    override,
  })
  overrideImages(stack.directory, { release, override, volumes })
  compress(stack.directory)
  const identity = (JSON.parse(readFileSync(join(stack.directory, '.stack-manifest.json'), 'utf8')) as { public: { publicKey: string } }).public.publicKey
  const compose = (...args: readonly string[]) => {
    const { status, err } = stack.compose(...args)
    if (status !== 0) throw new Error(`${args.join(' ')}: ${err}`)
  }
  const cli = (...args: readonly string[]) => stack.exec('bitcoind', 'bitcoin-cli', '-conf=/etc/bitcoin/bitcoin.conf', '-datadir=/var/lib/bitcoin', ...args)
  const mine = async (count: number) => {
    const mined = await cli('generatetodescriptor', String(count), 'raw(51)#8lvh9jxk')
    if (mined.status !== 0) throw new Error(mined.err)
  }
  const registered = { signers: { 1: [identity], 2: [identity] } }
  const node = (world: object = {}) => tellWorld(nodeDisk, { ...quick, ...registered, ...world })
  const signer = (world: object = {}) => tellWorld(signerDisk, { ...seen, ...world })

  let kept: number | undefined
  /** A machine whose clock nobody keeps is told of for as long as it runs, and rightly. */
  const own = () => kept === 1 ? [] : ['ClockOff warn']

  // At first the chain moves and nobody knows this signer: no series of a proposal or a response exists.
  node({ proposing: false, signers: { 1: [stranger], 2: [stranger] } })
  signer()
  const up = stack.compose('up', '-d', '--build')
  t.equal(up.status, 0, up.err)
  await waitFor('bitcoind answers', () => cli('getblockcount'), ({ status }) => status === 0)
  await mine(101)
  await cli('addnode', 'peers:18444', 'add')

  await t.test('never registered, and never asked: told although no series of it exists', async (t) => {
    await tells(t, 'a signer without a seat', beside, ['SignerNotRegistered page', 'SignerNotInNextCycle warn', 'SignerNoProposals page'])
    t.equal(await ask(prometheus, 'count(stacks_signer_block_proposals_received) or vector(0)'), 0, 'the series is not there')
  })

  await t.test('another token in the node: proposals without a response, whose series has never been there', async (t) => {
    must(['run', '--rm', '--user', '0:0', '--volume', `${stack.name}_stacks-node-config:/volume`, testImages.base, 'sed', '-i', 's/^auth_token = .*/auth_token = "another-token-entirely"/', '/volume/node-config.toml'])
    node()
    // What it knows of the sets it keeps for minutes.
    compose('restart', 'stacks-node', 'metrics')
    await tells(t, 'another token', beside, ['SignerNoResponses page'])
    await waitFor('proposals are counted', () => ask(prometheus, 'stacks_signer_block_proposals_received'))
    t.equal(await ask(prometheus, 'count(stacks_signer_block_responses_sent) or vector(0)'), 0, 'the series is not there')
    compose('up', '-d', '--force-recreate', 'init', 'stacks-signer', 'stacks-node')
    t.strictSame(await missingSigns(stack), [])
    kept = await waitFor('the clock is looked at', () => ask(prometheus, 'node_timex_sync_status'), (status) => status !== undefined)
    t.comment(`the clock of this machine is ${kept === 1 ? '' : 'not '}kept`)
  })

  /** Everything as it should be, until nothing fires any more. */
  const quiet = async () => {
    node()
    signer()
    await waitFor('bitcoind answers', () => cli('getblockcount'), ({ status }) => status === 0)
    await mine(1)
    await waitFor('nothing fires or is about to', async () => (await firing(prometheus, true)).filter((one) => !own().includes(one)), (fires) => fires.length === 0)
    beside.forget()
  }

  await t.test('in two quiet hours nothing is told', async (t) => {
    await quiet()
    // The rules look back for an hour: what was planted before must be out of it.
    await sleep(3600 / pace * 1000)
    /** What fired or was told in two hours of the rules' time, and how many targets could not be read at a time. */
    const twoQuietHours = async () => {
      await quiet()
      const told = new Set<string>()
      const before = Date.now()
      while (Date.now() - before < 60_000) {
        await mine(1)
        await sleep(3000)
        for (const one of [...await firing(prometheus), ...beside.told()]) if (!own().includes(one)) told.add(one)
      }
      return { told: [...told], unread: (await ask(prometheus, 'count(min_over_time(up[70s]) < 1) or vector(0)'))! }
    }
    let seen = await twoQuietHours()
    // On a busy machine a scrape may come too late. Then the alarm is right, and says nothing about the rules.
    for (let more = 5; seen.told.length > 0 && seen.unread > 0 && more > 0; more -= 1) {
      t.comment(`${seen.told.join(', ')}: ${seen.unread} targets could not be read at a time`)
      seen = await twoQuietHours()
    }
    t.strictSame(seen.told, [])
    // On a busy machine a single scrape may come too late: the next one does not.
    await waitFor('the signer has signed all the time', () => ask(prometheus, 'sum(increase(stacks_signer_block_responses_sent[30s]))'), (signed) => signed !== undefined && signed > 20)
    await waitFor('everything is read', () => ask(prometheus, 'count(up) - count(up == 1)'), (silent) => silent === 0)
  })

  // Faults that have nothing to do with each other are planted together.
  const faults: readonly (readonly [what: string, alarms: readonly string[], plant: () => void | Promise<void>, undo?: () => void])[] = [
    [
      'half of the proposals unanswered, late answers, rejections; a node without peers that met what cannot be; a new release',
      ['SignerMissesProposals warn', 'SignerRejects warn', 'SignerSlow warn', 'NodeFewPeers page', 'NodeBug warn', 'NewRelease note'],
      () => {
        signer({ answered: 5, rejected: 3, latency: 40 })
        node({ outbound: 0, impossible: 1 })
        beside.newest('99.0.0')
        compose('restart', 'releases')
      },
      () => {
        beside.newest(release)
        compose('restart', 'releases')
      },
    ],
    [
      'a node behind its peers and its bitcoind, a signer that sees an old tip, a program killed for want of memory',
      ['NodeBehindPeers warn', 'NodeBehindBitcoin warn', 'SignerNodeLag warn', 'OutOfMemory warn'],
      async () => {
        node({ behind: 30, burnEvery: 1_000_000 })
        signer({ refresh: 86_400 })
        await mine(Math.max(0, (await ask(prometheus, 'stacks_node_burn_block_height'))! - Number((await cli('getblockcount')).out)) + 10)
        docker(['run', '--rm', '--memory', '16m', '--memory-swap', '16m', testImages.base, 'tail', '/dev/zero'])
      },
    ],
    ['a chain that stands still, and a part of the monitoring away', ['NodeTipStalled warn', 'NodeTipStalled page', 'MonitoringPartDown warn'], () => {
      node({ mining: false })
      compose('stop', 'blackbox')
    }, () => compose('start', 'blackbox')],
    ['an RPC of the node that is cut off', ['SignerHeartbeat page', 'NodeRpcDown page'], () => node({ rpc: false })],
    ['the metrics away', ['MetricsDown page'], () => compose('stop', 'metrics'), () => compose('start', 'metrics')],
    ['signer and bitcoind stopped', ['SignerDown page', 'BitcoindDown page'], () => compose('stop', 'stacks-signer', 'bitcoind'), () => compose('start', 'stacks-signer', 'bitcoind')],
    ['the node stopped', ['NodeDown page'], () => compose('stop', 'stacks-node'), () => compose('start', 'stacks-node')],
  ]
  for (const [what, alarms, plant, undo] of faults) {
    await t.test(`${what}: ${alarms.join(', ')}`, async (t) => {
      await quiet()
      await plant()
      await tells(t, what, beside, alarms)
      // Nothing is known then of those that are read through it, and nobody is to be called for them.
      if (what === 'the metrics away') t.notOk(beside.told().some((one) => /^(SignerDown|NodeDown|SignerHeartbeat) /.test(one)), beside.told().join(', '))
      undo?.()
    })
  }

  await t.test('a disk that fills is told in time, and again when it is nearly full', async (t) => {
    await quiet()
    const ballast = join(signerDisk, 'ballast')
    const taken = () => 1 - statfsSync(signerDisk).bavail / statfsSync(signerDisk).blocks
    const fillTo = (part: number) => {
      for (const megabyte = Buffer.alloc(1 << 20); taken() < part;) appendFileSync(ballast, megabyte)
    }
    fillTo(0.82)
    // Slowly, so that what is left goes down all the time and is still more than a twelfth.
    await waitFor('a disk that fills', async () => {
      if (taken() < 0.9) appendFileSync(ballast, Buffer.alloc(32 << 10))
      await sleep(1000)
      return beside.told()
    }, (told) => told.includes('DiskFilling warn'))
    t.ok(beside.told().includes('DiskFilling warn'), beside.told().join(', '))
    fillTo(0.95)
    await tells(t, 'a disk nearly full', beside, ['DiskFilling page'])
    rmSync(ballast)
  })

  await t.test('the clock is told of where nobody keeps it, and only there', async (t) => {
    // The machine may have begun to keep its clock, or have stopped, since the test began.
    const look = async () => ({ kept: await ask(prometheus, 'node_timex_sync_status'), told: (await firing(prometheus)).includes('ClockOff warn') })
    const seen = await waitFor('the alert agrees with the clock', look, ({ kept, told }) => kept !== undefined && told === (kept !== 1))
    t.equal(seen.told, seen.kept !== 1)
  })
})

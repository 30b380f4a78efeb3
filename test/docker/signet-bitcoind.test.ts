/** A signet of its own, read by a real bitcoind: it takes the challenge, and says so. */

import { spawnSync } from 'node:child_process'
import t from 'tap'
import { networkFacts } from '../../generator/catalogue/networks.ts'
import { freePort } from '../support/port.ts'
import { planText } from '../support/pipeline.ts'
import { makeRoot, needs, start } from './tools.ts'

t.test('the bitcoind of the staking testnet', needs('bitcoind', 'bitcoin-cli'), async (t) => {
  const root = makeRoot(t, ['/data'])
  const { files } = planText('STACK_NAME=s\nNETWORK=staking-testnet\nBITCOIN_MODE=full\n')
  const [rpc, p2p, node] = [await freePort(), await freePort(), await freePort()]
  // What only the container has: ports that are free, and a way out.
  root.write('/bitcoin.conf', files.get('config/bitcoin.conf')!.content.replace('bind=0.0.0.0:38333', `bind=127.0.0.1:${p2p}`).replace('0.0.0.0:8335', `127.0.0.1:${node}`).replace(/addnode=.*/, ''))
  const where = [`-conf=${root.at('/bitcoin.conf')}`, `-datadir=${root.at('/data')}`, `-rpcport=${rpc}`]
  const running = start(t, 'bitcoind', where, {})
  const cli = () => spawnSync('bitcoin-cli', [...where, 'getblockchaininfo'], { encoding: 'utf8' })
  await running.until(() => cli().status === 0)
  t.match(JSON.parse(cli().stdout), { chain: 'signet', signet_challenge: networkFacts('staking-testnet', '4.0.4').bitcoinChallenge })
  running.process.kill('SIGTERM')
  t.equal((await running.ended).code, 0)
})

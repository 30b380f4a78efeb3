/** The second bitcoind's configuration, filled by init and read by a real bitcoind: the sBTC signer may make its calls, and no other. */

import { spawnSync } from 'node:child_process'
import t from 'tap'
import { sbtcBitcoinCalls } from '../../generator/catalogue/sbtc.ts'
import { networkFacts } from '../../generator/catalogue/networks.ts'
import { sbtcBitcoinConfFile } from '../../generator/files/bitcoin-conf.ts'
import { sbtcBitcoin } from '../../generator/stack/sbtc-configs.ts'
import { freePort } from '../support/port.ts'
import { sampleStack } from '../support/sample-stack.ts'
import { init, sampleFile, stackJson } from './init-setting.ts'
import { copyGate, makeRoot, needs, start } from './tools.ts'

const password = 'the-password.of~sbtc'
const options = needs('bitcoind', 'bitcoin-cli')

async function call(port: number, method: string, secret = password): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/`, {
    method: 'POST', body: JSON.stringify({ jsonrpc: '1.0', id: 1, method, params: [] }),
    headers: { Authorization: `Basic ${Buffer.from(`sbtc-signer:${secret}`).toString('base64')}` },
  })
  await answer.arrayBuffer()
  return answer.status
}

t.test('the calls of the sBTC signer, and no other', options, async (t) => {
  const root = makeRoot(t, ['/etc/sbtc-bitcoin', '/data'])
  const { stack, host } = sampleStack({ sbtc: 'alone' })
  const { content } = sbtcBitcoinConfFile(sbtcBitcoin(networkFacts('testnet', '4.0.4')), stack.sbtc!, false, host)
  const { bitcoind } = stack.sbtc!.subnet
  t.match(content, `\nrpcbind=${bitcoind}\n`, 'it listens where the signer asks')
  root.write('/stack/config/sbtc-bitcoin.conf', content)
  root.write('/run/secrets/sbtc-bitcoin-rpc-password', `${password}\n`)
  root.write(stackJson, sampleFile({ sbtc: 'alone' }))
  copyGate(root)
  const filled = await init(root)
  t.equal(filled.code, 0, filled.out)
  const conf = root.read('/etc/sbtc-bitcoin/sbtc-bitcoin.conf')
  t.notMatch(conf, /@SBTC/)
  t.notOk(conf.includes(password), 'only its hash')

  const [rpc, p2p, node] = [await freePort(), await freePort(), await freePort()]
  // What only the container has: its address, and ports that are free.
  root.write('/bitcoin.conf', conf.replace(`rpcbind=${bitcoind}\n`, '').replace(/bind=0\.0\.0\.0:18444/, `bind=127.0.0.1:${p2p}`).replace('0.0.0.0:8335', `127.0.0.1:${node}`).replace(/addnode=.*\n/, ''))
  const where = [`-conf=${root.at('/bitcoin.conf')}`, `-datadir=${root.at('/data')}`, `-rpcport=${rpc}`]
  const running = start(t, 'bitcoind', where, {})
  const cli = (...words: readonly string[]) => spawnSync('bitcoin-cli', [...where, ...words], { encoding: 'utf8' })
  await running.until(() => cli('getblockchaininfo').status === 0)

  for (const method of sbtcBitcoinCalls) t.notOk([401, 403, 404].includes(await call(rpc, method)), `${method} may be called, and is known`)
  for (const method of ['stop', 'getpeerinfo', 'addnode', 'setban', 'invalidateblock', 'generatetoaddress', 'submitblock', 'help', 'uptime', 'getrpcinfo', 'dumptxoutset']) t.equal(await call(rpc, method), 403, method)
  t.equal(await call(rpc, 'getblockchaininfo', `${password}x`), 401)
  t.equal(cli('getpeerinfo').status, 0, 'who is in the container may ask all')
  t.match(cli('getblockchaininfo').stdout, /"pruned": false/)
  running.process.kill('SIGTERM')
  t.equal((await running.ended).code, 0)
})

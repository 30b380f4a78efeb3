/** Where the stack gets Bitcoin blocks, and what is said of the answers for it. */

import t from 'tap'
import { checkAnswers } from '../../generator/answers/check.ts'
import { machineHost } from '../../generator/catalogue/container.ts'
import { readAnswers } from '../../generator/answers/read.ts'
import { resolve } from '../../generator/stack/resolve.ts'

function resolved(network: string, ...lines: readonly string[]) {
  const text = ['STACK_NAME=a', `NETWORK=${network}`, 'STACKS_VERSION=4.0.4', ...lines, ''].join('\n')
  const { value } = checkAnswers('a.env', readAnswers('a.env', text).entries, { secretsAllowed: false, outputDirectory: '.' })
  return resolve(value!)
}

function told(network: string, port: string) {
  const lines = ['BITCOIN_MODE=external', 'BITCOIN_HOST=b.example.net', ...(port ? [`BITCOIN_P2P_PORT=${port}`] : [])]
  return resolved(network, ...lines).problems.filter(({ code }) => code === 'rpc-port')
}

t.test('the model says it in one value', async (t) => {
  const own = { kind: 'own', chain: 'main', p2pPort: 8333, seedPeers: [] }
  t.strictSame(resolved('mainnet').value?.bitcoin, { ...own, pruned: false }, 'without an answer')
  t.strictSame(resolved('mainnet', 'BITCOIN_MODE=pruned').value?.bitcoin, { ...own, pruned: true })
  t.match(resolved('testnet', 'BITCOIN_MODE=full').value?.bitcoin, { kind: 'own', pruned: false, chain: 'regtest', p2pPort: 18444, seedPeers: [String] })
  t.strictSame(resolved('testnet').value?.bitcoin, { kind: 'external', chain: 'regtest', host: 'bitcoin.regtest.hiro.so', port: 18444 }, 'without an answer')
  t.strictSame(resolved('staking-testnet').value?.bitcoin, { kind: 'external', chain: 'signet', host: 'bitcoin.staking-testnet.hiro.so', port: 38333 }, 'without an answer')
  t.strictSame(resolved('staking-testnet', 'BITCOIN_MODE=full').value?.bitcoin, {
    kind: 'own', pruned: false, chain: 'signet', p2pPort: 38333, seedPeers: ['bitcoin.staking-testnet.hiro.so:38333'], challenge: '0014511787db620184f553cfa06bb2a6607497f09f4a',
  })
  const { value } = resolved('mainnet', 'BITCOIN_MODE=external', 'BITCOIN_HOST=b.example.net', 'BITCOIN_P2P_PORT=20001')
  t.strictSame(value?.bitcoin, { kind: 'external', chain: 'main', host: 'b.example.net', port: 20001 })
  t.match(value?.nodeConfig, { burnchain: { peer_host: 'b.example.net', peer_port: 20001 } })
  t.equal(value?.hosts[0]?.services.find(({ name }) => name === 'stacks-node')?.environment['WAIT_BITCOIN'], 'b.example.net:20001')
})

t.test('the bitcoind of the machine that runs the stack', async (t) => {
  for (const topology of [[], ['TOPOLOGY=split', 'NODE_HOST=n.example.net', 'SIGNER_HOST=s.example.net']]) {
    const { value } = resolved('mainnet', 'BITCOIN_MODE=external', 'BITCOIN_HOST=host', ...topology)
    t.strictSame(value?.bitcoin, { kind: 'external', chain: 'main', host: machineHost, port: 8333, here: true })
    t.match(value?.nodeConfig, { burnchain: { peer_host: machineHost, peer_port: 8333 } })
    const services = value!.hosts.flatMap(({ services }) => services)
    t.strictSame(services.filter(({ callsMachine }) => callsMachine).map(({ name }) => name), ['stacks-node'], 'no other service calls the machine')
    t.strictSame(value!.hosts.flatMap(({ networks }) => networks.filter(({ bridge }) => bridge).map(({ name }) => name)), ['stacks-p2p'], 'a firewall of the operator\'s own needs its name')
  }
  t.match(resolved('testnet', 'BITCOIN_HOST=host').value?.bitcoin, { host: machineHost, port: 18444 })
})

t.test('an address that is the container itself is refused, and the answer that is meant named', async (t) => {
  const itself = ['127.0.0.1', '127.1.2.3', '0.0.0.0', 'localhost', 'LocalHost', 'my.localhost', 'localhost.localdomain', '[::1]', '[::]', '[0:0:0:0:0:0:0:1]', '[::ffff:127.0.0.1]', '[::ffff:0.0.0.0]', machineHost]
  for (const host of itself) {
    t.match(resolved('mainnet', 'BITCOIN_MODE=external', `BITCOIN_HOST=${host}`).problems, [
      { severity: 'error', code: 'bad-value', at: { line: 5 }, hint: 'write BITCOIN_HOST=host for a bitcoind on the machine that runs the stack' },
    ], host)
  }
  for (const host of ['10.0.0.7', '[2001:db8::1]', 'localhost.example.net', 'hosts', 'host.example.net', '[::ffff:10.0.0.7]']) t.equal(resolved('mainnet', 'BITCOIN_MODE=external', `BITCOIN_HOST=${host}`).value?.bitcoin.kind, 'external', host)
})

t.test('each mode has its own complaints', async (t) => {
  const codes = (...lines: readonly string[]) => resolved('mainnet', ...lines).problems.filter(({ code }) => code !== 'no-digest').map(({ code, severity }) => `${severity} ${code}`)
  t.strictSame(codes('BITCOIN_MODE=full', 'SNAPSHOT=off'), [])
  t.strictSame(codes('BITCOIN_MODE=pruned', 'SNAPSHOT=off'), ['error pruned-without-snapshot'])
  t.strictSame(codes('BITCOIN_MODE=pruned', 'SNAPSHOT=off', 'ALLOW_UNSUPPORTED=yes'), ['warning pruned-without-snapshot'])
  t.strictSame(codes('BITCOIN_MODE=pruned', 'BITCOIN_HOST=b.example.net'), ['error not-external'])
  t.strictSame(codes('BITCOIN_MODE=external'), ['error missing-answer'])
  t.strictSame(codes('BITCOIN_MODE=external', 'BITCOIN_HOST=b.example.net', 'SNAPSHOT=off'), [])
})

t.test('an RPC port in place of the P2P port is told', async (t) => {
  for (const port of ['8332', '18443', '18332', '38332', '48332']) {
    t.match(told('mainnet', port), [{ severity: 'warning', message: `BITCOIN_P2P_PORT=${port} is a port on which bitcoind speaks RPC`, hint: 'write BITCOIN_P2P_PORT=8333', at: { line: 6 } }], port)
  }
  t.match(told('testnet', '18443'), [{ hint: 'write BITCOIN_P2P_PORT=18444' }])
  t.match(told('staking-testnet', '38332'), [{ hint: 'write BITCOIN_P2P_PORT=38333' }])
  for (const port of ['', '8333', '18444', '20001']) t.strictSame(told('mainnet', port), [], port)
})

/** The mapping as a pure function: one fate a key, nothing shown that may be a secret, whatever the texts hold. */

import t from 'tap'
import { adoptDeployment } from '../../generator/adopt/adopt.ts'
import type { Adopted, Deployment } from '../../generator/adopt/model.ts'
import { asName } from '../../generator/adopt/stack-name.ts'
import type { Result } from '../../generator/problem.ts'
import { testKey } from '../support/command.ts'
import { hostileTexts, randomNumbers } from '../support/random-answers.ts'
import { compose, mainnetNode, observer, signer, testnetNode, token } from './cases/case.ts'

function adopted(files: { readonly signer?: string; readonly node?: string; readonly compose?: string; readonly env?: string; readonly bitcoin?: string }, directoryName = 'old'): Result<Adopted> {
  const deployment: Deployment = {
    directoryName, passedOver: [],
    tomls: [{ name: 'signer.toml', text: files.signer ?? signer('mainnet') }, { name: 'node.toml', text: files.node ?? mainnetNode() }],
    ...(files.compose && { compose: { name: 'compose.yaml', text: files.compose } }),
    ...(files.env && { env: { name: '.env', text: files.env } }),
    ...(files.bitcoin && { bitcoinConf: { name: 'bitcoin.conf', text: files.bitcoin } }),
  }
  return adoptDeployment(deployment)
}

const answer = ({ value }: Result<Adopted>, key: string) => value?.answers.find((one) => one.key === key)?.value
const finding = ({ value }: Result<Adopted>, key: string) => value?.findings.find((one) => one.key === key)

for (const [text, want, version] of [
  [compose('ghcr.io/stacks-network/stacks-core:v4.0.1-alpine', 'x/stacks-signer:signer-4.0.1'), { STACKS_VERSION: '4.0.1' }, 'a variant on one side alone is none'],
  [compose('stacks-core:4.0.1@sha256:00', 'stacks-signer:4.0.1'), { STACKS_VERSION: '4.0.1' }, 'a digest behind the tag'],
  [compose('stacks-core:3.4.0.0.1', 'stacks-signer:latest'), { STACKS_NODE_VERSION: '3.4.0.0.1', STACKS_SIGNER_VERSION: '3.4.0.0.4.0' }, 'the signer is guessed from the node'],
  [compose('stacks-core:latest', 'stacks-signer:3.3.0.0.5.0'), { STACKS_NODE_VERSION: '3.3.0.0.5', STACKS_SIGNER_VERSION: '3.3.0.0.5.0' }, 'the node is guessed from the signer'],
  [compose('stacks-core', 'stacks-signer:${NOWHERE}'), { STACKS_VERSION: '4.0.4' }, 'no tag, and a variable without a value'],
  [compose('stacks-core:5.0.0', 'stacks-signer:5.0.0'), { STACKS_VERSION: '5.0.0', ALLOW_UNSUPPORTED: 'yes' }, 'newer than the generator'],
] as const) {
  t.test(version, async (t) => {
    const result = adopted({ compose: text })
    for (const [key, value] of Object.entries(want)) t.equal(answer(result, key), value)
    t.equal(answer(result, 'IMAGE_VARIANT'), undefined)
    t.equal(result.problems.some(({ code }) => code === 'release-unknown'), /guess|variable/.test(version))
  })
}

for (const [key, good] of [[testKey, true], [testKey.slice(0, 64), true], [testKey.toUpperCase(), true], [`0x${testKey}`, false], [`${testKey.slice(0, 64)}02`, false], ['', false], ['your-key-here', false]] as const) {
  t.test(`a key of ${key.length} characters`, async (t) => {
    const result = adopted({ signer: signer('mainnet', '', key) })
    t.equal(result.value?.secrets['signer-private-key']?.reveal(), good ? key : undefined)
    t.equal(finding(result, 'stacks_private_key')?.fate, good ? 'secret' : 'left-out')
    t.equal(result.problems.some(({ code }) => code === 'no-signer-key'), !good)
  })
}

t.test('tokens that differ are made anew', async (t) => {
  const result = adopted({ node: mainnetNode().replace(token, 'hunter2-hunter2-hunter2') })
  t.equal(result.value?.secrets['auth-token'], undefined)
  t.match(finding(result, 'auth_password'), { fate: 'left-out', note: /differ/, danger: true })
  t.notMatch(JSON.stringify(result), /hunter2|correct-horse/)
})

t.test('networks of one word are told apart by what makes a chain', async (t) => {
  const challenge = '0014511787db620184f553cfa06bb2a6607497f09f4a'
  const staking = (id: string, script: string) => mainnetNode({ burnchain: `${id}\n${script && `signet_challenge = "${script}"`}\npeer_host = "b.example.net"\npeer_port = 38333` }).replace('"mainnet"', '"signet"')
  for (const word of ['testnet', 'signet']) {
    const known = adopted({ signer: signer(word, 'chain_id = 1280\n'), node: staking('chain_id = 1280', challenge) })
    t.equal(answer(known, 'NETWORK'), 'staking-testnet')
    for (const key of ['burnchain.chain_id', 'burnchain.signet_challenge', 'chain_id']) t.match(finding(known, key), { fate: 'fixed', note: 'it follows NETWORK' }, key)
  }
  for (const [id, script, signerId] of [['chain_id = 1281', challenge, 1280], ['chain_id = 1280', '51', 1280], ['chain_id = 1280', '', 1280], ['', challenge, 1280], ['chain_id = 1280', challenge, 5]] as const) {
    const result = adopted({ signer: signer('signet', `chain_id = ${signerId}\n`), node: staking(id, script) })
    t.match(result.problems, [{ code: 'private-network', message: /is signet, with another chain_id or signet_challenge than that network has: only mainnet, testnet, staking-testnet can be adopted/ }], `${id} ${script} ${signerId}`)
  }
  t.match(adopted({ node: mainnetNode({ burnchain: 'chain_id = 5\npeer_host = "b.example.net"' }) }).problems, [{ code: 'private-network', message: /burnchain\.mode is mainnet, with another chain_id/ }])
  t.match(adopted({ signer: signer('testnet'), node: staking('chain_id = 1280', challenge) }).problems, [{ code: 'networks-differ', message: 'the signer is on testnet and its node on staking-testnet' }])
  t.match(adopted({ signer: signer('testnet', 'chain_id = 5\n') }).problems, [{ code: 'private-network', message: /network is testnet, with another chain_id/ }])
})

t.test('where Bitcoin comes from', async (t) => {
  const from = (host: string, more: object = {}) => {
    const result = adopted({ node: mainnetNode({ burnchain: `peer_host = "${host}"` }), ...more })
    return [answer(result, 'BITCOIN_MODE'), answer(result, 'BITCOIN_HOST'), answer(result, 'BITCOIN_P2P_PORT')]
  }
  const other = { compose: compose('stacks-core:4.0.4', 'stacks-signer:4.0.4') }
  t.strictSame(from('[2001:db8::1]'), ['external', '[2001:db8::1]', '8333'])
  t.strictSame(from('bitcoind'), ['full', undefined, undefined])
  t.strictSame(from('bitcoind', other), ['external', 'bitcoind', '8333'])
  t.strictSame(from('localhost', { bitcoin: '[main]\nprune=550\n' }), ['pruned', undefined, undefined])
  t.strictSame(from('localhost', { bitcoin: 'prune=0\n#prune=9\n' }), ['full', undefined, undefined])
  t.strictSame(from('host.docker.internal', other), ['external', 'host', '8333'], 'the machine itself')
  t.strictSame(from('no host'), ['full', undefined, undefined])
  t.strictSame(from(token), ['full', undefined, undefined], 'a secret is no host')
  const service = '  btc:\n    image: bitcoin/bitcoin:30\n    container_name: core\n    command: [bitcoind, -prune=1000]\n'
  t.strictSame(from('core', { compose: compose('stacks-core:4.0.4', 'stacks-signer:4.0.4', service) }), ['pruned', undefined, undefined])
})

t.test('what stood open is pointed out', async (t) => {
  const result = adopted({
    compose: compose('stacks-core:4.0.4', 'stacks-signer:4.0.4').replace('["20444:20444"]', '["20444:20444", "20443:20443", "127.0.0.1:9153:9153"]').replace('    restart', '    ports: ["30000:30000"]\n    restart'),
    bitcoin: 'rpcallowip=0.0.0.0/0\n',
    node: mainnetNode({ burnchain: 'peer_host = "localhost"' }),
  })
  for (const [key, danger] of [['services.stacks-signer.ports[0]', true], ['services.stacks-node.ports[1]', true], ['services.stacks-node.ports[2]', undefined], ['rpcallowip', true]] as const) {
    t.match(finding(result, key), { fate: 'left-out', ...(danger && { danger }) }, key)
    t.equal(finding(result, key)?.danger, danger)
  }
})

t.test('observers: the signer\'s is found among others, and a second signer is named', async (t) => {
  const others = `${observer.replace('stacks-signer:30000', 'second-signer:30001')}${observer}\n[[events_observer]]\nendpoint = "api:3700"\nevents_keys = ["*"]\n`
  const result = adopted({ node: mainnetNode().replace(observer, others) })
  t.match(finding(result, 'events_observer[0].endpoint'), { fate: 'left-out', note: /another signer's/, danger: true })
  t.match(finding(result, 'events_observer[1].endpoint'), { fate: 'fixed' })
  const slow = adopted({ node: mainnetNode().replace(observer, `${observer.trimEnd()}\ntimeout_ms = 300000\n\n${others.slice(others.indexOf('[[events_observer]]\nendpoint = "api'))}timeout_ms = 7\n`) })
  t.match(finding(slow, 'events_observer[0].timeout_ms'), { fate: 'fixed', answers: ['SIGNER_OBSERVER_TIMEOUT_MS'] })
  t.equal(answer(slow, 'SIGNER_OBSERVER_TIMEOUT_MS'), '300000')
  t.equal(answer(result, 'SIGNER_OBSERVER_TIMEOUT_MS'), undefined)
  t.match(finding(result, 'events_observer[2].endpoint'), { fate: 'left-out', danger: true, note: /write it into EVENT_OBSERVERS/ })
})

t.test('a section that is absent keeps its meaning', async (t) => {
  const node = mainnetNode().replace(`[connection_options]\nauth_token = "${token}"\n`, '')
  for (const [tag, want] of [['3.4.0.0.3', 'true'], ['3.4.0.0.4', undefined]] as const) {
    t.equal(answer(adopted({ node, compose: compose(`stacks-core:${tag}`, `stacks-signer:${tag}.0`) }), 'NODE__connection_options__private_neighbors'), want, tag)
  }
})

t.test('what may not be committed is left out with its reason', async (t) => {
  const noteOf = (line: string) => finding(adopted({ node: mainnetNode({ node: line }) }), `node.${line.split(' ')[0]}`)?.note
  t.match(noteOf('data_url = "http://me:pass@x"'), 'it holds a user or password')
  t.match(noteOf(`name = "${token}"`), 'it holds the value of a secret')
  t.match(noteOf(`name = "${'5'.repeat(64)}"`), 'it looks like a key')
  t.match(noteOf(`bootstrap_node = "02196f005965cebe6ddc3901b7b1cc1aa7a88f305bb8c5893456b8f9a605923893@a:1"`), 'accepts it')
  t.match(noteOf('name = "a\\nb"'), 'a text of one line')
  t.match(noteOf(`name = "'\\"\`"`), 'no kind of quotes holds it')
  t.match(noteOf('stacker_dbs = ["a,b"]'), 'a list with commas')
})

t.test('of a variable given twice the last counts', async (t) => {
  const result = adopted({ env: 'STACKS_BLOCKCHAIN_VERSION=3.1.0.0.1\nSTACKS_BLOCKCHAIN_VERSION=4.0.4\nSTACKS_SIGNER_VERSION=4.0.4\n' })
  t.equal(answer(result, 'STACKS_VERSION'), '4.0.4')
  t.match(result.value?.findings.filter(({ origin }) => origin.file === '.env'), [{ fate: 'answer' }, { fate: 'answer' }, { fate: 'left-out', note: /a later line/ }])
})

t.test('names of stacks', async (t) => {
  t.strictSame(['My Signer!', '...', 'a_b-c', '雪', 'x'.repeat(80)].map(asName), ['my-signer', '', 'a_b-c', '', 'x'.repeat(57)])
  t.equal(answer(adopted({}, '雪'), 'STACK_NAME'), 'adopted-signer-stack')
  t.equal(answer(adopted({ env: 'COMPOSE_PROJECT_NAME=prod\n' }), 'STACK_NAME'), 'prod-stack')
  t.equal(answer(adopted({}, testKey), 'STACK_NAME'), 'adopted-signer-stack')
})

t.test('the testnet of the release is known by its values', async (t) => {
  const result = adopted({ signer: signer('testnet'), node: testnetNode('4.0.2'), compose: compose('stacks-core:4.0.4', 'stacks-signer:4.0.4') })
  for (const key of ['node.bootstrap_node', 'node.pox_5_bond_admin', 'burnchain.epochs', 'ustx_balance']) t.match(finding(result, key), { fate: 'fixed', note: 'it follows NETWORK' }, key)
})

t.test('whatever the texts hold, each key has one fate and the answers hold', async (t) => {
  const next = randomNumbers(31)
  const pick = <T>(values: readonly T[]): T => values[Math.floor(next() * values.length)]!
  const parts = [...hostileTexts, "'", '"', '`', '\\', '#', '$', '\n', '\r\n', '\u2028', '\0', 'A=1', '', ' ', '{{x}}', '雪', token, testKey]
  const text = () => JSON.stringify(Array.from({ length: 1 + Math.floor(next() * 3) }, () => pick(parts)).join('')).replaceAll('\\u2028', '\u2028')
  const value = () => pick([text, text, () => '1', () => '-1', () => '1.5', () => '18446744073709551616', () => 'true', () => '2020-01-01', () => 'nan', () => '[]', () => `[${text()}, ${text()}]`, () => '[[1], [2]]', () => '{ a = 1 }', () => '1e400'])()
  const names = ['name', 'data_url', 'stacker_dbs', 'txindex', 'deny_nodes', 'pox_sync_sample_secs', 'bootstrap_node', 'working_dir', 'p2p_bind', 'rpc_bind', '__proto__', 'constructor', `"${'k'.repeat(70)}"`, '"é \\n"', 'A__B', 'seed']
  let whole = 0
  for (let round = 0; round < 400; round += 1) {
    const keys = names.filter(() => next() < 0.4)
    const lines = keys.map((key) => `${key} = ${value()}`)
    const node = `[node]\n${lines.join('\n')}\n[burnchain]\nmode = "mainnet"\npeer_host = ${value()}\npeer_port = ${value()}\n[connection_options]\npublic_ip_address = ${value()}\nwalk_seed_probability = ${value()}\n[miner]\nblock_reward_recipient = ${value()}\n`
    const result = adopted({ node, signer: signer('mainnet', `event_timeout_ms = ${value()}\n${pick(names.slice(10))} = ${value()}\n`) })
    // A value that TOML itself refuses is the parser's to name.
    if (!result.value) {
      if (!result.problems.every(({ code }) => code === 'bad-toml')) t.fail(JSON.stringify(result.problems))
      continue
    }
    const { findings, answers, text: file } = result.value
    const shown = JSON.stringify([findings, answers, file, result.problems])
    if (shown.includes(token) || shown.includes(testKey)) t.fail(`a secret is shown: ${node}`)
    whole += 1
    if (findings.length !== 8 + keys.length + 6) t.fail(`${findings.length} findings: ${node}`)
  }
  t.ok(whole > 200, `${whole} of 400 could be read`)
})

/** Values that a release refuses at its start are errors, with its own reason; each rule is taken from both sides. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { checkAnswers } from '../../generator/answers/check.ts'
import { readAnswers } from '../../generator/answers/read.ts'
import { networkFacts } from '../../generator/catalogue/networks.ts'
import { scheduleFault } from '../../generator/catalogue/epoch-schedule.ts'
import { nodeReleases } from '../../generator/catalogue/releases.ts'
import { repository } from '../support/repository.ts'

function problemsOf(network: string, line: string, version = '4.0.2') {
  const releases = version.startsWith('4.') ? `STACKS_VERSION=${version}` : `STACKS_NODE_VERSION=${version}\nSTACKS_SIGNER_VERSION=3.1.0.0.5.0`
  const text = `STACK_NAME=s\nNETWORK=${network}\n${releases}\n${line}\n`
  return checkAnswers('a', readAnswers('a', text).entries, { secretsAllowed: true, outputDirectory: '.' }).problems.filter(({ severity }) => severity === 'error')
}

const pubkey = '02196f005965cebe6ddc3901b7b1cc1aa7a88f305bb8c5893456b8f9a605923893'
const address = 'ST1V2ASRWGR81W7GBN1Z4W2JQKXJWCADPVZG30X45'
const testnetDeployer = 'SN3VMHXEN64ZZF71JQ5VESXDWTR301XTTXGF4J8F1'
/** By rule of the facts, in their order: values that are refused, then values that are taken. Without the second list none is. */
const cases: readonly (readonly [key: string, refused: readonly string[], taken?: readonly string[]])[] = [
  ['burnchain__magic_bytes', ['id', 'T2'], ['X2']],
  ['burnchain__magic_bytes', ['X', 'XYZ', 'é2'], ['T2', 'id']],
  ['burnchain__chain_id', ['2147483648', '0'], ['1']],
  ['burnchain__first_burn_block_height', ['1', '666050']],
  ['burnchain__pox_2_activation', ['1']],
  ['node__use_test_genesis_chainstate', ['true'], ['false']],
  ['node__pox_5_sbtc_contract', [`${address}.sbtc-token`]],
  ['node__pox_5_sbtc_registry_contract', [address, 'sbtc', `${address}.`, `${address}.1a`], [`${testnetDeployer}.sbtc-registry`]],
  ['node__pox_5_bond_admin', ['nobody', `${address}.`], [address]],
  ['miner__replay_transactions', ['true'], ['false']],
  ['burnchain__first_burn_block_height', ['1'], ['0']],
  ['burnchain__first_burn_block_hash', ['00', 'g'.repeat(64)], ['0'.repeat(64)]],
  ['burnchain__max_unspent_utxos', ['1025', '9223372036854775807'], ['0', '1024']],
  ['burnchain__wallet_name', ['a?b', 'a/../b', 'ä'], ['a/b.c_d-1']],
  ['atlas__attachments_max_size', ['0', '1048575'], ['1048576']],
  ['atlas__max_uninstantiated_attachments', ['49999'], ['50000']],
  ['atlas__uninstantiated_attachments_expire_after', ['86399'], ['86400']],
  ['atlas__unresolved_attachment_instances_expire_after', ['172799'], ['172800']],
  ['node__p2p_address', ['name.example.net:20444', '192.0.2.1', '192.0.2.1:65536', '2001:db8::1:20444', '[::1'], ['192.0.2.1:20444', '[2001:db8::1]:20444']],
  ['node__prometheus_bind', ['xyz', ':9153', 'a b:1', 'h:70000'], ['0.0.0.0:9153', 'localhost:9153']],
  ['node__data_url', ['foo', 'ftp://a.example', 'http://u:p@a.example', 'http://a.example/?q', 'http://a.example/#f', `http://a.example/${'x'.repeat(128)}`], ['http://203.0.113.7:20443', 'https://a.example/x']],
  ['node__bootstrap_node', ['seeds.mainnet.hiro.so:20444', `${pubkey}@seed.example.net`, `05${'5'.repeat(64)}@h:1`, `${pubkey}@h:1, ${pubkey}@i:1`, `${pubkey}@h@i:1`, `02${'5'.repeat(64)}@h:1`], [`${pubkey}@seed.example.net:20444`, `${pubkey}@192.0.2.1:1,${pubkey}@[::1]:2,`]],
  ['node__deny_nodes', ['192.0.2.1', 'x y:1'], ['192.0.2.1:20444,b.example.net:1']],
  ['fee_estimation__cost_estimator', ['NaivePessimistic'], ['naive_pessimistic', 'Naive_Pessimistic']],
  ['fee_estimation__fee_estimator', ['ScalarFeeRate'], ['scalar_fee_rate', 'fuzzed_weighted_median_fee_rate']],
  ['fee_estimation__cost_metric', ['ProportionDotProduct'], ['proportion_dot_product']],
  ['miner__tenure_cost_limit_per_block_percentage', ['0', '101'], ['1', '100']],
  ['miner__contract_cost_limit_percentage', ['101'], ['0', '100']],
  ['miner__nonce_cache_size', ['0'], ['1']],
  ['miner__mempool_walk_strategy', ['globalfeerate'], ['GlobalFeeRate', 'NextNonceWithHighestFeeRate']],
  ['miner__txs_to_consider', ['All', 'TokenTransfer,'], ['TokenTransfer,ContractCall']],
  ['miner__filter_origins', ['me'], [address]],
  ['miner__block_reward_recipient', ['me'], [address, `${address}.pool`]],
  ['connection_options__stackerdb_hint_replicas', ['[', 'x'], ['[]']],
  ['burnchain__pox_prepare_length', ['2'], ['100']],
]
interface Rule { readonly section: string; readonly keys: readonly string[]; readonly network?: string; readonly reason: string; readonly since: string; readonly source: string }
const { rows } = JSON.parse(readFileSync(join(repository, 'test/facts/refused-values.json'), 'utf8')) as { readonly rows: readonly Rule[] }

t.equal(cases.length, rows.length, 'a case for each rule')
for (const [index, { section, keys, network, reason, since, source }] of rows.entries()) {
  const [key, refused, taken = []] = cases[index]!
  t.test(`${network ?? 'any'} ${section}.${keys.join()}`, async (t) => {
    t.ok(keys.some((one) => key === `${section}__${one}`), `${key} is of this rule`)
    t.match(source, /^[\w/.-]+\.rs:\d+@4\.0\.2$/)
    // Some keys have a rule of mainnet's own beside that for their form.
    const where = network ?? (keys.some((one) => rows.some((row) => row.network === 'mainnet' && row.section === section && row.keys.includes(one))) ? 'testnet' : 'mainnet')
    for (const one of keys) {
      for (const value of refused) {
        const found = problemsOf(where, `NODE__${section}__${one}='${value}'`)
        t.match(found, [{ code: 'refused-value', message: `stacks-node 4.0.2 cannot use this ${section}.${one}: `, at: { line: 4 } }], `${one}=${value}`)
        t.ok(found[0]?.message.includes(reason.replaceAll('{key}', one)), `${one}=${value}: ${found[0]?.message ?? ''}`)
      }
    }
    for (const value of taken) t.strictSame(problemsOf(where, `NODE__${key}='${value}'`), [], value)
    if (since === '3.1.0.0.0') t.match(problemsOf(where, `NODE__${key}='${refused[0]}'`, '3.1.0.0.13'), [{ code: 'refused-value' }], 'by an older release, too')
  })
}

t.test('what only one network refuses passes on the other', async (t) => {
  t.strictSame(problemsOf('testnet', 'NODE__burnchain__chain_id=2147483648'), [])
  t.strictSame(problemsOf('testnet', 'NODE__node__use_test_genesis_chainstate=true'), [])
})

t.test('values of another chain', async (t) => {
  for (const [network, line, message] of [
    ['testnet', 'NODE__burnchain__chain_id=1280', 'burnchain.chain_id is 2147483648 on testnet: another value is another chain'],
    ['testnet', 'SIGNER__chain_id=1', 'chain_id is 2147483648 on testnet: another value is another chain'],
    ['mainnet', 'SIGNER__chain_id=2147483648', 'chain_id is 1 on mainnet: another value is another chain'],
    ['testnet', `NODE__node__pox_5_sbtc_contract=${address}.sbtc-token`, `node.pox_5_sbtc_contract is ${testnetDeployer}.sbtc-token on testnet: another value is another chain`],
    ['staking-testnet', 'NODE__burnchain__chain_id=2147483648', 'burnchain.chain_id is 1280 on staking-testnet: another value is another chain'],
    ['staking-testnet', `NODE__node__pox_5_sbtc_registry_contract=${testnetDeployer}.sbtc-registry`, /node\.pox_5_sbtc_registry_contract is SN3R84XZYA63QS28932XQF3G1J8R9PC3W76P9CSQS\.sbtc-registry on staking-testnet/],
  ] as const) t.match(problemsOf(network, line, '4.0.4'), [{ code: 'refused-value', message, hint: 'leave it out: it follows NETWORK', at: { line: 4 } }], line)
  t.match(problemsOf('staking-testnet', 'NODE__burnchain__signet_challenge=51', '4.0.4'), [{ code: 'governed-key', hint: 'write NETWORK' }])
  for (const [network, line] of [['testnet', `NODE__node__pox_5_bond_admin=${address}`], ['staking-testnet', 'SIGNER__chain_id=1280'], ['staking-testnet', 'NODE__burnchain__pox_reward_length=30'], ['testnet', `NODE__node__pox_5_pause_admin=${address}`]] as const) {
    t.strictSame(problemsOf(network, line, '4.0.4').filter(({ code }) => code !== 'keys-not-published'), [], line)
  }
})

t.test('epochs and cycles of the test network', async (t) => {
  for (const { version } of nodeReleases) {
    const { epochs, burnchain } = networkFacts('testnet', version)
    const fault = (reward: number, prepare: number) => scheduleFault(epochs, { reward, prepare }, version)
    t.equal(fault(Number(burnchain['pox_reward_length']), Number(burnchain['pox_prepare_length'])), undefined, `${version} as it is`)
    t.ok(fault(100, 100), 'no reward phase')
  }
  const { epochs } = networkFacts('testnet', '4.0.2')
  const fault = (reward: number, prepare = 3) => scheduleFault(epochs, { reward, prepare }, '4.0.2')
  // Epoch 3.0 starts at 1802, 4.0 at 2702.
  t.match(fault(902, 200), 'Epoch 3.0 must start *during* a reward phase')
  t.match(fault(1000), 'Epoch 3.0 must start at or after reward cycle 2')
  t.match(fault(53), /boundary \(offset 0 or 1\)|reward phase/, '53 * 34 = 1802')
  t.match(problemsOf('testnet', 'NODE__burnchain__pox_reward_length=902\nNODE__burnchain__pox_prepare_length=200'), [{ code: 'refused-value', at: { line: 4 } }])
  t.strictSame(problemsOf('testnet', 'NODE__burnchain__pox_reward_length=900'), [])
  t.strictSame(problemsOf('mainnet', 'NODE__burnchain__pox_reward_length=902'), [], 'mainnet takes no notice of it')
})

t.test('a placeholder of a secret is no value', async (t) => {
  for (const value of ['@AUTH_TOKEN@', 'a@SIGNER_PRIVATE_KEY@b', '@EMILY_API_KEY@']) {
    t.match(problemsOf('mainnet', `NODE__node__name='${value}'`), [{ code: 'placeholder', message: /node\.name holds @[A-Z_]+@/ }], value)
  }
  t.strictSame(problemsOf('mainnet', 'NODE__node__name=me@example.net'), [])
})

import t from 'tap'
import { isPassThrough, passThrough } from '../../generator/answers/pass-through.ts'
import { readAnswers } from '../../generator/answers/read.ts'
import { findNode, findSigner } from '../../generator/catalogue/releases.ts'

const seed = '02196f005965cebe6ddc3901b7b1cc1aa7a88f305bb8c5893456b8f9a605923893@seed.example.net:20444'

function passed(text: string, node = '4.0.4', signer = node) {
  return passThrough(readAnswers('f', text).entries, { network: 'mainnet', node: findNode(node), signer: findSigner(signer) })
}

t.test('keys arrive at their types, under their sections', async (t) => {
  const { value, problems } = passed([
    'SIGNER__dry_run=true', 'SIGNER__event_timeout_ms=5000', 'NODE__node__txindex=false', `NODE__node__bootstrap_node="${seed}"`,
    'NODE__connection_options__walk_seed_probability=0.25', 'NODE__node__stacker_dbs=a.b,c.d', 'NODE__miner__min_tx_count=1',
  ].join('\n'))
  t.strictSame(problems, [])
  t.strictSame(value, {
    signer: { dry_run: true, event_timeout_ms: 5000 },
    node: {
      node: { txindex: false, bootstrap_node: seed, stacker_dbs: ['a.b', 'c.d'] },
      connection_options: { walk_seed_probability: 0.25 },
      miner: value.node['miner'],
    },
    sbtc: {},
  })
})

t.test('each key is judged by the release that is pinned', async (t) => {
  const codes = (text: string, ...releases: readonly string[]) => passed(text, ...(releases as [string])).problems.map(({ code }) => code)
  t.strictSame(codes('NODE__node__always_use_affirmation_maps=true', '3.1.0.0.13', '3.1.0.0.5.0'), [])
  t.strictSame(codes('NODE__node__always_use_affirmation_maps=true'), ['removed-key'])
  t.strictSame(codes('SIGNER__reset_replay_set_after_fork_blocks=2', '4.0.2'), [])
  t.strictSame(codes('SIGNER__reset_replay_set_after_fork_blocks=2', '3.1.0.0.13', '3.1.0.0.5.0'), ['key-too-new'])
  t.strictSame(codes('SIGNER__reset_replay_set_after_fork_blocks=2'), ['removed-key'])
  t.strictSame(codes('SIGNER__x=1\nNODE__x__y=1\nNODE__x=1\nSIGNER__a__b=1\nSIGNER__='), ['unknown-key', 'unknown-key', 'bad-key-name', 'bad-key-name', 'bad-key-name'])
  t.strictSame(codes('NODE__constructor__name=1\nSIGNER__constructor=1'), ['unknown-key', 'unknown-key'])
})

t.test('a $ in a passed text is taken as it stands, with a warning', async (t) => {
  const { value, problems } = passed("NODE__node__data_url='http://$HOST'")
  t.equal(value.node['node']?.['data_url'], 'http://$HOST')
  t.match(problems, [{ code: 'no-expansion', severity: 'warning' }])
})

for (const name of ['SIGNER__x', 'NODE__x__y', 'node__x', 'Signer__']) t.equal(isPassThrough(name), true, name)
for (const name of ['SIGNER_KEY', 'NODE_P2P_PORT', 'X__y']) t.equal(isPassThrough(name), false, name)

t.test('the sBTC signer ignores what it does not know, so nothing else may reach it', async (t) => {
  const good = passed('SBTC__signer__context_window=500\nSBTC__emily__timeout=20\nSBTC__bitcoin__fallback_fee=1.5')
  t.strictSame([good.problems, good.value.sbtc], [[], { bitcoin: { fallback_fee: 1.5 }, emily: { timeout: 20 }, signer: { context_window: 500 } }])
  const rows: readonly (readonly [line: string, code: string, message: RegExp, hint?: RegExp])[] = [
    ['SBTC__signer__private_key=x', 'secret-key', /holds a secret/, /SBTC_PRIVATE_KEY/],
    ['SBTC__bitcoin__rpc_endpoints=x', 'secret-key', /holds a secret/],
    ['SBTC__signer__deployer=x', 'governed-key', /follows an answer/, /SBTC_DEPLOYER/],
    ['SBTC__blocklist_client__endpoint=x', 'governed-key', /every request would be accepted/],
    ['SBTC__signer__p2p__enable_mdns=true', 'governed-key', /always false/],
    ['SBTC__signer__p2p__seeds=x', 'governed-key', /follows the answers/, /SBTC_SEEDS/],
    ['SBTC__signer__bitcoin_block_horizon=1', 'removed-key', /takes no notice of signer\.bitcoin_block_horizon: it went before 1\.0/],
    ['SBTC__bitcoin__block_hash_stream_endpoints=x', 'removed-key', /ZMQ/],
    ['SBTC__signer__dkg_target_rounds=1', 'removed-key', /1\.2\.0 removed it/],
    ['SBTC__signer__context_windows=1', 'unknown-key', /ignore it without a word/, /SBTC__signer__context_window\?/],
    ['SBTC__singer__context_window=1', 'unknown-key', /has no section "singer"/, /SBTC__signer__context_window\?/],
    ['SBTC__signer__bitcoin_processing_delay=301', 'bad-value', /from 0 to 300/],
    ['SBTC__emily__timeout=0', 'bad-value', /from 1 to/],
    ['SBTC__context_window=1', 'bad-key-name', /SBTC__section__key/],
    ['sbtc__signer__context_window=1', 'bad-key-name', /capitals/, /SBTC__signer__context_window/],
  ]
  for (const [line, code, message, hint] of rows) {
    const { problems, value } = passed(line)
    t.equal(problems.length, 1, line)
    t.match(problems[0], { code, message, ...(hint && { hint }) }, line)
    t.strictSame(value.sbtc, {}, line)
  }
})

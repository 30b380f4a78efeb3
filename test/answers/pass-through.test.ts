import t from 'tap'
import { isPassThrough, passThrough } from '../../generator/answers/pass-through.ts'
import { readAnswers } from '../../generator/answers/read.ts'
import { findNode, findSigner } from '../../generator/catalogue/releases.ts'

function passed(text: string, node = '4.0.4', signer = node) {
  return passThrough(readAnswers('f', text).entries, { node: findNode(node), signer: findSigner(signer) })
}

t.test('keys arrive at their types, under their sections', async (t) => {
  const { value, problems } = passed([
    'SIGNER__dry_run=true', 'SIGNER__event_timeout_ms=5000', 'NODE__node__txindex=false', 'NODE__node__bootstrap_node="k@h:1"',
    'NODE__connection_options__walk_seed_probability=0.25', 'NODE__node__stacker_dbs=a.b,c.d', 'NODE__miner__min_tx_count=1',
  ].join('\n'))
  t.strictSame(problems, [])
  t.strictSame(value, {
    signer: { dry_run: true, event_timeout_ms: 5000 },
    node: {
      node: { txindex: false, bootstrap_node: 'k@h:1', stacker_dbs: ['a.b', 'c.d'] },
      connection_options: { walk_seed_probability: 0.25 },
      miner: value.node['miner'],
    },
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

import t from 'tap'
import { scoped } from '../../generator/monitoring/scope.ts'

const labels = { stack: 'a', part: 'node' }

t.test('every metric gets the labels, and nothing else does', async (t) => {
  for (const [given, want] of [
    ['up == 0', 'up{stack="a",part="node"} == 0'],
    ['up{job="x"} == 0', 'up{stack="a",part="node",job="x"} == 0'],
    ['sum by (le) (rate(stacks_signer_block_response_latencies_histogram_bucket[5m])) > 1', 'sum by (le) (rate(stacks_signer_block_response_latencies_histogram_bucket{stack="a",part="node"}[5m])) > 1'],
    ['absent(bitcoin_blocks)', 'absent(bitcoin_blocks{stack="a",part="node",job="stack"})'],
    ['absent(bitcoin_blocks{job="sbtc-stack"})', 'absent(bitcoin_blocks{stack="a",part="node",job="sbtc-stack"})'],
    ['stacks_unreachable_errors_total{error_type="job={}"}', 'stacks_unreachable_errors_total{stack="a",part="node",job="stacks-node",error_type="job={}"}'],
    ['node_textfile_mtime_seconds{file=~".*up\\\\.prom"}', 'node_textfile_mtime_seconds{stack="a",part="node",file=~".*up\\\\.prom"}'],
    ['bitcoin_blocks unless on() up offset 1h', 'bitcoin_blocks{stack="a",part="node",job="stack"} unless on() up{stack="a",part="node"} offset 1h'],
    ['up{job="up up{}"} > 0', 'up{stack="a",part="node",job="up up{}"} > 0'],
  ] as const) t.equal(scoped(given, labels), want)
})

t.test('an expression without a known metric is a mistake', async (t) => {
  t.throws(() => scoped('upp == 0', labels), { message: 'no known metric in upp == 0' })
})

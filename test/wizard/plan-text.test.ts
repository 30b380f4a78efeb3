/** The plan at several widths, and that it shows what the stack publishes. */

import t from 'tap'
import { judge } from '../../generator/wizard/judge.ts'
import { planLines } from '../../generator/wizard/plan-text.ts'

const stackOf = (values: Record<string, string>) => judge(new Map(Object.entries({ STACK_NAME: 's', NETWORK: 'mainnet', ...values }))).stack!
const rest = { directory: '/srv/s', exists: false, files: ['Makefile', 'docker/a', 'docker/b', 'answers.env'], key: 'the one pasted', warnings: [] }

t.test('files, ports, needs and images; unknown sizes are said to be unknown', async (t) => {
  t.strictSame(planLines({ ...rest, stack: stackOf({ NETWORK: 'testnet' }), address: 'ST1', warnings: ['mind this'] }, 97), [
    'Directory', '  /srv/s (new)',
    'Stack', '  s: stacks-signer 4.0.4 and stacks-node 4.0.4 on testnet',
    'Files: 4', '  Makefile, answers.env, docker/ (2)',
    'Signer key', '  the one pasted', '  signs as ST1',
    'Ports open to the world', '  20444/tcp: Stacks peers (stacks-node)',
    'Ports open to the host alone', '  none',
    'Needed', '  Processor: 4 cores; on amd64 with AVX2 (x86-64-v3)', '  Memory: 8 GB', '  Disk for stacks-node-data: 100 GB', '  Disk for stacks-signer-data: 10 GB',
    'Snapshot', '  https://archive.hiro.so/testnet/stacks-blockchain/testnet-stacks-blockchain-latest.tar.zst', '  size not known',
    'Images', '  docker.io/library/node:24-trixie-slim', '  ghcr.io/stacks-network/stacks-signer:4.0.4', '  ghcr.io/stacks-network/stacks-core:4.0.4', '  sizes not known',
    'Mind', '  mind this',
  ])
})

t.test('each published port once, each host by itself', async (t) => {
  for (const values of [{}, { BITCOIN_P2P_PUBLISH: 'off' }, { TOPOLOGY: 'split', NODE_HOST: 'n', SIGNER_HOST: 'h' }, { NODE_P2P_PORT: '20555', PUBLIC_ADDRESS: '203.0.113.7' }]) {
    const stack = stackOf(values as Record<string, string>)
    const published = stack.hosts.flatMap(({ services }) => services.flatMap(({ ports }) => ports.map(({ host }) => String(host)))).sort()
    const lines = planLines({ ...rest, stack }, 97)
    t.strictSame(lines.flatMap((line) => /^ {2}(\d+)\/tcp: /.exec(line)?.[1] ?? []).sort(), published)
    t.equal(lines.filter((line) => line.startsWith('Ports open to the world')).length, stack.hosts.length)
  }
})

t.test('no line is wider than it may be, but for one long word', async (t) => {
  const stack = stackOf({ TOPOLOGY: 'split', NODE_HOST: 'n', SIGNER_HOST: 'h' })
  for (const width of [37, 60, 97]) {
    for (const line of planLines({ ...rest, stack }, width)) t.ok(line.length <= width || !line.trim().includes(' ') || !line.startsWith(' '), line)
  }
})

/** What is said of the port of an external bitcoind. */

import t from 'tap'
import { checkAnswers } from '../../generator/answers/check.ts'
import { readAnswers } from '../../generator/answers/read.ts'
import { resolve } from '../../generator/stack/resolve.ts'

function told(network: string, port: string) {
  const text = `STACK_NAME=a\nNETWORK=${network}\nSTACKS_VERSION=4.0.4\nBITCOIN_MODE=external\nBITCOIN_HOST=b.example.net\n${port && `BITCOIN_P2P_PORT=${port}\n`}`
  const { value } = checkAnswers('a.env', readAnswers('a.env', text).entries, { secretsAllowed: false, outputDirectory: '.' })
  return resolve(value!, { toolsHash: 'f'.repeat(64) }).problems.filter(({ code }) => code === 'rpc-port')
}

t.test('an RPC port in place of the P2P port is told', async (t) => {
  for (const port of ['8332', '18443', '18332', '38332', '48332']) {
    t.match(told('mainnet', port), [{ severity: 'warning', message: `BITCOIN_P2P_PORT=${port} is a port on which bitcoind speaks RPC`, hint: 'write BITCOIN_P2P_PORT=8333', at: { line: 6 } }], port)
  }
  t.match(told('testnet', '18443'), [{ hint: 'write BITCOIN_P2P_PORT=18444' }])
  for (const port of ['', '8333', '18444', '20001']) t.strictSame(told('mainnet', port), [], port)
})

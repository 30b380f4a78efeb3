/** The next network is one file: in a copy of this checkout a made-up one is added, and nothing else. */

import { spawnSync } from 'node:child_process'
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { repository } from '../support/repository.ts'

const from = join(repository, 'generator/catalogue/networks/staking-testnet.json')

t.test('a made-up network', async (t) => {
  const root = t.testdir({ test: { support: {}, catalogue: {} } })
  const at = (path: string) => join(root, path)
  for (const path of ['generator', 'package.json', 'test/support/carry-facts.ts', 'test/support/repository.ts', 'test/catalogue/data.test.ts']) cpSync(join(repository, path), at(path), { recursive: true })
  for (const path of ['node_modules', 'docker', 'templates', 'dist', 'test/facts']) symlinkSync(join(repository, path), at(path))
  const run = (words: readonly string[], env: object = {}) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: root, encoding: 'utf8', env: { ...process.env, ...env } })
    return { status, stdout, stderr }
  }

  const text = readFileSync(from, 'utf8').replaceAll('1280', '77').replaceAll('staking-testnet', 'made-up').replace('"fromRelease": "4.0.4"', '"fromRelease": "4.0.3"').replace('"mode": "external"', '"mode": "full"')
  writeFileSync(at('generator/catalogue/networks/made-up.json'), text)
  // What `npm run catalogue` runs.
  t.match(run(['test/catalogue/data.test.ts'], { TAP_SNAPSHOT: '1' }), { status: 0 })

  const generate = (name: string, lines: string) => {
    writeFileSync(at(`${name}.env`), `STACK_NAME=s\nSIGNER_KEY=generate\n${lines}\n`)
    return run(['generator/start.ts', `${name}.env`, name])
  }
  t.match(generate('right', 'NETWORK=made-up'), { status: 0, stdout: /signer ST/ })
  const read = (path: string) => readFileSync(at(`right/${path}`), 'utf8')
  t.match(read('config/node-config.toml'), /chain_id = 77\n/)
  t.match(read('config/signer-config.toml'), /network = "testnet"\nchain_id = 77\n/)
  t.match(read('config/bitcoin.conf'), /chain=signet\nsignetchallenge=00[^]*addnode=bitcoin\.made-up\.hiro\.so:38333/)
  t.match(read('docker-compose.yml'), 'https://archive.hiro.so/made-up/stacks-blockchain/signet-stacks-blockchain-latest.tar.zst')
  t.match(JSON.parse(read('config/stack.json')), { network: 'made-up', node: { networkId: 77, chainDirectory: 'signet' }, bitcoind: { chain: 'signet' } })
  t.match(read('README.md'), /must be set to made-up: its chain id is 77/)

  t.match(generate('early', 'NETWORK=made-up\nSTACKS_VERSION=4.0.2'), { status: 2, stderr: 'stacks-node 4.0.2 does not know made-up: its burnchain.mode "signet" came with 4.0.3' })
  t.match(generate('other', 'NETWORK=made-up\nSIGNER__chain_id=1280'), { status: 2, stderr: 'chain_id is 77 on made-up: another value is another chain' })
  t.match(generate('wrong', 'NETWORK=madeup'), { status: 2, stderr: /NETWORK expects mainnet, testnet, made-up or staking-testnet, found "madeup"[^]*did you mean made-up\?/ })
})

/** What is read of a deployment's directory, and what is passed over. */

import { execFileSync } from 'node:child_process'
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readDeployment } from '../../generator/io/deployment.ts'

t.test('the usual files in the usual places, and nothing else', async (t) => {
  const root = t.testdir({
    outside: { 'signer.toml': 'a = 1' },
    old: {
      'b.toml': 'b = 1', '.env': 'A=1', 'docker-compose.yml': 'x: 1', 'notes.txt': '', 'Cargo.toml': '',
      conf: { mainnet: { 'c.TOML': 'c = 1', deeper: { 'd.toml': '' } }, 'docker-compose.yml': '', '.env': '' },
      bitcoin: { 'bitcoin.conf': 'prune=1' },
      'persistent-data': { 'e.toml': '' },
    },
  })
  const at = (name: string) => join(root, 'old', name)
  symlinkSync(join(root, 'outside/signer.toml'), at('out.toml'))
  symlinkSync(join(root, 'outside'), at('signer'))
  symlinkSync('b.toml', at('in.toml'))
  symlinkSync('nowhere', at('gone.toml'))
  writeFileSync(at('big.toml'), 'x'.repeat(1024 * 1024 + 1))
  writeFileSync(at('binary.toml'), Buffer.from([0xff, 0xfe, 0x00]))
  execFileSync('mkfifo', [at('pipe.toml')])
  symlinkSync('loop.toml', at('loop.toml'))
  const { value, problems } = readDeployment(join(root, 'old'), 'old')
  t.strictSame(problems, [])
  t.strictSame(value, {
    directoryName: 'old',
    tomls: [{ name: 'b.toml', text: 'b = 1' }, { name: 'conf/mainnet/c.TOML', text: 'c = 1' }],
    compose: { name: 'docker-compose.yml', text: 'x: 1' }, env: { name: '.env', text: 'A=1' }, bitcoinConf: { name: 'bitcoin/bitcoin.conf', text: 'prune=1' },
    passedOver: [
      { name: 'big.toml', why: 'is larger than 1048576 bytes' },
      { name: 'binary.toml', why: 'is not UTF-8 text' },
      { name: 'conf/mainnet/deeper/', why: 'no folder in which configs usually stand' },
      { name: 'gone.toml', why: 'a link that leads nowhere' },
      { name: 'in.toml', why: 'the same file under another name' },
      { name: 'loop.toml', why: 'a link that leads nowhere' },
      { name: 'out.toml', why: 'a link that leads out of the directory' },
      { name: 'persistent-data/', why: 'no folder in which configs usually stand' },
      { name: 'pipe.toml', why: 'is not a regular file' },
      { name: 'signer/', why: 'a link to a directory' },
    ],
  })
})

t.test('names are shown on one line, and a crowd is not read', async (t) => {
  const root = t.testdir({})
  writeFileSync(join(root, 'a\n\u001b[31m.toml'), 'a = 1')
  t.equal(readDeployment(root, 'x').value?.tomls[0]?.name, '"a\\n\\u001b[31m.toml"')
  for (let index = 0; index < 1001; index += 1) writeFileSync(join(root, `${index}.toml`), '')
  t.match(readDeployment(root, 'x').value, { tomls: [], passedOver: [{ name: '.', why: 'more than 1000 names' }] })
})

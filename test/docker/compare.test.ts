/** init compare: what the volumes hold, compared with what init would write now, without a word of a secret. */

import { spawnSync } from 'node:child_process'
import { readdirSync, symlinkSync } from 'node:fs'
import t, { type Test } from 'tap'
import { identity } from '../../generator/stack/keys.ts'
import { publicKeyOf } from '../../docker/programs/shared/public-key.ts'
import { init, sampleFile, stackJson } from './init-setting.ts'
import { copyGate, makeRoot, type Root } from './tools.ts'

const key = '753b7cc01a1a2e86221266a154af739463fce51219d97e4f856cd7200c3bd2a6'
const token = 'a"token\\with-16+signs'

async function stack(t: Test): Promise<Root> {
  const root = makeRoot(t, ['/etc/stacks-node', '/var/lib/stacks-node', '/etc/stacks-signer', '/var/lib/stacks-signer'])
  root.write('/stack/config/signer-config.toml', 'stacks_private_key = "@SIGNER_PRIVATE_KEY@"\nauth_password = "@AUTH_TOKEN@"\n')
  root.write('/stack/config/node-config.toml', '[connection_options]\nauth_token = "@AUTH_TOKEN@"\n')
  root.write('/run/secrets/signer-private-key', `${key}\n`)
  root.write(stackJson, sampleFile())
  root.write('/run/secrets/auth-token', `${token}\n`)
  copyGate(root)
  const { code, out } = await init(root)
  t.equal(code, 0, out)
  return root
}

interface Compared { readonly files: Record<string, string>; readonly refused: string | null; readonly tokensEqual: boolean | null; readonly publicKeys: Record<string, string>; readonly chain: Record<string, boolean> }

async function compared(t: Test, root: Root): Promise<Compared> {
  const { code, out } = await init(root, ['compare'])
  t.equal(code, 0, out)
  t.notOk(out.includes(key) || out.includes('token\\'), 'no secret is said')
  return JSON.parse(out) as Compared
}

/** A filled config is read-only, its folder too. */
function change(root: Root, path: string, from: string, to: string): void {
  const text = root.read(path)
  if (!text.includes(from)) throw new Error(`${path} has no ${from}`)
  root.write(path, text.replace(from, to))
}

t.test('as init left it', async (t) => {
  const root = await stack(t)
  const before = readdirSync(root.at('/etc/stacks-node'))
  const answer = await compared(t, root)
  t.strictSame([...new Set(Object.values(answer.files))], ['same'])
  t.ok('stacks-signer/signer-config.toml' in answer.files && 'stacks-node/node-config.toml' in answer.files)
  const publicKey = identity(key, 'mainnet').publicKey
  t.strictSame([answer.refused, answer.tokensEqual, answer.chain], [null, true, { chainstate: false, sortition: false }])
  t.strictSame(answer.publicKeys, { 'the signer\'s volume': publicKey, 'secrets/signer-private-key': publicKey })
  t.strictSame(readdirSync(root.at('/etc/stacks-node')), before, 'nothing was written')
})

t.test('what differs', { ...(process.getuid?.() !== 0 && { skip: 'needs root' }) }, async (t) => {
  const root = await stack(t)
  change(root, '/etc/stacks-node/node-config.toml', 'with-16', 'with-17')
  const tokens = await compared(t, root)
  t.strictSame([tokens.tokensEqual, tokens.files['stacks-node/node-config.toml']], [false, 'different'])
  root.remove('/etc/stacks-node/http-get.sh')
  t.equal((await compared(t, root)).files['stacks-node/http-get.sh'], 'missing')
  root.write('/run/secrets/signer-private-key', `${'11'.repeat(32)}01\n`)
  const keys = await compared(t, root)
  t.equal(keys.files['stacks-signer/signer-config.toml'], 'different')
  t.strictSame(new Set(Object.values(keys.publicKeys)).size, 2)
  root.remove('/run/secrets/auth-token')
  t.match((await compared(t, root)).refused, /^secrets\/auth-token is missing/)
})

t.test('half a chain, and no node at all', async (t) => {
  const root = await stack(t)
  root.write('/var/lib/stacks-node/mainnet/chainstate/vm/index.sqlite', '')
  t.strictSame((await compared(t, root)).chain, { chainstate: true, sortition: false })
  root.write('/var/lib/stacks-node/mainnet/burnchain/sortition/marf.sqlite', '')
  t.strictSame((await compared(t, root)).chain, { chainstate: true, sortition: true })
  root.remove('/etc/stacks-node')
  root.remove('/var/lib/stacks-node')
  const alone = await compared(t, root)
  t.strictSame([alone.tokensEqual, alone.chain], [null, {}])
})

t.test('what init does not write is different', { ...(process.getuid?.() !== 0 && { skip: 'needs root' }) }, async (t) => {
  const root = await stack(t)
  root.remove('/etc/stacks-node/node-config.toml')
  symlinkSync(root.at('/stack/config/node-config.toml'), root.at('/etc/stacks-node/node-config.toml'))
  root.remove('/etc/stacks-node/http-get.sh')
  spawnSync('mkfifo', [root.at('/etc/stacks-node/http-get.sh')])
  const { files, tokensEqual } = await compared(t, root)
  t.strictSame([files['stacks-node/node-config.toml'], files['stacks-node/http-get.sh'], tokensEqual], ['different', 'different', null])
})

t.test('public keys are those of the library, and what is no key has none', async (t) => {
  for (const one of ['01'.padStart(64, '0'), 'ff'.repeat(16).padStart(64, '0'), 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140', 'deadbeef'.repeat(8)]) {
    const wanted = identity(one, 'mainnet').publicKey
    t.strictSame([publicKeyOf(one), publicKeyOf(`${one}01`), publicKeyOf(one.toUpperCase())], [wanted, wanted, wanted], one)
  }
  for (const none of ['00'.repeat(32), 'ff'.repeat(32), 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141']) t.equal(publicKeyOf(none), undefined, none)
})

t.test('a secret on stdin', async (t) => {
  const check = (name: string, input: string) => init({ path: '/nowhere' }, ['check-secret', name], input)
  t.strictSame(await check('SIGNER_PRIVATE_KEY', `${key}\n`), { code: 0, out: `${identity(key, 'mainnet').publicKey}\n` })
  t.strictSame(await check('AUTH_TOKEN', token), { code: 0, out: '' })
  for (const [name, input, said] of [
    ['SIGNER_PRIVATE_KEY', '', /the file is empty: put 64 hex/], ['SIGNER_PRIVATE_KEY', key.slice(1), /the file is malformed/], ['SIGNER_PRIVATE_KEY', 'ff'.repeat(32), /not a key of secp256k1/],
    ['AUTH_TOKEN', 'short', /the file is malformed/], ['AUTH_TOKEN', 'x'.repeat(1 << 20), /the file is malformed/], ['AUTH_TOKEN', `${token}\n${token}`, /the file is malformed/],
  ] as const) {
    const { code, out } = await check(name, input)
    t.equal(code, 1, input.slice(0, 20))
    t.match(out, said)
    t.notOk(out.includes(key.slice(1)))
  }
  for (const words of [['check-secret'], ['check-secret', 'NOTHING'], ['check-secret', 'toString'], ['check-secret', 'AUTH_TOKEN', 'x'], ['prepare'], ['compare', 'x']]) t.equal((await init({ path: '/nowhere' }, words)).code, 2, words.join(' '))
})

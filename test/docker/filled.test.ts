/** docker/tools/filled.py: what init has filled in, held against what the files say, without a word of a secret. */

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { identity } from '../../generator/stack/keys.ts'
import { copyGate, makeRoot, needs, start, toolFolder, type Root } from './tools.ts'

const key = '753b7cc01a1a2e86221266a154af739463fce51219d97e4f856cd7200c3bd2a6'
const token = 'a"token\\with-16+signs'
const options = needs('python3')

async function stack(t: Test): Promise<Root> {
  const root = makeRoot(t, ['/etc/stacks-node', '/var/lib/stacks-node', '/etc/stacks-signer', '/var/lib/stacks-signer'])
  root.write('/stack/config/signer-config.toml', 'stacks_private_key = "@SIGNER_PRIVATE_KEY@"\nauth_password = "@AUTH_TOKEN@"\n')
  root.write('/stack/config/node-config.toml', '[connection_options]\nauth_token = "@AUTH_TOKEN@"\n')
  root.write('/run/secrets/signer-private-key', `${key}\n`)
  root.write('/stack/config/facts.env', 'role=active\n')
  root.write('/run/secrets/auth-token', `${token}\n`)
  copyGate(root)
  const { code, out } = await start(t, 'python3', [join(toolFolder, 'init.py')], { STACK_ROOT: root.path }).ended
  t.equal(code, 0, out)
  return root
}

interface Filled { readonly files: Record<string, string>; readonly refused: string | null; readonly tokensEqual: boolean | null; readonly publicKeys: Record<string, string>; readonly chain: Record<string, boolean> }

async function filled(t: Test, root: Root): Promise<Filled> {
  const { code, out } = await start(t, 'python3', [join(toolFolder, 'filled.py'), 'mainnet'], { STACK_ROOT: root.path }).ended
  t.equal(code, 0, out)
  t.notOk(out.includes(key) || out.includes('token\\'), 'no secret is said')
  return JSON.parse(out) as Filled
}

/** A filled config is read-only, its folder too. */
function change(root: Root, path: string, from: string, to: string): void {
  const text = root.read(path)
  if (!text.includes(from)) throw new Error(`${path} has no ${from}`)
  root.write(path, text.replace(from, to))
}

t.test('as init left it', options, async (t) => {
  const root = await stack(t)
  const before = readdirSync(root.at('/etc/stacks-node'))
  const answer = await filled(t, root)
  t.strictSame([...new Set(Object.values(answer.files))], ['same'])
  t.ok('stacks-signer/signer-config.toml' in answer.files && 'stacks-node/node-config.toml' in answer.files)
  const publicKey = (await identity(key, 'mainnet')).publicKey
  t.strictSame([answer.refused, answer.tokensEqual, answer.chain], [null, true, { chainstate: false, sortition: false }])
  t.strictSame(answer.publicKeys, { 'the signer\'s volume': publicKey, 'secrets/signer-private-key': publicKey })
  t.strictSame(readdirSync(root.at('/etc/stacks-node')), before, 'nothing was written')
})

t.test('what differs', { ...options, ...(process.getuid?.() !== 0 && { skip: 'needs root' }) }, async (t) => {
  const root = await stack(t)
  change(root, '/etc/stacks-node/node-config.toml', 'with-16', 'with-17')
  const tokens = await filled(t, root)
  t.strictSame([tokens.tokensEqual, tokens.files['stacks-node/node-config.toml']], [false, 'different'])
  root.remove('/etc/stacks-node/http-get.sh')
  t.equal((await filled(t, root)).files['stacks-node/http-get.sh'], 'missing')
  root.write('/run/secrets/signer-private-key', `${'11'.repeat(32)}01\n`)
  const keys = await filled(t, root)
  t.equal(keys.files['stacks-signer/signer-config.toml'], 'different')
  t.strictSame(new Set(Object.values(keys.publicKeys)).size, 2)
  root.remove('/run/secrets/auth-token')
  t.match((await filled(t, root)).refused, /^secrets\/auth-token is missing/)
})

t.test('half a chain, and no node at all', options, async (t) => {
  const root = await stack(t)
  root.write('/var/lib/stacks-node/mainnet/chainstate/vm/index.sqlite', '')
  t.strictSame((await filled(t, root)).chain, { chainstate: true, sortition: false })
  root.write('/var/lib/stacks-node/mainnet/burnchain/sortition/marf.sqlite', '')
  t.strictSame((await filled(t, root)).chain, { chainstate: true, sortition: true })
  root.remove('/etc/stacks-node')
  root.remove('/var/lib/stacks-node')
  const alone = await filled(t, root)
  t.strictSame([alone.tokensEqual, alone.chain], [null, {}])
})

t.test('public keys of random keys are those of the library', options, async (t) => {
  for (const one of ['01'.padStart(64, '0'), 'ff'.repeat(16).padStart(64, '0'), 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140', 'deadbeef'.repeat(8)]) {
    const { out } = await start(t, 'python3', ['-B', '-c', `import sys; sys.path.insert(0, ${JSON.stringify(toolFolder)}); from public_key import public_key; print(public_key(${JSON.stringify(one)}))`], {}).ended
    t.equal(out.trim(), (await identity(one, 'mainnet')).publicKey, one)
  }
})

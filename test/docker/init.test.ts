/** docker/programs/init under a root of its own: what each volume gets, whose it is, and what is refused. */

import { chmodSync, chownSync, lstatSync, readdirSync, symlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import t, { type Test } from 'tap'
import { init, sampleFile, stackJson } from './init-setting.ts'
import { sampleStack } from '../support/sample-stack.ts'
import { copyGate, makeRoot, needs, programPath, root as isRoot, start, type Root } from './tools.ts'

const key = '753b7cc01a1a2e86221266a154af739463fce51219d97e4f856cd7200c3bd2a6'
const token = 'a"token\\with-16+signs'
const volumes = ['bitcoin', 'stacks-node', 'stacks-signer'].flatMap((name) => [`/etc/${name}`, `/var/lib/${name}`])
const signerConfig = 'network = "mainnet"\nstacks_private_key = "@SIGNER_PRIVATE_KEY@"\nauth_password = "@AUTH_TOKEN@"\n# the @ signs stay\n'
const nodeConfig = '[node]\nbootstrap_node = "02ab@a.example.net:20444,03cd@b.example.net:20444"\n\n[connection_options]\nauth_token = "@AUTH_TOKEN@"\n'
const observed = `${nodeConfig}\n[[events_observer]]\nendpoint = "stacks-signer:30000"\nevents_keys = [\n  "stackerdb",\n]\n\n[[ustx_balance]]\naddress = "ST0"\namount = 1\n`

function stack(t: Test, folders: readonly string[] = volumes): Root {
  const root = makeRoot(t, folders)
  root.write('/stack/config/signer-config.toml', signerConfig)
  root.write('/stack/config/node-config.toml', nodeConfig)
  root.write('/stack/config/bitcoin.conf', 'listen=1\n')
  root.write(stackJson, sampleFile())
  root.write('/run/secrets/signer-private-key', `${key}\n`)
  root.write('/run/secrets/auth-token', `${token}\n`)
  copyGate(root)
  return root
}

/** Writes over what stands there, or over the file that `path` would lie in; without content it only removes. */
function writeInstead(root: Root, path: string, content: string | Buffer | undefined): void {
  for (const old of [path, dirname(path)]) if (root.has(old) && (old === path || lstatSync(root.at(old)).isFile())) root.remove(old)
  if (content !== undefined) root.write(path, content)
}

const mode = (root: Root, path: string) => (lstatSync(root.at(path)).mode & 0o7777).toString(8)
const files = (root: Root, path: string) => readdirSync(root.at(path)).sort()

t.test('fills each volume and gives it away', async (t) => {
  const root = stack(t)
  const { code, out } = await init(root)
  t.equal(code, 0, out)
  t.notMatch(out, key)
  t.notOk(out.includes(token))
  const escaped = token.replaceAll('\\', '\\\\').replaceAll('"', '\\"')
  t.equal(root.read('/etc/stacks-signer/signer-config.toml'), signerConfig.replace('@SIGNER_PRIVATE_KEY@', key).replace('@AUTH_TOKEN@', () => escaped))
  t.equal(root.read('/etc/stacks-node/node-config.toml'), nodeConfig.replace('@AUTH_TOKEN@', () => escaped))
  t.equal(root.read('/etc/bitcoin/bitcoin.conf'), 'listen=1\n')
  t.strictSame(files(root, '/etc/stacks-signer'), ['guard', 'host-id', 'http-get.sh', 'signer-config.toml', 'stacks-signer.sh'])
  t.strictSame(files(root, '/etc/stacks-node'), ['http-get.sh', 'node-config-alone.toml', 'node-config.toml', 'observes.sh', 'stacks-node.sh'])
  t.strictSame(files(root, '/etc/bitcoin'), ['bitcoin.conf'])
  for (const [name, uid] of [['bitcoin', 101], ['stacks-node', 2001], ['stacks-signer', 2002]] as const) {
    t.equal(mode(root, `/etc/${name}`), '500')
    t.equal(mode(root, `/var/lib/${name}`), '700')
    t.strictSame(files(root, `/var/lib/${name}`), name === 'stacks-signer' ? ['guard'] : [], 'a data volume stays empty, but for what the guard must know')
    for (const file of files(root, `/etc/${name}`)) {
      const path = `/etc/${name}/${file}`
      t.equal(mode(root, path), file.endsWith('.sh') || file === 'guard' ? '444' : '400', path)
      if (isRoot) t.strictSame([lstatSync(root.at(path)).uid, lstatSync(root.at(path)).gid], [uid, uid], path)
    }
    if (isRoot) for (const path of [`/etc/${name}`, `/var/lib/${name}`]) t.equal(lstatSync(root.at(path)).uid, uid, path)
  }
})

t.test('runs again: unchanged stays, changed is replaced, strangers go', async (t) => {
  const root = stack(t)
  await init(root)
  const before = lstatSync(root.at('/etc/stacks-node/node-config.toml')).ino
  chmodSync(root.at('/etc/stacks-signer'), 0o700)
  root.write('/etc/stacks-signer/.new-left-over', key)
  root.write('/etc/stacks-signer/old/file', 'x')
  root.write('/stack/config/bitcoin.conf', 'listen=0\n')
  const { code, out } = await init(root)
  t.equal(code, 0, out)
  t.equal(lstatSync(root.at('/etc/stacks-node/node-config.toml')).ino, before)
  t.equal(root.read('/etc/bitcoin/bitcoin.conf'), 'listen=0\n')
  t.strictSame(files(root, '/etc/stacks-signer'), ['guard', 'host-id', 'http-get.sh', 'signer-config.toml', 'stacks-signer.sh'])
  t.match(out, /^bitcoind: bitcoin\.conf written$/m)
  t.match(out, /^stacks-node: node-config\.toml unchanged$/m)
})

t.test('programs are readable for everybody, whatever the umask of the clone was', async (t) => {
  const root = stack(t, [...volumes, '/stack/programs'])
  const programs = (...files: readonly string[]) => { root.write(stackJson, JSON.stringify({ ...JSON.parse(sampleFile()), programs: { path: '/stack/programs', files } })) }
  programs('metrics.mjs', 'releases.mjs')
  for (const [name, text] of [['metrics.mjs', 'one\n'], ['releases.mjs', 'two\n'], ['README.md', 'x\n']] as const) {
    root.write(`/stack/docker/${name}`, text)
    chmodSync(root.at(`/stack/docker/${name}`), 0o600)
  }
  chmodSync(root.at('/stack/docker'), 0o700)
  const { code, out } = await init(root)
  t.equal(code, 0, out)
  t.strictSame(files(root, '/stack/programs'), ['metrics.mjs', 'releases.mjs'])
  t.strictSame(['/stack/programs', '/stack/programs/metrics.mjs', '/stack/programs/releases.mjs'].map((path) => mode(root, path)), ['555', '444', '444'])
  t.equal(root.read('/stack/programs/metrics.mjs'), 'one\n')
  if (isRoot) t.equal(lstatSync(root.at('/stack/programs/metrics.mjs')).uid, 0)
  const kept = lstatSync(root.at('/stack/programs/metrics.mjs')).ino
  root.write('/stack/docker/releases.mjs', 'three\n')
  root.write('/stack/programs/old.mjs', 'old\n')
  const again = await init(root)
  t.equal(lstatSync(root.at('/stack/programs/metrics.mjs')).ino, kept, 'an unchanged one stays as it is')
  t.equal(root.read('/stack/programs/releases.mjs'), 'three\n')
  t.match(again.out, /^programs: metrics\.mjs unchanged\nprograms: releases\.mjs written\nprograms: old\.mjs removed$/m)
  root.remove('/stack/docker/metrics.mjs')
  const none = await init(root)
  t.strictSame([none.code, none.out], [1, 'init: docker/metrics.mjs cannot be read: it is not there (ENOENT); generate the stack again\n'])
  programs('releases.mjs')
  t.match(await init(root), { code: 0, out: /^programs: metrics\.mjs removed$/m })
})

t.test('only mounted volumes are served', async (t) => {
  const root = stack(t, ['/etc/stacks-signer', '/var/lib/stacks-signer'])
  root.write('/stack/config/node-config.toml', 'of no interest')
  t.equal((await init(root)).code, 0)
  t.notOk(root.has('/etc/stacks-node') || root.has('/etc/bitcoin') || root.has('/var/lib/bitcoin'))
  const none = await init(stack(t, []))
  t.strictSame([none.code, none.out], [1, 'init: no volume is mounted; start it with "docker compose up -d", not by hand\n'])
})

t.test('a restored signer database is given to the signer, chain data is not walked through', { ...(!isRoot && { skip: 'needs root' }) }, async (t) => {
  const root = stack(t)
  root.write('/var/lib/stacks-signer/signer.sqlite', 'x')
  root.write('/outside', 'x')
  symlinkSync(root.at('/outside'), root.at('/var/lib/stacks-signer/link'))
  root.write('/var/lib/stacks-node/mainnet/headers.sqlite', 'x')
  const own = lstatSync(root.at('/outside')).uid
  const { out } = await init(root)
  t.equal(lstatSync(root.at('/var/lib/stacks-signer/signer.sqlite')).uid, 2002)
  t.equal(lstatSync(root.at('/var/lib/stacks-signer/link')).uid, 2002)
  t.equal(lstatSync(root.at('/outside')).uid, own, 'not what a link points to')
  t.equal(lstatSync(root.at('/var/lib/stacks-node/mainnet/headers.sqlite')).uid, own)
  t.match(out, /note: \/var\/lib\/stacks-node\/mainnet belongs to user 0; .* chown -R it to 2001:2001/)
  chownSync(root.at('/var/lib/stacks-node/mainnet'), 2001, 2001)
  t.notMatch((await init(root)).out, /note:/)
})

const refused: readonly (readonly [name: string, spoil: (root: Root) => void, message: RegExp])[] = [
  ['a missing placeholder', (root) => { root.write('/stack/config/signer-config.toml', signerConfig.replace('"@AUTH_TOKEN@"', '"x"')) },
    /^init: config\/signer-config\.toml: the line auth_password = "@AUTH_TOKEN@" is missing; generate the stack again\n$/],
  ['one that shares its line', (root) => { root.write('/stack/config/node-config.toml', 'auth_token = "@AUTH_TOKEN@" # x\n') },
    /^init: config\/node-config\.toml: the line auth_token = "@AUTH_TOKEN@" is missing/],
  ['one that stands there twice', (root) => { root.write('/stack/config/node-config.toml', `${nodeConfig}auth_token = "@AUTH_TOKEN@"\n`) },
    /^init: config\/node-config\.toml line 6: auth_token = "@AUTH_TOKEN@" stands there twice/],
  ['an unknown one', (root) => { root.write('/stack/config/node-config.toml', `${nodeConfig}seed = "@NODE_SEED@"\n`) },
    /^init: config\/node-config\.toml line 6: seed = "@NODE_SEED@" is not a placeholder that belongs here/],
  ['the signer\'s key in the node\'s config', (root) => { root.write('/stack/config/node-config.toml', `${nodeConfig}seed = "@SIGNER_PRIVATE_KEY@"\n`) },
    /^init: config\/node-config\.toml line 6: seed = "@SIGNER_PRIVATE_KEY@" is not a placeholder that belongs here/],
  ['one in bitcoin.conf', (root) => { root.write('/stack/config/bitcoin.conf', 'rpcpassword="@AUTH_TOKEN@"\n') },
    /^init: config\/bitcoin\.conf line 1: rpcpassword = "@AUTH_TOKEN@" is not/],
  ['a config that is not there', (root) => { root.write('/stack/config/bitcoin.conf/file', '') }, /^init: config\/bitcoin\.conf cannot be read: it is a directory \(EISDIR\)/],
  ['a missing script', (root) => { root.write('/stack/docker/gate/http-get.sh/file', '') }, /^init: docker\/gate\/http-get\.sh cannot be read/],
  ['an empty key', (root) => { root.write('/run/secrets/signer-private-key', '\n') },
    /^init: secrets\/signer-private-key is empty: put 64 hexadecimal digits, or 66 that end in 01 into that file\n$/],
  ['a short key', (root) => { root.write('/run/secrets/signer-private-key', key.slice(1)) }, /^init: secrets\/signer-private-key is malformed: it must hold 64 hex/],
  ['a key of 66 digits with another end', (root) => { root.write('/run/secrets/signer-private-key', `${key}02\n`) }, /signer-private-key is malformed/],
  ['two keys', (root) => { root.write('/run/secrets/signer-private-key', `${key}\n${key}\n`) }, /signer-private-key is malformed/],
  ['a token with a blank', (root) => { root.write('/run/secrets/auth-token', 'sixteen signs and more\n') },
    /^init: secrets\/auth-token is malformed: it must hold 16 to 256 printable ASCII characters without blanks, and nothing else\n$/],
  ['a token that is not ASCII', (root) => { root.write('/run/secrets/auth-token', 'ü'.repeat(20)) }, /auth-token is malformed/],
  ['a short token', (root) => { root.write('/run/secrets/auth-token', 'x'.repeat(15)) }, /auth-token is malformed/],
  ['a token that is a folder', (root) => { root.write('/run/secrets/auth-token/x', '') }, /^init: secrets\/auth-token cannot be read: it is a directory \(EISDIR\)/],
]

t.test('refused', async (t) => {
  for (const [name, spoil, message] of refused) {
    await t.test(name, async (t) => {
      const root = stack(t)
      // What a case writes may take the place of a file by a folder.
      spoil({ ...root, write: (path, content) => { writeInstead(root, path, content) } })
      const { code, out } = await init(root)
      t.equal(code, 1)
      t.match(out, message)
      t.equal(out.split('\n').length, 2, 'one line')
      t.notOk(out.includes(key.slice(1)) || out.includes(token), 'no value is shown')
      t.strictSame(volumes.flatMap((path) => files(root, path)), [], 'nothing is written')
    })
  }
})

t.test('a node has a second config without its observers, and else the same', async (t) => {
  const root = stack(t)
  root.write('/stack/config/node-config.toml', observed)
  t.equal((await init(root)).code, 0)
  t.equal(root.read('/etc/stacks-node/node-config-alone.toml'), root.read('/etc/stacks-node/node-config.toml').replace(/\[\[events_observer\]\][^]*?\n\n/, ''))
  root.write('/stack/config/node-config.toml', observed.replace('"stackerdb",', '"stackerdb",\n["x"],'))
  t.match((await init(root)).out, /^init: config\/node-config\.toml: its observers cannot be told from the rest; generate the stack again\n$/)
})

t.test('says what the guard must clear: role, host and key', async (t) => {
  const root = stack(t)
  await init(root)
  const line = () => root.read('/etc/stacks-signer/guard')
  const first = line()
  t.match(first, /^v1 active [0-9a-f]{32} 0390a5cac7c33fda49f70bc1b0866fa0ba7a9440d9de647fecb8132ceb76a94dfa\n$/)
  t.equal(root.read('/var/lib/stacks-signer/guard/wanted'), first)
  await init(root)
  t.equal(line(), first, 'the same host again')

  await t.test('a copy of a volume is another host', async (t) => {
    const copy = stack(t)
    for (const path of ['/var/lib/stacks-signer/guard/wanted', '/etc/stacks-signer/host-id']) copy.write(path, root.read(path))
    copy.write('/var/lib/stacks-signer/guard/cleared', first)
    await init(copy)
    t.not(copy.read('/etc/stacks-signer/guard'), first)
    t.match(copy.read('/etc/stacks-signer/guard'), first.split(' ')[3]!)
  })

  await t.test('another key is another line, and none stands while the configs change', async (t) => {
    root.write('/run/secrets/signer-private-key', `${'11'.repeat(32)}\n`)
    writeInstead(root, '/etc/stacks-signer/signer-config.toml', undefined)
    root.write('/etc/stacks-signer/signer-config.toml/in-the-way/file', '')
    await init(root)
    t.match(line(), / 034f355bdcb7cc0af728ef3cceb9615d90684bb5b2ca5f859ab0f0b704075871aa\n$/)
    root.write('/run/secrets/signer-private-key', `${'00'.repeat(32)}\n`)
    t.match((await init(root)).out, /^init: secrets\/signer-private-key is not a key of secp256k1/)
  })

  await t.test('a standby\'s signer has no key, until it is promoted', async (t) => {
    root.write('/run/secrets/signer-private-key', `${key}\n`)
    root.write('/var/lib/stacks-signer/guard/cleared', first)
    root.write(stackJson, sampleFile({}, 'standby'))
    t.match((await init(root)).out, /stacks-signer: signer-config\.toml removed[^]*this host is the standby/)
    t.strictSame(files(root, '/etc/stacks-signer'), ['guard', 'host-id', 'http-get.sh', 'stacks-signer.sh'])
    t.notOk(root.has('/var/lib/stacks-signer/guard/cleared'), 'and must be cleared anew')
    t.match(line(), /^v1 standby /)
    root.write('/etc/stacks-signer/role', 'standby active\n')
    t.match((await init(root)).out, /this host is the active one/)
    t.ok(root.has('/etc/stacks-signer/signer-config.toml'))
    root.write(stackJson, sampleFile())
    t.match((await init(root)).out, /this host is the active one/, 'the answer now says the same')
    root.write('/etc/stacks-signer/role', 'active standby\n')
    t.match((await init(root)).out, /this host is the standby/)
  })
})

t.test('a missing secret, and a key of 66 digits', async (t) => {
  const without = stack(t)
  writeInstead(without, '/run/secrets/auth-token', undefined)
  t.match((await init(without)).out, /^init: secrets\/auth-token is missing: put 16 to 256 printable/)
  const long = stack(t)
  long.write('/run/secrets/signer-private-key', `${key}01`)
  t.equal((await init(long)).code, 0)
  t.match(long.read('/etc/stacks-signer/signer-config.toml'), `stacks_private_key = "${key}01"\n`)
})

const sbtcVolumes = ['/etc/sbtc-signer', '/etc/sbtc-blocklist', '/etc/sbtc-bitcoin', '/etc/postgres', '/var/lib/postgresql/data']
const words = { 'emily-api-key': 'key.of_the~sbtc-team', 'postgres-password': 'word-of-the-database', 'sbtc-bitcoin-rpc-password': 'word-of-the-bitcoind' } as const
const sbtcConfig = '[emily]\nendpoints = [ "https://@EMILY_API_KEY@@sbtc-emily.com" ]\n\n[bitcoin]\nrpc_endpoints = [\n  "http://sbtc-signer:@SBTC_BITCOIN_RPC_PASSWORD@@198.18.0.18:8332"\n]\n\n'
  + '[signer]\nprivate_key = "@SBTC_PRIVATE_KEY@"\ndb_endpoint = "postgresql://signer:@POSTGRES_PASSWORD@@postgres:5432/signer"\n'

function sbtcStack(t: Test): Root {
  const root = makeRoot(t, sbtcVolumes)
  root.write(stackJson, sampleFile({ sbtc: 'alone' }))
  root.write('/stack/config/sbtc-signer.toml', sbtcConfig)
  root.write('/stack/config/blocklist-client.toml', '[sanctions.header]\nkey = "x-api-key"\nvalue = "@EMILY_API_KEY@"\n')
  root.write('/stack/config/sbtc-bitcoin.conf', 'rpcauth=sbtc-signer:@SBTC_BITCOIN_RPCAUTH@\n')
  root.write('/stack/config/postgres/postgresql.conf', 'port=5432\n')
  root.write('/run/secrets/sbtc-signer-private-key', `${key}\n`)
  for (const [name, value] of Object.entries(words)) root.write(`/run/secrets/${name}`, `${value}\n`)
  copyGate(root)
  return root
}

t.test('an sBTC signer: secrets inside of addresses, and each only where it belongs', async (t) => {
  const root = sbtcStack(t)
  const { code, out } = await init(root)
  t.equal(code, 0, out)
  t.equal(root.read('/etc/sbtc-signer/sbtc-signer.toml'), sbtcConfig.replace('@EMILY_API_KEY@', words['emily-api-key'])
    .replace('@SBTC_BITCOIN_RPC_PASSWORD@', words['sbtc-bitcoin-rpc-password']).replace('@SBTC_PRIVATE_KEY@', key).replace('@POSTGRES_PASSWORD@', words['postgres-password']))
  t.match(root.read('/etc/sbtc-blocklist/blocklist-client.toml'), `value = "${words['emily-api-key']}"`)
  t.match(root.read('/etc/sbtc-bitcoin/sbtc-bitcoin.conf'), /^rpcauth=sbtc-signer:[0-9a-f]{32}\$[0-9a-f]{64}\n$/)
  t.strictSame(files(root, '/etc/postgres'), ['postgres-password', 'postgres.sh', 'postgresql.conf'])
  for (const [path, uid] of [['/etc/sbtc-signer', 2005], ['/etc/sbtc-blocklist', 2006], ['/etc/sbtc-bitcoin', 101], ['/etc/postgres', 999], ['/var/lib/postgresql/data', 999]] as const) {
    if (isRoot) t.equal(lstatSync(root.at(path)).uid, uid, path)
    t.equal(mode(root, path), path.startsWith('/etc') ? '500' : '700')
  }
  for (const value of [key, ...Object.values(words)]) t.notOk(out.includes(value))
})

t.test('an sBTC signer: refused', async (t) => {
  const file = 'config\\/sbtc-signer\\.toml'
  const rows: readonly (readonly [what: string, path: string, content: string, message: RegExp])[] = [
    ['an address without its secret', '/stack/config/sbtc-signer.toml', sbtcConfig.replace('@POSTGRES_PASSWORD@', 'x'), new RegExp(`${file}: the line POSTGRES_PASSWORD = "@POSTGRES_PASSWORD@" is missing`)],
    ['the key inside of an address', '/stack/config/sbtc-signer.toml', `${sbtcConfig}x = "https://@SBTC_PRIVATE_KEY@@example.net"\n`, /SBTC_PRIVATE_KEY = "@SBTC_PRIVATE_KEY@" is not a placeholder that belongs here/],
    ['one twice', '/stack/config/sbtc-signer.toml', `${sbtcConfig}x = "https://@EMILY_API_KEY@@example.net"\n`, /stands there twice/],
    ['another user\'s line in bitcoin.conf', '/stack/config/sbtc-bitcoin.conf', 'rpcauth=metrics:@SBTC_BITCOIN_RPCAUTH@\n', /rpcauth=metrics = "@SBTC_BITCOIN_RPCAUTH@" is not a placeholder/],
    ['a password that would end the address', '/run/secrets/postgres-password', 'x@evil.example.net/', /secrets\/postgres-password is malformed: it must hold 16 to 256 letters/],
    ['an API key with a quote', '/run/secrets/emily-api-key', 'sixteen-or-more"-signs', /secrets\/emily-api-key is malformed/],
  ]
  for (const [what, path, content, message] of rows) {
    const root = sbtcStack(t)
    root.write(path, content)
    const { code, out } = await init(root)
    t.equal(code, 1, what)
    t.match(out, message, what)
    t.strictSame(sbtcVolumes.flatMap((volume) => files(root, volume)), [], `${what}: nothing is written`)
  }
})

t.test('the dumps of an sBTC signer are for what stores them too, and nothing else of it is', async (t) => {
  const root = makeRoot(t, ['/etc/stack', '/var/lib/sbtc-backup', '/var/lib/sbtc-backup-work', '/var/lib/sbtc-backup-metrics'])
  root.write(stackJson, sampleFile({ sbtc: 'alone', backup: 's3' }))
  root.write('/stack/config/sbtc-backup.json', '{"network": "mainnet"}\n')
  root.write('/run/secrets/postgres-password', `${words['postgres-password']}\n`)
  root.write('/var/lib/sbtc-backup-work/identity', 'AGE-SECRET-KEY-1')
  chmodSync(root.at('/var/lib/sbtc-backup-work/identity'), 0o600)
  const { code, out } = await init(root)
  t.equal(code, 0, out)
  t.strictSame(files(root, '/etc/stack'), ['postgres-password', 'sbtc-backup.json'])
  t.equal(root.read('/etc/stack/postgres-password'), words['postgres-password'])
  t.equal(root.read('/etc/stack/sbtc-backup.json'), '{"network": "mainnet"}\n')
  for (const [path, wanted] of [['/etc/stack', '500'], ['/etc/stack/postgres-password', '400'], ['/var/lib/sbtc-backup', '750'], ['/var/lib/sbtc-backup-work', '750'],
    ['/var/lib/sbtc-backup-work/identity', '600'], ['/var/lib/sbtc-backup-metrics', '755']] as const) {
    t.equal(mode(root, path), wanted, path)
    if (isRoot && !path.endsWith('identity')) t.strictSame([lstatSync(root.at(path)).uid, lstatSync(root.at(path)).gid], [999, 2002], path)
  }
  t.match(await init(root), { code: 0, out: /postgres-password unchanged/ })
})

/** As Compose starts it: with its entrypoint, and the rights of its container alone. */
const asInContainer = (t: Test, root: Root, ...before: readonly string[]) => {
  const { entrypoint, capabilities } = sampleStack().host.services.find(({ name }) => name === 'init')!
  const [flock, option, volume] = entrypoint
  const bounds = ['-all', ...capabilities.map((name) => `+${name.toLowerCase()}`)].join(',')
  t.match(entrypoint, [/^flock$/, /^--no-fork$/, /^\/etc\//, /^node$/, /\/init\.mjs$/])
  const words = before.length > 0 ? before : [process.execPath, programPath('init')]
  return start(t, 'setpriv', [`--bounding-set=${bounds}`, '--inh-caps=-all', '--no-new-privs', flock!, option!, root.at(volume!), ...words], { STACK_ROOT: root.path })
}

t.test('one at a time, with no more rights than it has in its container, and a kill lets the next one in', { ...needs('setpriv', 'flock'), ...(!isRoot && { skip: 'needs root' }) }, async (t) => {
  const root = stack(t)
  for (const path of ['/run/secrets', '/stack/config', '/stack/docker']) chmodSync(root.at(path), 0o700)
  for (const path of ['/run/secrets/auth-token', '/run/secrets/signer-private-key', '/run/secrets', '/stack/config']) chownSync(root.at(path), 1000, 1000)
  chownSync(root.at('/var/lib/stacks-node'), 2001, 2001)
  chmodSync(root.at('/var/lib/stacks-node'), 0o700)
  const holder = asInContainer(t, root, 'sh', '-c', 'echo held; exec tail -f /dev/null')
  await holder.says(/held/)
  const runs = [asInContainer(t, root), asInContainer(t, root), asInContainer(t, root)]
  t.strictSame(files(root, '/etc/stacks-signer'), [], 'nothing is written while another one runs')
  holder.process.kill('SIGKILL')
  for (const { ended } of runs) {
    const { code, out } = await ended
    t.equal(code, 0, out)
  }
  t.equal(runs.filter(({ said }) => said().includes(' written')).length, 1, 'the others found all done')
})

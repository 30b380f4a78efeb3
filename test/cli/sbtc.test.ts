/** SBTC_SIGNER=on through the real command: what is refused, what is said, where the secrets go, and what stands in the files. */

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { readConfig } from '../../docker/programs/sbtc-backup/config.ts'
import { command, sbtcTestKey, testKey } from '../support/command.ts'
import { readFiles } from '../support/files.ts'

const own = '02b61056bb84aa2ff7d740a31334c68a691e93ed3a229632e1b22e5b47bbb87ec0'
const others = ['03b7606d1cc26cb9c315b114f765e46c1048881be8794add3024a9bb55212f314f', '0378ce6a121f87f89e91a2dff541e9cbf413f6f825d9cb7e9be6128c6e13f7d35f']
const emily = 'an-api-key-of-nobody'
const base = {
  STACK_NAME: 's', NETWORK: 'mainnet', PLATFORM: 'linux/amd64', SIGNER: 'off', SBTC_SIGNER: 'on', SBTC_SIGNING_SET: [own, ...others].join(','), SBTC_SIGNATURES_REQUIRED: '2',
  SBTC_PRIVATE_KEY: sbtcTestKey, EMILY_API_KEY: emily,
}
type Changes = Readonly<Record<string, string | undefined>>

async function generated(t: Test, changes: Changes = {}) {
  const root = t.testdir({})
  const text = Object.entries({ ...base, ...changes }).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}\n`])).join('')
  writeFileSync(join(root, 'a.env'), text)
  const ran = await command(root, ['a.env', 'out'])
  return { root, ...ran, read: (path: string) => readFileSync(join(root, 'out', path), 'utf8') }
}

t.test('an sBTC signer alone', async (t) => {
  const { code, err, out, root, read } = await generated(t)
  t.equal(code, 0, err)
  t.match(err, /warning: this stack works only for an operator whom the sBTC team has admitted/)
  t.match(err, /nothing published says that it works with stacks-node 4\.0\.4/)
  t.match(out, new RegExp(`^sBTC signer S\\S+ +public key ${own}$`, 'm'))
  t.match(out, 'open: 4122/tcp (sBTC signers)\n', 'and nothing else')
  t.notMatch(read('Makefile'), /^rotate-token:/m, 'there is no token')
  const compose = read('docker-compose.yml')
  t.strictSame([...compose.matchAll(/^ {2}([a-z-]+):$/gm)].map(([, name]) => name!).filter((name) => compose.includes(`\n  ${name}:\n    <<:`)),
    ['init', 'postgres', 'blocklist-client', 'sbtc-snapshot', 'sbtc-bitcoind', 'sbtc-signer', 'sbtc-stacks-node', 'sbtc-watch'])
  t.notOk(existsSync(join(root, 'out/config/signer-config.toml')) || existsSync(join(root, 'out/config/node-config.toml')) || existsSync(join(root, 'out/secrets/auth-token')))
  t.match(read('.stack-manifest.json'), `"sbtc": {\n    "address"`)
  for (const name of ['sbtc-signer-private-key', 'emily-api-key', 'postgres-password', 'sbtc-bitcoin-rpc-password']) t.equal(statSync(join(root, 'out/secrets', name)).mode & 0o777, 0o600, name)
  const secrets = ['sbtc-signer-private-key', 'emily-api-key', 'postgres-password', 'sbtc-bitcoin-rpc-password'].map((name) => read(`secrets/${name}`).trim())
  for (const [path, content] of Object.entries(readFiles(join(root, 'out'), ['secrets']))) for (const secret of secrets) t.notOk(String(content).includes(secret), `no secret in ${path}`)
  const again = await command(join(root, 'out'), ['--check'])
  t.equal(again.code, 0, again.out + again.err)

  // The ops repository has no secrets, and needs none.
  rmSync(join(root, 'out/secrets'), { recursive: true })
  const elsewhere = await command(join(root, 'out'), ['--check'])
  t.equal(elsewhere.code, 0, elsewhere.out + elsewhere.err)
  t.notOk(existsSync(join(root, 'out/secrets')))
})

t.test('on testnet all values come from the operator, and nothing of an external bitcoind is left', async (t) => {
  const { code, err, read } = await generated(t, {
    NETWORK: 'testnet', SBTC_DEPLOYER: 'SN3VMHXEN64ZZF71JQ5VESXDWTR301XTTXGF4J8F1', SBTC_EMILY_URL: 'https://emily.example.net:8443', SBTC_SEEDS: 'tcp://192.0.2.1:4122, quic-v1://peer.example.net:4122',
  })
  t.equal(code, 0, err)
  t.match(read('config/sbtc-signer.toml'), /network = "testnet"\ndeployer = "SN3VMHX/)
  t.match(read('config/sbtc-signer.toml'), 'endpoints = [ "https://@EMILY_API_KEY@@emily.example.net:8443" ]')
  t.match(read('config/sbtc-signer.toml'), /seeds = \[ "tcp:\/\/192\.0\.2\.1:4122", "quic-v1:\/\/peer\.example\.net:4122" \]/)
  t.match(read('config/sbtc-signer.toml'), /:18443"/)
  t.match(read('config/sbtc-bitcoin.conf'), /^chain=regtest$/m)
  t.notMatch(read('README.md'), /external\["bitcoind at/)
})

t.test('beside a Stacks signer, on nodes of its own or on the same', async (t) => {
  const beside = await generated(t, { SIGNER: undefined, SIGNER_PRIVATE_KEY: testKey })
  t.equal(beside.code, 0, beside.err)
  t.match(beside.out, 'open: 8333/tcp (Bitcoin peers), 20444/tcp (Stacks peers), 4122/tcp (sBTC signers)\n')
  t.notMatch(beside.read('config/node-config.toml'), /sbtc-registry/)
  t.match(beside.read('config/sbtc-node-config.toml'), /endpoint = "sbtc-signer:8801"/)
  t.notMatch(beside.read('config/sbtc-node-config.toml'), /stacker|auth_token/)

  const shared = await generated(t, { SIGNER: undefined, SIGNER_PRIVATE_KEY: testKey, SBTC_SHARED_NODES: 'yes', SBTC_QUIC: 'on' })
  t.equal(shared.code, 0, shared.err)
  t.match(shared.err, /SBTC_SHARED_NODES=yes is against the guide: while sbtc-signer is down, the stacks-node stands still/)
  t.match(shared.out, '4122/tcp (sBTC signers), 4122/udp (sBTC signers)')
  t.notMatch(shared.read('docker-compose.yml'), /sbtc-bitcoind|sbtc-stacks-node|sbtc-snapshot/)
  t.match(shared.read('docker-compose.yml'), 'WAIT_SIGNER: stacks-signer:30000 sbtc-signer:8801')
  t.match(shared.read('config/node-config.toml'), /endpoint = "stacks-signer:30000"[^]*endpoint = "sbtc-signer:8801"[^]*timeout_ms = 10000/)
  t.match(shared.read('config/bitcoin.conf'), /rpcauth=sbtc-signer:@SBTC_BITCOIN_RPCAUTH@\nrpcwhitelist=sbtc-signer:/)
  t.match(shared.read('config/sbtc-signer.toml'), /endpoints = \[ "http:\/\/stacks-node:20443" \]/)
  const address = /ipv4_address: (\S+)/.exec(shared.read('docker-compose.yml'))![1]!
  t.match(shared.read('config/sbtc-signer.toml'), `@${address}:8332`, 'bitcoind is asked under the address that it has')
})

t.test('refused', async (t) => {
  const stacks = { SIGNER: undefined, SIGNER_PRIVATE_KEY: testKey }
  const rows: readonly (readonly [what: string, changes: Changes, message: RegExp])[] = [
    ['neither signer', { SBTC_SIGNER: undefined, SBTC_SIGNING_SET: undefined, SBTC_SIGNATURES_REQUIRED: undefined, SBTC_PRIVATE_KEY: undefined, EMILY_API_KEY: undefined }, /SIGNER=off and SBTC_SIGNER=off leave nothing to run/],
    ['no set', { SBTC_SIGNING_SET: undefined }, /SBTC_SIGNER=on needs SBTC_SIGNING_SET\n/],
    ['no threshold', { SBTC_SIGNATURES_REQUIRED: undefined }, /SBTC_SIGNER=on needs SBTC_SIGNATURES_REQUIRED\n/],
    ['testnet without its values', { NETWORK: 'testnet' }, /needs SBTC_DEPLOYER on testnet[^]*needs SBTC_EMILY_URL on testnet[^]*needs SBTC_SEEDS on testnet/],
    ['a network without an sBTC signer', { NETWORK: 'staking-testnet' }, /SBTC_SIGNER=on cannot be with NETWORK=staking-testnet: nothing published says/],
    ['a deployer of testnet', { SBTC_DEPLOYER: 'SN3VMHXEN64ZZF71JQ5VESXDWTR301XTTXGF4J8F1' }, /SBTC_DEPLOYER is an address of another network than mainnet/],
    ['a deployer with a wrong letter', { SBTC_DEPLOYER: 'SM3VDXK3WZZSA84XXFKAFAF15NNZX32CTSG82JFQ5' }, /its checksum does not fit/],
    ['a set without the own key', { SBTC_SIGNING_SET: others.join(',') }, /does not hold this signer's own key 02b61056/],
    ['a key twice', { SBTC_SIGNING_SET: [own, ...others, own.toUpperCase()].join(',') }, /SBTC_SIGNING_SET names 02b61056bb….* twice/],
    ['what is no point of the curve', { SBTC_SIGNING_SET: [own, `02${'5'.padStart(64, '0')}`].join(',') }, /is no public key: one of its digits is wrong/],
    ['half of the set', { SBTC_SIGNING_SET: [own, others[0]].join(','), SBTC_SIGNATURES_REQUIRED: '1' }, /is not more than half of 2 keys/],
    ['more than the set', { SBTC_SIGNATURES_REQUIRED: '4' }, /is more than the 3 keys/],
    ['no key', { SBTC_PRIVATE_KEY: undefined }, /secrets\/sbtc-signer-private-key is not here, and none is ever made/],
    ['no API key', { EMILY_API_KEY: undefined }, /secrets\/emily-api-key is not here/],
    ['an API key that no URL holds', { EMILY_API_KEY: 'a-key/with@strange:signs' }, /EMILY_API_KEY cannot be used: character 6 of 24 is no letter, digit/],
    ['one key in two roles', { ...stacks, SIGNER_PRIVATE_KEY: sbtcTestKey }, /the sBTC signer and the Stacks signer have one key/],
    ['two hosts', { ...stacks, TOPOLOGY: 'split', NODE_HOST: 'a.example.net', SIGNER_HOST: 'b.example.net' }, /the sBTC signer needs one host/],
    ['shared nodes without a Stacks signer', { SBTC_SHARED_NODES: 'yes' }, /there are no other nodes to share/],
    ['shared pruned nodes', { ...stacks, SBTC_SHARED_NODES: 'yes', BITCOIN_MODE: 'pruned' }, /needs BITCOIN_MODE=full/],
    ['the secret of a signer that is not here', { AUTH_TOKEN: 'x'.repeat(20) }, /AUTH_TOKEN is a secret of the Stacks signer/],
    ['an old release', { SBTC_VERSION: '1.3.0' }, /sbtc-signer 1\.3\.0 is configured in another way/],
    ['a newer release', { SBTC_VERSION: '1.4.0' }, /sbtc-signer 1\.4\.0 is newer than this generator/],
    ['a port that is taken', { ...stacks, SBTC_P2P_PORT: '20444' }, /SBTC_P2P_PORT=20444 is the port of NODE_P2P_PORT too/],
    ['a network that is none', { SBTC_SUBNET: '198.18.0.5/28' }, /SBTC_SUBNET expects a network of 16 addresses/],
    ['an API key in the clear', { SBTC_EMILY_URL: 'http://sbtc-emily.com' }, /would send the API key unencrypted/],
  ]
  for (const [what, changes, message] of rows) {
    const { code, err, root } = await generated(t, changes)
    t.equal(code, 2, what)
    t.match(err, message, what)
    t.notOk(err.includes(sbtcTestKey) || err.includes(emily), `${what}: no secret is shown`)
    t.notOk(existsSync(join(root, 'out')), `${what}: nothing is written`)
  }
})

t.test('a stored secret is never changed, and the key belongs to its database', async (t) => {
  const { root } = await generated(t)
  const run = (text: string) => {
    mkdirSync(join(root, 'again'), { recursive: true })
    writeFileSync(join(root, 'again/a.env'), text)
    return command(root, ['again/a.env', 'out'])
  }
  const plain = Object.entries(base).filter(([key]) => !['SBTC_PRIVATE_KEY', 'EMILY_API_KEY'].includes(key)).map(([key, value]) => `${key}=${value}\n`).join('')
  t.match(await run(`${plain}EMILY_API_KEY=another-key-of-nobody\n`), { code: 2, err: /EMILY_API_KEY differs from the stored secrets\/emily-api-key/ })
  t.match(await run(`${plain}SBTC_PRIVATE_KEY=${testKey}\n`), { code: 2, err: /SBTC_PRIVATE_KEY differs from the stored/ })
  writeFileSync(join(root, 'out/secrets/sbtc-signer-private-key'), `${testKey}\n`)
  t.match(await run(plain), { code: 2, err: /but this stack was generated for S\w+ \(public key 02b61056.*\n.*the shares in the database/ })
})

const recipient = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kudcqt9xqxnqqdk'

t.test('dumps of its database are asked for by BACKUP', async (t) => {
  const without = await generated(t, { BACKUP: 'path', BACKUP_PATH: '/mnt/backup/s' })
  t.equal(without.code, 2)
  t.match(without.err, /error: SBTC_SIGNER=on with BACKUP=path needs BACKUP_AGE_RECIPIENT: the dumps of its database are encrypted to it/)
  t.notMatch(without.err, /will be in no backup/, 'it is said once')

  const { code, err, read, root } = await generated(t, { BACKUP: 'path', BACKUP_PATH: '/mnt/backup/s', BACKUP_AGE_RECIPIENT: recipient, BACKUP_KEEP_WEEKLY: '0', BACKUP_AT: '03:17' })
  t.equal(code, 0, err)
  t.strictSame(JSON.parse(read('config/sbtc-backup.json')), {
    network: 'mainnet', deployer: 'SM3VDXK3WZZSA84XXFKAFAF15NNZX32CTSG82JFQ4', publicKey: own, database: 'postgresql://signer@postgres:5432/signer', passwordFile: '/etc/stack/postgres-password',
    store: '/var/lib/sbtc-backup', scratch: '/var/lib/sbtc-backup-work', metrics: '/var/lib/sbtc-backup-metrics', identity: '/var/lib/sbtc-backup-work/identity',
    recipients: [recipient], chain: ['http://sbtc-stacks-node:20443'], keep: { last: 7, daily: 7, weekly: 0, monthly: 12 }, at: '03:17',
  })
  cpSync(join(root, 'out/config'), join(root, 'root/etc/stack'), { recursive: true })
  t.equal(readConfig({ environment: { STACK_ROOT: join(root, 'root') } }).keep.weekly, 0, 'the program takes it as it is')
  const compose = parse(read('docker-compose.yml')) as { services: Record<string, { image: string; user: string; networks?: unknown; network_mode?: string; environment?: object; build?: { context: string; dockerfile: string }; volumes: { source: string; target: string; read_only?: boolean }[] }> }
  const { 'sbtc-backup': dumps, backup, postgres } = compose.services
  t.match(dumps, { user: '999:2002', networks: ['sbtc-database', 'sbtc-node-link'], environment: { NODE_OPTIONS: '--max-old-space-size=1024' }, entrypoint: ['node', '/stack/programs/sbtc-backup.mjs'], command: ['serve'],
    build: { context: './docker', dockerfile: 'sbtc-backup.Dockerfile' } })
  t.match(read('docker/sbtc-backup.Dockerfile'), `\nARG POSTGRES_IMAGE=${postgres!.image}\nARG NODE_IMAGE=${compose.services['init']!.image}\n`, 'of the image of the database itself')
  t.strictSame(dumps!.volumes.filter(({ read_only: fixed }) => fixed).map(({ target }) => target), ['/etc/stack', '/stack/programs'])
  t.match(compose.services['sbtc-upgrade-dump'], { image: dumps!.image, pull_policy: 'never', command: ['before', '1.3.3'], networks: ['sbtc-database'], restart: 'no' })
  t.match(compose.services['sbtc-signer'], { depends_on: { 'sbtc-upgrade-dump': { condition: 'service_completed_successfully' } } })
  t.match(backup, { user: '2002:2002', network_mode: 'none' })
  t.match(backup!.volumes.find(({ source }) => source === 'sbtc-backup-data'), { target: '/var/lib/backup/sbtc', read_only: true })
  t.notOk(backup!.volumes.some(({ source }) => source === 'sbtc-backup-work'), 'the key of this host stays with it')
  t.notOk(compose.services['backup-copy'], 'there is no other database')
  t.strictSame(read('docker/sbtc-backup.Dockerfile').match(/^(?:RUN|COPY|FROM).*$/gm), ['FROM ${NODE_IMAGE} AS node', 'FROM ${POSTGRES_IMAGE}', 'COPY --from=node /usr/local/bin/node /usr/local/bin/node'])
  t.ok(existsSync(join(root, 'out/docker/sbtc-backup.mjs')))

  const off = await generated(t)
  t.notOk(existsSync(join(off.root, 'out/config/sbtc-backup.json')) || ['sbtc-backup.mjs', 'sbtc-backup.Dockerfile'].some((name) => existsSync(join(off.root, 'out/docker', name))) || existsSync(join(off.root, 'out/docker/host/dumps.sh')))
})

t.test('beside a Stacks signer one repository holds both', async (t) => {
  const { code, err, read } = await generated(t, { SIGNER: undefined, SIGNER_PRIVATE_KEY: testKey, BACKUP: 'path', BACKUP_PATH: '/mnt/backup/s', BACKUP_AGE_RECIPIENT: recipient, MONITORING: 'full' })
  t.equal(code, 0, err)
  const compose = parse(read('docker-compose.yml')) as { services: Record<string, { command: string[]; volumes: { source: string; target: string }[] }> }
  t.strictSame(Object.keys(compose.services).filter((name) => name.includes('backup')), ['backup-copy', 'backup', 'sbtc-backup'])
  const exporter = compose.services['node-exporter']!
  for (const name of ['backup-metrics', 'sbtc-backup-metrics']) {
    t.ok(exporter.command.includes(`--collector.textfile.directory=/textfile/${name}`), name)
    t.ok(exporter.volumes.some(({ source, target }) => source === name && target === `/textfile/${name}`), name)
  }
  for (const name of ['SbtcBackupStale', 'SbtcBackupTooOld', 'BackupTooOld']) t.match(read('config/prometheus/rules.yml'), `alert: ${name}`)
  t.match(read('RUNBOOK.md'), /make sbtc-backup/)
})

t.test('the firewall lets its own port in, over UDP where there is QUIC, and nothing else', async (t) => {
  for (const [SBTC_QUIC, wanted] of [['off', ['tcp 4122']], ['on', ['tcp 4122', 'udp 4122']]] as const) {
    const { code, err, read, root } = await generated(t, { FIREWALL: 'on', SBTC_QUIC })
    t.equal(code, 0, err)
    const rules = read('firewall/firewall.nft')
    t.strictSame([...rules.matchAll(/l4proto (\w+) ct original proto-dst (\d+) goto let_in/g)].map(([, protocol, port]) => `${protocol} ${port}`), wanted)
    for (const network of ['sbtc-blocklist', 'sbtc-database', 'sbtc-bitcoin-link', 'sbtc-node-link']) t.match(rules, new RegExp(`counter drop # ${network}$`, 'm'))
    const checked = spawnSync('nft', ['--check', '--file', join(root, 'out/firewall/firewall.nft')], { encoding: 'utf8' })
    if (checked.error === undefined && process.getuid?.() === 0) t.strictSame([checked.status, checked.stderr], [0, ''], 'nft takes them')
  }
})

t.test('with all that can stand beside it, every service finds its networks and volumes', async (t) => {
  const stands = { alone: {}, beside: { SIGNER: undefined, SIGNER_PRIVATE_KEY: testKey }, shared: { SIGNER: undefined, SIGNER_PRIVATE_KEY: testKey, SBTC_SHARED_NODES: 'yes' } }
  for (const [name, stand] of Object.entries(stands)) {
    for (const backup of [{}, { BACKUP: 'path', BACKUP_PATH: '/mnt/backup/s', BACKUP_AGE_RECIPIENT: recipient }]) {
      for (const MONITORING of ['off', 'metrics', 'full']) {
        const what = `${name}, ${'BACKUP' in backup ? 'dumps' : 'no dumps'}, MONITORING=${MONITORING}`
        const { code, err, read } = await generated(t, { ...stand, ...backup, MONITORING, FIREWALL: 'on' })
        t.equal(code, 0, `${what}: ${err}`)
        const compose = parse(read('docker-compose.yml')) as { services: Record<string, { networks?: string[] | object; volumes?: { type: string; source: string }[]; depends_on?: object }>; networks: object; volumes: object }
        for (const [service, { networks = [], volumes = [], depends_on: after = {} }] of Object.entries(compose.services)) {
          for (const network of Array.isArray(networks) ? networks : Object.keys(networks)) t.ok(network in compose.networks, `${what}: ${service} and its network ${network}`)
          for (const { type, source } of volumes) t.ok(type !== 'volume' || source in compose.volumes, `${what}: ${service} and its volume ${source}`)
          for (const other of Object.keys(after)) t.ok(other in compose.services, `${what}: ${service} starts after ${other}`)
        }
      }
    }
  }
})

/** init and folders of the machine in the place of volumes: which folder is this stack's, and what keeps it from starting. */

import { lstatSync, readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { dataMarker } from '../../generator/catalogue/container.ts'
import { sampleFolders, type SampleOptions } from '../support/sample-stack.ts'
import { init, sampleFile, stackJson } from './init-setting.ts'
import { copyGate, makeRoot, root as isRoot, type Root } from './tools.ts'

const key = '753b7cc01a1a2e86221266a154af739463fce51219d97e4f856cd7200c3bd2a6'
const programs = { bitcoind: 'bitcoin', 'stacks-node': 'stacks-node', 'stacks-signer': 'stacks-signer' } as const
type Program = keyof typeof programs
const data = (program: Program) => `/var/lib/${programs[program]}`
const id = (digit: string) => digit.repeat(32)
const mark = (program: string, digit: string, more = '') => `v1 sample ${program} ${id(digit)}${more}\n`

function stack(t: Test, options: SampleOptions = { folders: true }): Root {
  const root = makeRoot(t, Object.values(programs).flatMap((name) => [`/etc/${name}`, `/var/lib/${name}`]))
  root.write('/stack/config/signer-config.toml', 'stacks_private_key = "@SIGNER_PRIVATE_KEY@"\nauth_password = "@AUTH_TOKEN@"\n')
  root.write('/stack/config/node-config.toml', '[connection_options]\nauth_token = "@AUTH_TOKEN@"\n')
  root.write('/stack/config/bitcoin.conf', 'listen=1\n')
  root.write(stackJson, sampleFile(options))
  root.write('/run/secrets/signer-private-key', `${key}\n`)
  root.write('/run/secrets/auth-token', 'a-token-of-16-characters\n')
  copyGate(root)
  return root
}

/** As `make data-dirs` leaves the folders. */
function prepared(t: Test): Root {
  const root = stack(t)
  for (const [program, digit] of [['bitcoind', '1'], ['stacks-node', '2'], ['stacks-signer', '3']] as const) root.write(`${data(program)}/${dataMarker}`, mark(program, digit))
  return root
}

const answers = (root: Root, folders: boolean) => { root.write(stackJson, sampleFile({ folders })) }
const untouched = (t: Test, root: Root) => { t.notOk(root.has('/etc/bitcoin/bitcoin.conf') || root.has('/etc/stacks-signer/signer-config.toml'), 'nothing was written') }

t.test('prepared folders are handed to their users, and remembered', async (t) => {
  const root = prepared(t)
  const { code, out } = await init(root)
  t.equal(code, 0, out)
  t.equal(root.read('/etc/bitcoin/.data-place'), `${id('1')} BITCOIN_DATA_DIR /srv/disk1/bitcoin\n`)
  t.match(out, /^bitcoind: \/srv\/disk1\/bitcoin belongs to 101:101$/m)
  t.equal(lstatSync(root.at('/var/lib/bitcoin')).mode & 0o777, 0o700)
  if (isRoot) t.equal(lstatSync(root.at('/var/lib/stacks-signer')).uid, 2002)
  t.notMatch(out, /note:/, 'the marker is nobody\'s data')
  const again = await init(root)
  t.equal(again.code, 0, again.out)
  t.match(again.out, /^bitcoind: \.data-place unchanged$/m)
})

t.test('an unmounted disk: nothing starts, at the first time and later', async (t) => {
  const first = stack(t)
  t.strictSame(await init(first), { code: 1, out: 'init: /srv/disk1/bitcoin has no .stacks-signer-stack: mount its disk, then sudo make data-dirs prepares the folder\n' })
  untouched(t, first)
  const root = prepared(t)
  await init(root)
  root.remove(`/var/lib/stacks-signer/${dataMarker}`)
  t.match(await init(root), { code: 1, out: /^init: \/srv\/disk2\/signer has no \.stacks-signer-stack: is its disk mounted\? The data of stacks-signer was in \/srv\/disk2\/signer\./ })
})

t.test('make data-dirs on the empty mount point of an unmounted disk does not make it the data', async (t) => {
  const root = prepared(t)
  await init(root)
  root.write(`/var/lib/bitcoin/${dataMarker}`, mark('bitcoind', '9'))
  const refused = await init(root)
  t.match(refused, { code: 1, out: /^init: \/srv\/disk1\/bitcoin is not the folder that held the data of bitcoind until now: is the right disk mounted\? .*make data-accept S=bitcoind CONFIRM=yes\n$/ })
  t.match(await init(root, ['moves']), { code: 1 }, 'that is no data to move')
  t.match(await init(root, ['accept', 'bitcoind']), { code: 0, out: 'bitcoind: its data is in /srv/disk1/bitcoin from now on\n' })
  t.equal((await init(root)).code, 0)
})

t.test('the folder of another stack, or of another program', async (t) => {
  for (const [marker, whose] of [[`v1 other bitcoind ${id('1')}\n`, 'bitcoind of the stack other'], [mark('stacks-node', '1'), 'stacks-node of the stack sample']] as const) {
    const root = prepared(t)
    root.write(`/var/lib/bitcoin/${dataMarker}`, marker)
    t.strictSame(await init(root), { code: 1, out: `init: /srv/disk1/bitcoin belongs to ${whose}; name another folder\n` })
    untouched(t, root)
  }
  for (const spoilt of ['', 'v1 sample bitcoind\n', mark('bitcoind', '1').slice(0, -1), `${mark('bitcoind', '1')}x`, 'v2 sample bitcoind x\n', '\0'.repeat(70_000)]) {
    const root = prepared(t)
    root.write(`/var/lib/bitcoin/${dataMarker}`, spoilt)
    t.match(await init(root), { code: 1, out: /has no \.stacks-signer-stack/ }, JSON.stringify(spoilt.slice(0, 60)))
  }
})

t.test('an answer that changes on a running stack is told, never obeyed by an empty start', async (t) => {
  const root = stack(t, {})
  await init(root)
  answers(root, true)
  for (const [program, digit] of [['bitcoind', '1'], ['stacks-node', '2'], ['stacks-signer', '3']] as const) root.write(`${data(program)}/${dataMarker}`, mark(program, digit))
  t.match(await init(root), { code: 1, out: /^init: the data of bitcoind is in volume:bitcoin-data, and the answers say \/srv\/disk1\/bitcoin: make move-data moves it\. If it is lost/ })
  t.strictSame(await init(root, ['moves']), { code: 0, out: 'bitcoind volume:bitcoin-data\nstacks-node volume:stacks-node-data\nstacks-signer volume:stacks-signer-data\n' })

  const back = prepared(t)
  await init(back)
  answers(back, false)
  t.match(await init(back), { code: 1, out: /^init: the data of bitcoind is in \/srv\/disk1\/bitcoin, and the answers say its named volume: make move-data moves it, or write BITCOIN_DATA_DIR=\/srv\/disk1\/bitcoin again\./ })
  t.strictSame(await init(back, ['moves']), { code: 0, out: 'bitcoind /srv/disk1/bitcoin\nstacks-node /srv/disk2/stacks\nstacks-signer /srv/disk2/signer\n' })
})

t.test('a disk that is mounted elsewhere is the same disk', async (t) => {
  const root = prepared(t)
  await init(root)
  root.write(stackJson, sampleFile({ folders: true }).replaceAll('/srv/disk1/', '/mnt/'))
  t.equal((await init(root)).code, 0)
  t.equal(root.read('/etc/bitcoin/.data-place'), `${id('1')} BITCOIN_DATA_DIR /mnt/bitcoin\n`)
})

t.test('another empty folder is refused until it is moved to or accepted', async (t) => {
  const root = prepared(t)
  await init(root)
  root.write(stackJson, sampleFile({ folders: true }).replaceAll('/srv/disk1/', '/mnt/'))
  root.write(`/var/lib/bitcoin/${dataMarker}`, mark('bitcoind', '9'))
  t.match(await init(root), { code: 1, out: /the data of bitcoind is in \/srv\/disk1\/bitcoin, and the answers say \/mnt\/bitcoin: make move-data moves it, or write BITCOIN_DATA_DIR=\/srv\/disk1\/bitcoin again/ })
  t.strictSame(await init(root, ['moves']), { code: 0, out: 'bitcoind /srv/disk1/bitcoin\n' })
})

t.test('half of moved data never starts', async (t) => {
  const root = prepared(t)
  root.write(`/var/lib/stacks-signer/${dataMarker}`, mark('stacks-signer', '3', ' moving'))
  t.match(await init(root), { code: 1, out: /^init: \/srv\/disk2\/signer holds a part of moved data: make move-data/ })
})

t.test('other data than before lets no signer start unguarded', async (t) => {
  const root = prepared(t)
  await init(root)
  const wanted = root.read('/var/lib/stacks-signer/guard/wanted')
  root.write('/var/lib/stacks-signer/guard/cleared', `${wanted}boot\n`)
  root.write(`/var/lib/stacks-signer/${dataMarker}`, mark('stacks-signer', '9'))
  t.equal((await init(root, ['accept', 'stacks-signer'])).code, 0)
  t.notOk(root.has('/var/lib/stacks-signer/guard/cleared'))
  t.match(await init(root, ['accept', 'nobody']), { code: 1, out: 'init: say which data: bitcoind, stacks-node, stacks-signer\n' })
})

t.test('a stack without folders leaves no trace of them', async (t) => {
  const root = stack(t, {})
  t.equal((await init(root)).code, 0)
  t.notOk(root.has('/etc/bitcoin/.data-place') || root.has(`/var/lib/bitcoin/${dataMarker}`))
  t.strictSame(await init(root, ['moves']), { code: 0, out: '' })
  t.notMatch(readFileSync(root.at(stackJson), 'utf8'), Object.values(sampleFolders)[0]!.path)
})

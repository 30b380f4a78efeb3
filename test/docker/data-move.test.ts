/** `init copy`: what arrives in the new place, what a second run does, and what is refused. */

import { chownSync, lstatSync, mkdirSync, readFileSync, readdirSync, readlinkSync, symlinkSync, utimesSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { dataMarker, paths } from '../../generator/catalogue/container.ts'
import { init, sampleFile, stackJson } from './init-setting.ts'
import { makeRoot, root as isRoot, type Root } from './tools.ts'

const id = (digit: string) => digit.repeat(32)
const long = new Date('2026-01-02T03:04:05.678Z')
const options = isRoot ? {} : { skip: 'not root' }

/** The data of bitcoind in a volume, and an empty folder that the answers say now. */
function setting(t: Test): Root {
  const root = makeRoot(t, ['/etc/bitcoin', '/var/lib/bitcoin', '/etc/stacks-node', '/var/lib/stacks-node', '/etc/stacks-signer', '/var/lib/stacks-signer', paths.movedData])
  root.write(stackJson, sampleFile({ folders: true }))
  for (const [name, folder, digit] of [['bitcoind', 'bitcoin', '1'], ['stacks-node', 'stacks-node', '2'], ['stacks-signer', 'stacks-signer', '3']] as const) {
    root.write(`/var/lib/${folder}/${dataMarker}`, `v1 sample ${name} ${id(digit)}\n`)
    root.write(`/etc/${folder}/config`, 'x')
  }
  put(root, 'blocks/blk00000.dat', 'b'.repeat(5 << 20))
  put(root, 'chainstate/000001.ldb', 'one')
  put(root, 'wallet "$(x)\'s\n', 'odd')
  mkdirSync(root.at(`${paths.movedData}/empty`))
  symlinkSync('/etc/passwd', root.at(`${paths.movedData}/link`))
  return root
}

function put(root: Root, name: string, content: string, time = long): void {
  const path = `${paths.movedData}/${name}`
  root.write(path, content)
  if (isRoot) chownSync(root.at(path), 101, 101)
  utimesSync(root.at(path), time, time)
}

/** Names, kinds, owners, modes, times and content of a folder, but for the marker. */
function told(path: string, name = ''): readonly string[] {
  return readdirSync(join(path, name)).filter((entry) => name !== '' || entry !== dataMarker).sort().flatMap((entry) => {
    const inner = join(name, entry)
    const found = lstatSync(join(path, inner))
    const facts = `${inner} ${found.uid} ${found.gid} ${found.mode}`
    if (found.isDirectory()) return [facts, ...told(path, inner)]
    if (found.isSymbolicLink()) return [`${facts} -> ${readlinkSync(join(path, inner))}`]
    return [`${facts} ${Math.round(found.mtimeMs)} ${readFileSync(join(path, inner), 'latin1')}`]
  })
}

const same = (t: Test, root: Root) => { t.strictSame(told(root.at('/var/lib/bitcoin')), told(root.at(paths.movedData))) }
const marker = (root: Root) => root.read(`/var/lib/bitcoin/${dataMarker}`)

t.test('ahead, last, and the switch', options, async (t) => {
  const root = setting(t)
  const ahead = await init(root, ['copy', 'bitcoind', 'ahead'])
  t.equal(ahead.code, 0, ahead.out)
  t.match(ahead.out, /^bitcoind: 0\.0 GB from volume:bitcoin-data to \/srv\/disk1\/bitcoin$/m)
  same(t, root)
  t.equal(marker(root), `v1 sample bitcoind ${id('1')} moving\n`)
  t.match(await init(root), { code: 1 }, 'init refuses both places meanwhile')

  const kept = lstatSync(root.at('/var/lib/bitcoin/blocks/blk00000.dat')).ino
  put(root, 'chainstate/000001.ldb', 'two', new Date('2026-01-02T03:04:06Z'))
  put(root, 'chainstate/000002.ldb', 'new')
  root.remove(`${paths.movedData}/wallet "$(x)'s\n`)
  root.remove(`${paths.movedData}/empty`)
  root.write(`${paths.movedData}/empty`, 'a file now')
  t.equal((await init(root, ['copy', 'bitcoind', 'last'])).code, 0)
  same(t, root)
  t.equal(lstatSync(root.at('/var/lib/bitcoin/blocks/blk00000.dat')).ino, kept, 'what has not changed is not copied again')
  t.equal((await init(root, ['accept', 'bitcoind'])).code, 0)
  t.equal(marker(root), `v1 sample bitcoind ${id('1')}\n`)
  t.equal(root.read('/etc/bitcoin/.data-place'), `${id('1')} BITCOIN_DATA_DIR /srv/disk1/bitcoin\n`)
  t.notMatch((await init(root, ['moves'])).out, /bitcoind/)
  t.ok(root.has(`${paths.movedData}/blocks/blk00000.dat`), 'the old place is as it was')
})

t.test('what changes in the moment of the first copy is copied again', options, async (t) => {
  const root = setting(t)
  put(root, 'peers.dat', 'old', new Date())
  const time = lstatSync(root.at(`${paths.movedData}/peers.dat`)).mtime
  await init(root, ['copy', 'bitcoind', 'ahead'])
  put(root, 'peers.dat', 'new', time)
  await init(root, ['copy', 'bitcoind', 'last'])
  t.equal(root.read('/var/lib/bitcoin/peers.dat'), 'new', 'although size and time are the same')
})

t.test('back into the named volume', options, async (t) => {
  const root = setting(t)
  root.write(stackJson, sampleFile())
  root.remove(`/var/lib/bitcoin/${dataMarker}`)
  root.write('/etc/bitcoin/.data-place', `${id('7')} BITCOIN_DATA_DIR /srv/old\n`)
  t.strictSame(await init(root, ['copy', 'bitcoind', 'last']), { code: 1, out: 'init: what is mounted from /srv/old is not the data of bitcoind: is its disk mounted?\n' })
  root.write(`${paths.movedData}/${dataMarker}`, `v1 sample bitcoind ${id('7')}\n`)
  for (const words of [['copy', 'bitcoind', 'ahead'], ['copy', 'bitcoind', 'last'], ['accept', 'bitcoind']]) t.equal((await init(root, words)).code, 0, words.join(' '))
  t.strictSame(told(root.at('/var/lib/bitcoin')), told(root.at(paths.movedData)))
  t.notOk(root.has(`/var/lib/bitcoin/${dataMarker}`) || root.has('/etc/bitcoin/.data-place'))
  t.strictSame(await init(root, ['moves']), { code: 0, out: '' })
})

t.test('what is refused', options, async (t) => {
  const full = setting(t)
  full.write('/var/lib/bitcoin/blocks/old.dat', 'x')
  t.strictSame(await init(full, ['copy', 'bitcoind', 'ahead']), { code: 1, out: 'init: /srv/disk1/bitcoin is not empty, and holds blocks: name an empty one, or remove what is in it\n' })
  t.equal(full.read('/var/lib/bitcoin/blocks/old.dat'), 'x')
  t.strictSame(await init(setting(t), ['copy', 'nobody', 'last']), { code: 1, out: 'init: there is nothing to move for nobody\n' })
  const away = setting(t)
  away.remove(`/var/lib/bitcoin/${dataMarker}`)
  t.match(await init(away, ['copy', 'bitcoind', 'last']), { code: 1, out: /has no \.stacks-signer-stack/ })
})

t.test('what is no file is told, and nothing waits for it', options, async (t) => {
  const root = setting(t)
  t.equal(spawnSync('mkfifo', [root.at(`${paths.movedData}/pipe`)]).status, 0)
  const { code, out } = await init(root, ['copy', 'bitcoind', 'last'])
  t.equal(code, 0, out)
  t.match(out, /^bitcoind: note: pipe is no file, folder or link, and is not copied$/m)
  t.notOk(root.has('/var/lib/bitcoin/pipe'))
})

t.test('too little room is told with the numbers', { ...(isRoot ? {} : { skip: 'not root' }) }, async (t) => {
  const root = setting(t)
  const script = `mount -t tmpfs -o size=1m none "$1/var/lib/bitcoin" && printf '%s\\n' 'v1 sample bitcoind ${id('1')}' >"$1/var/lib/bitcoin/${dataMarker}" && exec env STACK_ROOT="$1" "$2" docker/programs/init/main.ts copy bitcoind ahead`
  const { status, stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', script, 'sh', root.path, process.execPath], { encoding: 'utf8' })
  t.equal(status, 1)
  t.equal(stderr, 'init: /srv/disk1/bitcoin has 0.0 GB free, and bitcoind needs 0.0 GB more\n')
})

/** docker/host/data.sh: folders on disks that are there or not, and the steps of a move, with a stand-in for docker. */

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { dataMarker, paths } from '../../generator/catalogue/container.ts'
import { repository } from '../support/repository.ts'
import { needs, root as isRoot } from './tools.ts'

const options = isRoot ? needs('unshare', 'mountpoint', 'df') : { skip: 'not root' }
const environment = { STACK: 'a', MARKER: dataMarker, MOVED: paths.movedData, PATH: process.env['PATH'] ?? '' }

/** A stack's directory, and what runs the script in it after `before`, in a mount namespace of its own, below whose folder disk is a disk. */
function setting(t: Test) {
  // An answer cannot name a path with a blank, which a checkout may have.
  const top = mkdtempSync(join(tmpdir(), 'data-'))
  t.teardown(() => { rmSync(top, { recursive: true }) })
  for (const folder of ['stack/docker/host', 'disk', 'bin']) mkdirSync(join(top, folder), { recursive: true })
  cpSync(join(repository, 'docker/host/data.sh'), join(top, 'stack/docker/host/data.sh'))
  const run = (words: string, data: string, more: Readonly<Record<string, string>> = {}, before = 'mount -t tmpfs -o size=8m none disk') => {
    const { status, stdout, stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', `${before} && sh stack/docker/host/data.sh ${words}; code=$?; ${more['AFTER'] ?? ':'}; exit $code`],
      { cwd: top, encoding: 'utf8', env: { ...environment, DATA: data.replaceAll('@', top), ...more } })
    return { status, out: `${stdout}${stderr}`.replaceAll(top, '@') }
  }
  return { top, run }
}

t.test('folders on a disk that is mounted', options, async (t) => {
  const { top, run } = setting(t)
  const after = 'cat disk/bitcoin/.stacks* disk/stacks/.stacks*; stat -c %a:%u disk/bitcoin disk/bitcoin/.stacks*'
  const { status, out } = run('prepare', 'bitcoind=@/disk/bitcoin stacks-node=@/disk/stacks', { AFTER: after })
  t.equal(status, 0, out)
  t.match(out, /^prepare: @\/disk\/bitcoin is ready for bitcoind: on none, 0 GB free$/m)
  t.match(out, /^v1 a bitcoind [0-9a-f]{32}\nv1 a stacks-node [0-9a-f]{32}\n700:0\n444:0\n$/m)
  t.notOk(existsSync(join(top, 'disk/bitcoin')), 'it went with the disk')
})

t.test('again, nothing changes', options, async (t) => {
  const { run } = setting(t)
  const again = 'cp disk/b/.stacks* one; sh stack/docker/host/data.sh prepare >/dev/null && cmp one disk/b/.stacks* && echo same'
  t.match(run('prepare', 'bitcoind=@/disk/b', { AFTER: again }), { status: 0, out: /same\n$/ })
})

t.test('what is refused, before the first folder is made', options, async (t) => {
  const { run } = setting(t)
  const mounted = 'mount -t tmpfs -o size=8m none disk'
  const cases: readonly (readonly [why: string, data: string, before: string, out: RegExp])[] = [
    ['no disk, and no folder above', '@/disk/sub/bitcoin', ':', /@\/disk\/sub is missing: mount the disk, or make the folder/],
    ['the mount point itself', '@/disk', mounted, /@\/disk is the mount point of a disk, which is there without the disk too: write a folder on it, such as @\/disk\/bitcoind/],
    ['a folder with something in it', '@/disk/full', `${mounted} && mkdir disk/full && echo x >"disk/full/o d d"`, /@\/disk\/full is not empty, and holds o d d: write another folder/],
    ['a folder of another stack', '@/disk/other', `${mounted} && mkdir disk/other && echo "v1 b bitcoind ${'1'.repeat(32)}" >disk/other/${dataMarker}`, /@\/disk\/other belongs to another stack: b bitcoind/],
    ['a folder of another program', '@/disk/other', `${mounted} && mkdir disk/other && echo "v1 a stacks-node ${'1'.repeat(32)}" >disk/other/${dataMarker}`, /belongs to another stack: a stacks-node/],
    ['a link', '@/disk/link', `${mounted} && ln -s / disk/link`, /@\/disk\/link is a link/],
    ['a file', '@/disk/file', `${mounted} && echo x >disk/file`, /@\/disk\/file is no folder/],
    ['a folder of the stack', '@/stack/data', mounted, /@\/stack\/data is in the directory of the stack/],
  ]
  for (const [why, folder, before, out] of cases) {
    t.match(run('prepare', `stacks-node=@/disk/good bitcoind=${folder}`, { AFTER: '[ ! -e disk/good ] || echo MADE' }, before), { status: 1, out }, why)
    t.notMatch(run('prepare', `stacks-node=@/disk/good bitcoind=${folder}`, { AFTER: '[ ! -e disk/good ] || echo MADE' }, before).out, /MADE/, why)
  }
})

t.test('the root disk needs a word', options, async (t) => {
  const { top, run } = setting(t)
  // Whatever disk this test stands on is the root.
  writeFileSync(join(top, 'bin/df'), `#!/bin/sh\n/bin/df "$@" | sed 's, [^ ]*$, /,'\n`, { mode: 0o755 })
  const path = { PATH: `${join(top, 'bin')}:${environment.PATH}` }
  const refused = run('prepare', 'bitcoind=@/disk/b', path, ':')
  t.match(refused, { status: 1, out: /on the root disk: @\/disk\/b\. Is another disk meant\? Mount it first\. If not, say CONFIRM=yes/ })
  t.notOk(existsSync(join(top, 'disk/b')))
  t.match(run('prepare', 'bitcoind=@/disk/b', { ...path, CONFIRM: 'yes' }, ':'), { status: 0 })
  t.ok(existsSync(join(top, `disk/b/${dataMarker}`)))
})

t.test('check', options, async (t) => {
  const { run } = setting(t)
  t.match(run('check', 'bitcoind=@/disk/b'), { status: 1, out: 'check: @/disk/b is missing: is its disk mounted? The first time: sudo make data-dirs\n' })
  t.match(run('check', 'bitcoind=@/disk/b', {}, 'mkdir disk/b'), { status: 0, out: '' })
})

/** A docker that writes down what it is asked, and says what `moves` tells; a word in `failing` makes it fail. */
function moving(t: Test, moves: string, failing = 'nothing-fails', extra: Readonly<Record<string, string>> = { CONFIRM: 'yes' }) {
  const { top } = setting(t)
  mkdirSync(join(top, 'disk/bitcoin'))
  writeFileSync(join(top, 'bin/docker'), `#!/bin/sh
echo "$*" >>'${top}/asked'
case "$*" in *'${failing}'*) exit 1 ;; esac
case "$*" in
  *'init.mjs moves') cat '${top}/moves' ;;
  'compose config '*) printf '{\\n  "name": "proj",\\n  "services": {}\\n}\\n' ;;
  'volume ls '*volume=bitcoin-data*) echo proj_bitcoin-data ;;
  'volume ls '*volume=stacks-signer-data*) echo proj_stacks-signer-data ;;
  'ps --quiet --filter label='*) printf 'aaa\\nbbb\\n' ;;
esac
`, { mode: 0o755 })
  writeFileSync(join(top, 'moves'), moves.replaceAll('@', top))
  const { status, stdout, stderr } = spawnSync('sh', ['stack/docker/host/data.sh', 'move'], { cwd: top, encoding: 'utf8', env: { ...environment, PATH: `${join(top, 'bin')}:${environment.PATH}`, DATA: `bitcoind=${top}/disk/bitcoin`, ...extra } })
  const asked = readFileSync(join(top, 'asked'), 'utf8').replaceAll(top, '@').replaceAll('compose run --rm --no-deps -T ', 'run ').replaceAll('--entrypoint node init /stack/docker/init.mjs', 'INIT').trim().split('\n')
  return { status, out: `${stdout}${stderr}`.replaceAll(top, '@'), asked }
}

const both = 'bitcoind volume:bitcoin-data\nstacks-signer volume:stacks-signer-data\n'

t.test('a move stops the stack for the last part only, and the signer\'s database is copied then', async (t) => {
  const { status, out, asked } = moving(t, both)
  t.equal(status, 0, out)
  const steps = asked.filter((line) => !/^(volume ls|ps |compose config)/.test(line))
  t.strictSame(steps, [
    'run INIT moves', `run --volume proj_bitcoin-data:${paths.movedData}:ro INIT copy bitcoind ahead`, 'compose stop',
    `run --volume proj_bitcoin-data:${paths.movedData}:ro INIT copy bitcoind last`, `run --volume proj_stacks-signer-data:${paths.movedData}:ro INIT copy stacks-signer last`,
    'run INIT accept bitcoind', 'run INIT accept stacks-signer', 'compose up -d',
  ])
  t.match(out, /done\. Nothing was deleted\. When all is well, this may go:\n {2}docker volume rm proj_bitcoin-data\n {2}docker volume rm proj_stacks-signer-data\n$/)
})

t.test('from a folder', async (t) => {
  const { status, out, asked } = moving(t, 'bitcoind @/disk\n')
  t.equal(status, 0, out)
  t.ok(asked.includes(`run --volume @/disk:${paths.movedData}:ro INIT copy bitcoind last`))
  t.match(out, / {2}sudo rm -r @\/disk\n$/)
  const away = moving(t, 'bitcoind @/away\n')
  t.match(away, { status: 1, out: /@\/away is not there: is its disk mounted\?.*\n.*nothing was switched; the stack runs as before/ })
  t.notOk(away.asked.some((line) => /--volume|compose stop/.test(line)), 'Docker would make a folder that is missing')
})

t.test('nothing to do, and no word', async (t) => {
  t.match(moving(t, ''), { status: 0, out: 'move: all data is where the answers say\n' })
  const { status, out, asked } = moving(t, both, undefined, {})
  t.equal(status, 2)
  t.match(out, /bitcoind, from volume:bitcoin-data\n {2}stacks-signer, from volume:stacks-signer-data\n.*Say CONFIRM=yes/)
  t.strictSame(asked, ['run INIT moves'])
})

t.test('where a part fails, nothing is switched and the old containers run on', async (t) => {
  for (const [failing, started] of [['copy bitcoind ahead', false], ['compose stop', true], ['copy stacks-signer last', true], ['ps --quiet --filter volume=', true]] as const) {
    const { status, out, asked } = moving(t, both, failing)
    t.equal(status, 1, failing)
    t.match(out, /nothing was switched/)
    t.notOk(asked.some((line) => /accept|up -d/.test(line)), failing)
    t.equal(asked.includes('start aaa bbb'), started, failing)
  }
  const half = moving(t, both, 'accept stacks-signer')
  t.match(half, { status: 1, out: /the stack is stopped: make move-data again, then make up/ })
  t.notOk(half.asked.some((line) => /^start|up -d/.test(line)), 'old containers must not write to data that has moved')
})

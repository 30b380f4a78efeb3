/** docker/tools/direct.py: large files are whole, whatever their size is and whatever the file system can do. */

import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { chainstate, tar, zstd, type Entry } from './archives.ts'
import { python } from './sbtc-setting.ts'
import { arrived, data, setting, snapshot } from './snapshot-setting.ts'
import { needs } from './tools.ts'

const options = needs('python3', 'zstd')
const block = 4 << 20

t.test('sizes about the blocks\', beside small files, all as they were', options, async (t) => {
  const sizes = [block, block + 1, 3 * block - 4096, 4 * block + 4095, 511, 0, block + 5000]
  const large: readonly Entry[] = sizes.map((size, index) => ({ name: `mainnet/large-${index}`, content: randomBytes(size) }))
  const archive = zstd(tar([...chainstate('mainnet'), ...large]))
  const set = await setting(t, archive)
  snapshot(t, set.env)
  await arrived(t, set, archive)
  for (const [index, { content }] of large.entries()) {
    const found = readFileSync(set.root.at(`${data}/mainnet/large-${index}`))
    t.ok(found.equals(content as Buffer), `${sizes[index]} bytes`)
  }
})

// What a file system refuses, and how much it writes at a time; prints the flag at the end and whether the file is right.
const script = `
import errno, fcntl, json, os, random, sys
sys.path.insert(0, sys.argv[1])
import direct
path, size, refuses, most, fails = json.load(sys.stdin)
opened, written = os.open, os.pwrite
def open_as(path, flags, mode):
    if refuses == 'open' and flags & os.O_DIRECT:
        raise OSError(errno.EINVAL, 'refused')
    return opened(path, flags, mode)
def write_as(file, view, place):
    if refuses == 'write' and fcntl.fcntl(file, fcntl.F_GETFL) & os.O_DIRECT:
        raise OSError(errno.EINVAL, 'refused')
    if place >= fails:
        raise OSError(errno.ENOSPC, 'no room')
    return written(file, view[:most], place)
os.open, os.pwrite = open_as, write_as
file = direct.open_direct(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o640)
if file is None:
    print('null')
    sys.exit()
content = random.Random(1).randbytes(size)
place = 0
def fill(view):
    global place
    view[:] = content[place:place + len(view)]
    place += len(view)
writer = direct.Direct()
try:
    writer.copy(fill, size, file)
    print(json.dumps([bool(fcntl.fcntl(file, fcntl.F_GETFL) & os.O_DIRECT), open(path, 'rb').read() == content]))
except OSError as error:
    print(json.dumps([error.errno, writer.free.qsize()]))
`

for (const [what, size, refuses, most, fails, wanted] of [
  ['whole units stay past the cache', 2 * block, '', 2 * block, Infinity, [true, true]],
  ['the last bytes are no unit', 2 * block + 100, '', 2 * block, Infinity, [false, true]],
  ['a write that takes a part', 2 * block, '', 1 << 20, Infinity, [true, true]],
  ['a write that takes no whole units', 2 * block, '', 5000, Infinity, [false, true]],
  ['refused when it is opened', 2 * block, 'open', 2 * block, Infinity, null],
  ['refused when it is written', 2 * block, 'write', 2 * block, Infinity, [false, true]],
  ['a full disk: said, and no block is still being written', 9 * block, '', 2 * block, 2 * block, [28, 3]],
] as const) {
  t.test(what, options, async (t) => {
    const path = join(t.testdir({}), 'file')
    t.strictSame(JSON.parse(await python(script, [path, size, refuses, most, fails === Infinity ? 2 ** 50 : fails])), wanted)
  })
}

t.test('an archive that ends within a large file is damaged, and nothing is left open', options, async (t) => {
  const whole = tar([...chainstate('mainnet'), { name: 'mainnet/large', content: randomBytes(3 * block) }])
  const archive = zstd(whole.subarray(0, whole.length - 2 * block))
  const set = await setting(t, archive)
  const running = snapshot(t, set.env)
  await running.says(/the archive is refused \(unexpected end of data\)/)
  t.notOk(set.root.has(`${data}/mainnet`))
})

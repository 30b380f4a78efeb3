import { spawn } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import t from 'tap'
import { diskProblem, errorCode, makeDirectory, sweepLeftovers, syncDirectory, writeBeside } from '../../generator/io/disk.ts'
import { withFault } from '../support/faults.ts'

const modeOf = (path: string) => statSync(path).mode & 0o7777

t.test('errors of the system say what and what to do', async (t) => {
  for (const code of ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENAMETOOLONG', 'EIO', 'EMFILE']) {
    const problem = diskProblem(Object.assign(new Error('x'), { code }), 'config/a', 'written')
    t.match(problem.message, new RegExp(`^config/a cannot be written: .*\\(${code}\\)$`))
    t.ok(problem.hint, code)
  }
  t.equal(diskProblem(Object.assign(new Error('x'), { code: 'EWEIRD' }), 'a', 'removed').message, 'a cannot be removed: the system refuses (EWEIRD)')
})

t.test('what is no error of the system is a bug', async (t) => {
  const bug = new TypeError('a bug')
  t.throws(() => diskProblem(bug, 'a', 'read'), bug)
  t.throws(() => diskProblem(Object.assign(new Error('x'), { code: 'ERR_INVALID_ARG_TYPE' }), 'a', 'read'))
  t.equal(errorCode('text'), undefined)
})

t.test('directories are made with their mode under any umask', async (t) => {
  const root = t.testdir({})
  const umask = process.umask(0o077)
  t.teardown(() => { process.umask(umask) })
  t.strictSame(makeDirectory(join(root, 'a/b'), 0o755), [join(root, 'a'), join(root, 'a/b')])
  t.equal(modeOf(join(root, 'a')), 0o755)
  t.equal(modeOf(join(root, 'a/b')), 0o755)
  process.umask(0)
  makeDirectory(join(root, 'secret'), 0o700)
  t.equal(modeOf(join(root, 'secret')), 0o700)
})

t.test('directories that are there stay as they are', async (t) => {
  const root = t.testdir({ a: {} })
  chmodSync(join(root, 'a'), 0o2770)
  t.strictSame(makeDirectory(join(root, 'a'), 0o755), [])
  t.equal(modeOf(join(root, 'a')), 0o2770)
})

t.test('a file is written beside, complete, with its mode under any umask', async (t) => {
  const root = t.testdir({ file: 'old\n' })
  const umask = process.umask(0o077)
  t.teardown(() => { process.umask(umask) })
  const name = writeBeside(join(root, 'file'), 'new ✓\n', 0o644)
  t.equal(dirname(name), root)
  t.match(basename(name), new RegExp(`^\\.file\\.tmp-${process.pid}-[0-9a-f]{12}$`))
  t.equal(readFileSync(name, 'utf8'), 'new ✓\n')
  t.equal(modeOf(name), 0o644)
  t.equal(readFileSync(join(root, 'file'), 'utf8'), 'old\n')
  t.not(writeBeside(join(root, 'file'), 'x', 0o600), name)
})

t.test('what could not be written in full does not stay', async (t) => {
  const root = t.testdir({})
  for (const step of [2, 3, 4]) t.throws(() => withFault(step, 'ENOSPC', () => writeBeside(join(root, 'file'), 'text', 0o644)))
  t.strictSame(readdirSync(root), [])
})

t.test('a file system that cannot sync directories is put up with, one that fails is not', async (t) => {
  const root = t.testdir({})
  for (const code of ['EINVAL', 'EPERM']) t.doesNotThrow(() => withFault(2, code, () => { syncDirectory(root) }))
  t.throws(() => withFault(2, 'EIO', () => { syncDirectory(root) }))
})

t.test('leftovers of dead runs go, those of running ones and the names of others stay', async (t) => {
  const other = spawn('sleep', ['100000'])
  t.teardown(() => { other.kill() })
  const running = `.a.tmp-${other.pid}-0123456789ab`
  const dead = ['.a.tmp-4194305-0123456789ab', '..gitignore.tmp-4194305-0123456789ab', `.a.tmp-${process.pid}-0123456789ab`]
  const foreign = ['.a.tmp', 'a.tmp-4194305-0123456789ab', '.a.tmp-4194305-0123456789ABx', '.tmp-4194305-0123456789ab']
  const root = t.testdir({})
  for (const name of [running, ...dead, ...foreign]) writeFileSync(join(root, name), 'x')
  sweepLeftovers(root)
  t.strictSame(readdirSync(root).sort(), [running, ...foreign].sort())
  t.doesNotThrow(() => { sweepLeftovers(join(root, 'absent')) })
  t.notOk(existsSync(join(root, 'absent')))
})

import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Change } from '../../generator/changes/compare.ts'
import { applyChanges } from '../../generator/io/apply.ts'
import { withLaterFault } from '../support/faults.ts'
import { readFiles } from '../support/files.ts'

const create = (path: string, after = 'new\n', mode: 0o644 | 0o755 = 0o644): Change => ({ kind: 'create', path, after, mode })
const update = (path: string, before: string, after = 'new\n', mode: 0o644 | 0o755 = 0o644): Change => ({ kind: 'update', path, before, after, mode })
const conflict = (path: string, before?: string, after?: string): Change =>
  ({ kind: 'conflict', path, ...(before !== undefined && { before }), ...(after !== undefined && { after, mode: 0o644 as const }), reason: 'edited by hand' })
const apply = (root: string, changes: readonly Change[], force = false) => applyChanges(root, changes, { force })
const codes = async (problems: ReturnType<typeof apply>) => (await problems).map(({ code }) => code)

t.test('makes the directory, folders, contents and modes', async (t) => {
  const root = join(t.testdir({}), 'new/out')
  const umask = process.umask(0o077)
  t.teardown(() => { process.umask(umask) })
  t.strictSame(await apply(root, [create('a/b/run.sh', '#!/bin/sh\n', 0o755), create('c'), create('.stack-manifest.json', '{}\n')]), [])
  t.strictSame(readFiles(root), { '.stack-manifest.json': '{}\n', 'a/b/run.sh': '#!/bin/sh\n', c: 'new\n' })
  const modes = [['', 0o755], ['a', 0o755], ['a/b', 0o755], ['a/b/run.sh', 0o755], ['c', 0o644]] as const
  for (const [path, mode] of modes) t.equal(statSync(join(root, path)).mode & 0o777, mode, path)
})

t.test('updates, changes modes, deletes, and clears emptied folders but not used ones', async (t) => {
  const root = t.testdir({ a: 'old\n', script: 'x\n', x: { y: { gone: 'gone\n' } }, kept: { gone: 'gone\n', user: 'u\n' } })
  t.strictSame(await apply(root, [
    { kind: 'delete', path: 'x/y/gone', before: 'gone\n' }, { kind: 'delete', path: 'kept/gone', before: 'gone\n' },
    update('a', 'old\n'), update('script', 'x\n', 'x\n', 0o755),
  ]), [])
  t.strictSame(readFiles(root), { a: 'new\n', 'kept/user': 'u\n', script: 'x\n' })
  t.strictSame(readdirSync(root).sort(), ['a', 'kept', 'script'])
  t.equal(statSync(join(root, 'script')).mode & 0o777, 0o755)
})

t.test('unchanged files are not touched', async (t) => {
  const root = t.testdir({ a: 'x\n' })
  const { mtimeMs, ino } = statSync(join(root, 'a'))
  t.strictSame(await apply(root, [{ kind: 'unchanged', path: 'a', before: 'x\n', after: 'x\n', mode: 0o644 }, create('b')]), [])
  t.match(statSync(join(root, 'a')), { mtimeMs, ino })
})

t.test('a conflict without force stops everything', async (t) => {
  const root = t.testdir({ a: 'mine\n' })
  t.strictSame(await codes(apply(root, [create('b'), conflict('a', 'mine\n', 'new\n')])), ['conflict'])
  t.strictSame(readFiles(root), { a: 'mine\n' })
})

t.test('with force the edited copy is kept, also of files no longer wanted', async (t) => {
  const root = t.testdir({ a: 'mine\n', x: { gone: 'mine too\n' } })
  t.strictSame(await apply(root, [conflict('a', 'mine\n', 'new\n'), conflict('x/gone', 'mine too\n')], true), [])
  t.strictSame(readFiles(root), { a: 'new\n', 'a.orig': 'mine\n', 'x/gone.orig': 'mine too\n' })
  writeFileSync(join(root, 'a'), 'mine again\n')
  t.strictSame(await apply(root, [conflict('a', 'mine again\n', 'new\n')], true), [])
  t.strictSame(readFiles(root), { a: 'new\n', 'a.orig': 'mine\n', 'a.orig.1': 'mine again\n', 'x/gone.orig': 'mine too\n' })
})

t.test('with force a link is replaced, never followed', async (t) => {
  const root = t.testdir({ outside: 'precious\n', out: {} })
  const out = join(root, 'out')
  symlinkSync('../outside', join(out, 'a'))
  t.strictSame(await apply(out, [conflict('a', undefined, 'new\n')], true), [])
  t.equal(lstatSync(join(out, 'a')).isFile(), true)
  t.equal(readlinkSync(join(out, 'a.orig')), '../outside')
  t.equal(readFileSync(join(root, 'outside'), 'utf8'), 'precious\n')
})

t.test('with force what is no text is put aside', async (t) => {
  const root = t.testdir({})
  writeFileSync(join(root, 'a'), Buffer.from([0xff]))
  t.strictSame(await apply(root, [conflict('a', undefined, 'new\n')], true), [])
  t.equal(readFileSync(join(root, 'a.orig'))[0], 0xff)
  t.equal(readFileSync(join(root, 'a'), 'utf8'), 'new\n')
})

t.test('nothing is written through a linked folder, over a directory or below a file, not even with force', async (t) => {
  const root = t.testdir({ outside: {}, out: { a: { user: 'x\n' }, file: 'x\n' } })
  const out = join(root, 'out')
  symlinkSync('../outside', join(out, 'linked'))
  for (const path of ['linked/a', 'a', 'file/below']) {
    t.strictSame(await codes(apply(out, [create('other'), conflict(path, undefined, 'new\n')], true)), ['in-the-way'], path)
    t.strictSame(await codes(apply(out, [create('other'), create(path)], true)), ['changed-meanwhile'], path)
  }
  t.strictSame(readdirSync(join(root, 'outside')), [])
  t.strictSame(readdirSync(out).sort(), ['a', 'file', 'linked'])
})

t.test('what another program changed since the comparison is left alone', async (t) => {
  const cases: readonly [string, Change][] = [
    ['came', create('a')], ['differs', update('a', 'old\n')], ['differs', { kind: 'delete', path: 'a', before: 'old\n' }], ['differs', conflict('a', 'old\n', 'new\n')],
  ]
  for (const [name, change] of cases) {
    const root = t.testdir({ a: 'someone else\n' })
    t.strictSame(await codes(apply(root, [create('b'), change], true)), ['changed-meanwhile'], `${name}: ${change.kind}`)
    t.strictSame(readFiles(root), { a: 'someone else\n' })
  }
  t.strictSame(await codes(apply(t.testdir({}), [update('a', 'old\n')])), ['changed-meanwhile'], 'went away')
})

t.test('a full disk takes everything back, new folders too', async (t) => {
  const root = t.testdir({ rehearsal: { a: 'old\n' }, out: { a: 'old\n' } })
  const changes = [update('a', 'old\n'), create('x/y/z')]
  const { steps } = await withLaterFault(0, '', () => apply(join(root, 'rehearsal'), changes))
  const out = join(root, 'out')
  const [problem] = (await withLaterFault(steps.lastIndexOf('writeFileSync') + 1, 'ENOSPC', () => apply(out, changes))).value
  t.equal(problem?.message, 'x/y/z cannot be written: the disk is full (ENOSPC)')
  t.match(problem?.hint, 'make room')
  t.strictSame(readFiles(out), { a: 'old\n' })
  t.strictSame(readdirSync(out), ['a'])
})

t.test('of more files than are open at a time none is forgotten, and all are taken back', async (t) => {
  const root = t.testdir({ rehearsal: {}, out: {} })
  const changes = Array.from({ length: 100 }, (_, index) => create(`folder/${index}`, `${index}\n`))
  const { value, steps } = await withLaterFault(0, '', () => apply(join(root, 'rehearsal'), changes))
  t.strictSame(value, [])
  t.strictSame(readFiles(join(root, 'rehearsal')), Object.fromEntries(changes.map(({ path, after }) => [path, after])))
  const staging = steps.slice(0, steps.indexOf('renameSync'))
  t.equal(staging.filter((step) => step === 'fsync').length, 100, 'no name before all is on the disk')
  t.strictSame(steps.slice(steps.lastIndexOf('renameSync')).filter((step) => step === 'fsync').length, 2, 'and then the names')
  for (const [name, code] of [['writeFileSync', 'ENOSPC'], ['fsync', 'EIO']] as const) {
    const [problem] = (await withLaterFault(staging.lastIndexOf(name) + 1, code, () => apply(join(root, 'out'), changes))).value
    t.match(problem?.message, 'folder/99 cannot be written')
    t.strictSame(readdirSync(join(root, 'out')), [], name)
  }
})

t.test('what is gone is gone from the disk before the manifest no longer names it', async (t) => {
  const root = t.testdir({ a: 'a\n', x: { y: { one: 'one\n', two: 'two\n' } }, kept: { gone: 'gone\n', user: 'u\n' }, '.stack-manifest.json': '{}\n' })
  const gone = (path: string): Change => ({ kind: 'delete', path, before: `${path.split('/').at(-1)}\n` })
  const { value, steps } = await withLaterFault(0, '', () => apply(root, [gone('x/y/one'), gone('x/y/two'), gone('kept/gone'), update('.stack-manifest.json', '{}\n')]))
  t.strictSame(value, [])
  t.strictSame(readdirSync(root).sort(), ['.stack-manifest.json', 'a', 'kept'])
  const before = steps.slice(steps.lastIndexOf('rmdirSync'), steps.indexOf('renameSync'))
  t.equal(before.filter((step) => step === 'fsync').length, 2, 'the root and kept')
})

t.test('a failure after the first rename says that running again finishes the work', async (t) => {
  const root = t.testdir({ rehearsal: { a: 'old\n', b: 'old\n' }, out: { a: 'old\n', b: 'old\n' } })
  const changes = [update('a', 'old\n'), update('b', 'old\n')]
  const { steps } = await withLaterFault(0, '', () => apply(join(root, 'rehearsal'), changes))
  const out = join(root, 'out')
  const [problem] = (await withLaterFault(steps.lastIndexOf('renameSync') + 1, 'EIO', () => apply(out, changes))).value
  t.equal(problem?.message, 'b cannot be written: the disk reports an error (EIO)')
  t.match(problem?.hint, 'running again finishes the work')
  t.strictSame(readFiles(out), { a: 'new\n', b: 'old\n' })
})

t.test('the output directory is a file', async (t) => {
  const root = t.testdir({ out: 'x\n' })
  t.match((await apply(join(root, 'out'), [create('a')]))[0]?.message, /^a cannot be (read|written): .*ENOTDIR/)
})

t.test('the output directory may itself be a link', async (t) => {
  const root = t.testdir({ real: {} })
  symlinkSync('real', join(root, 'alias'))
  t.strictSame(await apply(join(root, 'alias'), [create('a')]), [])
  t.strictSame(readFiles(join(root, 'real')), { a: 'new\n' })
})

t.test('leftovers are swept even when there is nothing to do', async (t) => {
  const root = t.testdir({ sub: { a: 'x\n' } })
  mkdirSync(join(root, 'secrets'))
  chmodSync(join(root, 'secrets'), 0o700)
  const left = ['.b.tmp-4194305-0123456789ab', 'sub/.a.tmp-4194305-0123456789ab', 'secrets/.auth-token.tmp-4194305-0123456789ab']
  for (const path of left) writeFileSync(join(root, path), 'x')
  t.strictSame(await apply(root, [{ kind: 'unchanged', path: 'sub/a', before: 'x\n', after: 'x\n', mode: 0o644 }]), [])
  t.strictSame(readFiles(root), { 'sub/a': 'x\n' })
})

t.test('a path that leaves the directory is a bug', async (t) => {
  for (const path of ['../a', '/a', 'a/../../b', 'a//b', '.']) await t.rejects(apply(t.testdir({}), [create(path)]), /leads out/)
})

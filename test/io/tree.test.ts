import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readTree } from '../../generator/io/tree.ts'
import { withFault } from '../support/faults.ts'

t.test('every kind of thing that can stand at a path', async (t) => {
  const outside = t.testdir({ out: { file: 'outside\n', folder: { file: 'outside\n' } }, root: { plain: 'text\n', bom: '\uFEFFtext', folder: { inner: 'x\n' } } })
  const root = join(outside, 'root')
  chmodSync(join(root, 'plain'), 0o664)
  writeFileSync(join(root, 'program'), '#!/bin/sh\n')
  chmodSync(join(root, 'program'), 0o700)
  writeFileSync(join(root, 'bytes'), Buffer.from([0x61, 0xff, 0xfe]))
  symlinkSync('../out/file', join(root, 'link'))
  symlinkSync('nowhere', join(root, 'dangling'))
  symlinkSync('../out/folder', join(root, 'linked'))
  execFileSync('mkfifo', [join(root, 'pipe')])
  const paths = ['plain', 'bom', 'program', 'bytes', 'link', 'dangling', 'linked/file', 'linked/absent', 'pipe', 'folder', 'folder/inner', 'plain/below', 'absent', 'absent/deep']
  const read = readTree(root, paths)
  t.strictSame(read.problems, [])
  t.strictSame(Object.fromEntries(read.value!), {
    plain: { kind: 'file', content: 'text\n', mode: 0o644 },
    bom: { kind: 'file', content: '\uFEFFtext', mode: 0o644 },
    program: { kind: 'file', content: '#!/bin/sh\n', mode: 0o755 },
    bytes: { kind: 'not-text' },
    link: { kind: 'link', at: 'link' },
    dangling: { kind: 'link', at: 'dangling' },
    'linked/file': { kind: 'link', at: 'linked' },
    'linked/absent': { kind: 'link', at: 'linked' },
    pipe: { kind: 'special' },
    folder: { kind: 'directory' },
    'folder/inner': { kind: 'file', content: 'x\n', mode: 0o644 },
    'plain/below': { kind: 'not-a-directory', at: 'plain' },
  })
})

t.test('a file of any size is read whole, and nothing of the one before it', async (t) => {
  const sizes = [0, 1, 3, 65_535, 65_536, 65_537, 200_000, 2, 0]
  const text = (size: number) => `${'é'.repeat(size >> 1)}${size % 2 ? 'x' : ''}`
  const root = t.testdir(Object.fromEntries(sizes.map((size, index) => [`${index}`, text(size)])))
  const read = readTree(root, sizes.map((_, index) => `${index}`)).value
  for (const [index, size] of sizes.entries()) t.strictSame(read?.get(`${index}`), { kind: 'file', content: text(size), mode: 0o644 }, `${size} bytes`)
})

t.test('a directory that is not there is empty', async (t) => {
  t.equal(readTree(join(t.testdir({}), 'absent'), ['a', 'b/c']).value?.size, 0)
})

t.test('the directory itself may be a link: the operator chose it', async (t) => {
  const root = t.testdir({ real: { a: 'x\n' } })
  symlinkSync('real', join(root, 'alias'))
  t.equal(readTree(join(root, 'alias'), ['a']).value?.get('a')?.kind, 'file')
})

t.test('a directory that is a file is a problem that names the path', async (t) => {
  const root = t.testdir({ file: 'x\n' })
  const read = readTree(join(root, 'file'), ['a'])
  t.equal(read.value, undefined)
  t.match(read.problems[0]?.message, /^a cannot be read: .*\(ENOTDIR\)$/)
})

t.test('what cannot be read is a problem each', async (t) => {
  const root = t.testdir({ a: 'a\n', b: 'b\n' })
  const { value: read } = withFault(1, 'EACCES', () => readTree(root, ['a', 'b']))
  t.equal(read.value, undefined)
  t.strictSame(read.problems.map(({ message }) => message), ['a cannot be read: permission denied (EACCES)'])
  t.match(read.problems[0]?.hint, 'owner')
})

t.test('a name that the system cannot hold is a problem, not a crash', async (t) => {
  const root = t.testdir({})
  mkdirSync(join(root, 'x'))
  t.match(readTree(root, [`x/${'n'.repeat(300)}`]).problems[0]?.message, 'ENAMETOOLONG')
})

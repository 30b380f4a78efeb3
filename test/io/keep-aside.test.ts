import { lstatSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { TreeEntry } from '../../generator/changes/compare.ts'
import { keepAside } from '../../generator/io/keep-aside.ts'
import { withFault } from '../support/faults.ts'

const text = (content: string): TreeEntry => ({ kind: 'file', content, mode: 0o644 })

t.test('the edited file keeps its name and gets another', async (t) => {
  const root = t.testdir({ a: 'mine\n' })
  keepAside(join(root, 'a'), text('mine\n'))
  t.equal(readFileSync(join(root, 'a.orig'), 'utf8'), 'mine\n')
  t.equal(readFileSync(join(root, 'a'), 'utf8'), 'mine\n')
})

t.test('older copies are never overwritten', async (t) => {
  const root = t.testdir({ 'a.orig': 'first\n', 'a.orig.1': 'second\n' })
  symlinkSync('a.orig', join(root, 'a.orig.2'))
  writeFileSync(join(root, 'a'), 'third\n')
  keepAside(join(root, 'a'), text('third\n'))
  t.strictSame(readdirSync(root).sort(), ['a', 'a.orig', 'a.orig.1', 'a.orig.2', 'a.orig.3'])
  t.equal(readFileSync(join(root, 'a.orig'), 'utf8'), 'first\n')
  t.equal(readFileSync(join(root, 'a.orig.1'), 'utf8'), 'second\n')
  t.equal(readFileSync(join(root, 'a.orig.3'), 'utf8'), 'third\n')
})

t.test('the same edit is kept once', async (t) => {
  const root = t.testdir({ a: 'mine\n', 'a.orig': 'mine\n' })
  keepAside(join(root, 'a'), text('mine\n'))
  t.strictSame(readdirSync(root).sort(), ['a', 'a.orig'])
})

t.test('a link is moved as a link, and what it points at is left alone', async (t) => {
  const root = t.testdir({ target: 'x\n' })
  symlinkSync('target', join(root, 'a'))
  keepAside(join(root, 'a'), { kind: 'link', at: 'a' })
  t.equal(readlinkSync(join(root, 'a.orig')), 'target')
  t.equal(lstatSync(join(root, 'a'), { throwIfNoEntry: false }), undefined)
  t.equal(readFileSync(join(root, 'target'), 'utf8'), 'x\n')
})

t.test('where a file can have no second name it is moved', async (t) => {
  const root = t.testdir({ a: 'mine\n' })
  withFault(1, 'EPERM', () => { keepAside(join(root, 'a'), text('mine\n')) })
  t.strictSame(readdirSync(root), ['a.orig'])
  rmSync(join(root, 'a.orig'))
  writeFileSync(join(root, 'a'), 'mine\n')
  t.throws(() => withFault(1, 'ENOSPC', () => { keepAside(join(root, 'a'), text('mine\n')) }))
  t.strictSame(readdirSync(root), ['a'])
})

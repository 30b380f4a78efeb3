import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { applyPatch } from 'diff'
import type { Change } from '../../generator/changes/compare.ts'
import { unifiedDiff } from '../../generator/changes/diff.ts'

const cases: readonly [name: string, change: Change, want: string][] = [
  ['an update', { kind: 'update', path: 'config/a', before: '1\n2\n3\n4\n5\n', after: '1\n2\nX\n4\n5\n', mode: 0o644 },
    '--- a/config/a\n+++ b/config/a\n@@ -1,5 +1,5 @@\n 1\n 2\n-3\n+X\n 4\n 5\n'],
  ['a new file', { kind: 'create', path: 'a', after: 'x\n', mode: 0o644 }, '--- /dev/null\n+++ b/a\n@@ -0,0 +1,1 @@\n+x\n'],
  ['a deleted file', { kind: 'delete', path: 'a', before: 'x\n' }, '--- a/a\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-x\n'],
  ['a hand edit is what would be lost', { kind: 'conflict', path: 'a', before: 'x\n# mine\n', after: 'x\n', reason: 'edited by hand' },
    '--- a/a\n+++ b/a\n@@ -1,2 +1,1 @@\n x\n-# mine\n'],
  ['a missing line end', { kind: 'update', path: 'a', before: 'x', after: 'x\n' },
    '--- a/a\n+++ b/a\n@@ -1,1 +1,1 @@\n-x\n\\ No newline at end of file\n+x\n'],
  ['a mode alone', { kind: 'update', path: 'a', before: 'x\n', after: 'x\n', mode: 0o755 }, 'diff --git a/a b/a\nold mode 100644\nnew mode 100755\n'],
  ['an unchanged file', { kind: 'unchanged', path: 'a', before: 'x\n', after: 'x\n', mode: 0o644 }, ''],
  ['something that is no text', { kind: 'conflict', path: 'a', after: 'x\n', reason: 'a is a symbolic link' }, '# a: a is a symbolic link\n'],
]

for (const [name, change, want] of cases) {
  t.test(name, async (t) => { t.equal(unifiedDiff(change), want) })
}

t.test('git applies what is shown', async (t) => {
  const root = t.testdir({ a: '1\n2\n3\n', gone: 'x\n' })
  const changes: readonly Change[] = [
    { kind: 'update', path: 'a', before: '1\n2\n3\n', after: '1\ntwo\n3\nfour\n', mode: 0o644 },
    { kind: 'create', path: 'sub/b', after: 'b\n', mode: 0o644 },
    { kind: 'delete', path: 'gone', before: 'x\n' },
  ]
  mkdirSync(join(root, 'sub'))
  execFileSync('git', ['init', '-q'], { cwd: root })
  execFileSync('git', ['apply', '-'], { cwd: root, input: changes.map(unifiedDiff).join('') })
  t.equal(readFileSync(join(root, 'a'), 'utf8'), '1\ntwo\n3\nfour\n')
  t.equal(readFileSync(join(root, 'sub/b'), 'utf8'), 'b\n')
  t.throws(() => readFileSync(join(root, 'gone')))
})

t.test('files that have nothing in common are shown quickly, and in full', async (t) => {
  for (const end of ['\n', '']) {
    const lines = (mark: string) => Array.from({ length: 30_000 }, (_, index) => `${mark}${index}`).join('\n') + end
    const before = lines('a')
    const after = lines('b')
    const start = process.cpuUsage()
    const shown = unifiedDiff({ kind: 'update', path: 'big', before, after, mode: 0o644 })
    t.ok(process.cpuUsage(start).user < 5e6, 'in seconds of a processor, which the load of the machine does not change')
    t.match(shown, '@@ -1,30000 +1,30000 @@\n-a0\n')
    t.ok(applyPatch(before, shown) === after, 'it is a patch')
  }
})

t.test('a small change in a big file stays small', async (t) => {
  const before = Array.from({ length: 200_000 }, (_, index) => `line ${index}\n`).join('')
  const start = process.cpuUsage()
  const shown = unifiedDiff({ kind: 'update', path: 'big', before, after: before.replace('line 100000\n', 'changed\n'), mode: 0o644 })
  t.ok(process.cpuUsage(start).user < 5e6, 'in seconds of a processor, which the load of the machine does not change')
  t.equal(shown.split('\n').length, 12)
})

import t from 'tap'
import { compare, type Change, type TreeEntry } from '../../generator/changes/compare.ts'
import { readManifest, renderManifest, type Manifest } from '../../generator/changes/manifest.ts'
import type { PlannedFile } from '../../generator/plan-types.ts'

const file = (path: string, content: string, mode: PlannedFile['mode'] = 0o644): PlannedFile => ({ path, content, mode })
const text = (content: string, mode: PlannedFile['mode'] = 0o644): TreeEntry => ({ kind: 'file', content, mode })
const tree = (entries: Record<string, TreeEntry>) => new Map(Object.entries(entries))
const wrote = (...files: readonly PlannedFile[]): Manifest => readManifest(renderManifest(files, '1.0.0').content).value!
const brief = (changes: readonly Change[]) => changes.map(({ kind, path, reason }) => `${kind} ${path}${reason ? `: ${reason}` : ''}`)

const now = file('a', 'new\n')
const old = wrote(file('a', 'old\n'))

const single: readonly [name: string, manifest: Manifest | undefined, entry: TreeEntry | undefined, want: string][] = [
  ['absent, first run', undefined, undefined, 'create a'],
  ['absent, deleted by hand', old, undefined, 'create a'],
  ['equal to the plan, no manifest', undefined, text('new\n'), 'unchanged a'],
  ['equal to the plan, old manifest', old, text('new\n'), 'unchanged a'],
  ['equal to the plan and the manifest', wrote(now), text('new\n'), 'unchanged a'],
  ['as last written', old, text('old\n'), 'update a'],
  ['as last written, and made executable', old, text('old\n', 0o755), 'update a'],
  ['another mode only', wrote(now), text('new\n', 0o755), 'update a'],
  ['another mode only, no manifest', undefined, text('new\n', 0o755), 'update a'],
  ['edited', old, text('mine\n'), 'conflict a: edited by hand'],
  ['never ours', undefined, text('mine\n'), 'conflict a: not made by this tool'],
  ['never ours, though others are', wrote(file('b', 'b\n')), undefined, 'create a'],
  ['a link', old, { kind: 'link', at: 'a' }, 'conflict a: a is a symbolic link'],
  ['a directory', old, { kind: 'directory' }, 'conflict a: it is a directory'],
  ['a pipe', old, { kind: 'special' }, 'conflict a: it is neither a file nor a directory'],
  ['bytes', old, { kind: 'not-text' }, 'conflict a: not text of a usual size, and not made by this tool'],
]

for (const [name, manifest, entry, want] of single) {
  t.test(`planned: ${name}`, async (t) => {
    t.strictSame(brief(compare([now], manifest, tree(entry ? { a: entry } : {}))).filter((line) => !line.endsWith(' b')), [want])
  })
}

const orphans: readonly [name: string, entry: TreeEntry | undefined, want: readonly string[]][] = [
  ['as last written', text('old\n'), ['delete a']],
  ['as last written, another mode', text('old\n', 0o755), ['delete a']],
  ['edited', text('mine\n'), ['conflict a: no longer generated, and edited by hand']],
  ['gone already', undefined, []],
  ['a directory now', { kind: 'directory' }, []],
  ['behind a link now', { kind: 'link', at: 'x' }, []],
  ['below a file now', { kind: 'not-a-directory', at: 'x' }, []],
  ['a link now', { kind: 'link', at: 'a' }, ['conflict a: no longer generated, and a is a symbolic link']],
  ['bytes', { kind: 'not-text' }, ['conflict a: no longer generated, and not text of a usual size, and not made by this tool']],
]

for (const [name, entry, want] of orphans) {
  t.test(`no longer planned: ${name}`, async (t) => {
    t.strictSame(brief(compare([], old, tree(entry ? { a: entry } : {}))), want)
  })
}

t.test('a directory on the way that is a link or a file', async (t) => {
  const planned = [file('config/a', 'a\n')]
  t.strictSame(brief(compare(planned, undefined, tree({ 'config/a': { kind: 'link', at: 'config' } }))), ['conflict config/a: config is a symbolic link'])
  t.strictSame(brief(compare(planned, undefined, tree({ 'config/a': { kind: 'not-a-directory', at: 'config' } }))), ['conflict config/a: config is not a directory'])
})

t.test('changes carry both texts and the mode', async (t) => {
  const [change] = compare([file('a', 'new\n', 0o755)], old, tree({ a: text('old\n') }))
  t.strictSame(change, { kind: 'update', path: 'a', before: 'old\n', after: 'new\n', mode: 0o755 })
  t.strictSame(compare([], old, tree({ a: text('old\n') })), [{ kind: 'delete', path: 'a', before: 'old\n' }])
  t.strictSame(compare([now], undefined, tree({})), [{ kind: 'create', path: 'a', after: 'new\n', mode: 0o644 }])
})

t.test('writes by path, then deletions by path, then the manifest, whatever the order of the plan', async (t) => {
  const manifest = wrote(file('z-gone', 'x\n'), file('b-gone', 'x\n'))
  const planned = [file('Z', 'z\n'), file('.stack-manifest.json', '{}\n'), file('a', 'a\n'), file('_', '_\n')]
  const disk = tree({ 'z-gone': text('x\n'), 'b-gone': text('x\n') })
  const want = ['create Z', 'create _', 'create a', 'delete b-gone', 'delete z-gone', 'create .stack-manifest.json']
  t.strictSame(brief(compare(planned, manifest, disk)), want)
  t.strictSame(brief(compare([...planned].reverse(), manifest, disk)), want)
})

t.test('the manifest has no conflict over its content', async (t) => {
  const planned = [file('.stack-manifest.json', '{}\n')]
  t.strictSame(brief(compare(planned, undefined, tree({ '.stack-manifest.json': text('anything') }))), ['update .stack-manifest.json'])
  t.strictSame(brief(compare(planned, undefined, tree({ '.stack-manifest.json': text('{}\n') }))), ['unchanged .stack-manifest.json'])
  t.match(brief(compare(planned, undefined, tree({ '.stack-manifest.json': { kind: 'link', at: '.stack-manifest.json' } }))), [/^conflict/])
})

t.test('a file whose spelling changed is never deleted under its old name', async (t) => {
  const manifest = wrote(file('makefile', 'old\n'))
  const planned = [file('Makefile', 'new\n')]
  t.strictSame(brief(compare(planned, manifest, tree({ makefile: text('old\n'), Makefile: text('old\n') }))), ['update Makefile'])
  t.strictSame(brief(compare(planned, manifest, tree({ makefile: text('old\n') }))), ['create Makefile'])
  const shouted = wrote(file('MAKEFILE', 'old\n'))
  t.strictSame(brief(compare(planned, shouted, tree({ MAKEFILE: text('old\n'), Makefile: text('old\n') }))), ['update Makefile'])
})

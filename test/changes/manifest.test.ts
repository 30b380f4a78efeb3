import t from 'tap'
import { manifestPath, readManifest, renderManifest } from '../../generator/changes/manifest.ts'
import { sha256 } from '../../generator/plan-types.ts'
import type { PlannedFile } from '../../generator/plan-types.ts'
import { hasErrors, renderProblem } from '../../generator/problem.ts'

const files: readonly PlannedFile[] = [
  { path: 'b.sh', content: 'b\n', mode: 0o755 },
  { path: 'a/B.txt', content: 'a\n', mode: 0o644 },
]
const identity = { address: 'SP1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRCBGD7R', publicKey: `02${'ab'.repeat(32)}` }
const hash = 'a'.repeat(64)

t.test('what is rendered is read back', async (t) => {
  const rendered = renderManifest(files, '1.2.3', identity)
  t.equal(rendered.path, '.stack-manifest.json')
  t.equal(rendered.mode, 0o644)
  t.strictSame(readManifest(rendered.content, '1.2.3').value, {
    version: '1.2.3',
    files: { 'a/B.txt': { sha256: sha256('a\n'), mode: 0o644 }, 'b.sh': { sha256: sha256('b\n'), mode: 0o755 } },
    public: identity,
  })
  t.strictSame(readManifest(renderManifest(files, '1.2.3', undefined, undefined, { node: '3.4.0.0.4', signer: '3.4.0.0.4.0' }).content).value?.releases, { node: '3.4.0.0.4', signer: '3.4.0.0.4.0' })
  for (const releases of [[], 'x', { node: 4 }, { signer: 'latest' }, { sbtc: '1' }]) {
    t.match(readManifest(JSON.stringify({ ...JSON.parse(rendered.content) as object, releases })).problems, [{ code: 'bad-manifest', message: /no usable "releases"/ }], JSON.stringify(releases))
  }
  t.notOk('public' in readManifest(renderManifest(files, '1.2.3').content).value!)
})

t.test('the text in full: sorted, whatever the order of the plan, and without itself', async (t) => {
  const want = `{
  "format": 1,
  "version": "1.2.3",
  "files": {
    "a/B.txt": {
      "sha256": "87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7",
      "mode": "0644"
    },
    "b.sh": {
      "sha256": "0263829989b6fd954f72baaf2fc64bc2e2f01d692d4de72986ea808f6e99813f",
      "mode": "0755"
    }
  }
}
`
  t.equal(renderManifest(files, '1.2.3').content, want)
  t.equal(renderManifest([renderManifest(files, '1.2.3'), ...[...files].reverse()], '1.2.3').content, want)
})

const file = { sha256: hash, mode: '0644' }
const good = { format: 1, version: '1.0.0', files: {} }
const withPath = (path: string) => `{"format":1,"version":"1.0.0","files":{${JSON.stringify(path)}:${JSON.stringify(file)}}}`
const json = (value: unknown) => JSON.stringify(value)

const bad: readonly [name: string, text: string, want: string][] = [
  ['empty', '', 'is not JSON'],
  ['half a file', '{"format":1,', 'is not JSON'],
  ['a merge that was never finished', `<<<<<<< ours\n${json(good)}\n`, 'is not JSON'],
  ['a list', '[]', 'is not a JSON object'],
  ['null', 'null', 'is not a JSON object'],
  ['no format', '{}', 'says no known "format"'],
  ['format as text', json({ ...good, format: '1' }), 'says no known "format"'],
  ['format 0', json({ ...good, format: 0 }), 'says no known "format"'],
  ['no version', json({ ...good, version: undefined }), 'has no usable "version"'],
  ['a version that is none', json({ ...good, version: 'newest' }), 'has no usable "version"'],
  ['no files', json({ ...good, files: undefined }), 'has no usable "files"'],
  ['files as a list', json({ ...good, files: [] }), 'has no usable "files"'],
  ['a file that is a string', json({ ...good, files: { a: hash } }), 'for "a"'],
  ['a file that is null', json({ ...good, files: { a: null } }), 'for "a"'],
  ['a short hash', json({ ...good, files: { a: { ...file, sha256: 'aa' } } }), 'for "a"'],
  ['a mode of its own', json({ ...good, files: { a: { ...file, mode: '4755' } } }), 'for "a"'],
  ['a mode from the prototype', json({ ...good, files: { a: { ...file, mode: 'toString' } } }), 'for "a"'],
  ['public as text', json({ ...good, public: 'x' }), '"public"'],
  ['an address that is none', json({ ...good, public: { ...identity, address: 'SP`id`' } }), '"public"'],
  ['a public key of another kind', json({ ...good, public: { ...identity, publicKey: '04' } }), '"public"'],
]

for (const [name, text, want] of bad) {
  t.test(`refused: ${name}`, async (t) => {
    const read = readManifest(text, '1.0.0')
    t.equal(read.value, undefined)
    t.match(read.problems[0]?.message, want)
    for (const problem of read.problems) t.match(problem.message, manifestPath)
  })
}

const badPaths = [
  '/etc/passwd', '../up', 'a/../b', '..', 'a/..', '.', './a', 'a/./b', 'a//b', 'a/', '', 'a\\b', '..\\b', 'C:/x', 'c:x', 'a\nb', 'a\0b', 'a b', 'ä',
  'answers.env', 'ANSWERS.ENV', 'secrets', 'secrets/auth-token', 'Secrets/x', 'docker-compose.override.yml', 'docker-compose.override.yaml',
  'compose.override.yaml', 'images.lock.json', 'Images.Lock.JSON', '.git/config', '.GIT/hooks/pre-commit', 'sub/.git/config', '.git', 'git./x', '.git./config',
  '__proto__', 'constructor', 'toString', 'hasOwnProperty', '.stack-manifest.json', '.Stack-Manifest.json', 'a'.repeat(201), 'a/'.repeat(300) + 'a',
]

for (const path of badPaths) {
  t.test(`refused: the path ${JSON.stringify(path.slice(0, 40))}`, async (t) => {
    const read = readManifest(withPath(path))
    t.equal(read.value, undefined)
    t.equal(read.problems.length, 1)
    t.match(read.problems[0]!.message, /^\.stack-manifest\.json lists "/)
    t.ok(renderProblem(read.problems[0]!).length < 400)
  })
}

t.test('paths like the forbidden ones are fine', async (t) => {
  for (const path of ['.gitignore', 'docker/tools/Dockerfile', 'config/answers.env', 'secrets.md', 'a..b', '.dockerignore', 'x-1_2.y']) {
    t.strictSame(Object.keys(readManifest(withPath(path)).value?.files ?? {}), [path])
  }
})

t.test('nothing reaches the prototype', async (t) => {
  readManifest('{"format":1,"version":"1.0.0","files":{"__proto__":{"sha256":"x","polluted":1}},"__proto__":{"polluted":1}}')
  t.notOk('polluted' in {})
})

t.test('every bad path is said, but not thousands of them', async (t) => {
  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`../${index}`, file]))
  t.equal(readManifest(json({ ...good, files: many })).problems.length, 20)
})

const ages: readonly [written: string, current: string, tooNew: boolean][] = [
  ['1.0.0', '1.0.0', false],
  ['1.9.0', '1.10.0', false],
  ['1.10.0', '1.9.0', true],
  ['2.0.0', '10.0.0', false],
  ['10.0.0', '2.0.0', true],
  ['1.0.1', '1.0.0', true],
  ['1.0.0-rc.1', '1.0.0', false],
  ['1.0.0', '1.0.0-rc.1', true],
]

for (const [written, current, tooNew] of ages) {
  t.test(`written by ${written}, read by ${current}`, async (t) => {
    const read = readManifest(json({ ...good, version: written }), current)
    t.equal(hasErrors(read.problems), tooNew)
    if (tooNew) {
      t.match(read.problems[0]!.message, '.stack-manifest.json was written by a newer')
      t.match(read.problems[0]!.hint, '@latest')
    }
    t.equal(readManifest(json({ ...good, version: written })).problems.length, 0, 'without our version there is nothing to compare')
  })
}

t.test('a newer format says to upgrade, whatever else it holds', async (t) => {
  const read = readManifest(json({ format: 2, shape: 'unheard of' }), '1.0.0')
  t.equal(read.problems[0]?.code, 'newer-manifest')
  t.match(read.problems[0]?.hint, '@latest')
})

t.test('fields that this version does not know are passed over', async (t) => {
  t.ok(readManifest(json({ ...good, note: 'hello', files: { a: { ...file, note: 1 } } })).value)
})

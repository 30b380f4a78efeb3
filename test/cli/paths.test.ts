/** Paths as macOS and Windows have them: what users may write, and what the output consists of. */

import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, posix, relative, win32 } from 'node:path'
import t from 'tap'
import { certPlaces, homeOf, pendingKey } from '../../generator/certs/places.ts'
import { compare } from '../../generator/changes/compare.ts'
import { manifestPath, readManifest, renderManifest } from '../../generator/changes/manifest.ts'
import { checkedAnswers, isBelow } from '../../generator/cli/answer-file.ts'
import { placeOf } from '../../generator/cli/place.ts'
import { lockPath } from '../../generator/io/lock-file.ts'
import { openToOthers, secretNames } from '../../generator/io/secret-store.ts'
import { keptMode } from '../../generator/io/tree.ts'
import { command, testKey } from '../support/command.ts'
import { examples } from '../support/documents.ts'
import { putExampleSecrets } from '../support/example-secrets.ts'
import { readFiles } from '../support/files.ts'
import { planText } from '../support/pipeline.ts'
import { repository } from '../support/repository.ts'

const texts = examples.map((name) => readFileSync(join(repository, 'examples', name), 'utf8'))

t.test('where a run reads and writes, on Windows', async (t) => {
  const cwd = 'C:\\Users\\Ann\\ops'
  const rows: readonly (readonly [answers: string | undefined, directory: string | undefined, path: string, output: string, shown: string])[] = [
    [undefined, undefined, 'C:\\Users\\Ann\\ops\\answers.env', 'C:\\Users\\Ann\\ops', '.'],
    ['s1\\answers.env', undefined, 'C:\\Users\\Ann\\ops\\s1\\answers.env', 'C:\\Users\\Ann\\ops\\s1', 's1'],
    ['s1/answers.env', undefined, 'C:\\Users\\Ann\\ops\\s1\\answers.env', 'C:\\Users\\Ann\\ops\\s1', 's1'],
    ['..\\a.env', 'out\\s 1', 'C:\\Users\\Ann\\a.env', 'C:\\Users\\Ann\\ops\\out\\s 1', 'out\\s 1'],
    ['D:\\a.env', undefined, 'D:\\a.env', 'D:\\', 'D:\\'],
    ['D:\\a.env', 'out', 'D:\\a.env', 'C:\\Users\\Ann\\ops\\out', 'out'],
    ['\\\\host\\share\\a.env', 'E:/out', '\\\\host\\share\\a.env', 'E:\\out', 'E:/out'],
  ]
  for (const [answers, directory, path, output, shown] of rows) {
    t.strictSame(placeOf(answers, directory, cwd, win32), { file: answers ?? 'answers.env', path, directory: output, shownDirectory: shown })
  }
  t.match(placeOf('s1/a.env', 'out', '/ops', posix), { path: '/ops/s1/a.env', directory: '/ops/out' })
  t.match(placeOf('s1\\a.env', undefined, '/ops', posix), { path: '/ops/s1\\a.env', directory: '/ops' }, 'elsewhere a backslash is a character')
})

t.test('whether an answer file would be committed', async (t) => {
  const rows: readonly (readonly [root: string, file: string, below: boolean])[] = [
    ['C:\\ops\\s1', 'C:\\ops\\s1\\answers.env', true],
    ['C:\\ops\\s1', 'C:\\ops\\s1\\deep\\a.env', true],
    ['C:\\Ops\\S1', 'c:\\ops\\s1\\answers.env', true],
    ['C:\\ops\\s1', 'C:\\ops\\s1\\..answers.env', true],
    ['C:\\ops\\s1', 'C:\\ops\\answers.env', false],
    ['C:\\ops\\s1', 'C:\\ops\\s10\\answers.env', false],
    ['C:\\ops\\s1', 'D:\\ops\\s1\\answers.env', false],
    ['C:\\', 'C:\\answers.env', true],
    ['\\\\host\\share\\s1', '\\\\host\\share\\s1\\answers.env', true],
    ['\\\\host\\share\\s1', '\\\\host\\other\\s1\\answers.env', false],
    ['C:\\ops\\s1', '\\\\host\\share\\answers.env', false],
  ]
  for (const [root, file, below] of rows) {
    t.equal(isBelow(root, file, win32), below, `${root} ${file}`)
    const same = (path: string) => path.replace(/^([A-Za-z]):/, '/$1').replaceAll('\\', '/')
    if (!/^c:/.test(file)) t.equal(isBelow(same(root), same(file), posix), below, `${same(root)} ${same(file)}`)
  }
})

t.test('a secret in a file whose name begins with two dots is no secret outside', async (t) => {
  const root = t.testdir({ '..answers.env': `STACK_NAME=s1\nNETWORK=mainnet\nSIGNER_PRIVATE_KEY=${testKey}\n`, other: {} })
  symlinkSync(root, join(root, 'other/link'))
  for (const [file, directory] of [['..answers.env', '.'], ['..answers.env', 'other/link'], ['other/link/..answers.env', '.']] as const) {
    const place = placeOf(file, directory, root)
    t.ok((await checkedAnswers(place, readFileSync(place.path, 'utf8'))).inside, `${file} ${directory}`)
    const ran = await command(root, [file, directory])
    t.match(ran, { code: 2, err: /SIGNER_PRIVATE_KEY/ })
    t.notMatch(ran.err, testKey.slice(0, 32))
  }
  t.strictSame(readdirSync(root).sort(), ['..answers.env', 'other'])
})

/** What every path of the output must be: the same on each system, and no other file's. */
function portable(paths: readonly string[]): readonly string[] {
  const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i
  const faults = paths.filter((path) => {
    const parts = path.split('/')
    const windows = win32.join('C:\\out', path)
    return !/^[\w.-]+(\/[\w.-]+)*$/.test(path) || path.length > 100 || parts.some((part) => /[. ]$/.test(part) || reserved.test(part))
      || windows !== `C:\\out\\${path.replaceAll('/', '\\')}` || win32.dirname(path) !== posix.dirname(path) || win32.basename(path) !== posix.basename(path)
  })
  const folded = paths.map((path) => path.toLowerCase())
  return [...faults, ...paths.filter((_, index) => folded.indexOf(folded[index]!) !== index)]
}

t.test('every path of the output is one on each system', async (t) => {
  const users = ['answers.env', 'docker-compose.override.yml', manifestPath, lockPath]
  for (const [index, text] of texts.entries()) {
    // Names that Windows keeps for devices are fine: no file is called after the stack.
    for (const name of ['my-signer', 'con', 'nul', 'aux', 'com1', '0']) {
      const { files } = planText(text.replace(/^STACK_NAME=.*$/m, `STACK_NAME=${name}`))
      const paths = [...files.keys()]
      t.strictSame(portable([...paths, ...users]), [], `${examples[index]} ${name}`)
      if (name !== 'my-signer') t.notOk(paths.some((path) => path.split('/').includes(name)))
      const manifest = renderManifest([...files.values()], '1.0.0')
      t.strictSame(Object.keys(readManifest(manifest.content).value!.files).sort(), paths.filter((path) => path !== manifestPath).sort(), 'the manifest names them as they are')
    }
  }
  for (const topology of ['single', 'split'] as const) {
    const { ca, leaves, authorityKey } = certPlaces({ topology, nodeHost: 'a.example.net', signerHost: 'b.example.net' })
    const paths = [...ca, authorityKey, ...leaves.flatMap(({ certificate, key }) => [certificate, key])]
    t.strictSame(portable([...paths, ...paths.map(pendingKey), ...secretNames.map((name) => `secrets/${name}`)]), [])
    for (const { certificate } of leaves) t.equal(homeOf(certificate), topology === 'split' ? `${posix.dirname(posix.dirname(certificate))}/` : '')
  }
  t.strictSame(portable(['a/con', 'a\\b', 'x.', 'A', 'a']), ['a/con', 'a\\b', 'x.', 'a'], 'this can fail')
})

t.test('a manifest that leads elsewhere on Windows is refused everywhere', async (t) => {
  for (const path of ['..\\x', 'C:\\x', 'c:x', 'a\\b', 'x.', '\\\\host\\x', 'config/x. ', 'answers.ENV', 'Secrets/x']) {
    const text = renderManifest([], '1.0.0').content.replace('"files": {}', `"files": ${JSON.stringify({ [path]: { sha256: '0'.repeat(64), mode: '0644' } })}`)
    t.match(readManifest(text).problems, [{ code: 'bad-manifest' }], path)
  }
})

t.test('where modes mean nothing, none is missed and none is warned of', async (t) => {
  t.strictSame(keptMode(0o100666, 'win32'), {})
  t.strictSame([keptMode(0o100664, 'linux'), keptMode(0o100700, 'darwin')], [{ mode: 0o644 }, { mode: 0o755 }])
  t.strictSame(openToOthers({ mode: 0o100666 }, 'secrets/x', '600', 'win32'), [])
  t.equal(openToOthers({ mode: 0o100640 }, 'secrets/x', '600', 'linux').length, 1)
  const { files } = planText(texts[0]!)
  const planned = [...files.values(), renderManifest([...files.values()], '1.0.0')]
  const tree = new Map(planned.map(({ path, content }) => [path, { kind: 'file' as const, content }]))
  t.strictSame(compare(planned, undefined, tree).filter(({ kind }) => kind !== 'unchanged'), [], 'a directory read back without modes')
})

t.test('an answer file with the line ends of Windows makes the same bytes', async (t) => {
  for (const name of examples) {
    const root = t.testdir({ lf: {}, crlf: {} })
    const trees = []
    for (const folder of ['lf', 'crlf']) {
      const cwd = join(root, folder)
      cpSync(join(repository, 'examples', name), join(cwd, 'a.env'))
      const text = readFileSync(join(cwd, 'a.env'), 'utf8')
      if (folder === 'crlf') writeFileSync(join(cwd, 'a.env'), `\uFEFF${text.replaceAll('\n', '\r\n')}`)
      putExampleSecrets(join(cwd, 'out'), text)
      const ran = await command(cwd, ['a.env', 'out'])
      t.equal(ran.code, 0, ran.err)
      trees.push(Object.fromEntries(Object.entries(readFiles(join(cwd, 'out'))).filter(([path]) => !/(^|\/)(secrets|certs)\//.test(path))))
      t.equal((await command(join(cwd, 'out'), ['--check'])).code, 0)
    }
    t.strictSame(trees[1], trees[0], name)
  }
})

t.test('paths of the output are put together with / alone', async (t) => {
  const modules = (folder: string): readonly string[] => readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? modules(join(folder, entry.name)) : [join(folder, entry.name)]))
  const generator = join(repository, 'generator')
  const users = modules(generator).filter((path) => /from 'node:path'/.test(readFileSync(path, 'utf8'))).map((path) => relative(generator, path))
  t.ok(users.length > 5)
  t.strictSame(users.filter((path) => !/^(io|cli|packaging)\/|^(launch|main)\.ts$/.test(path)), [], 'only what touches the disk knows the system\'s paths')
})

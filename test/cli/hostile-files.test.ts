/** Pipes, devices and directories in the place of every file that the command reads: a clear error, at once, and nothing is written. */

import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { fileHash } from '../../generator/plan-types.ts'
import { command } from '../support/command.ts'
import { stack } from '../support/upgrade-stack.ts'

const answers = 'STACK_NAME=s1\nNETWORK=mainnet\nSTACKS_VERSION=4.0.4\nPLATFORM=linux/amd64\nBITCOIN_MODE=external\nBITCOIN_HOST=b.example.net\n'

const kinds: Readonly<Record<string, (path: string) => void>> = {
  'a pipe': (path) => { if (spawnSync('mkfifo', [path]).status !== 0) throw new Error('no mkfifo') },
  'a link to a device': (path) => { symlinkSync('/dev/zero', path) },
  'a link to a pipe': (path) => { spawnSync('mkfifo', [`${path}.pipe`]); symlinkSync(`${path}.pipe`, path) },
  'a directory': (path) => { mkdirSync(path) },
  'a large file': (path) => { spawnSync('truncate', ['-s', '8G', path]) },
}

/** Files of a stack, and what is asked of the command; each is read by one of these at least. */
const files: readonly (readonly [path: string, asked: readonly (readonly string[])[]])[] = [
  ['answers.env', [[], ['--check'], ['upgrade'], ['certs', 'status'], ['outdated'], ['pin']]],
  ['.stack-manifest.json', [[], ['--diff'], ['upgrade'], ['--force']]],
  ['images.lock.json', [[], ['pin']]],
  ['secrets/signer-private-key', [[], ['keygen']]],
  ['docker-compose.yml', [[], ['--diff']]],
  ['config/node-config.toml', [['--dry-run']]],
]

for (const [path, asked] of files) {
  for (const [what, put] of Object.entries(kinds)) {
    t.test(`${path} is ${what}`, async (t) => {
      const root = await stack(t, answers)
      rmSync(join(root, path), { force: true })
      put(join(root, path))
      for (const argv of asked) {
        const ran = await command(root, argv)
        t.equal(ran.code, 2, `${argv.join(' ')}: ${ran.out}`)
        t.match(ran.err, path === 'answers.env' ? 'answers.env' : path.split('/').at(-1)!, argv.join(' '))
        t.notMatch(ran.err, /This is a bug|at .*\.ts:\d+/)
      }
    })
  }
}

t.test('the copy of the answers that the directory keeps', async (t) => {
  for (const [what, put] of Object.entries(kinds)) {
    await t.test(what, async (t: Test) => {
      const root = t.testdir({ 'a.env': `${answers}SIGNER_KEY=generate\n` })
      mkdirSync(join(root, 'out'))
      put(join(root, 'out/answers.env'))
      const ran = await command(root, ['a.env', 'out'])
      t.equal(ran.code, 2)
      t.match(ran.err, /out\/answers\.env is (a directory|a symbolic link|not a regular file|larger than \d+ bytes)/)
      t.notOk(existsSync(join(root, 'out/secrets')), 'nothing is written')
    })
  }
})

t.test('what adopt reads', async (t) => {
  const root = t.testdir({ old: { 'signer.toml': 'a = 1\n' } })
  for (const name of ['docker-compose.yml', 'bitcoin.conf', '.env', 'node.toml']) kinds['a pipe']!(join(root, 'old', name))
  const ran = await command(root, ['adopt', 'old', 'new'])
  t.equal(ran.code, 2)
  t.notMatch(ran.err, 'This is a bug')
})

t.test('a manifest cannot delete what is the user\'s: the lock of the images', async (t) => {
  const root = await stack(t, answers)
  const lock = { path: 'images.lock.json', content: '{"format":1,"images":{}}\n', mode: 0o644 } as const
  writeFileSync(join(root, lock.path), lock.content)
  chmodSync(join(root, lock.path), 0o644)
  const path = join(root, '.stack-manifest.json')
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as { files: Record<string, object> }
  manifest.files['images.lock.json'] = { sha256: fileHash(lock), mode: '0644' }
  writeFileSync(path, JSON.stringify(manifest))
  const ran = await command(root, [])
  t.equal(ran.code, 2)
  t.match(ran.err, 'lists "images.lock.json", which is the user\'s own')
  t.ok(existsSync(join(root, lock.path)))
})

t.test('what once ended as a bug', async (t) => {
  const root = t.testdir({})
  const ask = async (...lines: readonly string[]) => {
    writeFileSync(join(root, 'a.env'), `${answers}SIGNER_KEY=generate\n${lines.join('\n')}\n`)
    return command(root, ['a.env', 'out', '--dry-run'])
  }
  const s3 = ['BACKUP=s3', 'BACKUP_S3_BUCKET=b', 'BACKUP_AGE_RECIPIENT=age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kudcqt9xqxnqqdk']
  for (const [lines, want] of [
    [[...s3, 'BACKUP_S3_ENDPOINT=\'https://s3.x/#\''], /BACKUP_S3_ENDPOINT expects an address without #/],
    [[...s3, 'BACKUP_S3_ENDPOINT=https://s3.x/?'], /BACKUP_S3_ENDPOINT expects an address without \?/],
    [['MONITORING=full', 'RUNBOOK_URL=\'https://a.example/#\''], /RUNBOOK_URL expects an address without #/],
    [['NODE__constructor__name=x', 'STACKS_NODE_VERSION=9.x'], /STACKS_NODE_VERSION expects a known release/],
    [['NODE__toString__call=x', 'STACKS_NODE_VERSION=9.x'], /STACKS_NODE_VERSION expects a known release|bad-key-name|small letters/],
  ] as const) {
    const ran = await ask(...lines)
    t.equal(ran.code, 2, lines.join(' '))
    t.match(ran.err, want)
  }
})

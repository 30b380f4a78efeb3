/** What `upgrade` writes: the answer file wherever it stands, its committed copy, and the directory; or nothing at all. */

import { chmodSync, existsSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { run } from '../../generator/cli/run.ts'
import { command, testKey } from '../support/command.ts'
import { readFiles } from '../support/files.ts'
import { repository } from '../support/repository.ts'
import { head, pinned, stack } from '../support/upgrade-stack.ts'

t.test('files edited by hand: nothing is written, not even the answer file', async (t) => {
  const root = await stack(t, pinned)
  writeFileSync(join(root, 'docker-compose.yml'), `${readFileSync(join(root, 'docker-compose.yml'), 'utf8')}# mine\n`)
  const before = readFiles(root)
  const ran = await command(root, ['upgrade', '4.0.2', '--yes'])
  t.equal(ran.code, 2)
  t.match(ran.err, 'error: docker-compose.yml: edited by hand')
  t.match(ran.out, '-# mine')
  t.match(ran.out, /\n\nnothing was written\n$/)
  t.strictSame(readFiles(root), before)
  t.equal((await command(root, ['upgrade', '4.0.2', '--yes', '--force'])).code, 0)
  t.match(readFileSync(join(root, 'docker-compose.yml.orig'), 'utf8'), '# mine')
})

t.test('a run that died behind the answer file is finished by generating, or by the same move', async (t) => {
  for (const argv of [[], ['upgrade', '4.0.2', '--yes']]) {
    const want = await stack(t, pinned)
    await command(want, ['upgrade', '4.0.2', '--yes'])
    const files = readFiles(want, ['secrets'])
    const fresh = await stack(t, pinned)
    writeFileSync(join(fresh, 'answers.env'), pinned.replace('4.0.1', '4.0.2'))
    const shown = await command(fresh, ['upgrade', '4.0.2'])
    t.match(shown.out, /^from 4\.0\.1\nto {3}4\.0\.2\n/, 'the directory says where it stands')
    t.notMatch(shown.out, 'answers.env:\n')
    const ran = await command(fresh, argv)
    t.equal(ran.code, 0, ran.err)
    t.strictSame(readFiles(fresh, ['secrets']), files)
  }
})

t.test('a release that the answers leave to the generator is pinned by the move', async (t) => {
  const root = await stack(t, pinned)
  writeFileSync(join(root, 'answers.env'), `${head}PLATFORM=linux/amd64`)
  const ran = await command(root, ['upgrade', '--yes'])
  t.equal(ran.code, 0, ran.err)
  t.match(ran.out, /^from 4\.0\.1\nto {3}4\.0\.4\n/)
  t.equal(readFileSync(join(root, 'answers.env'), 'utf8'), `${head}PLATFORM=linux/amd64\nSTACKS_VERSION=4.0.4\n`)
})

t.test('one half alone in the answers: the other does not follow the generator', async (t) => {
  const root = await stack(t, pinned)
  writeFileSync(join(root, 'answers.env'), `${head}STACKS_NODE_VERSION=4.0.1\nPLATFORM=linux/amd64\n`)
  const ran = await command(root, ['upgrade', '4.0.2', '--yes'])
  t.equal(ran.code, 0, ran.err)
  t.equal(readFileSync(join(root, 'answers.env'), 'utf8'), `${head}STACKS_NODE_VERSION=4.0.2\nPLATFORM=linux/amd64\nSTACKS_SIGNER_VERSION=4.0.2\n`)
  t.match(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), 'stacks-signer:4.0.2')
})

const token = 'token-with-$-and-"quotes"-0001'
const outside = `${pinned}SIGNER_PRIVATE_KEY=${testKey}\nAUTH_TOKEN='${token}'\n`

t.test('an answer file elsewhere, with secrets: the committed copy follows, rights stay, nothing is shown', async (t) => {
  const root = t.testdir({ 'mine.env': outside })
  chmodSync(join(root, 'mine.env'), 0o600)
  t.equal((await command(root, ['mine.env', 'out'])).code, 0)
  const copy = `${readFileSync(join(root, 'out/answers.env'), 'utf8')}# a remark of the repository's own\n`
  writeFileSync(join(root, 'out/answers.env'), copy)
  const shown = await command(root, ['upgrade', '4.0.2', 'mine.env', 'out'])
  t.equal(shown.code, 0, shown.err)
  const ran = await command(root, ['upgrade', '4.0.2', 'mine.env', 'out', '--yes'])
  t.equal(ran.code, 0, ran.err)
  t.match(ran.out, '~ mine.env\n')
  t.match(ran.out, '~ answers.env\n')
  t.equal(readFileSync(join(root, 'mine.env'), 'utf8'), outside.replace('4.0.1', '4.0.2'))
  t.equal(statSync(join(root, 'mine.env')).mode & 0o777, 0o600)
  t.equal(readFileSync(join(root, 'out/answers.env'), 'utf8'), copy.replace('4.0.1', '4.0.2'))
  for (const text of [shown.out, shown.err, ran.out, ran.err, JSON.stringify(readFiles(join(root, 'out'), ['secrets']))]) {
    t.notMatch(text, testKey.slice(0, 60))
    t.notMatch(text, 'token-with-')
  }
  t.equal((await command(root, ['mine.env', 'out', '--check'])).code, 0)
  t.equal((await command(join(root, 'out'), ['--check'])).code, 0)
})

t.test('a copy that says otherwise in more than the release is a conflict still', async (t) => {
  const root = t.testdir({ 'mine.env': outside })
  t.equal((await command(root, ['mine.env', 'out'])).code, 0)
  const copy = join(root, 'out/answers.env')
  writeFileSync(copy, `${readFileSync(copy, 'utf8')}NODE_P2P_PORT=20555\n`)
  const before = readFiles(root)
  const ran = await command(root, ['upgrade', '4.0.2', 'mine.env', 'out', '--yes'])
  t.equal(ran.code, 2)
  t.match(ran.err, 'answers.env: it says otherwise than the answer file given')
  t.notMatch(ran.out + ran.err, 'token-with-')
  t.strictSame(readFiles(root), before)
})

t.test('killed between an answer file elsewhere and the directory: the same move finishes it', async (t) => {
  const root = t.testdir({ 'mine.env': outside })
  t.equal((await command(root, ['mine.env', 'out'])).code, 0)
  writeFileSync(join(root, 'mine.env'), outside.replace('4.0.1', '4.0.2'))
  const ran = await command(root, ['upgrade', '4.0.2', 'mine.env', 'out', '--yes'])
  t.equal(ran.code, 0, ran.err)
  t.equal((await command(root, ['mine.env', 'out', '--check'])).code, 0)
})

t.test('an answer file behind a link, with CRLF and a byte order mark', async (t) => {
  const root = await stack(t, pinned)
  const text = `\uFEFF${pinned.replaceAll('\n', '\r\n').trimEnd()}`
  writeFileSync(join(root, 'kept.env'), text)
  rmSync(join(root, 'answers.env'))
  symlinkSync('kept.env', join(root, 'answers.env'))
  const ran = await command(root, ['upgrade', '4.0.2', '--yes'])
  t.equal(ran.code, 0, ran.err)
  t.equal(readFileSync(join(root, 'kept.env'), 'utf8'), text.replace('4.0.1', '4.0.2'))
  t.ok(existsSync(join(root, 'answers.env')))
})

t.test('an answer file that changes while the question stands: nothing is written', async (t) => {
  const root = await stack(t, pinned)
  const before = readFiles(root)
  let said = ''
  const ran = await run(['upgrade', '4.0.2'], {
    cwd: root, environment: {}, packageRoot: repository, version: '0.1.0', stdout: () => {}, stderr: (text) => { said += text },
    // What a colleague does while the question stands.
    ask: async () => {
      writeFileSync(join(root, 'answers.env'), `${pinned}# later\n`)
      return true
    },
  })
  t.equal(ran, 2)
  t.match(said, 'error: answers.env was changed while this ran')
  t.strictSame(readFiles(root), { ...before, 'answers.env': `${pinned}# later\n` })
})

t.test('broken answers, a newer manifest, and no stack yet', async (t) => {
  const root = await stack(t, pinned)
  const manifest = join(root, '.stack-manifest.json')
  const text = readFileSync(manifest, 'utf8')
  writeFileSync(manifest, text.replace('"version": "0.1.0"', '"version": "99.0.0"'))
  const before = readFiles(root)
  const newer = await command(root, ['upgrade', '4.0.2', '--yes'])
  t.equal(newer.code, 2)
  t.match(newer.err, 'written by a newer create-stacks-signer-stack')
  t.strictSame(readFiles(root), before)
  writeFileSync(manifest, text)
  writeFileSync(join(root, 'answers.env'), 'STACK_NAME=x\nNETWRK=mainnet\n')
  const broken = await command(root, ['upgrade'])
  t.equal(broken.code, 2)
  t.match(broken.err, 'did you mean NETWORK?')
  renameSync(join(root, 'answers.env'), join(root, 'other'))
  t.match((await command(root, ['upgrade'])).err, 'answers.env: there is no such answer file')
})

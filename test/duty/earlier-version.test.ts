/** A running stack of an earlier version of this command: it is generated again with this version, and `docker compose up -d` keeps everything. */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { guardFiles } from '../../docker/programs/shared/guarded.ts'
import { command, testKey } from '../support/command.ts'
import { readFiles } from '../support/files.ts'
import { ownName, ownPort } from '../support/own.ts'
import { repository } from '../support/repository.ts'
import { makeArchive } from '../engines/support/archive.ts'
import { volumesOf } from '../engines/support/engine.ts'
import { release, withEngine } from '../engines/support/setting.ts'
import { handles, overrideImages, type TestStack } from '../engines/support/stack.ts'
import { missingSigns } from '../engines/support/working.ts'

/** The guard and the snapshot of this version ran all the time, and some programs were in Python. */
const earlier = 'd70a737'

const run = (program: string, words: readonly string[], cwd: string, input?: Buffer) => {
  const ran = spawnSync(program, words, { cwd, ...(input && { input }), maxBuffer: 1 << 28 })
  if (ran.status !== 0) throw new Error(`${program} ${words.join(' ')}: ${ran.stderr.toString() || ran.stdout.toString() || String(ran.error)}`)
  return ran.stdout
}

const archived = spawnSync('git', ['archive', '--format=tar', earlier], { cwd: repository, maxBuffer: 1 << 28 })
if (archived.status === 0) await withEngine(t, async (root) => {
  const source = join(root, 'earlier')
  mkdirSync(source)
  run('tar', ['-x'], source, archived.stdout)
  symlinkSync(join(repository, 'node_modules'), join(source, 'node_modules'))
  run('npm', ['run', '--silent', 'build'], source)

  const name = ownName('earlier')
  const served = join(root, 'served')
  const sha256 = makeArchive(served, 'mainnet', 1)
  const answers = {
    STACK_NAME: name, NETWORK: 'mainnet', STACKS_VERSION: release, SIGNER_PRIVATE_KEY: testKey, NODE_P2P_PORT: String(await ownPort()), BITCOIN_P2P_PUBLISH: 'off',
    SNAPSHOT_URL: 'http://archive:8080/chain.tar.zst', SNAPSHOT_SHA256: sha256,
  }
  writeFileSync(join(root, `${name}.env`), Object.entries(answers).map(([key, value]) => `${key}=${value}\n`).join(''), { mode: 0o600 })
  run(process.execPath, [join(source, 'dist/main.js'), `${name}.env`, name], root)
  const directory = join(root, name)
  const stack = handles(directory, name)
  overrideImages(directory, { release, served })
  const up = stack.compose('up', '-d')
  t.equal(up.status, 0, up.err)
  t.strictSame(await missingSigns(stack), [])
  const old = { volumes: await volumesOf(name), secrets: readFiles(join(directory, 'secrets')), clearance: await clearance(stack), files: Object.keys(readFiles(directory)) }
  t.match(old.clearance, /./, 'the guard has let the signer start')

  const again = await command(root, [`${name}/answers.env`, '--json'])
  t.equal(again.code, 0, again.err)
  overrideImages(directory, { release, served })
  const { files } = JSON.parse(readFileSync(join(directory, '.stack-manifest.json'), 'utf8')) as { readonly files: Readonly<Record<string, object>> }
  const orphans = Object.keys(readFiles(join(directory, 'docker'))).filter((path) => !(`docker/${path}` in files))
  t.strictSame(orphans, [], 'programs of the earlier version are deleted')
  t.strictSame(old.files.filter((path) => !existsSync(join(directory, path)) && !path.startsWith('docker/')), [], 'no other file is deleted')

  const next = stack.compose('up', '-d', '--remove-orphans')
  t.equal(next.status, 0, next.err)
  t.strictSame(await missingSigns(stack), [], 'the signer works again')
  t.strictSame(readFiles(join(directory, 'secrets')), old.secrets)
  const volumes = new Set((await volumesOf(name)).map(identity))
  t.strictSame(old.volumes.map(identity).filter((volume) => !volumes.has(volume)), [], 'every volume is still there')
  t.equal(await clearance(stack), old.clearance, 'the guard keeps what it knows of this host')
})
else t.pass('skipped', { skip: `this clone has no commit ${earlier}: ${archived.stderr.toString().trim()}` })

function identity({ Name, CreatedAt }: { readonly Name: string; readonly CreatedAt: string }): string {
  return `${Name} ${CreatedAt}`
}

/** What the guard has written when it let the signer start. */
async function clearance(stack: TestStack): Promise<string> {
  const { status, out } = await stack.exec('stacks-signer', 'cat', guardFiles.cleared)
  return status === 0 ? out : ''
}

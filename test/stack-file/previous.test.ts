/** A directory of the version before, which had config/facts.env where config/stack.json stands now. */

import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { command, testKey } from '../support/command.ts'

const answers = 'STACK_NAME=s1\nNETWORK=mainnet\nSTACKS_VERSION=4.0.4\nPLATFORM=linux/amd64\n'
const key = (root: string) => { writeFileSync(join(root, 'a.env'), `${answers}SIGNER_PRIVATE_KEY=${testKey}\n`, { mode: 0o600 }) }

interface Manifest { files: Record<string, { sha256: string }> }

/** As the version before has left it; `facts` is what stands in its file. */
function before(root: string, facts: string): void {
  const path = join(root, 'out/.stack-manifest.json')
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest
  const text = 'stack=s1\nrole=active\n'
  manifest.files['config/facts.env'] = { ...manifest.files['config/stack.json']!, sha256: createHash('sha256').update(text).digest('hex') }
  delete manifest.files['config/stack.json']
  writeFileSync(path, `${JSON.stringify(manifest, undefined, 2)}\n`)
  writeFileSync(join(root, 'out/config/facts.env'), facts)
}

t.test('the old file goes, and nothing else of the directory changes', async (t) => {
  const root = t.testdir({})
  key(root)
  t.equal((await command(root, ['a.env', 'out'])).code, 0)
  const secret = readFileSync(join(root, 'out/secrets/auth-token'), 'utf8')
  before(root, 'stack=s1\nrole=active\n')
  rmSync(join(root, 'out/config/stack.json'))
  const ran = await command(root, ['a.env', 'out'])
  t.equal(ran.code, 0, ran.err)
  t.match(ran.out, /^- config\/facts\.env/m)
  t.match(ran.out, /^\+ config\//m)
  t.notOk(existsSync(join(root, 'out/config/facts.env')))
  t.ok(existsSync(join(root, 'out/config/stack.json')))
  t.equal(readFileSync(join(root, 'out/secrets/auth-token'), 'utf8'), secret)
})

t.test('where the manifest is lost, either file still tells whose the directory is', async (t) => {
  for (const file of ['config/stack.json', 'config/facts.env']) {
    const root = t.testdir({})
    key(root)
    t.equal((await command(root, ['a.env', 'out'])).code, 0)
    const { identity } = JSON.parse(readFileSync(join(root, 'out/config/stack.json'), 'utf8')) as { identity: { address: string; publicKey: string } }
      rmSync(join(root, 'out/.stack-manifest.json'))
    if (file === 'config/facts.env') {
      rmSync(join(root, 'out/config/stack.json'))
      writeFileSync(join(root, 'out', file), `stack=s1\naddress=${identity.address}\npublic_key=${identity.publicKey}\n`)
    }
    writeFileSync(join(root, 'out/secrets/signer-private-key'), `${'11'.repeat(32)}\n`, { mode: 0o600 })
    const ran = await command(root, ['out/answers.env', '--force'])
    t.not(ran.code, 0, file)
    t.match(ran.err, new RegExp(`but this stack was generated for ${identity.address}`), file)
  }
})

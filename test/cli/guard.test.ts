/** What a run says and writes of a standby, of a guard that is off, and of a key that it has just made. */

import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { command, testKey } from '../support/command.ts'

const answers = 'STACK_NAME=s1\nNETWORK=mainnet\n'
const own = `${answers}SIGNER_PRIVATE_KEY=${testKey}\n`
const read = (root: string, path: string) => readFileSync(join(root, path), 'utf8')

t.test('a standby is told as one in the summary and in README', async (t) => {
  for (const [name, more, told] of [['standby', 'ROLE=standby\n', true], ['active', '', false]] as const) {
    const root = t.testdir({ 'a.env': `${own}${more}` })
    for (const run of ['first', 'second']) {
      const ran = await command(root, ['a.env', 'out'])
      t.equal(ran.code, 0, ran.err)
      t.equal(ran.out.includes('standby: the signer of this host gets no key and does not start; make promote changes over'), told, `${name}, ${run} run`)
    }
    t.equal(/\*\*This host is a standby \(`ROLE=standby`\)\.\*\*/.test(read(root, 'out/README.md')), told, name)
  }
})

t.test('on two hosts both READMEs tell of a standby', async (t) => {
  const root = t.testdir({ 'a.env': `${own}ROLE=standby\nTOPOLOGY=split\nNODE_HOST=node.example.net\nSIGNER_HOST=192.0.2.7\n` })
  t.equal((await command(root, ['a.env', 'out'])).code, 0)
  for (const host of ['node-host', 'signer-host']) t.match(read(root, `out/${host}/README.md`), /This host is a standby/, host)
})

t.test('a guard that is off: summary, README, Compose file and facts', async (t) => {
  const root = t.testdir({ 'a.env': `${own}DOPPELGANGER_GUARD=off\n`, 'on.env': `${own}DOPPELGANGER_GUARD=on\n`, 'bad.env': `${own}DOPPELGANGER_GUARD=no\n` })
  const off = await command(root, ['a.env', 'out'])
  t.match(off.out, /^guard off: nobody looks whether another signer runs with this key$/m)
  t.match(read(root, 'out/README.md'), /\*\*The guard is off \(`DOPPELGANGER_GUARD=off`\)\.\*\*/)
  t.match(read(root, 'out/docker-compose.yml'), /DOPPELGANGER_GUARD: "?off/)
  t.match(read(root, 'out/config/stack.json'), /"guard": "off"/)
  const on = await command(root, ['on.env', 'on'])
  t.notMatch(on.out, /guard off/)
  t.notMatch(read(root, 'on/README.md') + read(root, 'on/docker-compose.yml') + read(root, 'on/config/stack.json'), /guard is off|GUARD: |"guard": "off"/)
  t.match((await command(root, ['bad.env', 'bad'])).err, /DOPPELGANGER_GUARD/)
})

for (const [name, more, home] of [['one host', '', ''], ['two hosts', 'TOPOLOGY=split\nNODE_HOST=node.example.net\nSIGNER_HOST=192.0.2.7\n', 'signer-host/']] as const) {
  t.test(`a key that this run has made, ${name}: init is told for an hour, and git never`, async (t) => {
    const root = t.testdir({ 'a.env': `${answers}${more}SIGNER_KEY=generate\n` })
    const began = Math.floor(Date.now() / 1000)
    t.equal((await command(root, ['a.env', 'out'])).code, 0)
    const path = `out/${home}config/new-key`
    const [key, at] = read(root, path).trimEnd().split(' ')
    t.equal(key, (JSON.parse(read(root, 'out/.stack-manifest.json')) as { public: { publicKey: string } }).public.publicKey)
    t.ok(Number(at) >= began && Number(at) <= Date.now() / 1000, read(root, path))
    t.match(read(root, `out/${home}.gitignore`), /^\/config\/new-key$/m)
    const before = [read(root, path), statSync(join(root, path)).ino]
    t.equal((await command(root, ['a.env', 'out'])).code, 0)
    t.strictSame([read(root, path), statSync(join(root, path)).ino], before, 'the next run has not made it')
    t.notOk(existsSync(join(root, 'out/node-host/config/new-key')))
  })
}

t.test('no other key is told to be new', async (t) => {
  const root = t.testdir({ 'given.env': own, 'a.env': `${answers}SIGNER_KEY=generate\n` })
  await command(root, ['given.env', 'given'])
  t.notOk(existsSync(join(root, 'given/config/new-key')))
  await command(root, ['keygen', 'made'])
  await command(root, ['a.env', 'made'])
  t.ok(existsSync(join(root, 'made/docker-compose.yml')))
  t.notOk(existsSync(join(root, 'made/config/new-key')), 'it may be on another host by now')
  t.equal((await command(root, ['a.env', 'looked', '--dry-run'])).code, 0)
  t.notOk(existsSync(join(root, 'looked')))
})

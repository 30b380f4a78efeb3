/** The image of the service backup: made from pinned images alone, which pin and outdated ask about. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { toolImages } from '../../generator/catalogue/images.ts'
import { readStackImages } from '../../generator/cli/stack-images.ts'
import { backupImage } from '../../generator/stack/built-images.ts'
import type { BackupTarget } from '../../generator/stack/backup-target.ts'

const { nodejs, nodejsFull, restic } = toolImages
const bases = { nodejs, nodejsFull, restic: { ...restic, digest: `sha256:${'1'.repeat(64)}` } }
const targets: readonly BackupTarget[] = [
  { kind: 'path', path: '/mnt/b' }, { kind: 's3', endpoint: 'https://s3.example.net', bucket: 'b-1' },
  { kind: 'sftp', host: 'h', port: 22, user: 'u', path: '/b', hostKey: 'ssh-ed25519 AAAA' },
]

t.test('each target has what it needs, and nothing is installed', async (t) => {
  for (const target of targets) {
    const { content, from, name } = backupImage('my-signer', target, bases)
    const { kind } = target
    const base = kind === 'sftp' ? nodejsFull : nodejs
    t.match(content, `ARG NODE_IMAGE=${base.repository}:${base.tag}\n`, kind)
    t.match(content, `ARG RESTIC_IMAGE=${restic.repository}:${restic.tag}@sha256:1111`, kind)
    t.match(content, 'COPY --from=restic /usr/bin/restic /usr/bin/restic\n', kind)
    t.equal(content.includes('/etc/passwd'), kind === 'sftp', `${kind}: ssh wants a name for its user`)
    t.equal(content.includes('ca-certificates.crt'), kind === 's3', `${kind}: restic has no root certificates`)
    t.notMatch(content, /apt-get|apk |latest|\.mjs/, kind)
    t.strictSame(from, [base, bases.restic], kind)
    t.match(name, /^my-signer-backup:[0-9a-f]{12}$/)
    t.not(name, backupImage('my-signer', target, { ...bases, restic }).name, `${kind}: another digest is another name`)
  }
})

t.test('pin and outdated ask about what it is made from', async (t) => {
  const root = t.testdir({})
  const asked = async (backup: string) => {
    writeFileSync(join(root, 'answers.env'), `STACK_NAME=sample\nNETWORK=mainnet\n${backup}`)
    const { value, problems } = await readStackImages('pin', [], root)
    if (!value) throw new Error(JSON.stringify(problems))
    return Object.fromEntries(value.images.map(({ name, services }) => [name, services]))
  }
  const name = ({ repository, tag }: typeof nodejs | typeof nodejsFull | typeof restic) => `${repository}:${tag}`
  const path = await asked('BACKUP=path\nBACKUP_PATH=/mnt/b\n')
  t.strictSame(path[name(restic)], ['base of backup'])
  t.match(path[name(nodejs)], ['backup-copy', 'base of backup', 'guard'])
  t.notOk(name(nodejsFull) in path)
  const sftp = await asked('BACKUP=sftp\nBACKUP_PATH=/b\nBACKUP_SFTP_HOST=h.example.net\nBACKUP_SFTP_USER=u\nBACKUP_SFTP_HOST_KEY=\'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUm\'\n')
  t.strictSame(sftp[name(nodejsFull)], ['base of backup'])
  t.notOk(name(restic) in await asked(''))
})

/** The same answers give the same bytes, whatever the clock's zone, the language, the directory and the user. */

import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { testKey } from '../support/command.ts'
import { readFiles } from '../support/files.ts'
import { openCommand, otherUser } from '../support/other-user.ts'
import { repository } from '../support/repository.ts'

interface Place { readonly name: string; readonly environment?: Readonly<Record<string, string>>; readonly folder?: string; readonly user?: number; readonly umask?: string }

const root = process.getuid?.() === 0
const places: readonly Place[] = [
  { name: 'plain' },
  { name: 'far east', environment: { TZ: 'Asia/Tokyo', LANG: 'ja_JP.UTF-8', LC_ALL: 'ja_JP.UTF-8' } },
  { name: 'a language with its own sorting and case', environment: { TZ: 'America/St_Johns', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' } },
  { name: 'a directory with blanks and umlauts', folder: 'ein Ordner für $HOME {{x}}' },
  { name: 'a narrow umask', umask: '077' },
  ...(root ? [{ name: 'another user', user: otherUser }] : []),
]

const { node, main } = openCommand(t)

function generated(place: Place): Record<string, string> {
  const base = mkdtempSync(join(tmpdir(), 'stack-place-'))
  const folder = join(base, place.folder ?? 'work')
  const secrets = join(folder, 'out/secrets')
  mkdirSync(secrets, { recursive: true })
  chmodSync(secrets, 0o700)
  cpSync(join(repository, 'examples/mainnet.env'), join(folder, 'a.env'))
  writeFileSync(join(secrets, 'signer-private-key'), `${testKey}\n`, { mode: 0o600 })
  const owner = place.user
  if (owner !== undefined) for (const path of [base, folder, join(folder, 'out'), secrets, join(secrets, 'signer-private-key')]) chownSync(path, owner, owner)
  const shell = `umask ${place.umask ?? '022'} && exec "${node}" "${main}" a.env out`
  const ran = spawnSync('sh', ['-c', shell], {
    cwd: folder, encoding: 'utf8', env: { PATH: process.env['PATH'], ...place.environment }, ...(owner !== undefined && { uid: owner, gid: owner }),
  })
  if (ran.status !== 0) throw new Error(`${place.name}: ${ran.stderr}`)
  rmSync(secrets, { recursive: true })
  const files = readFiles(join(folder, 'out'))
  rmSync(base, { recursive: true })
  return files
}

const [first, ...others] = places
const want = generated(first!)
t.ok(Object.keys(want).length > 10)
for (const place of others) t.strictSame(generated(place), want, place.name)

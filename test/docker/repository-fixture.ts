/**
 * An empty restic repository whose key costs nothing to derive. restic chooses scrypt's numbers so that each opening takes half a
 * second of a processor, and a backup opens its repository more than a dozen times.
 *
 * Made once by `restic init` 0.18.0; then its master key was encrypted anew, by the same password and with N=2, r=1, p=1, as restic's
 * design document describes key files.
 */

import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const repositoryPassword = 'correct horse battery staple'

const key = JSON.stringify({
  created: '2026-11-30T15:38:37.214749595Z', username: 'test', hostname: 'test', kdf: 'scrypt', N: 2, r: 1, p: 1,
  salt: '7+/gpgZQlNIRE67pbmYMNqYGqiiMLnvJElORIW26FEsAfs1rMfdmqKnregYL8e2DVf02xYC4bE69n1sqeCohUw==',
  data: 'No3h/MF/hydKyEzvt07vHXou9FNRM+oNmkYKGSMMoiL8W8z32y0b+9YSu0mkv3Jf4gljm8+zxgVzq/q00fR6Gm5z4xdQnevyrWAX4a2Sb4ZOpoV0cikYdQOoiaz3BvDQss2YI7SwnZdvnW7k7+kjsdIOjRuj2XZE4tIwwLrUKySwLuMns3Qt91n6AnqTnOcFPAYPnJTylFFYHVtw+WT3Zg==',
})
const config = 'vuYYAoS1MPHRLIqIU2euKdDtafhIKkV8eASbRPjXr30SU34CWfj8RGzgBVWudC+DXOvuaWLvT/c0+nPaf7bjs6b9B+d8WMA1DzJQ5AWmJ4rWjBfQynGVdKaqAbqBbFypPy/5feTZAmRHJVDxfXLzViMMWEWOtBGt8EtaztIiGhOTaRB6EyjxEA9P2ZbaJ29OHR+WPwR7aGjcch4='

export function makeRepository(folder: string): void {
  for (const name of ['data', 'index', 'keys', 'locks', 'snapshots']) mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(join(folder, 'config'), Buffer.from(config, 'base64'))
  writeFileSync(join(folder, 'keys', createHash('sha256').update(key).digest('hex')), key)
}

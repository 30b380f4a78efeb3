/** Which dated archives a server has, for the operator whose own is not there. */

import type { ArchiveClient } from './archive-client.ts'
import { OperatorError, RetryableError } from './errors.ts'

const datedName = /^[A-Za-z0-9][A-Za-z0-9._-]*-(\d{8})[A-Za-z0-9._-]*\.(?:tar\.zst|tar\.gz|tgz)$/
/** How many are shown, and how long a name may be: as file systems have it. */
const shownNames = 5, longest = 255

/** One clause: the newest dated archives beside `url`, or that nothing tells. */
export async function datedNames(client: ArchiveClient, url: string): Promise<string> {
  const folder = new URL('.', url)
  // What a folder's page links to, else what a bucket lists below the prefix.
  const bucket = new URL(`/?list-type=2&prefix=${encodeURIComponent(folder.pathname.slice(1))}`, url)
  for (const { href } of [folder, bucket]) {
    const text = await client.get(href).then((answer) => client.start(answer, 1 << 20)).catch(unlisted)
    const found = [...text.toString().matchAll(/(?:href="|<Key>)([^"<?]+)/g)].map(([, name = '']) => name.slice(name.lastIndexOf('/') + 1))
    const dated = [...new Set(found)].filter((name) => name.length <= longest && datedName.test(name))
    const key = (name: string) => `${datedName.exec(name)?.[1]} ${name}`
    const newest = dated.sort((a, b) => (key(a) < key(b) ? 1 : -1)).slice(0, shownNames)
    if (newest.length > 0) return `there are ${newest.join(', ')}: set SNAPSHOT_URL to one of them`
  }
  return 'the server lists nothing, so which dated archives it has cannot be known from here: set another SNAPSHOT_URL'
}

function unlisted(error: unknown): string {
  if (error instanceof OperatorError || error instanceof RetryableError) return ''
  throw error
}

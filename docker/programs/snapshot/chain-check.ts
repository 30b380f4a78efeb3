/** Whether what was unpacked is a whole chain, of the network that this stack is on. */

import { execFile } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ArchiveRefused, refused } from './errors.ts'

/** What a stacks-node takes for its chain data; half of it makes the node panic. */
const sortitions = 'burnchain/sortition/marf.sqlite', index = 'chainstate/vm/index.sqlite'

export async function checkChain(root: string, network: string): Promise<void> {
  const absent = [sortitions, index].filter((path) => !statSync(join(root, path), { throwIfNoEntry: false })?.isFile())
  if (absent.length > 0) throw new ArchiveRefused(`the archive lacks ${absent.join(' and ')}, so it holds no whole chainstate: set another SNAPSHOT_URL`)
  // A database that does not answer says nothing against the archive: the node will say more.
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script, join(root, index)], { timeout: 10_000, killSignal: 'SIGKILL', maxBuffer: 4096 })
    .catch(() => ({ stdout: '' }))
  const other = { '1\n': network !== 'mainnet' && 'mainnet', '0\n': network === 'mainnet' && 'a test network' }[stdout]
  if (other) throw refused(`its chain is ${other}, and this stack is on ${network}`)
}

/** The database is not ours: db_config may be a view that never ends, or make a value as large as the memory. So a process of its own asks. */
const script = `
  const { DatabaseSync } = require('node:sqlite')
  const database = new DatabaseSync('file:' + encodeURI(process.argv[1]) + '?immutable=1', { readOnly: true })
  database.limits.length = 1 << 20
  console.log(database.prepare('SELECT mainnet FROM db_config').get()?.mainnet)`

import t from 'tap'
import { findGoverned, governed, listOfTables } from '../../generator/answers/governed.ts'
import { nodeKey, signerKey } from '../../generator/catalogue/keys.ts'
import { findNode, findSigner, newestRelease } from '../../generator/catalogue/releases.ts'

t.equal(new Set(governed.map(({ key }) => key)).size, governed.length, 'no rule stands twice')

for (const { key } of governed) {
  const [consumer, section, name] = key.split('.') as [string, string, string | undefined]
  // The list of keys is older than stacks-core's pull request 7598, which is in 4.0.4.
  if (section === '*' || name === 'signet_challenge') continue
  const verdict = consumer === 'signer' ? signerKey(findSigner(newest())!, section) : nodeKey(findNode(newest())!, section, name!)
  t.equal(verdict.status, 'accepted', `${key} is a key of the newest release`)
}

function newest(): string {
  return newestRelease
}

t.match(findGoverned('node', 'burnchain', 'password'), { instead: 'write BITCOIN_RPC_PASSWORD' })
t.match(findGoverned('node', 'anywhere', 'seed'), { key: 'node.*.seed' })
t.equal(findGoverned('signer', '', 'dry_run'), undefined)
t.equal(findGoverned('node', 'node', 'txindex'), undefined)
t.match(listOfTables('events_observer', 'endpoint'), { name: 'events_observer' })
t.match(listOfTables('burnchain', 'epochs'), { name: 'burnchain.epochs' })
t.equal(listOfTables('burnchain', 'chain'), undefined)
t.equal(listOfTables('constructor', 'x'), undefined)

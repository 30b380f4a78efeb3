/** docker/tools/digest.py: a checksum that nobody waits for, and of which nothing is written over before it is read. */

import t from 'tap'
import { python } from './sbtc-setting.ts'
import { needs } from './tools.ts'

// Blocks of one letter each go through three places in turn, as through the ring; each is read late.
const script = `
import hashlib, json, sys, time
sys.path.insert(0, sys.argv[1])
from digest import Digest
blocks, places = json.load(sys.stdin), [bytearray(1) for _ in range(3)]
digest, right = Digest(len(places) - 1), hashlib.sha256()
class Late:
    def update(self, view):
        time.sleep(0.02)
        right.update(view)
    def hexdigest(self):
        return right.hexdigest()
digest.sha256 = Late()
for index, block in enumerate(blocks):
    place = memoryview(places[index % len(places)])
    place[:] = block.encode()
    digest.update(place)
digest.end()
print(json.dumps([digest.end() == hashlib.sha256(''.join(blocks).encode()).hexdigest(), digest.thread.is_alive()]))
`

t.test('what is given is read as it was, and the thread ends with it, also when it is ended twice', needs('python3'), async (t) => {
  t.strictSame(JSON.parse(await python(script, [...'abcdefghij'])), [true, false])
  t.strictSame(JSON.parse(await python(script, [])), [true, false])
})

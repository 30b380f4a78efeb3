/** What the README says to a bitcoind of the machine, said to a real one. */

import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readmeFile } from '../../generator/files/readme.ts'
import { readTemplates } from '../../generator/io/templates.ts'
import { repository } from '../support/repository.ts'
import { sampleStack } from '../support/sample-stack.ts'
import { needs, root } from './tools.ts'

/** A container of Docker's first address pool is a peer; -daemonwait comes back when bitcoind answers. */
const script = `ip link set lo up && ip addr add 172.31.9.1/32 dev lo && bitcoind -datadir="$1" -daemonwait >/dev/null || exit 1
pid=$(cat "$1/regtest/bitcoind.pid")
trap 'bitcoin-cli -datadir="$1" stop >/dev/null; tail --pid="$pid" -f /dev/null' EXIT
python3 - "$1" <<'PEER'
import json, socket, subprocess, sys
peer = socket.create_connection(('172.31.9.1', 18444), source_address=('172.31.9.1', 0))
found = []
while not found:
    found = json.loads(subprocess.check_output(['bitcoin-cli', '-datadir=' + sys.argv[1], 'getpeerinfo']))
print(' '.join(found[0]['permissions']))
PEER`

t.test('bitcoind takes the lines, listens beyond 127.0.0.1, and never bans a container', root ? needs('bitcoind', 'bitcoin-cli', 'unshare', 'ip', 'python3') : { skip: 'not root' }, async (t) => {
  const { stack, host } = sampleStack({ bitcoin: 'machine' })
  const readme = readmeFile(stack, host, readTemplates(repository)).content
  const lines = /## The bitcoind of this machine\n[^]*?```\n([^]*?)```/.exec(readme)![1]!
  const directory = t.testdir({})
  writeFileSync(join(directory, 'bitcoin.conf'), `regtest=1\n${lines}`)
  const { status, stdout, stderr } = spawnSync('unshare', ['--net', 'sh', '-c', script, 'sh', directory], { encoding: 'utf8' })
  t.equal(status, 0, stderr)
  t.equal(stdout, 'noban download\n')
})

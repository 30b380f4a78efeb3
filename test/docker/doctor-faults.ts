/** Known faults, each as the one change it makes in the evidence of a healthy stack. */

import type { SampleOptions } from '../support/sample-stack.ts'
import { edit, ended, fail, logLine, now, patch, patchContainer, says, silence, stamp, type Sections } from './evidence.ts'

export interface Fault {
  /** The check that must name it first. */
  readonly id: string
  readonly what: string
  readonly plant: (sections: Sections) => void
  readonly on?: SampleOptions
  /** What its evidence must show. */
  readonly shows: RegExp
  readonly level?: 'wait' | 'risk'
}

const otherKey = `03${'12'.repeat(32)}`
const other = (more: object) => JSON.stringify({ id: 'beef', name: '/old-thing-1', path: '/bin/stacks-signer', image: 'x', running: true, restart: 'no', project: 'old', service: 'thing', directory: '/srv/old', oneoff: 'False', mounts: [], ...more })
const nodeQuiet = (sections: Sections) => { for (const name of ['info', 'health', 'pox', 'set', 'next-set', 'signed', 'sortitions']) fail(sections, `node.${name}`, 'http-get: no answer') }

const sbtc = { sbtc: 'alone' } as const
/** As the node writes it since Rust 1.73: the place, then the reason on lines of its own. */
const panic = (sections: Sections, service: string, ...reason: readonly string[]) => {
  ended(sections, service, 1, { status: 'restarting', restarts: 12 })
  for (const text of [
    'ERRO [1758668797.583847] [stacks-node/src/main.rs:255] [main] Process abort due to thread panic: panicked at stackslib/src/chainstate/burn/db/sortdb.rs:3071:17:', ...reason,
    'ERRO [1758668797.901000] [stacks-node/src/main.rs:257] [main] Panic backtrace:    0: stacks_node::main::{{closure}}', '   1: core::ops::function::Fn::call',
  ]) says(sections, service, 20, text)
}
export const notBegun = (sections: Sections, seconds: number) => {
  for (let ago = seconds; ago >= 0; ago -= 10) says(sections, 'stacks-signer', ago, 'ERRO [1758668797.583847] [stacks-signer/src/runloop.rs:578] [signer_runloop] Failed to initialize signer runloop: backoff retry timeout occurred. Stacks node may be down.')
}
const differs = (s: Sections, out: string) => { s.set('sbtc.set', { code: 1, out, err: '' }) }

export const faults: readonly Fault[] = [
  { id: 'sbtc-silent', what: 'an sBTC signer that does not answer', on: sbtc, plant: (s) => patch(s, 'sbtc.state', { signer: null, dkg: null }), shows: /^sbtc-signer does not answer$/ },
  { id: 'sbtc-silent', what: 'a blocklist client without a list', on: { sbtc: 'beside' }, plant: (s) => patch(s, 'sbtc.state', { blocklist: 503 }), shows: /^blocklist-client answers with 503$/ },
  { id: 'sbtc-set-differs', what: 'an old signer set', on: sbtc, plant: (s) => differs(s, `sbtc-set: ${otherKey} is in the chain's set, and not in SBTC_SIGNING_SET\nsbtc-set: the chain wants 8 signatures, and SBTC_SIGNATURES_REQUIRED is 10\nDo not start\n`), shows: /not in SBTC_SIGNING_SET \(and 1 more\)/ },
  { id: 'sbtc-key-differs', what: 'a key that is not the contract\'s', on: { sbtc: 'shared' }, plant: (s) => patch(s, 'sbtc.state', { dkg: { current_aggregate_key: otherKey, contract_aggregate_key: `02${'11'.repeat(32)}` } }), shows: /make sbtc-info/, level: 'risk' },
  { id: 'sbtc-node-behind', what: 'a node of the sBTC signer that is behind', on: sbtc, plant: (s) => patch(s, 'sbtc.state', { health: { difference_from_max_peer: 40, max_stacks_neighbor_address: 'x' } }), shows: /40 behind its highest peer/, level: 'wait' },
  { id: 'sbtc-bitcoin-syncing', what: 'a second bitcoind that reads the chain', on: sbtc, plant: (s) => patch(s, 'sbtc.bitcoin', { initialblockdownload: true, blocks: 12 }), shows: /at block 12 of 960500/, level: 'wait' },
  { id: 'compose-file', what: 'an override that is no YAML', plant: (s) => { s.set('config', { code: 0, out: '', err: 'yaml: line 3: could not find expected \':\'\n' }); fail(s, 'hashes', 'yaml') }, shows: /line 3/ },
  { id: 'docker-old', what: 'Docker 24', plant: (s) => edit(s, 'engine', (text) => text.replace('26.1.5', '24.0.7')), shows: /Engine 24\.0/ },
  { id: 'docker-old', what: 'Compose 2.20', plant: (s) => { edit(s, 'engine', (text) => text.replace('2.40.3', '2.20.1')); edit(s, 'containers', (text) => text.replaceAll('2.40.3', '2.20.1')) }, shows: /Compose 2\.20/ },
  { id: 'avx2', what: 'an old processor', plant: (s) => { edit(s, 'processor', (text) => text.replace(' avx2', '')); ended(s, 'stacks-signer', 132) }, shows: /avx2/ },
  { id: 'disk-full', what: 'a full disk, on which bitcoind has stopped', plant: (s) => { edit(s, 'disk.volumes', (text) => text.replaceAll('1960000000', '1000000')); says(s, 'bitcoind', 30, 'Error: Disk space is too low!') }, shows: /1 GB free of 3666 GB/ },
  { id: 'disk-full', what: 'a disk that is nearly full', plant: (s) => edit(s, 'disk.volumes', (text) => text.replaceAll('1960000000', '300000000')), shows: /286 GB free/, level: 'risk' },
  { id: 'disk-full', what: 'a full disk of Docker, where the one of the volumes has room', plant: (s) => edit(s, 'disk.docker', (text) => text.replace('1960000000', '1000000')), shows: /^Docker: 1 GB free/ },
  { id: 'inodes', what: 'no inodes', plant: (s) => edit(s, 'inodes', (text) => text.replaceAll('242000000', '12')), shows: /12 inodes free/ },
  { id: 'memory', what: 'little memory', plant: (s) => edit(s, 'memory', (text) => text.replace('32594720', '8000000')), shows: /7\.6 GB; 16 GB/, level: 'risk' },
  { id: 'memory', what: 'memory used up, and bitcoind killed', plant: (s) => { edit(s, 'memory', (text) => text.replace('16594720', '102400')); ended(s, 'bitcoind', 137, { oom: true }) }, shows: /100 MB available/ },
  { id: 'clock', what: 'a clock that differs from the peers\'', plant: (s) => patch(s, 'bitcoin.network', { timeoffset: 95 }), shows: /95 seconds/ },
  { id: 'clock', what: 'a clock in the past', plant: (s) => patch(s, 'bitcoin.chain', { time: now + 90000 }), shows: /90000 seconds in the future/ },
  { id: 'clock', what: 'no time synchronisation', plant: (s) => edit(s, 'clock', (text) => text.replace('Synchronized=yes', 'Synchronized=no')), shows: /NTPSynchronized=no/, level: 'risk' },
  { id: 'disk-type', what: 'a rotating disk', plant: (s) => { edit(s, 'devices', () => 'sda 1 - - ATA     \nsda1 1 - - ATA     \n'); edit(s, 'disk.volumes', (text) => text.replaceAll('nvme0n1p2', 'sda1')) }, shows: /\/dev\/sda1, which rotates/, level: 'risk' },
  { id: 'file-limit', what: 'few open files', plant: (s) => edit(s, 'open-files', (text) => text.replace('stacks-node 16384', 'stacks-node 1024')), shows: /stacks-node 1024/ },
  { id: 'logs-not-kept', what: 'a journal with the limits of the system', on: { logDays: 90 }, plant: (s) => edit(s, 'journal', () => 'journald has MaxRetentionSec=(its default), not MaxRetentionSec=91day\n'), shows: /its default/, level: 'risk' },
  { id: 'logs-elsewhere', what: 'a stack that was not started again after LOGS=journald', on: { logDays: 90 }, plant: (s) => patchContainer(s, 'bitcoind', { log: { Type: 'json-file', Config: { 'max-size': '100m' } } }), shows: /^bitcoind: json-file, not journald$/, level: 'risk' },
  { id: 'logs-elsewhere', what: 'the driver of an override', plant: (s) => patchContainer(s, 'stacks-node', { log: { Type: 'none', Config: {} } }), shows: /^stacks-node: none, not json-file$/, level: 'risk' },
  { id: 'secrets-missing', what: 'no token, so init fails', plant: (s) => { edit(s, 'files', (text) => text.replace(/.*auth-token\n/, '')); patchContainer(s, 'init', { exit: 1 }); says(s, 'init', 100, 'init: secrets/auth-token is missing: put 16 to 256 printable ASCII characters into that file') }, shows: /secrets\/auth-token/ },
  { id: 'secrets-open', what: 'a key that others can read', plant: (s) => edit(s, 'files', (text) => text.replace('600 1000 1000 65 regular file|secrets/signer', '644 1000 1000 65 regular file|secrets/signer')), shows: /signer-private-key has mode 644/ },
  { id: 'secrets-in-git', what: 'a token in git', plant: (s) => edit(s, 'tracked', () => 'secrets/auth-token\n'), shows: /git tracks secrets\/auth-token/ },
  { id: 'renamed-stack', what: 'volumes under an old name', plant: (s) => edit(s, 'volumes', (text) => `${text}old_stacks-signer-data old stacks-signer-data\n`), shows: /volumes of old/, level: 'risk' },
  { id: 'renamed-stack', what: 'containers that still run under an old name', plant: (s) => edit(s, 'neighbours', (text) => `${text}${other({ path: 'bitcoind', directory: '/srv/sample' })}\n`), shows: /project old/ },
  { id: 'init-failed', what: 'a config without its placeholder', plant: (s) => { patchContainer(s, 'init', { exit: 1 }); says(s, 'init', 100, 'init: config/node-config.toml: the line auth_token = "@AUTH_TOKEN@" is missing; generate the stack again'); ended(s, 'stacks-node', 0, { status: 'created' }) }, shows: /is missing; generate/ },
  { id: 'second-signer', what: 'the same key in another project', plant: (s) => edit(s, 'other-signers', () => `other-stacks-signer-1 {"signerPublicKey":"02${'ab'.repeat(32)}","network":"Mainnet"}\n`), shows: /other-stacks-signer-1/ },
  { id: 'second-signer', what: 'a second signer on this signer\'s volume', plant: (s) => edit(s, 'neighbours', (text) => `${text}${other({ mounts: [{ Type: 'volume', Name: 'sample_stacks-signer-data', RW: true }] })}\n`), shows: /old-thing-1/ },
  { id: 'second-signer', what: 'another signer that tells no key', plant: (s) => edit(s, 'other-signers', () => 'strange-1 \n'), shows: /strange-1/, level: 'risk' },
  { id: 'two-nodes', what: 'two nodes on one volume', plant: (s) => edit(s, 'neighbours', (text) => `${text}${other({ path: '/bin/stacks-node', mounts: [{ Type: 'volume', Name: 'sample_stacks-node-data', RW: true }] })}\n`), shows: /sample_stacks-node-data beside stacks-node/ },
  { id: 'two-nodes', what: 'two nodes on one folder', on: { folders: true }, plant: (s) => edit(s, 'neighbours', (text) => `${text}${other({ path: '/bin/stacks-node', mounts: [{ Type: 'bind', Source: '/srv/disk2/stacks', Destination: '/x', RW: true }] })}\n`), shows: /\/srv\/disk2\/stacks beside stacks-node/ },
  { id: 'second-signer', what: 'a second signer on this signer\'s folder', on: { folders: true }, plant: (s) => edit(s, 'neighbours', (text) => `${text}${other({ mounts: [{ Type: 'bind', Source: '/srv/disk2/signer', RW: true }] })}\n`), shows: /old-thing-1/ },
  { id: 'secrets-changed', what: 'a token changed in secrets/ alone', plant: (s) => patch(s, 'filled', { files: { 'stacks-node/node-config.toml': 'different' } }), shows: /node-config\.toml different/ },
  { id: 'config-refused', what: 'an unknown key in the node\'s config', plant: (s) => { ended(s, 'stacks-node', 1, { status: 'restarting', restarts: 7 }); says(s, 'stacks-node', 20, 'ERRO Invalid config file: unknown field `staker`') }, shows: /unknown field `staker`/ },
  { id: 'config-refused', what: 'an unknown key in the signer\'s config', plant: (s) => { ended(s, 'stacks-signer', 101, { status: 'restarting', restarts: 7 }); says(s, 'stacks-signer', 20, 'thread main panicked: Failed to load config: unknown field `event_timeout`') }, shows: /event_timeout/ },
  { id: 'out-of-memory', what: 'a node killed for its memory', plant: (s) => ended(s, 'stacks-node', 137, { oom: true }), shows: /stacks-node: OOMKilled/ },
  { id: 'illegal-instruction', what: 'an image for another platform', plant: (s) => { ended(s, 'stacks-signer', 255); says(s, 'stacks-signer', 9, 'exec /bin/stacks-signer: exec format error') }, shows: /stacks-signer/ },
  { id: 'half-chain', what: 'half a chain', plant: (s) => { patch(s, 'filled', { chain: { chainstate: true, sortition: false } }); ended(s, 'stacks-node', 1, { status: 'restarting', restarts: 12 }); says(s, 'stacks-node', 20, 'ERRO Process abort due to thread panic: chainstate without sortition') }, shows: /burnchain\/sortition\/ is not/ },
  { id: 'node-panic', what: 'a node that panics', plant: (s) => { ended(s, 'stacks-node', 1, { status: 'restarting', restarts: 12 }); says(s, 'stacks-node', 20, 'ERRO Process abort due to thread panic: FATAL: unable to open database') }, shows: /unable to open database/ },
  { id: 'node-panic', what: 'a node that panics, with the reason on the next line', plant: (s) => panic(s, 'stacks-node', 'FATAL: unable to open database', 'at /x'), shows: /sortdb\.rs:3071:17: FATAL: unable to open database at \/x$/ },
  { id: 'node-panic', what: 'the sBTC signer\'s node that panics', on: sbtc, plant: (s) => panic(s, 'sbtc-stacks-node', 'FATAL: unable to open database'), shows: /^sbtc-stacks-node: .*unable to open database$/ },
  { id: 'retcon-epoch', what: 'a chain of another network', plant: (s) => panic(s, 'stacks-node', 'FATAL: tried to retcon epoch StacksEpoch { epoch_id: Epoch25 } into epoch StacksEpoch { epoch_id: Epoch25 }'), shows: /^stacks-node: .*:17: FATAL: tried to retcon epoch/ },
  { id: 'signer-ended', what: 'a signer told to stop', plant: (s) => { ended(s, 'stacks-signer', 0); says(s, 'stacks-signer', 201, 'INFO Event receiver thread joined') }, shows: /exited \(0\)/ },
  { id: 'restarting', what: 'a bitcoind that starts again and again', plant: (s) => { ended(s, 'bitcoind', 1, { status: 'restarting', restarts: 5 }); says(s, 'bitcoind', 20, 'Error: something new') }, shows: /5 restarts, exit code 1.*something new/ },
  { id: 'restarting', what: 'a Prometheus that restarts again and again', on: { monitoring: 'full' }, plant: (s) => { patchContainer(s, 'prometheus', { status: 'restarting', restarts: 9, exit: 2 }); says(s, 'prometheus', 20, 'ts=x level=error err="no such directory"') }, shows: /^prometheus: 9 restarts, exit code 2 .*no such directory/ },
  { id: 'not-running', what: 'a node that was stopped', plant: (s) => ended(s, 'stacks-node', 0), shows: /stacks-node is exited/ },
  { id: 'not-running', what: 'a snapshot that gave up', plant: (s) => ended(s, 'snapshot', 70), shows: /^snapshot is exited \(70\)/ },
  { id: 'not-running', what: 'a port that was taken', plant: (s) => ended(s, 'bitcoind', 128, { status: 'created', error: 'driver failed: Bind for 0.0.0.0:8333 failed: port is already allocated' }), shows: /port is already allocated/ },
  { id: 'unhealthy', what: 'an unhealthy sidecar', on: { tls: 'single' }, plant: (s) => patchContainer(s, 'node-tls', { health: 'unhealthy' }), shows: /^node-tls$/ },
  { id: 'logs-unbounded', what: 'a log without an end', plant: (s) => patchContainer(s, 'bitcoind', { log: { Type: 'json-file', Config: {} } }), shows: /bitcoind: json-file without max-size/, level: 'risk' },
  { id: 'override-softens', what: 'a privileged container', plant: (s) => patchContainer(s, 'stacks-node', { privileged: true }), shows: /stacks-node: privileged/ },
  { id: 'override-softens', what: 'the network of the host', plant: (s) => patchContainer(s, 'stacks-signer', { network: 'host' }), shows: /stacks-signer: network host/ },
  { id: 'override-softens', what: 'the Docker socket', plant: (s) => patchContainer(s, 'bitcoind', { mounts: [{ Type: 'bind', Source: '/var/run/docker.sock', RW: true }] }), shows: /the Docker socket/ },
  { id: 'override-softens', what: 'an override that is not started yet', plant: (s) => edit(s, 'config', (text) => text.replace('line stacks-node       "read_only": true,', 'line stacks-node       "privileged": true,\nline stacks-node       "read_only": true,')), shows: /stacks-node, from the next start on: privileged/ },
  { id: 'observer-failing', what: 'an event that the signer does not take', on: { observers: true }, plant: (s) => says(s, 'stacks-node', 5, 'WARN [1758668797.583847] [stacks-node/src/event_dispatcher/worker.rs:368] [event-dispatcher-1] Event dispatcher: connection or request failed to stacks-signer:30000 - Kind(WouldBlock), backoff: 100ms, attempts: 0'), shows: /failed to stacks-signer:30000/ },
  { id: 'ports-open', what: 'the RPC published', plant: (s) => patchContainer(s, 'stacks-node', { published: { '20443/tcp': [{ HostIp: '0.0.0.0', HostPort: '20443' }], '20444/tcp': [{ HostIp: '', HostPort: '20444' }] } }), shows: /stacks-node publishes 20443\/tcp/ },
  { id: 'ports-open', what: 'a port of loopback published for everybody', on: { monitoring: 'full' }, plant: (s) => patchContainer(s, 'grafana', { published: { '3000/tcp': [{ HostIp: '0.0.0.0', HostPort: '3000' }] } }), shows: /^grafana publishes 3000\/tcp \(inside 3000\/tcp\)/ },
  { id: 'ports-open', what: 'the event port of the signer published', plant: (s) => patchContainer(s, 'stacks-signer', { published: { '30000/tcp': [{ HostIp: '', HostPort: '8333' }] } }), shows: /stacks-signer publishes 8333\/tcp \(inside 30000\/tcp\)/ },
  { id: 'secrets-in-logs', what: 'a node that debugs', plant: (s) => patchContainer(s, 'stacks-node', { env: ['PATH', 'STACKS_LOG_DEBUG'] }), shows: /STACKS_LOG_DEBUG/ },
  { id: 'proxy', what: 'a proxy at the signer', plant: (s) => patchContainer(s, 'stacks-signer', { env: ['HTTP_PROXY'] }), shows: /HTTP_PROXY/ },
  { id: 'drift', what: 'another image than the files name', plant: (s) => patchContainer(s, 'bitcoind', { image: 'example/bitcoind:0' }), shows: /bitcoind runs example\/bitcoind:0/, level: 'risk' },
  { id: 'drift', what: 'settings that are not those of the files', plant: (s) => edit(s, 'hashes', (text) => text.replace(/^stacks-node .*$/m, 'stacks-node 00')), shows: /stacks-node was made from other settings/, level: 'risk' },
  { id: 'release-drift', what: 'another release in the image', plant: (s) => patch(s, 'node.info', { server_version: 'stacks-node 3.4.0.0.4 (release/3.4:abc)' }), shows: /3\.4\.0\.0\.4, generated is 4\.0\.4/ },
  { id: 'bitcoin-damaged', what: 'a damaged block database', plant: (s) => { ended(s, 'bitcoind', 1, { status: 'restarting', restarts: 4 }); says(s, 'bitcoind', 20, 'Error: Corrupted block database detected. Please restart with -reindex') }, shows: /Corrupted/ },
  { id: 'bitcoin-silent', what: 'a bitcoind that hangs', plant: (s) => { fail(s, 'bitcoin.chain', 'error: timeout on transient error: Could not connect to the server', 1); fail(s, 'bitcoin.network', 'the same') }, shows: /Could not connect/ },
  { id: 'bitcoin-silent', what: 'a bitcoind that loads', plant: (s) => { fail(s, 'bitcoin.chain', 'error code: -28\nerror message:\nVerifying blocks…', 28); fail(s, 'bitcoin.network', 'the same') }, shows: /Verifying/, level: 'wait' },
  { id: 'wrong-network', what: 'a node on the test network', plant: (s) => patch(s, 'node.info', { network_id: 2147483648 }), shows: /stacks-node is on 2147483648, meant is 1/ },
  { id: 'wrong-network', what: 'a bitcoind on regtest', plant: (s) => patch(s, 'bitcoin.chain', { chain: 'regtest' }), shows: /bitcoind is on regtest, meant is main/ },
  { id: 'wrong-network', what: 'a signer for the test network', plant: (s) => patch(s, 'signer.info', { network: 'Testnet' }), shows: /stacks-signer is on testnet/ },
  { id: 'bitcoin-no-peers', what: 'no peers', plant: (s) => patch(s, 'bitcoin.network', { connections: 1, connections_out: 0 }), shows: /0 outbound/ },
  { id: 'bitcoin-syncing', what: 'a chain that is read', plant: (s) => patch(s, 'bitcoin.chain', { blocks: 400000, verificationprogress: 0.31, initialblockdownload: true }), shows: /block 400000 of 960500/, level: 'wait' },
  { id: 'bitcoin-pruned', what: 'pruned beyond the node', on: { bitcoin: 'pruned' }, plant: (s) => { patch(s, 'bitcoin.chain', { pruneheight: 960480 }); patch(s, 'node.info', { burn_block_height: 900000 }) }, shows: /900000, bitcoind has blocks from 960480/ },
  { id: 'snapshot-stuck', what: 'an archive that is refused', plant: (s) => edit(s, 'snapshot.status', () => 'waiting: the checksum differs; next try in 5 min\n'), shows: /checksum differs/ },
  { id: 'snapshot-coming', what: 'an archive on its way', plant: (s) => { edit(s, 'snapshot.status', () => 'downloading 12 % (60.0 of 500.0 GB), 55.0 MB/s, about 2 h left\n'); nodeQuiet(s); silence(s, 'stacks-node', /./); says(s, 'stacks-node', 20, 'gate: waiting for the snapshot (mainnet)') }, shows: /downloading 12 %/, level: 'wait' },
  { id: 'bitcoin-unreachable', what: 'an external bitcoind that is away', on: { bitcoin: 'external' }, plant: (s) => says(s, 'stacks-node', 5, 'WARN Failed to connect to peer bitcoin.example.net:8333: Connection refused'), shows: /bitcoin\.example\.net/ },
  { id: 'bitcoin-unreachable', what: 'an RPC port in place of the P2P port', on: { bitcoin: 'external' }, plant: (s) => says(s, 'stacks-node', 5, 'WARN [1719681867.047296] [stackslib/src/burnchains/bitcoin/network.rs:194] [main] Failed to handshake with 10.20.0.6:8332: SerializationError(Io(Os { code: 32, kind: BrokenPipe, message: "Broken pipe" }))'), shows: /10\.20\.0\.6:8332/ },
  { id: 'signer-not-begun', what: 'a signer that cannot begin for minutes', plant: (s) => notBegun(s, 300), shows: /^for 5 minutes: .*Failed to initialize signer runloop: / },
  { id: 'signer-not-begun', what: 'a signer that cannot begin yet', plant: (s) => notBegun(s, 40), shows: /^for 1 minutes: /, level: 'wait' },
  { id: 'other-instance', what: 'a guard that refuses', plant: (s) => edit(s, 'guard.verdict', () => 'refused\nslot 3 of signers-0-1 (cycle 140) went from version 41 to 45 while the signer here is off: another instance runs with this key\n'), shows: /version 41 to 45/ },
  { id: 'guard-watches', what: 'a guard that watches', plant: (s) => edit(s, 'guard.verdict', () => 'watching\nwatching its own slots, signing interval 1 of 2\n'), shows: /interval 1 of 2/, level: 'wait' },
  { id: 'guard-off', what: 'a guard that is off', plant: (s) => edit(s, 'facts', (text) => `${text.replace(/^guard=.*\n/m, '')}guard=off\n`), shows: /answers\.env says DOPPELGANGER_GUARD=off/, level: 'risk' },
  { id: 'role-changed', what: 'a host that was promoted', plant: (s) => edit(s, 'facts', (text) => text.replace('role=active', 'role=standby')), shows: /this host is active, answers\.env says ROLE=standby/, level: 'risk' },
  { id: 'node-waits', what: 'a gate that waits for the signer', plant: (s) => { nodeQuiet(s); silence(s, 'stacks-node', /./); says(s, 'stacks-node', 20, 'gate: waiting for the signer at stacks-signer:30000') }, shows: /waiting for the signer/, level: 'wait' },
  { id: 'node-silent', what: 'a node that hangs', plant: nodeQuiet, shows: /no answer/ },
  { id: 'node-silent', what: 'a node that reads headers', plant: (s) => { nodeQuiet(s); says(s, 'stacks-node', 60, 'INFO Start syncing Bitcoin headers, feel free to grab a cup of coffee, this can take a while') }, shows: /reads Bitcoin headers/, level: 'wait' },
  { id: 'forked-release', what: 'a release that left mainnet', on: { nodeRelease: '3.4.0.0.4', signerRelease: '3.4.0.0.4.0' }, plant: (s) => patch(s, 'node.info', { burn_block_height: 960300 }), shows: /left mainnet at Bitcoin block 960230/ },
  { id: 'bad-pair', what: 'a pair that cannot work', on: { nodeRelease: '4.0.4', signerRelease: '3.1.0.0.5.0' }, plant: () => undefined, shows: /stacks-signer 3\.1\.0\.0\.5\.0/ },
  { id: 'node-behind-bitcoin', what: 'a node behind its bitcoind', plant: (s) => patch(s, 'node.info', { burn_block_height: 960400 }), shows: /960400, bitcoind at 960500/ },
  { id: 'node-stalled', what: 'a chain that stands still', plant: (s) => { silence(s, 'stacks-node', /new tip/); for (const name of ['logs.stacks-node', 'marks.stacks-node']) edit(s, name, (log) => `${log}${logLine(2400, 'INFO Advanced to new tip! 4999000')}`) }, shows: /40 minutes ago/ },
  { id: 'node-behind', what: 'a node behind its peers', plant: (s) => patch(s, 'node.health', { difference_from_max_peer: 250 }), shows: /250 Stacks blocks behind/ },
  { id: 'tls-broken', what: 'a certificate of another authority', on: { tls: 'single' }, plant: (s) => s.set('tls.wire', { code: 1, out: 'node-tls     FAIL  the certificate is not valid: self-signed certificate in certificate chain\nsigner-tls   ok    90 days left\n', err: '' }), shows: /not valid/ },
  { id: 'tls-broken', what: 'a certificate that runs out', on: { tls: 'signer' }, plant: (s) => edit(s, 'tls.wire', (text) => text.replace('ok    390', 'warn  12')), shows: /12 days left/, level: 'risk' },
  { id: 'tls-refused', what: 'a sidecar that is refused', on: { tls: 'node' }, plant: (s) => says(s, 'node-tls', 30, 'upstream SSL certificate verify error: (20:unable to get local issuer certificate)'), shows: /verify error/ },
  { id: 'observer-config', what: 'another endpoint of the observer', plant: (s) => { edit(s, 'config.lines', (text) => text.replace('stacks-signer:30000', 'signer:30000')); fail(s, 'node.observes', '/etc/stacks-node/node-config.toml names no event observer at stacks-signer:30000') }, shows: /the observer is signer:30000/ },
  { id: 'observer-config', what: 'no stacker', plant: (s) => edit(s, 'config.lines', (text) => text.replace('stacker = true\n', '')), shows: /stacker = true/ },
  { id: 'observer-config', what: 'an event key that is missing', plant: (s) => edit(s, 'config.lines', (text) => text.replace(', "block_proposal"', '')), shows: /lacks block_proposal/ },
  { id: 'observer-not-registered', what: 'a node that runs with a config of before', plant: (s) => fail(s, 'node.observes', '/etc/stacks-node/node-config.toml names no event observer at stacks-signer:30000'), shows: /names no event observer/ },
  { id: 'observer-not-registered', what: 'a node that still follows without its signer', on: { tls: 'node' }, plant: (s) => fail(s, 'node.observes', 'the node follows without its event observer until its signer is there', 4), shows: /follows without/, level: 'wait' },
  { id: 'call-refused', what: 'a signer of a later release behind its sidecar', on: { tls: 'signer' }, plant: (s) => says(s, 'signer-tls', 40, `2026-11-21T11:59:20+00:00 21443 403 "GET /v9/new/${'ab'.repeat(32)}" from 172.20.0.4 "-" 180 bytes, 0.000 s, upstream -`), shows: /^signer-tls: 1 within the last hour, the last was GET \/v9\/new\/ab/ },
  { id: 'call-refused', what: 'a known peer whose call is refused', on: { tls: 'node' }, plant: (s) => says(s, 'node-tls', 400, '2026-11-21T11:53:20+00:00 2443 403 "GET /v2/peers" from 192.0.2.8 "CN=signer-tls.sample" 180 bytes, 0.000 s, upstream -'), shows: /GET \/v2\/peers/ },
  { id: 'observer-failing', what: 'a node whose signer is not reached', plant: (s) => says(s, 'stacks-node', 3, 'WARN Event dispatcher: connection or request failed to stacks-signer:30000 - Connection refused'), shows: /stacks-signer:30000/ },
  { id: 'token-mismatch', what: 'tokens that differ', plant: (s) => patch(s, 'filled', { tokensEqual: false }), shows: /differ/ },
  { id: 'token-mismatch', what: 'a token that the other host refuses', on: { tls: 'signer' }, plant: (s) => says(s, 'stacks-signer', 4, 'WARN Cycle #140 Signer #3: Failed to submit block for validation: RequestFailure(401)'), shows: /RequestFailure\(401\)/ },
  { id: 'token-mismatch', what: 'a token changed in one volume', plant: (s) => patch(s, 'filled', { tokensEqual: false, files: { 'stacks-node/node-config.toml': 'different' } }), shows: /differ/ },
  { id: 'wrong-key', what: 'another key in the signer', plant: (s) => { patch(s, 'signer.info', { signerPublicKey: otherKey }); edit(s, 'filled', (text) => text.replaceAll(`02${'ab'.repeat(32)}`, otherKey)) }, shows: /the running signer has 0312121212/ },
  { id: 'signer-silent', what: 'a signer that hangs', plant: (s) => { for (const name of ['signer.info', 'signer.metrics', 'signer.heartbeat']) fail(s, name, 'http-get: no answer') }, shows: /no answer/ },
  { id: 'node-unreachable', what: 'a heartbeat that fails', plant: (s) => fail(s, 'signer.heartbeat', 'http-get: status 500'), shows: /heartbeat/ },
  { id: 'node-unreachable', what: 'another node_host', plant: (s) => edit(s, 'config.lines', (text) => text.replace('stacks-node:20443', 'node:20443')), shows: /node_host is node:20443/ },
  { id: 'not-registered', what: 'no seat', plant: (s) => patch(s, 'node.set', { stacker_set: { signers: [{ signing_key: otherKey, weight: 4000 }] } }), shows: /not in the signer set of cycle 140, but in that of 141/, level: 'risk' },
  { id: 'no-proposals', what: 'a registered signer that hears nothing', plant: (s) => edit(s, 'signer.metrics', () => 'stacks_signer_current_reward_cycle 140\n'), shows: /no proposal/ },
  { id: 'no-responses', what: 'proposals without an answer', plant: (s) => edit(s, 'signer.metrics', () => 'stacks_signer_block_proposals_received 77\n'), shows: /77 proposals, no response/ },
  { id: 'backup-failed', what: 'a target without its disk', on: { backup: 'path' }, plant: (s) => patch(s, 'backup.state', { error: '/mnt/backup/sample cannot be written: is its disk mounted?' }), shows: /is its disk mounted/, level: 'risk' },
  { id: 'backup-failed', what: 'a copy that cannot be made', on: { backup: 's3' }, plant: (s) => patch(s, 'backup.state', { copy_error: 'no copy of the database: it is gone' }), shows: /it is gone/, level: 'risk' },
  { id: 'backup-old', what: 'a backup of the day before yesterday', on: { backup: 'path' }, plant: (s) => patch(s, 'backup.state', { last_success: '2026-11-19T12:00:00Z' }), shows: /48 hours ago/, level: 'risk' },
  { id: 'backup-old', what: 'none yet', on: { backup: 'sftp' }, plant: (s) => { s.set('backup.state', { code: 1, out: '', err: "cat: /var/lib/backup/state.json: No such file or directory\n" }) }, shows: /none was ever finished/, level: 'risk' },
  { id: 'backup-without-secrets', what: 'no recipient', on: { backup: 'path' }, plant: (s) => patch(s, 'backup.state', { secrets: null }), shows: /no sealed secrets/, level: 'risk' },
  { id: 'sbtc-backup-failed', what: 'a database that does not answer', on: { backup: 'path', sbtc: 'shared' }, plant: (s) => patch(s, 'sbtc-backup.state', { error: 'the database did not answer' }), shows: /did not answer/, level: 'risk' },
  { id: 'sbtc-upgrade-dump-failed', what: 'a new release of the sBTC signer, and no dump', on: { backup: 'path', sbtc: 'alone' }, plant: (s) => { patchContainer(s, 'sbtc-upgrade-dump', { exit: 1 }); says(s, 'sbtc-upgrade-dump', 60, 'sbtc-backup: no backup: the disk is full'); says(s, 'sbtc-upgrade-dump', 59, 'sbtc-backup: 1.4.0 does not start without a dump of what is there now'); ended(s, 'sbtc-signer', 0, { status: 'created' }) }, shows: /^no backup: the disk is full; 1\.4\.0 does not start without/ },
  { id: 'sbtc-backup-old', what: 'a dump of the day before yesterday', on: { backup: 'path', sbtc: 'alone' }, plant: (s) => patch(s, 'sbtc-backup.state', { last_success: '2026-11-19T12:00:00Z' }), shows: /48 hours ago/, level: 'risk' },
  { id: 'sbtc-backup-old', what: 'no dump yet', on: { backup: 'path', sbtc: 'alone' }, plant: (s) => { s.set('sbtc-backup.state', { code: 1, out: '', err: "cat: /var/lib/sbtc-backup/state.json: No such file or directory\n" }) }, shows: /none was ever made/, level: 'risk' },
  { id: 'sbtc-backup-not-proven', what: 'a key that is not in the dump', on: { backup: 's3', sbtc: 'shared' }, plant: (s) => patch(s, 'sbtc-backup.state', { verdict: 'stale', verdict_text: 'the key on the chain is not among them' }), shows: /stale: the key on the chain/, level: 'risk' },
  { id: 'sbtc-backup-not-stored', what: 'a dump that only this host has', on: { backup: 'sftp', sbtc: 'shared' }, plant: (s) => { patch(s, 'backup.state', { dump: 'sbtc-signer-000040-20261120T100000Z' }); patch(s, 'sbtc-backup.state', { last_success: '2026-11-21T09:00:00Z' }) }, shows: /000041-20261121T100000Z is in no backup/, level: 'risk' },
]

/** Faults that are no fault yet, or no longer: nothing may be found. */
export const harmless: readonly { readonly what: string; readonly plant: (sections: Sections) => void }[] = [
  { what: 'a wrong token before the last restart', plant: (s) => says(s, 'stacks-signer', 300000, 'WARN block proposal rejected: 401') },
  { what: 'a wrong token that was right since', plant: (s) => edit(s, 'logs.stacks-signer', (log) => `${log}${logLine(50, 'WARN block proposal rejected: 401')}${logLine(5, 'INFO Broadcasting block response to stacks node: Accepted')}`) },
  { what: 'a signer that could not begin, and works since', plant: (s) => { notBegun(s, 300); says(s, 'stacks-signer', 0, 'INFO Broadcasting block response to stacks node: Accepted') } },
  { what: 'a signer that could not begin before its last start', plant: (s) => edit(s, 'logs.stacks-signer', (log) => `${logLine(300000, 'ERRO Failed to initialize signer runloop: x')}${log}`) },
  { what: 'an observer that was away, and is back', plant: (s) => edit(s, 'logs.stacks-node', (log) => `${log}${logLine(400, 'WARN Event dispatcher: connection or request failed to stacks-signer:30000')}${logLine(5, 'INFO Advanced to new tip! 5000001')}`) },
  { what: 'a signer and a node that have just started', plant: (s) => { for (const name of ['stacks-node', 'stacks-signer']) patchContainer(s, name, { started: stamp(now - 120) }); edit(s, 'signer.metrics', () => 'stacks_signer_current_reward_cycle 140\n'); for (const name of ['logs.stacks-node', 'marks.stacks-node']) edit(s, name, (log) => `${log}${logLine(100, 'INFO Registering event observer at: stacks-signer:30000')}`) } },
  { what: 'one restart, days ago', plant: (s) => patchContainer(s, 'stacks-node', { restarts: 1 }) },
  { what: 'a port on loopback', plant: (s) => patchContainer(s, 'stacks-node', { published: { '20443/tcp': [{ HostIp: '127.0.0.1', HostPort: '20443' }], '20444/tcp': [{ HostIp: '', HostPort: '20444' }] } }) },
  { what: 'a proxy at bitcoind', plant: (s) => patchContainer(s, 'bitcoind', { env: ['HTTP_PROXY'] }) },
  { what: 'another signer with another key', plant: (s) => edit(s, 'other-signers', () => `other-1 {"signerPublicKey":"${otherKey}"}\n`) },
  { what: 'a log of the node that was rotated away', plant: (s) => silence(s, 'stacks-node', /gate: /) },
  { what: 'a signer that says nothing of its seat but at each Bitcoin block', plant: (s) => { for (const name of ['pox', 'set', 'next-set', 'signed']) fail(s, `node.${name}`, 'http-get: no answer'); silence(s, 'stacks-signer', /is registered for/); edit(s, 'marks.stacks-signer', (log) => `${logLine(500, 'INFO Refreshing runloop with new burn block event, latest_node_burn_ht: 960500, event_ht: 960500, reward_cycle_before_refresh: 140, current_reward_cycle: 140, configured_for_current: true, registered_for_current: true, configured_for_next: false, registered_for_next: false')}${log}`) } },
  { what: 'a virtual disk that claims to rotate', plant: (s) => { edit(s, 'devices', () => 'vda 1 - - 0x1af4\n'); edit(s, 'disk.volumes', (text) => text.replaceAll('nvme0n1p2', 'vda')) } },
  { what: 'no git on the host', plant: (s) => fail(s, 'tracked', 'git is not installed', 3) },
  { what: 'a node started again a minute ago', plant: (s) => patchContainer(s, 'stacks-node', { started: stamp(now - 400000) }) },
]

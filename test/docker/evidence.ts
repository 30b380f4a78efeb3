/** Evidence as docker/host/evidence.sh gathers it of a healthy stack, to be spoiled in one place. */

import { factLines } from '../../docker/programs/init/facts.ts'
import { networkFacts } from '../../generator/catalogue/networks.ts'
import { stackFile } from '../../generator/files/stack-file.ts'
import { loggingOf } from '../../generator/files/logging.ts'
import type { Host, Stack } from '../../generator/stack/model.ts'
import { sampleStack, type SampleOptions } from '../support/sample-stack.ts'

export interface Section { code: number; out: string; err: string }
export type Sections = Map<string, Section>

export const now = Date.UTC(2026, 10, 21, 12, 0, 0) / 1000
const day = 86400
const restarts = { 'one-shot': 'no', 'until-done': 'on-failure', 'long-running': 'unless-stopped' } as const
const started = now - 3 * day
export const publicKey = `02${'ab'.repeat(32)}`
export const project = 'sample'

/** A moment as Docker writes it, nanoseconds and all. */
export function stamp(at: number): string {
  return new Date(at * 1000).toISOString().replace('.000Z', '.123456789Z')
}

/** A log line as `docker logs --timestamps` prints it, `ago` seconds before now. */
export const logLine = (ago: number, text: string): string => `${stamp(now - ago)} ${text}\n`

/** A container as the format in evidence.sh prints it; Engine 26. */
export type Container = Record<string, unknown>

export interface Setting { readonly stack: Stack; readonly host: Host; readonly sections: Sections }

/** The evidence that `mode` gathers where everything is well. */
export function healthy(mode: 'status' | 'doctor' | 'host-check' = 'doctor', options: SampleOptions = {}): Setting {
  const { stack, host } = sampleStack(options)
  const sections: Sections = new Map()
  const put = (name: string, out: string, err = '', code = 0) => sections.set(name, { code, out, err })
  const has = (name: string) => host.services.some((service) => service.name === name)
  const services = host.services.map(({ name }) => name)

  put('now', `${now}\n`)
  put('facts', factLines(stackFile(stack, host).content).map((line) => `${line}\n`).join(''))
  put('config', `  "name": "${project}",\n${host.services.map((service) => composeLines(service.name, composed(stack, host, service.name))).join('')}`)
  put('containers', services.map((name) => `${JSON.stringify(container(stack, host, name))}\n`).join(''))
  put('disk.docker', '/dev/nvme0n1p2 3844548608 1884548608 1960000000 50% /\n/dev/nvme0n1p2 244195328 2195328 242000000 1% /\n/dev/nvme0n1p2 3844548608 1884548608 1960000000 50% /\n')
  put('disk.volumes', volumesOf(host).map(([service, path]) => `${service} /dev/nvme0n1p2 3844548608 1884548608 1960000000 50% ${path}\n`).join(''))
  if (has('stacks-node')) {
    put('node.info', JSON.stringify({ burn_block_height: 960500, stacks_tip_height: 5000000, network_id: networkFacts(stack.network, stack.nodeRelease).chainId, server_version: `stacks-node ${stack.nodeRelease} (release/${stack.nodeRelease}:abc, release build, linux [x86_64])` }))
    put('node.health', JSON.stringify({ difference_from_max_peer: 0, max_stacks_height_of_neighbors: 5000000, max_stacks_neighbor_address: '203.0.113.7:20444', node_stacks_tip_height: 5000000 }))
    put('node.pox', JSON.stringify({ reward_cycle_id: 140, current_cycle: { id: 140 } }))
    const set = { stacker_set: { signers: [{ signing_key: `0x${publicKey}`, weight: 12, stacked_amt: '1' }, { signing_key: `0x03${'cd'.repeat(32)}`, weight: 3988 }] } }
    put('node.set', JSON.stringify(set))
    put('node.next-set', JSON.stringify(set))
    put('node.signed', '{"blocks_signed":1234}')
  }
  if (has('stacks-signer')) {
    put('signer.info', JSON.stringify({ signerPublicKey: publicKey, network: capital(networkFacts(stack.network, stack.nodeRelease).signer.network), stxAddress: 'SP000000000000000000002Q6VF78', version: `stacks-signer ${stack.signerRelease} (release/x:abc, release build, linux [x86_64])` }))
    put('guard.verdict', 'passed\nthis host was cleared before\n')
    put('signer.metrics', 'stacks_signer_block_proposals_received 1300\nstacks_signer_block_responses_sent{response_type="accepted"} 1290\nstacks_signer_block_responses_sent{response_type="rejected"} 9\n')
  }
  if (has('bitcoind')) {
    const pruned = stack.bitcoin.kind === 'own' && stack.bitcoin.pruned
    put('bitcoin.chain', JSON.stringify({ chain: stack.bitcoin.chain, blocks: 960500, headers: 960500, time: now - 400, verificationprogress: 0.999999, initialblockdownload: false, pruned, ...(pruned && { pruneheight: 950000 }) }))
    put('bitcoin.network', JSON.stringify({ connections: 24, connections_in: 14, connections_out: 10, timeoffset: 0 }))
  }
  if (has('sbtc-signer')) {
    const key = `03${'d8'.repeat(32)}`
    put('sbtc.state', JSON.stringify({
      signer: 200, blocklist: 200, dkg: { rounds: 1, current_aggregate_key: key, contract_aggregate_key: key }, node: { stacks_tip_height: 5000000, burn_block_height: 960500 },
      health: { difference_from_max_peer: 0, max_stacks_neighbor_address: '203.0.113.7:20444' },
    }))
    put('sbtc.set', `sbtc-set: as on the chain: 14 keys, 10 signatures, aggregate key ${key}\n`)
  }
  if (has('sbtc-bitcoind')) put('sbtc.bitcoin', JSON.stringify({ blocks: 960500, headers: 960500, verificationprogress: 0.999999, initialblockdownload: false }))
  if (stack.logs.driver === 'journald') put('journal', '')
  const ago = stamp(now - 7200).replace('.123456789', '')
  const dump = 'sbtc-signer-000041-20261121T100000Z'
  if (has('sbtc-backup')) put('sbtc-backup.state', JSON.stringify({ number: 41, last_dump: ago, last_success: ago, uncopied: false, error: '', verdict: 'good', verdict_text: 'everything that can be compared agrees', verified_dump: dump, last_verified: ago }))
  if (has('backup')) put('backup.state', JSON.stringify({ last_success: stamp(now - 7200).replace('.123456789', ''), last_verified: stamp(now - 7200).replace('.123456789', ''), error: null, snapshot: 'e76e95df', secrets: '2026-11-20T08:00:00Z', note: null, ...(has('sbtc-backup') && { dump }) }))
  if (has('snapshot')) put('snapshot.status', `in place: https://archive.example.net/chain.tar.zst (sha256 ${'ef'.repeat(32)}, 2026-11-18)\n`)
  const observer = stack.tls ? 'node-tls:31000' : 'stacks-signer:30000'
  const signing = has('stacks-signer') ? `${logLine(3 * day - 60, 'INFO Signer #3 (SP0) is registered for reward cycle 140.')}${logLine(12, 'INFO Cycle #140 Signer #3: Broadcasting block response to stacks node: Accepted')}` : ''
  const wire = ['node-tls', 'signer-tls'].filter(has).map((name) => `${name.padEnd(12)} ok    390 days left, until Dec 16 12:00:00 2027 GMT, for ${name}\n`).join('')
  if (mode === 'status') {
    if (has('stacks-signer')) put('marks.stacks-signer', signing)
    if (stack.tls) put('tls.own', wire)
  }
  if (mode === 'host-check' || mode === 'doctor') {
    put('engine', '"26.1.5" "28.2.2"\n["name=apparmor","name=seccomp,profile=builtin","name=cgroupns"]\n2.40.3\n')
    put('files', `755 1000 1000 4096 directory|.\n700 1000 1000 4096 directory|secrets\n${host.secrets.map(({ name }) => `600 1000 1000 65 regular file|secrets/${name}\n`).join('')}644 1000 1000 900 regular file|answers.env\n`)
    put('tracked', '')
    put('clock', 'NTP=yes\nNTPSynchronized=yes\n')
    put('memory', options.sbtc === 'beside' ? 'MemTotal:       65189440 kB\nMemAvailable:   16594720 kB\n' : 'MemTotal:       32594720 kB\nMemFree:         1594720 kB\nMemAvailable:   16594720 kB\nSwapTotal:             0 kB\n')
    put('devices', 'nvme0n1 0 - - -\nnvme0n1p2 0 - - -\n')
  }
  if (mode === 'host-check') hostSections(put)
  if (mode !== 'doctor') return { stack, host, sections }

  put('hashes', services.map((name) => `${name} ${hash(name)}\n`).join(''))
  put('config.lines', configLines(stack, host))
  put('processor', 'x86_64\nflags\t\t: fpu sse sse2 avx avx2 bmi1 bmi2 fma f16c movbe\n')
  put('inodes', volumesOf(host).map(([service, path]) => `${service} /dev/nvme0n1p2 244195328 2195328 242000000 1% ${path}\n`).join(''))
  const lasting = host.services.filter(({ lifetime }) => lifetime === 'long-running').map(({ name }) => name)
  put('open-files', lasting.map((name) => `${name} 16384\n`).join(''))
  put('filled', JSON.stringify({
    files: Object.fromEntries(lasting.map((name) => [`${name}/config`, 'same'])),
    refused: null, tokensEqual: has('stacks-node') && has('stacks-signer') ? true : null,
    publicKeys: has('stacks-signer') ? { 'the signer\'s volume': publicKey, 'secrets/signer-private-key': publicKey } : {},
    chain: has('stacks-node') ? { chainstate: true, sortition: true } : {},
  }))
  put('volumes', host.volumes.map(({ name }) => `${project}_${name} ${project} ${name}\n`).join(''))
  put('neighbours', `${services.map((name) => JSON.stringify(neighbour(stack, host, name))).join('\n')}\n{"id":"f00d","name":"/web","path":"nginx","image":"nginx","running":true,"restart":"no","project":"","service":"","directory":"","oneoff":"","mounts":[]}\n`)
  put('other-signers', '')
  if (has('stacks-node')) put('node.sortitions', '[]')
  if (has('stacks-signer')) put('signer.heartbeat', 'OK')
  if (stack.tls) put('tls.wire', `${wire}${['node-tls', 'signer-tls'].filter((name) => !has(name)).map((name) => `${name.padEnd(12)} ok    390 days left, until Dec 16 12:00:00 2027 GMT, for other\n`).join('')}`)
  if (has('stacks-node')) put('node.observes', `the node runs with its event observer at ${observer}\n`)
  const nodeStart = logLine(3 * day - 5, 'gate: bitcoind at bitcoind:8335: there')
  const tips = [300, 120, 9].map((ago) => logLine(ago, 'INFO Advanced to new tip! 5000000')).join('')
  for (const name of services) put(`logs.${name}`, name === 'stacks-node' ? `${nodeStart}${tips}` : name === 'stacks-signer' ? `${logLine(3 * day, 'Signer spawned successfully. Waiting for messages to process...')}${signing}` : name === 'init' ? logLine(3 * day, 'stacks-node: node-config.toml unchanged') : logLine(60, 'all is well'))
  if (has('stacks-node')) put('marks.stacks-node', `${nodeStart}${tips}`)
  if (has('stacks-signer')) put('marks.stacks-signer', signing)
  return { stack, host, sections }
}

function hostSections(put: (name: string, out: string) => void): void {
  put('ssh', 'port 2222\npermitrootlogin no\npubkeyauthentication yes\npasswordauthentication no\nkbdinteractiveauthentication no\npermitemptypasswords no\n')
  put('people', '1000\nsigner\nlogin root 0\nlogin signer 1000\ngroup docker:x:998:signer\n')
  put('listeners', '0.0.0.0:2222\n0.0.0.0:8333\n[::]:8333\n0.0.0.0:20444\n127.0.0.1:9090\n')
  put('socket', '660 root docker\n')
  put('firewall', 'nft: input drops by default\n')
  put('updates', 'debian\nAPT::Periodic::Update-Package-Lists "1";\nAPT::Periodic::Unattended-Upgrade "1";\nunattended-upgrade installed\nage 0 /var/lib/apt/lists\n6.12.9-amd64\nkernel 6.12.9-amd64\nkernel 6.12.8-amd64\n')
  put('kernel', 'kernel/randomize_va_space 2\nkernel/core_pattern core\nfs/suid_dumpable 0\nkernel/yama/ptrace_scope 1\nvm/swappiness 60\n')
  put('mounts', '')
  put('disk.docker', '/dev/mapper/root 3844548608 1884548608 1960000000 50% /\n/dev/mapper/root 244195328 2195328 242000000 1% /\n/dev/mapper/root 3844548608 1884548608 1960000000 50% /\n')
  put('disk.volumes', '')
  put('devices', 'nvme0n1 0 - - -\ndm-0 0 root CRYPT -\n')
}

const dataOf: Readonly<Record<string, string>> = { bitcoind: '/var/lib/bitcoin', 'stacks-node': '/var/lib/stacks-node', 'stacks-signer': '/var/lib/stacks-signer' }
const volumesOf = (host: Host) => host.services.flatMap(({ name }) => (dataOf[name] ? [[name, dataOf[name]] as const] : []))
const hash = (service: string) => Buffer.from(service.padEnd(32, '.')).toString('hex')

function imageOf(host: Host, name: string): string {
  const { image } = host.services.find((service) => service.name === name)!
  return 'name' in image ? image.name : `${image.repository}:${image.tag}@${image.digest}`
}

function composed(stack: Stack, host: Host, name: string): object {
  const service = host.services.find((one) => one.name === name)!
  return {
    cap_drop: ['ALL'], image: imageOf(host, name), logging: loggingOf(stack, name),
    ...(name === 'init' && { cap_add: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER'], network_mode: 'none' }),
    ...(service.ports.length > 0 && { ports: service.ports.map((port) => ({ mode: 'ingress', ...(port.address && { host_ip: port.address }), target: port.container, published: String(port.host), protocol: port.protocol })) }),
    read_only: true, restart: restarts[service.lifetime], security_opt: ['no-new-privileges:true'], user: service.user,
  }
}

/** Lines as evidence.sh cuts them out of what Compose prints; the last has the comma of what followed it. */
export function composeLines(name: string, service: object): string {
  const lines = JSON.stringify(service, null, 2).split('\n').slice(1, -1).map((line) => `line ${name}     ${line}`)
  return `service ${name}\n${lines.join('\n')},\n`
}

function container(stack: Stack, host: Host, name: string): Container {
  const service = host.services.find((one) => one.name === name)!
  const init = name === 'init'
  const once = service.lifetime !== 'long-running'
  const { driver, options } = loggingOf(stack, name)
  return {
    id: id(name), name: `/${project}-${name}-1`, path: service.entrypoint[0], image: imageOf(host, name), imageId: `sha256:${id(name)}`, user: service.user,
    labels: {
      'com.docker.compose.config-hash': hash(name), 'com.docker.compose.container-number': '1', 'com.docker.compose.oneoff': 'False', 'com.docker.compose.project': project,
      'com.docker.compose.project.working_dir': '/srv/sample', 'com.docker.compose.service': name, 'com.docker.compose.version': '2.40.3',
    },
    env: ['PATH', ...Object.keys(service.environment)],
    status: once ? 'exited' : 'running', running: !once, restarting: false, oom: false, exit: 0, error: '', started: stamp(started), finished: once ? stamp(started + 2) : '0001-01-01T00:00:00Z',
    health: service.health ? 'healthy' : '', restarts: 0, privileged: false, readonly: true, network: init ? 'none' : `${project}_${service.networks[0]}`, pid: '', ipc: 'private',
    capAdd: init ? ['CHOWN', 'DAC_OVERRIDE', 'FOWNER'] : null, capDrop: ['ALL'], security: ['no-new-privileges:true'], log: { Type: driver, Config: options },
    ulimits: [{ Name: 'core', Hard: 0, Soft: 0 }], restart: restarts[service.lifetime],
    published: Object.fromEntries(service.ports.map((port) => [`${port.container}/${port.protocol}`, [{ HostIp: port.address ?? '', HostPort: String(port.host) }]])),
    networks: service.networks.map((network) => `${project}_${network}`), mounts: mounts(host, name),
  }
}

export const id = (name: string) => hash(name).padEnd(64, '0').slice(0, 64)

/** Of a folder of the machine in the place of the volume. */
function sampleFolder(host: Host, volume: string, target: string): readonly object[] | undefined {
  const path = host.volumes.find(({ name }) => name === volume)?.directory?.path
  return path ? [{ Type: 'bind', Source: path, Destination: target, Mode: '', RW: true, Propagation: 'rprivate' }] : undefined
}

function mounts(host: Host, name: string): readonly object[] {
  return host.services.find((one) => one.name === name)!.mounts.flatMap((mount) => ('volume' in mount.source
    ? sampleFolder(host, mount.source.volume, mount.target) ?? [{ Type: 'volume', Name: `${project}_${mount.source.volume}`, Source: `/var/lib/docker/volumes/${project}_${mount.source.volume}/_data`, Destination: mount.target, Driver: 'local', Mode: 'rw', RW: !mount.readOnly, Propagation: '' }]
    : [{ Type: 'bind', Source: `/srv/sample/${mount.source.path}`, Destination: mount.target, Mode: '', RW: false, Propagation: 'rprivate' }]))
}

function neighbour(stack: Stack, host: Host, name: string): Container {
  const { id: own, name: full, path, image, running, restart, mounts: there } = container(stack, host, name)
  return { id: own, name: full, path, image, running, restart, project, service: name, directory: '/srv/sample', oneoff: 'False', mounts: there }
}

function configLines(stack: Stack, host: Host): string {
  const has = (name: string) => host.services.some((service) => service.name === name)
  const node = ['[node]', 'rpc_bind = "0.0.0.0:20443"', 'p2p_bind = "0.0.0.0:20444"', 'stacker = true', '[burnchain]', 'chain = "bitcoin"', `mode = "${stack.chainDirectory}"`, 'peer_host = "bitcoind"', '[connection_options]', 'auth_token = "@AUTH_TOKEN@"',
    '[[events_observer]]', `endpoint = "${stack.tls ? 'node-tls:31000' : 'stacks-signer:30000'}"`, 'events_keys = [ "stackerdb", "block_proposal", "burn_blocks" ]']
  const signer = [`node_host = "${stack.tls ? 'signer-tls:21443' : 'stacks-node:20443'}"`, 'endpoint = "0.0.0.0:30000"', `network = "${networkFacts(stack.network, stack.nodeRelease).signer.network}"`, 'stacks_private_key = "@SIGNER_PRIVATE_KEY@"', 'auth_password = "@AUTH_TOKEN@"']
  return [...(has('stacks-node') ? ['file config/node-config.toml', ...node] : []), ...(has('stacks-signer') ? ['file config/signer-config.toml', ...signer] : []), ''].join('\n')
}

const capital = (word: string) => `${word[0]!.toUpperCase()}${word.slice(1)}`

/** The stream that evidence.sh prints. */
export function stream(sections: Sections, mode = 'doctor'): Buffer {
  const parts = [...sections].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([name, { code, out, err }]) => [
    Buffer.from(`section ${name} ${code} ${Buffer.byteLength(out)} ${Buffer.byteLength(err)}\n`), Buffer.from(out), Buffer.from(err), Buffer.from('\n'),
  ])
  return Buffer.concat([Buffer.from(`stack-evidence 1 ${mode}\n`), ...parts, Buffer.from(`end ${sections.size}\n`)])
}

export { judge, type Judged } from './judge.ts'

/** Changes one section; throws when there is nothing to change, so that no fault is planted in vain. */
export function edit(sections: Sections, name: string, change: (text: string) => string): void {
  const section = sections.get(name)
  if (!section) throw new Error(`the evidence has no ${name}`)
  const out = change(section.out)
  if (out === section.out) throw new Error(`nothing was planted in ${name}`)
  sections.set(name, { ...section, out })
}

/** A question that failed: what it said on stderr, and its exit code. */
export function fail(sections: Sections, name: string, err: string, code = 1): void {
  sections.set(name, { code, out: '', err: `${err}\n` })
}

/** Changes fields of the JSON object in a section. */
export function patch(sections: Sections, name: string, fields: object): void {
  edit(sections, name, (text) => JSON.stringify({ ...(JSON.parse(text) as object), ...fields }))
}

/** Changes fields of one container. */
export function patchContainer(sections: Sections, service: string, fields: object): void {
  edit(sections, 'containers', (text) => text.trimEnd().split('\n').map((line) => {
    const one = JSON.parse(line) as { labels: Record<string, string> }
    return `${JSON.stringify(one.labels['com.docker.compose.service'] === service ? { ...one, ...fields } : one)}\n`
  }).join(''))
}

/** A container that ended with `code` some minutes ago. */
export function ended(sections: Sections, service: string, code: number, more: object = {}): void {
  patchContainer(sections, service, { status: 'exited', running: false, exit: code, finished: stamp(now - 200), health: 'unhealthy', ...more })
  for (const [name, section] of sections) {
    const program = { 'stacks-node': 'node.', 'stacks-signer': 'signer.', bitcoind: 'bitcoin.' }[service]
    if (program && name.startsWith(program)) sections.set(name, { ...section, code: 1, out: '', err: 'Error response from daemon: container is not running\n' })
  }
}

/** Appends a line to the log of a service. */
export function says(sections: Sections, service: string, ago: number, text: string): void {
  edit(sections, `logs.${service}`, (log) => `${log}${logLine(ago, text)}`)
}

/** Takes lines out of a service's log and its marks. */
export function silence(sections: Sections, service: string, pattern: RegExp): void {
  for (const name of [`logs.${service}`, `marks.${service}`]) edit(sections, name, (log) => log.split('\n').filter((line) => !pattern.test(line)).join('\n'))
}

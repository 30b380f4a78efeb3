import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { firewallFiles, firewallView } from '../../generator/files/firewall.ts'
import { needs, root } from '../docker/tools.ts'
import { examples } from '../support/documents.ts'
import { planText } from '../support/pipeline.ts'
import { repository } from '../support/repository.ts'
import { sampleStack, type SampleOptions } from '../support/sample-stack.ts'
import { readTemplates } from '../../generator/io/templates.ts'
import { offeredPaths, templateTexts, usedPaths } from '../support/template-paths.ts'

const templates = readTemplates(repository)
const samples: readonly SampleOptions[] = [
  { firewall: 'open' }, { firewall: 'full' }, { tls: 'single', firewall: 'open' }, { bitcoin: 'external', firewall: 'open' }, { bitcoin: 'machine', firewall: 'open' }, { bitcoin: 'machine', tls: 'node', firewall: 'open' },
  ...(['node', 'signer'] as const).flatMap((tls) => [{ tls, firewall: 'open' as const }, { tls, firewall: 'full' as const }]),
]
const kernel = root ? needs('nft', 'unshare') : { skip: 'not root' }

function rules(options: SampleOptions): string {
  const { stack, host } = sampleStack(options)
  return firewallFiles(stack, host, templates)[0]!.content
}

/** The lines of one chain. */
function chain(text: string, name: string): readonly string[] {
  return new RegExp(`\\n  chain ${name} \\{\\n([^]*?)\\n  \\}\\n`).exec(text)![1]!.split('\n').map((line) => line.trim())
}

t.test('template and view agree', async (t) => {
  const views = samples.map((options) => {
    const { stack, host } = sampleStack(options)
    return firewallView({ ...stack, firewall: stack.firewall! }, host)
  })
  t.same(usedPaths(templateTexts().get('firewall.nft') ?? ''), offeredPaths(views))
})

t.test('no firewall, no file', async (t) => {
  const { stack, host } = sampleStack()
  t.strictSame(firewallFiles(stack, host, templates), [])
  t.strictSame([...planText('STACK_NAME=a\nNETWORK=mainnet\n').files.keys()].filter((path) => path.includes('firewall')), [])
})

t.test('what is open follows from what is published', async (t) => {
  const opened = (options: SampleOptions) => chain(rules(options), 'open')
  t.strictSame(opened({ firewall: 'open' }), [
    'meta l4proto tcp ct original proto-dst 8333 goto let_in',
    'meta l4proto tcp ct original proto-dst 20444 goto let_in',
  ])
  t.strictSame(opened({ bitcoin: 'external', tls: 'single', firewall: 'open' }), ['meta l4proto tcp ct original proto-dst 20444 goto let_in'], 'the rehearsal publishes no more')
  t.strictSame(opened({ tls: 'signer', firewall: 'full' }), [
    'meta l4proto tcp ct original proto-dst 3443 ip saddr @peer4 goto let_in',
    'meta l4proto tcp ct original proto-dst 3443 ip6 saddr @peer6 goto let_in',
    'meta l4proto udp ct original proto-dst 51820 goto let_in',
    'meta l4proto udp ct original proto-dst 60000-61000 ip saddr 10.0.0.0/8 goto let_in',
    'meta l4proto tcp ct original proto-dst 9100 ip6 saddr 2001:db8::9 goto let_in',
  ])
  t.strictSame(opened({ tls: 'node', firewall: 'open' }).slice(1), [
    'meta l4proto tcp ct original proto-dst 2443 ip saddr @peer4 goto let_in',
    'meta l4proto tcp ct original proto-dst 20444 goto let_in',
  ])
  t.match(rules({ tls: 'node', firewall: 'open' }), /set peer4 \{[^}]*elements = \{ 192\.0\.2\.8 \}/, 'the other host, not its own')
})

t.test('the node alone reaches the bitcoind of this machine', async (t) => {
  const text = rules({ bitcoin: 'machine', tls: 'node', firewall: 'open' })
  const { bridge } = sampleStack({ bitcoin: 'machine', tls: 'node', firewall: 'open' }).host.networks.find(({ name }) => name === 'stacks-p2p')!
  t.ok(chain(text, 'input_allow').includes(`iifname "${bridge}" tcp dport 8333 goto let_in # stacks-p2p`))
  t.notMatch(text, `iifname "${bridge}" ct state`, 'what else the host has for that network stays')
  t.notMatch(chain(text, 'open').join('\n'), '8333')
  for (const options of [{ bitcoin: 'machine', tls: 'signer', firewall: 'open' }, { bitcoin: 'external', firewall: 'open' }] as const) t.notMatch(rules(options), '8333')
})

t.test('a port published on the loopback address opens nothing', async (t) => {
  const { stack, host } = sampleStack({ firewall: 'open' })
  const port = { host: 9090, container: 9090, protocol: 'tcp', purpose: 'x', answer: 'PROMETHEUS_PORT' } as const
  const withPort = (address: string) => firewallFiles(stack, { ...host, services: [{ ...host.services[0]!, ports: [{ ...port, address }] }] }, templates)[0]!.content
  for (const address of ['127.0.0.1', '127.0.1.1', '::1']) t.notMatch(withPort(address), '9090')
  t.match(withPort('192.0.2.1'), 'proto-dst 9090 goto let_in')
})

t.test('SSH from where the answers say', async (t) => {
  t.strictSame(chain(rules({ firewall: 'open' }), 'ssh'), ['goto let_in'])
  t.strictSame(chain(rules({ firewall: 'full' }), 'ssh'), ['ip saddr @ssh4 goto let_in', 'ip6 saddr @ssh6 goto let_in'])
  const { files } = planText('STACK_NAME=a\nNETWORK=mainnet\nFIREWALL=on\nSSH_PORT=2222\nSSH_FROM=2001:db8::1\n')
  const only6 = files.get('firewall/firewall.nft')!.content
  t.strictSame(chain(only6, 'ssh'), ['ip6 saddr @ssh6 goto let_in'])
  t.match(only6, '\n    tcp dport 2222 goto ssh\n')
})

for (const options of samples) {
  t.test(`nft reads the rules of ${JSON.stringify(options)}`, kernel, async (t) => {
    const text = rules(options)
    t.notMatch(text, /flush|undefined|\[object/, 'rules of others are never emptied')
    t.strictSame([...new Set([...text.matchAll(/^(?:delete )?table (.*?)( \{)?$/gm)].map((match) => match[1]))], ['inet stacks_signer_sample'], 'one table, its own')
    const folder = t.testdir({ 'rules.nft': text })
    const twice = 'nft -c -f rules.nft && nft add table inet other && nft -f rules.nft && nft list ruleset >one && nft -f rules.nft && nft list ruleset >two && nft list tables && '
      + 'nft -s list table inet stacks_signer_sample >told.nft && nft delete table inet stacks_signer_sample && nft -f told.nft'
    const { status, stdout, stderr } = spawnSync('unshare', ['--net', 'sh', '-c', twice], { cwd: folder, encoding: 'utf8' })
    t.equal(status, 0, stderr)
    t.strictSame(stdout.trim().split('\n').sort(), ['table inet other', 'table inet stacks_signer_sample'])
    t.equal(readFileSync(join(folder, 'two'), 'utf8'), readFileSync(join(folder, 'one'), 'utf8'), 'loaded twice is loaded once')
  })
}

t.test('nft reads the rules of every example', kernel, async (t) => {
  const folder = t.testdir({})
  for (const example of examples) {
    const answers = readFileSync(join(repository, 'examples', example), 'utf8').replace(/^(FIREWALL|(NODE|SIGNER)_ADDRESS)=.*\n/gm, '')
    const split = answers.includes('\nTOPOLOGY=split\n') ? 'NODE_ADDRESS=192.0.2.7\nSIGNER_ADDRESS=2001:db8::8\n' : ''
    const { files } = planText(`${answers}FIREWALL=on\n${split}`)
    const found = [...files].filter(([path]) => path.endsWith('firewall/firewall.nft'))
    t.equal(found.length, split ? 2 : 1, example)
    for (const [path, { content }] of found) {
      mkdirSync(join(folder, example), { recursive: true })
      writeFileSync(join(folder, example, path.replaceAll('/', '_')), content)
      const { status, stderr } = spawnSync('unshare', ['--net', 'nft', '-c', '-f', join(folder, example, path.replaceAll('/', '_'))], { encoding: 'utf8' })
      t.equal(status, 0, `${example} ${path} ${stderr}`)
    }
  }
})

t.test('Compose gives the bridges the names that the rules know', async (t) => {
  const { files } = planText('STACK_NAME=a\nNETWORK=mainnet\nFIREWALL=on\nTLS_SIDECARS=on\n')
  const named = (text: string, pattern: RegExp) => [...new Set([...text.matchAll(pattern)].map((match) => match[1]))].sort()
  const bridges = named(files.get('docker-compose.yml')!.content, /bridge\.name: (\S+)$/gm)
  t.equal(bridges.length, 5)
  for (const bridge of bridges) t.match(bridge, /^ss-[0-9a-f]{12}$/, 'as long as Linux allows, 15')
  t.strictSame(named(files.get('firewall/firewall.nft')!.content, /"(ss-[0-9a-f]+)"/g), bridges)
})

t.test('the unit loads what the README has put there', async (t) => {
  const { stack, host } = sampleStack({ firewall: 'open' })
  const [, unit] = firewallFiles(stack, host, templates)
  t.equal(unit!.path, 'firewall/stacks_signer_sample.service')
  t.match(unit!.content, '\nExecStart=/usr/sbin/nft -f /etc/stacks-signer-firewall/stacks_signer_sample.nft\n')
  const folder = t.testdir({ 'stacks_signer_sample.service': unit!.content })
  const { status, stderr, error } = spawnSync('systemd-analyze', ['verify', '--man=no', join(folder, 'stacks_signer_sample.service')], { encoding: 'utf8' })
  if (error) t.comment('systemd-analyze is not installed: the unit was not read by it')
  else t.equal(status, 0, stderr)
})

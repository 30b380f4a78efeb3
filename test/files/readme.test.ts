import t from 'tap'
import { mermaidDiagram } from '../../generator/files/diagram.ts'
import { makefileFile } from '../../generator/files/makefile.ts'
import { readmeFile, readmeView } from '../../generator/files/readme.ts'
import { readTemplates } from '../../generator/io/templates.ts'
import { repository } from '../support/repository.ts'
import { sampleStack, sampleVariety, type SampleOptions } from '../support/sample-stack.ts'
import { offeredPaths, templateTexts, usedPaths } from '../support/template-paths.ts'

const texts = templateTexts()
const templates = readTemplates(repository)

function render(options: SampleOptions = {}): string {
  const { stack, host } = sampleStack(options)
  return readmeFile(stack, host, templates).content
}

t.test('template and view agree', async (t) => {
  const views = sampleVariety.map((options) => {
    const { stack, host } = sampleStack(options)
    return readmeView(stack, host)
  })
  t.same(usedPaths(texts.get('README') ?? ''), offeredPaths(views))
})

for (const options of sampleVariety) {
  t.test(`the README of ${JSON.stringify(options)}`, async (t) => {
    const { stack, host } = sampleStack(options)
    const text = render(options)
    t.notMatch(text, /^## .*\n+## /m, 'no section is empty')
    for (const { name } of host.services) t.match(text, `| ${name} |`, `${name} has its row`)
    const diagram = mermaidDiagram(stack, host)
    for (const { name } of host.services) t.match(diagram, `${name.replaceAll('-', '_')}["${name}"]`, `${name} is in the diagram`)
    for (const { directory } of host.volumes) if (directory) t.match(text, `| ${directory.path} |`)
    for (const { name } of host.secrets) t.match(text, `\`secrets/${name}\``)
    for (const port of host.services.flatMap((service) => service.ports)) t.match(text, `| ${port.host}/${port.protocol} |`)

    const makefile = makefileFile(stack, host, templates).content
    const asked = [...text.matchAll(/(?:^ *|`)make (?:-s )?([a-z][a-z-]+)/gm)].map((match) => match[1] ?? '')
    const known = new Set([...makefile.matchAll(/^([a-z][a-z-]*):/gm)].map((match) => match[1]))
    t.ok(asked.length > 10)
    t.same(asked.filter((target) => !known.has(target)), [], 'each command named is a target of the Makefile')

    t.notMatch(text, /\n\n\n/, 'no gaps where a part is left out')
    t.notMatch(text, /undefined|\[object|\{\{#|\{\{\//)
    for (const table of text.split('\n\n').filter((block) => block.startsWith('|'))) {
      const columns = table.trimEnd().split('\n').map((line) => line.split('|').length)
      t.equal(new Set(columns).size, 1, `a table keeps its columns: ${table.slice(0, 40)}`)
    }
  })
}

t.test('only what this stack has is spoken of', async (t) => {
  const text = render({ bitcoin: 'external', snapshot: false })
  t.notMatch(text, /sample_bitcoin-data|S=snapshot|archive/)
  t.match(text, 'the bitcoind at bitcoin.example.net:8333, which is not part of this stack')
})

t.test('the diagram keeps the signer away from the internet', async (t) => {
  const { stack, host } = sampleStack({})
  t.equal(mermaidDiagram(stack, host), [
    'flowchart LR',
    '  internet(["Internet"])',
    '  subgraph machine["This machine"]',
    '    secrets[/"secrets/"/]',
    '    subgraph zone_open["A way to the internet"]',
    '      snapshot["snapshot"]',
    '      bitcoind["bitcoind"]',
    '      stacks_node["stacks-node"]',
    '    end',
    '    subgraph zone_closed["No way to the internet"]',
    '      guard["guard"]',
    '      stacks_signer["stacks-signer"]',
    '    end',
    '    subgraph zone_none["No network at all"]',
    '      init["init"]',
    '    end',
    '  end',
    '  snapshot -->|"snapshot"| internet',
    '  internet <-->|"8333/tcp"| bitcoind',
    '  internet <-->|"20444/tcp"| stacks_node',
    '  bitcoind <-->|"bitcoin-link"| stacks_node',
    '  stacks_signer <-->|"signer-link"| stacks_node',
    '  guard <-->|"guard-link"| stacks_node',
    '  secrets -.-> init',
    '  init -.->|"bitcoin-config"| bitcoind',
    '  init -.->|"stacks-signer-config"| stacks_signer',
    '  init -.->|"stacks-node-config"| stacks_node',
  ].join('\n'))
})

t.test('the way to register follows the release', async (t) => {
  t.match(render(), 'make -s staking-signature')
  t.match(render({ signerRelease: '3.1.0.0.5.0' }), 'make -s stacking-signature')
  t.match(render({ signerRelease: '3.1.0.0.5.0' }), '`STACKS_NODE_VERSION` and `STACKS_SIGNER_VERSION`')
})

/** `adopt` never says that a service may go on where it does not know what it runs: it may be the old signer, with this key. */

import t from 'tap'
import { since4 } from '../adopt/cases/since-4.ts'
import { command } from '../support/command.ts'
import { asTree } from './adopt-support.ts'

interface Json { readonly findings: readonly { readonly key: string; readonly note: string; readonly danger?: true }[] }

/** The two configs of a deployment, beside this Compose file. */
const tomls = Object.fromEntries(Object.entries(since4[0]!.files).filter(([name]) => name.endsWith('.toml')))
const deployment = (compose: string) => asTree({ ...tomls, 'compose.yaml': compose, 'common.yaml': 'services:\n  base:\n    image: ghcr.io/stacks-network/stacks-signer:4.0.2\n    command: stacks-signer run --config /c.toml\n' })

const node = '  stacks-node:\n    image: ghcr.io/stacks-network/stacks-core:4.0.2\n'
const signer = '  stacks-signer:\n    image: ghcr.io/stacks-network/stacks-signer:4.0.2\n'

for (const [name, service, danger, says] of [
  ['extends', '  stacks-signer: {extends: {file: common.yaml, service: base}}\n', true, /what it extends was not read/],
  ['extends in the same file', '  stacks-signer: {extends: base}\n', true, /what it extends was not read/],
  ['an image that is built', '  stacks-signer:\n    build: ./signer\n', true, /it names no image/],
  ['an image from a variable that is not known', '  stacks-signer:\n    image: ${SIGNER_IMAGE}\n', true, /its image is not wholly known/],
  ['an image with a variable in it', '  stacks-signer:\n    image: registry.example/${WHAT}/x:1\n', true, /its image is not wholly known/],
  ['an image of another name', '  stacks-signer:\n    image: registry.example/our-signer:7\n', undefined, /not recognised as a part of a signer stack by its image or command/],
] as const) {
  t.test(`a service of which it does not know what it runs: ${name}`, async (t) => {
    const root = t.testdir({ old: deployment(`services:\n${node}${service}`) })
    const ran = await command(root, ['adopt', 'old', '--dry-run', '--json'])
    t.equal(ran.code, 0, ran.err)
    const found = (JSON.parse(ran.out) as Json).findings.filter(({ key }) => key === 'services.stacks-signer')
    t.equal(found.length, 1)
    t.match(found[0]!.note, says)
    t.match(found[0]!.note, /if it runs a signer with this key, stop it before the new one starts/)
    t.equal(found[0]!.danger, danger)
    t.notMatch((await command(root, ['adopt', 'old', '--dry-run'])).out, /go on by itself/)
  })
}

t.test('a signer that is recognised, and extends something that is not read', async (t) => {
  const root = t.testdir({ old: deployment(`services:\n${node}${signer}    extends: {file: common.yaml, service: base}\n`) })
  const { findings } = JSON.parse((await command(root, ['adopt', 'old', '--dry-run', '--json'])).out) as Json
  t.match(findings.find(({ key }) => key === 'services.stacks-signer.extends'), { danger: true, note: /what it extends was not read.*docker compose config/ })
  t.notMatch(JSON.stringify(findings.filter(({ key }) => key === 'services.stacks-signer')), /extends/)
})

t.test('files that are included', async (t) => {
  const beside = t.testdir({ old: deployment(`include: [common.yaml]\nservices:\n${node}${signer}`) })
  const { findings } = JSON.parse((await command(beside, ['adopt', 'old', '--dry-run', '--json'])).out) as Json
  t.match(findings.find(({ key }) => key === 'include'), { danger: true, note: /if a signer with this key is in it, stop that before the new one starts/ })
  const alone = t.testdir({ old: deployment('include: [common.yaml]\n') })
  const ran = await command(alone, ['adopt', 'old', '--dry-run'])
  t.equal(ran.code, 2)
  t.match(ran.err, /compose\.yaml:1:1: error: the services come from the files in include, and these are not read/)
  t.match(ran.err, /docker compose config/)
})

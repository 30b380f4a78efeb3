import t from 'tap'
import { findMigration, migrations } from '../../generator/answers/migrations.ts'
import { nodeKey } from '../../generator/catalogue/keys.ts'
import { findNode } from '../../generator/catalogue/releases.ts'

for (const name of ['message_private_key', 'MESSAGE_PRIVATE_KEY', 'SIGNER__message_private_key', 'signers.toml', 'Signers', 'NODE__node__require_affirmed_anchor_blocks']) {
  t.ok(findMigration(name), name)
}
for (const name of ['NETWORK', 'signer', '', 'constructor']) t.equal(findMigration(name), undefined, name)

t.equal(new Set(migrations.map(({ name }) => name)).size, migrations.length)
for (const { name, message } of migrations) t.match(`${name} ${message}`, /^[a-z_.]+ is /)

t.test('the removals are those of the catalogue', async (t) => {
  for (const { name, removed } of migrations.filter((one) => one.removed)) {
    const sections = ['node', 'burnchain'].map((section) => nodeKey(findNode('4.0.2')!, section, name))
    t.ok(sections.some((verdict) => verdict.status === 'removed' && verdict.removed === removed), name)
  }
})

/** Who stands on a database that a kill may damage is given the time that its own packagers give it, and the README says so. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { checkAnswers } from '../../generator/answers/check.ts'
import { readAnswers } from '../../generator/answers/read.ts'
import { readTemplates } from '../../generator/io/templates.ts'
import { readmeFile } from '../../generator/files/readme.ts'
import { resolve } from '../../generator/stack/resolve.ts'
import { repository } from '../support/repository.ts'

function hostsOf(example: string) {
  const text = readFileSync(join(repository, 'examples', `${example}.env`), 'utf8')
  const checked = checkAnswers(example, readAnswers(example, text).entries, { secretsAllowed: true, outputDirectory: '.' })
  const { value } = resolve(checked.value!)
  return { stack: value!, hosts: value!.hosts }
}

const minutes = (grace: string) => (grace.endsWith('m') ? parseInt(grace, 10) : 0)
const readme = (example: string, host: number) => {
  const { stack, hosts } = hostsOf(example)
  return readmeFile(stack, hosts[host]!, readTemplates(repository)).content
}

for (const [example, want] of [
  ['mainnet', { 'stacks-node': 20, bitcoind: 10 }], ['external-bitcoin', { 'stacks-node': 20 }], ['split', { 'stacks-node': 20, bitcoind: 10 }],
  ['sbtc', { 'stacks-node': 20, bitcoind: 10, 'sbtc-stacks-node': 20, 'sbtc-bitcoind': 10, postgres: 5 }],
] as const) {
  t.test(example, async (t) => {
    const services = hostsOf(example).hosts.flatMap((host) => host.services)
    const graces = Object.fromEntries(services.map(({ name, stopGrace }) => [name, minutes(stopGrace)]))
    for (const [name, least] of Object.entries(want)) t.ok(graces[name]! >= least, `${name}: ${graces[name]} minutes`)
  })
}

t.test('the README of a host names those that it has', async (t) => {
  t.match(readme('mainnet', 0), /A stop may take long: bitcoind up to 10 minutes, stacks-node up to 20 minutes\./)
  t.match(readme('sbtc', 0), /stacks-node up to 20 minutes, sbtc-bitcoind up to 10 minutes, sbtc-stacks-node up to 20 minutes/)
  t.notMatch(readme('split', 1), 'A stop may take long', 'the signer ends at once')
})

/** Which alert is seen to fire on a running stack: those that are not are named here, with the reason. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { alerts } from '../../generator/monitoring/alerts.ts'
import { nodeAlerts } from '../../generator/monitoring/node-alerts.ts'
import { pairAlert } from '../../generator/monitoring/sbtc-alerts.ts'
import { repository } from '../support/repository.ts'

const unplanted: Readonly<Record<string, string>> = {
  'MemoryLow warn': 'a machine that is nearly out of memory runs no tests',
  'SbtcBackupForeign page': 'a verdict like those that are planted; the program\'s tests give it',
  'SbtcBackupWrongNetwork page': 'a verdict like those that are planted; the program\'s tests give it',
  'SbtcBackupNotVerified warn': 'a verdict like those that are planted; the program\'s tests give it',
}
/** The same rules as those of the other pair of nodes, asked of another job: test/monitoring/cases/sbtc.ts holds them against both. */
const ofPair = new Set(nodeAlerts.map((alert) => pairAlert(alert).name))

t.test('each alert is planted, or says why not', async (t) => {
  const tests = ['alarms', 'alarms-mainnet', 'alarms-sbtc'].map((name) => readFileSync(join(repository, `test/duty/${name}.test.ts`), 'utf8')).join('\n')
  const names = alerts.filter(({ name }) => !ofPair.has(name)).map(({ name, severity }) => `${name} ${severity}`)
  for (const name of new Set(names)) t.equal(tests.includes(`'${name}'`), !Object.hasOwn(unplanted, name), name)
  t.ok(new Set(names).size > 30)
})

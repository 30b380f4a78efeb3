/** Which alert is seen to fire on a running stack: those that are not are named here, with the reason. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { alerts } from '../../generator/monitoring/alerts.ts'
import { repository } from '../support/repository.ts'

const unplanted: Readonly<Record<string, string>> = {
  'MemoryLow warn': 'a machine that is nearly out of memory runs no tests',
}

t.test('each alert is planted, or says why not', async (t) => {
  const tests = ['watched', 'watched-mainnet'].map((name) => readFileSync(join(repository, `test/duty/${name}.test.ts`), 'utf8')).join('\n')
  // Of the sBTC signer's backups there is no service yet that could be watched.
  const names = alerts.filter(({ needs }) => !needs.includes('sbtcBackup')).map(({ name, severity }) => `${name} ${severity}`)
  for (const name of new Set(names)) t.equal(tests.includes(`'${name}'`), !Object.hasOwn(unplanted, name), name)
  t.ok(new Set(names).size > 30)
})

/**
 * What stops the engine, or changes the rules of this machine: one after the other, and with no other stack beside it.
 * Tests that need no engine go on meanwhile.
 */

import t, { type Test } from 'tap'
import firewall from './alone/firewall.ts'
import running from './alone/running.ts'
import sbtcReboot from './alone/sbtc-reboot.ts'
import snapshot from './alone/snapshot.ts'
import start from './alone/start.ts'

const parts: Readonly<Record<string, (t: Test) => Promise<void>>> = { firewall, running, 'sbtc-reboot': sbtcReboot, snapshot, start }
for (const [name, part] of Object.entries(parts)) await t.test(name, part)

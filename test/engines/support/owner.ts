/** A process that starts an engine of its own, says the engine's pid, and lives until it is killed. */

import { engineMissing } from './docker.ts'
import { startOwnEngine } from './own-engine.ts'

const missing = await engineMissing()
if (missing !== undefined) throw new Error(missing)
const engine = await startOwnEngine(process.argv.slice(2))
console.log(engine.pid())
setInterval(() => undefined, 1000)

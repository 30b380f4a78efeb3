/**
 * Runs `upgrade VERSION --yes` in a directory and kills it at its `step`-th call of the disk. Prints the number of calls if it ended
 * before that. Arguments: the package's root, directory, version, step.
 */

import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { run } from '../../generator/cli/run.ts'

const [packageRoot = '', directory = '', version = '', step = '0'] = process.argv.slice(2)
const calls = fs as unknown as Record<string, (...values: unknown[]) => unknown>
let taken = 0
for (const name of ['writeFileSync', 'fchmodSync', 'fsyncSync', 'renameSync', 'unlinkSync', 'mkdirSync']) {
  const call = calls[name]!
  calls[name] = (...values) => {
    taken += 1
    if (taken === Number(step)) {
      // The worst moment to die is the middle of a write.
      if (name === 'writeFileSync') call(values[0], String(values[1]).slice(0, String(values[1]).length / 2))
      process.kill(process.pid, 'SIGKILL')
    }
    return call(...values)
  }
}
syncBuiltinESMExports()
process.exitCode = await run(['upgrade', version, '--yes'], {
  cwd: directory, environment: {}, packageRoot, version: '0.1.0', stdout: () => {}, stderr: (text) => { process.stderr.write(text) },
})
process.stdout.write(String(taken))

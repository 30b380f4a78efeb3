/** The command in a directory, killed at its `step`-th step on the disk. Arguments: package root, directory, step, then the command's own. */

import { run } from '../../generator/cli/run.ts'
import { withLaterFault } from '../support/faults.ts'

const [packageRoot = '', directory = '', step = '0', ...argv] = process.argv.slice(2)
const { value, steps } = await withLaterFault(Number(step), 'kill', () => run(argv, {
  cwd: directory, environment: {}, packageRoot, version: '0.1.0', stdout: () => {}, stderr: (text) => { process.stderr.write(text) },
}))
process.stdout.write(String(steps.length))
process.exitCode = value

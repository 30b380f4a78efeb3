/** Runs `keygen` in a directory and kills it at its `step`-th call of the disk. Arguments: directory, step. */

import { run } from '../../generator/cli/run.ts'
import { withLaterFault } from './faults.ts'

const [directory = '', step = '0'] = process.argv.slice(2)
const io = { cwd: directory, environment: {}, packageRoot: '', version: '0.1.0', stdout: () => {}, stderr: (text: string) => { process.stderr.write(text) } }
const { steps } = await withLaterFault(Number(step), 'kill', () => run(['keygen', '.'], io))
process.stdout.write(steps.join(' '))

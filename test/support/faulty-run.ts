/** A program that writes an output directory and is killed at a chosen step. Arguments: directory, step. */

import { withLaterFault } from './faults.ts'
import { finishRun } from './small-run.ts'

const [directory = '', step = '0'] = process.argv.slice(2)
await withLaterFault(Number(step), 'kill', () => finishRun(directory))

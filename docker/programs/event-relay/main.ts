import { runProgram } from '../shared/program.ts'
import { run } from './run.ts'

await runProgram('event-relay', run)

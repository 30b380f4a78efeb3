import { runProgram } from '../shared/program.ts'
import { run } from './run.ts'

await runProgram('sbtc-backup', run)

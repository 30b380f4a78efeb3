/**
 * How long the command takes, whole processes beside peers in the same run, and how much memory. Prints tables in
 * Markdown, and with --write puts them into test/README.md. BENCH_ROUNDS rounds (20), each of all programs in turn; BENCH_NPM
 * rounds of `npm create` (10); BENCH_FLEETS sizes of fleets (100,300,1000). The peers and the registry stand in the
 * system's temporary directory. Needs /usr/bin/time, and npm's registry for the peers.
 */

import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fillPart } from '../../generator/cli/documents.ts'
import { repository } from '../support/repository.ts'
import { alternate, peakMemory, type Times } from './speed/measure.ts'
import { npmCreate } from './speed/npm-create.ts'
import { filesOfFleet, fleet, ours, settle, standingFleet } from './speed/ours.ts'
import { peers } from './speed/peers.ts'

const number = (name: string, fallback: number) => Number(process.env[name] ?? fallback)
const rounds = number('BENCH_ROUNDS', 20)
const npmRounds = number('BENCH_NPM', 10)
const sizes = (process.env['BENCH_FLEETS'] ?? '100,300,1000').split(',').map(Number)
const main = process.env['BENCH_COMMAND'] ?? join(repository, 'dist/main.js')

const row = (...cells: readonly string[]) => `| ${cells.join(' | ')} |`
const ms = (value: number) => value.toFixed(value < 10 ? 2 : 0)
const ratio = ({ median, min }: Times, to: Times) => [(median / to.median).toFixed(2), (min / to.min).toFixed(2)] as const

function startTable(scratch: string): readonly string[] {
  const bare = { name: 'node -e 0', argv: [process.execPath, '-e', '0'], cwd: scratch }
  const { unchanged, first, help, files } = ours(main, join(scratch, 'ours'))
  const wanted: Readonly<Record<string, string>> = { [unchanged.name]: '≤ 1.6', [first.name]: '≤ 2' }
  const times = alternate([bare, unchanged, first, files, help, ...peers(join(scratch, 'peers'))], rounds)
  const base = times.get(bare.name)!
  const memory = [bare, unchanged, first].map((one) => ({ name: one.name, peak: peakMemory(one, 5, scratch) }))
  return [
    row('what', 'median, ms', 'least, ms', 'medians / node', 'least / node', 'wanted'), row('---', '---:', '---:', '---:', '---:', '---:'),
    ...[...times].map(([name, time]) => row(name, ms(time.median), ms(time.min), ...ratio(time, base), wanted[name] ?? '')),
    '', row('most memory', 'MiB', 'wanted'), row('---', '---:', '---:'),
    ...memory.map(({ name, peak }) => row(name, peak.toFixed(1), name === bare.name ? '' : '≤ 60')),
  ]
}

async function npmTable(scratch: string): Promise<readonly string[]> {
  const answers = readFileSync(join(scratch, 'ours/answers.env'), 'utf8')
  const times = await npmCreate(join(scratch, 'npm'), answers, npmRounds)
  const vite = times.get('npm create vite')!
  return [
    row('from a registry on loopback, nothing cached', 'median, ms', 'least, ms', 'medians / vite', 'least / vite', 'wanted'), row('---', '---:', '---:', '---:', '---:', '---:'),
    ...[...times].map(([name, time]) => row(name, ms(time.median), ms(time.min), ...ratio(time, vite), time === vite ? '' : '≤ 1')),
  ]
}

function fleetTable(scratch: string): readonly string[] {
  const lines = sizes.map((size) => {
    const [anew, again] = [fleet(main, scratch, size), standingFleet(main, scratch, size)]
    const memory = peakMemory(anew, 1, scratch)
    const files = filesOfFleet(scratch, size)
    const times = alternate([anew, files], 3)
    rmSync(files.cwd, { recursive: true, force: true })
    settle()
    const stood = alternate([again], 3).get(again.name)!
    const each = ({ median }: Times) => ms(median / size)
    const line = row(String(size), each(times.get(anew.name)!), each(times.get(files.name)!), each(stood), memory.toFixed(0), peakMemory(again, 1, scratch).toFixed(0))
    rmSync(anew.cwd, { recursive: true, force: true })
    return line
  })
  return [
    row('stacks in one call', 'new, ms each', 'their files alone, ms each', 'unchanged, ms each', 'new, MiB', 'unchanged, MiB'), row('---', '---:', '---:', '---:', '---:', '---:'),
    ...lines, row('wanted', '≤ 2', '', '≤ 2', 'the same for any number', 'the same for any number'),
  ]
}

const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'bench-speed-')))
try {
  const head = `Node.js ${process.versions.node}, ${cpus().length} cores; ${rounds} rounds of all in turn (${npmRounds} of \`npm create\`). Other work of the machine disturbs the least time\nthe least.`
  const parts: string[] = []
  const tell = (lines: readonly string[]) => {
    parts.push(lines.join('\n'))
    console.log(`${parts.at(-1)}\n`)
  }
  tell([head])
  tell(startTable(scratch))
  tell(await npmTable(scratch))
  tell(fleetTable(scratch))
  if (process.argv.includes('--write')) {
    const path = join(repository, 'test/README.md')
    writeFileSync(path, fillPart('test/README.md', readFileSync(path, 'utf8'), 'speed', parts.join('\n\n')))
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

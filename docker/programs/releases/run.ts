/**
 * Asks twice a day which releases of Stacks and of sBTC are the newest, and gives out whether this stack runs older ones:
 *
 *   releases [--health]
 *
 * RUNS_NODE, RUNS_SIGNER and RUNS_SBTC are the releases here; RELEASES_URL and SBTC_RELEASES_URL are other places to ask.
 */

import { Page } from '../shared/page.ts'
import { pause, type Io } from '../shared/program.ts'
import { answersHealthy, metricsType, serve } from '../shared/server.ts'
import { isNewer, newestRelease } from './newest.ts'

const betweenQuestions = 12 * 3600 * 1000
const afterFailure = 15 * 60 * 1000

/** One list of releases. `runs` are the programs that are published there, each with the release that runs here. */
interface List {
  readonly url: string
  readonly runs: readonly (readonly [program: string, release: string])[]
  newest?: string
}

export async function run(words: readonly string[], io: Io): Promise<number> {
  const { environment } = io
  const port = Number(environment['LISTEN'])
  if (words[0] === '--health') return await answersHealthy(port) ? 0 : 1
  const runs = (...programs: readonly (readonly [string, string])[]) => programs.flatMap(([program, name]) => (environment[name] ? [[program, environment[name]] as const] : []))
  const lists: readonly List[] = [
    { url: environment['RELEASES_URL'] ?? 'https://api.github.com/repos/stacks-network/stacks-core/releases/latest', runs: runs(['stacks-node', 'RUNS_NODE'], ['stacks-signer', 'RUNS_SIGNER']) },
    { url: environment['SBTC_RELEASES_URL'] ?? 'https://api.github.com/repos/stacks-sbtc/sbtc/releases/latest', runs: runs(['sbtc-signer', 'RUNS_SBTC']) },
  ].filter((list) => list.runs.length > 0)
  const metrics = async () => {
    const page = new Page()
    for (const list of lists) measure(list, page)
    return { status: 200, type: metricsType, body: await page.text() }
  }
  await Promise.all([serve(port, { '/metrics': metrics }, io), ...lists.map((list) => follow(list, io))])
  return 0
}

/** Keeps `list.newest` up to date. What was known stays known when the list cannot be asked. */
async function follow(list: List, { say, stop }: Io): Promise<void> {
  while (!stop.aborted) {
    const found = await newestRelease(list.url, stop).catch((error: unknown) => error as Error)
    if (stop.aborted) return
    if (typeof found === 'string') {
      list.newest = found
      say(`releases: the newest release of ${list.runs.map(([program]) => program).join(', ')} is ${found}`)
    } else say(`releases: ${list.url} cannot be asked: ${found.message}`)
    await pause(typeof found === 'string' ? betweenQuestions : afterFailure, stop)
  }
}

function measure({ newest, runs }: List, page: Page): void {
  if (newest === undefined) return
  for (const [program, release] of runs) {
    page.gauge('stack_newer_release', 'Whether there is a newer release than the one that runs.', isNewer(newest, release) ? 1 : 0, { program, runs: release, newest })
  }
}

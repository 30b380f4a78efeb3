/**
 * npm test -- [NAME…] [--record]: runs the test files whose path contains a NAME, or all. Two pools run side by side: files that wait
 * for an engine, and files that compute. `--record` writes the times of this run to times.json.
 */

import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { endAll, runFile, type FileResult } from './file.ts'
import { summary } from './summary.ts'
import { longestFirst, recordedTimes, selectFiles, timesFile, waitsForEngine } from './select.ts'

/** How many files of the engine pool run at a time. A stack needs up to 2 GB of memory while it starts. */
const engineSlots = Number(process.env['ENGINE_SLOTS'] ?? 4)
const computingSlots = availableParallelism()

const names = process.argv.slice(2).filter((word) => word !== '--record')
const record = process.argv.includes('--record')
const begun = performance.now()
const files = longestFirst(selectFiles(names), recordedTimes())
const results: FileResult[] = []

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    endAll()
    process.exit(signal === 'SIGINT' ? 130 : 143)
  })
}

/** Runs `queue` with `slots` files at a time. */
async function runPool(queue: readonly string[], slots: number): Promise<void> {
  const next = queue.values()
  const work = async () => {
    for (const file of next) {
      const result = await runFile(file)
      results.push(result)
      const { counts: { pass, fail, skip } } = result
      console.log(`${result.ok ? 'ok' : 'not ok'} ${results.length}/${files.length} ${file} ${result.seconds.toFixed(1)} s: ${pass} passed${fail ? `, ${fail} failed` : ''}${skip ? `, ${skip} skipped` : ''}`)
      if (!result.ok) console.log(result.failure.replace(/^/gm, '    '))
    }
  }
  await Promise.all(Array.from({ length: slots }, work))
}

await Promise.all([
  runPool(files.filter((file) => waitsForEngine(file)), engineSlots),
  runPool(files.filter((file) => !waitsForEngine(file)), computingSlots),
])
if (record) {
  const times = { ...(names.length > 0 ? recordedTimes() : {}), ...Object.fromEntries(results.map(({ file, seconds }) => [file, Math.round(seconds)])) }
  writeFileSync(timesFile, `${JSON.stringify(Object.fromEntries(Object.entries(times).sort(([a], [b]) => (a < b ? -1 : 1))), null, 1)}\n`)
}
const { text, passed } = summary(results, (performance.now() - begun) / 1000)
console.log(text)
process.exit(passed ? 0 : 1)

/** The summary at the end of a run. */

import type { FileResult } from './file.ts'

/** The times by area, the failed files, the skipped tests with their reasons, and a line that counts assertions. */
export function summary(results: readonly FileResult[], seconds: number): { readonly text: string; readonly passed: boolean } {
  const total = (of: 'pass' | 'fail' | 'skip') => results.reduce((sum, { counts }) => sum + counts[of], 0)
  const failed = results.filter(({ ok }) => !ok)
  // With REQUIRE_ENGINES a skip is a failure.
  const skipsForbidden = process.env['REQUIRE_ENGINES'] === '1' && total('skip') > 0
  const lines = [...areas(results), '', ...failed.map(({ file, failure }) => `FAILED ${file}: ${failure.split('\n', 1)[0]}`)]
  const reasons = [...new Set(results.flatMap(({ skips }) => skips))].sort()
  if (total('skip') > 0) {
    lines.push(`Skipped ${total('skip')} tests in ${results.filter(({ counts }) => counts.skip > 0).length} files: ${reasons.join('; ')}. As root on Debian, "bash .ci/engine" installs what they need.`)
  }
  lines.push(`${results.length} files in ${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`)
  // A file can fail without a failed assertion.
  const failures = Math.max(total('fail'), failed.length)
  lines.push(`${total('pass')} passed, ${failures} failed, ${total('skip')} skipped`)
  return { text: lines.join('\n'), passed: failures === 0 && !skipsForbidden && results.length > 0 }
}

/** A line for each folder in test/. */
function areas(results: readonly FileResult[]): readonly string[] {
  const byArea = new Map<string, { files: number; seconds: number; pass: number }>()
  for (const { file, seconds, counts } of results) {
    const name = /^test\/(.+?)\//.exec(file)?.[1] ?? 'test'
    const area = byArea.get(name) ?? { files: 0, seconds: 0, pass: 0 }
    byArea.set(name, { files: area.files + 1, seconds: area.seconds + seconds, pass: area.pass + counts.pass })
  }
  const row = (...[name, files, seconds, pass]: readonly [string, string, string, string]) => `${name.padEnd(12)}${files.padStart(6)}${seconds.padStart(9)}${pass.padStart(12)}`
  const longest = [...byArea].sort(([, a], [, b]) => b.seconds - a.seconds)
  return [row('area', 'files', 'seconds', 'assertions'), ...longest.map(([name, { files, seconds, pass }]) => row(name, String(files), seconds.toFixed(0), String(pass)))]
}

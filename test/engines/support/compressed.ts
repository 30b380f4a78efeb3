/**
 * The monitoring of a generated stack with its time compressed: an hour of the rules is half a minute of the test, a day's
 * wait for what is only worth a note even less. Nothing else of the files is touched.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Seconds of the rules in one second of the test. */
export const pace = 120
/** For waits of half a day and more. */
const longPace = 3600

const seconds = { s: 1, m: 60, h: 3600, d: 86400 } as const
const duration = /(\d+)([smhd])/g

/** `15m` in the test's time; never under a second, in which a scrape and an evaluation fit. */
export function shorter(text: string): string {
  return text.replace(duration, (_, count: string, unit: keyof typeof seconds) => {
    const long = Number(count) * seconds[unit]
    return long === 0 ? '0s' : `${Math.max(1, Math.round(long / pace))}s`
  })
}

/** Compresses what lies below `directory`/config, before it is started. */
export function compress(directory: string): void {
  const change = (path: string, patterns: readonly (readonly [RegExp, (whole: string) => string])[]) => {
    const file = join(directory, 'config', path)
    let text = readFileSync(file, 'utf8')
    for (const [pattern, by] of patterns) {
      if (!text.match(pattern)) throw new Error(`${path} has no ${pattern.source}`)
      text = text.replace(pattern, by)
    }
    writeFileSync(file, text)
  }
  const second = (whole: string) => whole.replace(duration, '1s')
  change('prometheus/prometheus.yml', [[/(evaluation|scrape)_(interval|timeout): \S+$/gm, second]])
  change('prometheus/scrape.yml', [[/scrape_(interval|timeout): \S+$/gm, second]])
  change('prometheus/rules.yml', [
    // What is read over 12 hours is read over what there is of them.
    [/\[\d+[smhd]\]|offset \d+[smhd]/g, shorter],
    [/for: \S+$/gm, (whole) => (/for: (\d{2}h|\d+d)/.test(whole) ? `for: ${24 * 3600 / longPace}s` : shorter(whole))],
  ])
  change('alertmanager/alertmanager.yml', [[/(group_wait|group_interval): \S+$/gm, second]])
}

/** Changes as unified diffs; the only user of `diff`. */

import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff'
import type { Change } from './compare.ts'

/** Beyond so many changed lines the shortest diff takes long to find and tells nobody anything. */
const mostEdits = 2000

/**
 * The change as `git diff` would show it, empty for an unchanged file. A conflict shows the way from what stands on the
 * disk to the plan, so what would be lost has a minus; where no text stands there, its reason in a comment line.
 */
export function unifiedDiff(change: Change): string {
  const { path, before, after, mode, kind, reason, secret } = change
  if (kind === 'unchanged') return ''
  if (secret) return `# ${path}: it holds a secret, so its diff is not shown\n`
  if (kind === 'conflict' && before === undefined) return `# ${path}: ${reason ?? 'in the way'}\n`
  if (before === after) return modeDiff(path, mode)
  const [from, to] = [before === undefined ? '/dev/null' : `a/${path}`, after === undefined ? '/dev/null' : `b/${path}`]
  const options = { context: 3, headerOptions: FILE_HEADERS_ONLY, maxEditLength: mostEdits }
  return createTwoFilesPatch(from, to, before ?? '', after ?? '', undefined, undefined, options)
    ?? `--- ${from}\n+++ ${to}\n${wholeHunk(before ?? '', after ?? '')}`
}

function modeDiff(path: string, mode: Change['mode']): string {
  const [old, now] = mode === 0o755 ? ['644', '755'] : ['755', '644']
  return `diff --git a/${path} b/${path}\nold mode 100${old}\nnew mode 100${now}\n`
}

/** Everything out, everything in. */
function wholeHunk(before: string, after: string): string {
  const [gone, come] = [marked(before, '-'), marked(after, '+')]
  const range = (count: number) => (count === 0 ? '0,0' : `1,${count}`)
  return `@@ -${range(gone.count)} +${range(come.count)} @@\n${gone.text}${come.text}`
}

function marked(text: string, mark: string): { readonly text: string; readonly count: number } {
  if (text === '') return { text: '', count: 0 }
  const ended = text.endsWith('\n')
  const lines = (ended ? text.slice(0, -1) : text).split('\n')
  return {
    text: `${lines.map((line) => `${mark}${line}\n`).join('')}${ended ? '' : '\\ No newline at end of file\n'}`,
    count: lines.length,
  }
}

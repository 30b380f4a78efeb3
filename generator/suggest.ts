/** "Did you mean": the candidate that a misspelt word most likely stands for. */

/** Nothing that long is a misspelt name, and comparing it would take time. */
const longestWord = 200

/**
 * The only candidate nearest to `word`, where a letter too few, too many, another, or two swapped count one each.
 * At most a third of the letters may differ and never more than three; undefined when none is that near or two tie.
 */
export function suggest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > longestWord) return undefined
  let best: string | undefined
  let bestDistance = Infinity
  for (const candidate of new Set(candidates)) {
    const found = distance(word, candidate, allowed(word, candidate))
    if (found > bestDistance) continue
    best = found < bestDistance ? candidate : undefined
    bestDistance = found
  }
  return best
}

function allowed(word: string, candidate: string): number {
  return Math.min(3, Math.floor(Math.max(word.length, candidate.length) / 3))
}

/** The number of edits that make `a` into `b`; Infinity where it is more than `limit`. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return Infinity
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1]
      let cost = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1))
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (swapped) cost = Math.min(cost, beforeLast[column - 2]! + 1)
      current.push(cost)
    }
    beforeLast = last
    last = current
  }
  const found = last[b.length]!
  return found <= limit ? found : Infinity
}

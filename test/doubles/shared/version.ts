/** Order of release and epoch names: `3.4.0.0.4` < `4.0.0`, `2.05` < `2.1` by their place in history. */

/** Less than, equal to or more than zero; a missing part counts as zero, so a node's name equals its signer's. */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [left, right].map((one) => one.split('.').map(part))
  for (let at = 0; at < Math.max(a!.length, b!.length); at++) {
    const difference = (a![at] ?? 0) - (b![at] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** Epoch 2.05 came between 2.0 and 2.1: `05` is half a step. */
function part(text: string): number {
  return text.length > 1 && text.startsWith('0') ? Number(text) / 10 : Number(text)
}

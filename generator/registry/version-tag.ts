/** A tag read as a version: `signer-v1.3.3-rc1-alpine3.24` is a name, numbers, a pre-release and a variant. */

export interface VersionTag {
  readonly tag: string
  /** What stands before the numbers: '', `v`, `signer-v`. */
  readonly prefix: string
  readonly numbers: readonly number[]
  /** Stage and numbers of a pre-release; absent for a release. */
  readonly pre?: readonly number[]
  /** What follows: '', `-alpine`, `-alpine#` with the numbers apart, so that a newer base of the same kind is seen. */
  readonly variant: string
  readonly variantNumbers: readonly number[]
}

/** Earlier stages first; builds of an unfinished branch come before all that has been named. */
const stages: Readonly<Record<string, number>> = { snapshot: 0, nightly: 0, dev: 0, canary: 0, alpha: 1, beta: 2, pre: 3, preview: 3, rc: 4 }

const pattern = new RegExp(
  '^(?<prefix>(?:[a-z][a-z0-9]*-)*v?)(?<numbers>\\d{1,6}(?:\\.\\d{1,6}){1,7})'
  + `(?<pre>[-._]?(?<stage>${Object.keys(stages).join('|')})(?![a-z])(?<preNumbers>(?:[-.]?\\d{1,8})*))?(?<variant>(?:-.*)?)$`, 'i')

/**
 * Undefined for what is no version: words (`latest`, `main`), a single number (`31`, which moves), and numbers of more
 * than six digits, which are dates of builds.
 */
export function parseVersionTag(tag: string): VersionTag | undefined {
  const found = pattern.exec(tag)?.groups
  if (!found) return undefined
  const variant = found['variant']!
  const numbered = /^(-[a-z]+)(\d{1,6}(?:\.\d{1,6})*)((?:-[a-z]+)*)$/i.exec(variant)
  return {
    tag,
    prefix: found['prefix']!,
    numbers: found['numbers']!.split('.').map(Number),
    ...(found['pre'] && { pre: [stages[found['stage']!.toLowerCase()]!, ...(found['preNumbers']!.match(/\d+/g) ?? []).map(Number)] }),
    variant: numbered ? `${numbered[1]}#${numbered[3]}` : variant,
    variantNumbers: numbered ? numbered[2]!.split('.').map(Number) : [],
  }
}

/** Negative when `a` is older. A missing number counts as 0, a pre-release is older than its release. */
export function compareVersionTags(a: VersionTag, b: VersionTag): number {
  return compareNumbers(a.numbers, b.numbers)
    || Number(a.pre === undefined) - Number(b.pre === undefined)
    || compareNumbers(a.pre ?? [], b.pre ?? [])
    || compareNumbers(a.variantNumbers, b.variantNumbers)
}

/** Compares number by number; a missing one counts as 0. */
export function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

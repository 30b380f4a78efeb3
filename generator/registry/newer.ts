/** Which tags of a repository are newer than the pinned one, and of its kind. */

import { compareNumbers, compareVersionTags, parseVersionTag, type VersionTag } from './version-tag.ts'

export interface Newer {
  /** False where the pinned tag is no version: then nothing can be said by its name. */
  readonly comparable: boolean
  /** Newer releases, oldest first. */
  readonly releases: readonly string[]
  /** Newer pre-releases, oldest first; those of a release that has appeared since are left out. */
  readonly preReleases: readonly string[]
}

/**
 * Compares tags of the same prefix and variant. Tags that move (`4`, `4.0` beside `4.0.4`) are no releases. The number of
 * parts may differ: 4.0.1 is newer than 3.4.0.0.4.
 */
export function newerTags(pinned: string, tags: readonly string[]): Newer {
  const own = parseVersionTag(pinned)
  if (!own) return { comparable: false, releases: [], preReleases: [] }
  const family = [...new Set(tags)].flatMap((tag) => {
    const parsed = parseVersionTag(tag)
    return parsed && parsed.prefix === own.prefix && parsed.variant === own.variant ? [parsed] : []
  })
  const moving = movingTags([...family, own])
  const newer = family
    // A newer version on an older base (`-alpine3.22` where `-alpine3.24` was chosen) is not what was chosen.
    .filter((one) => compareVersionTags(one, own) > 0 && compareNumbers(one.variantNumbers, own.variantNumbers) >= 0)
    .filter((one) => one.numbers.length >= Math.min(3, own.numbers.length) && (one.pre !== undefined || !moving.has(one.numbers.join('.'))))
    .sort((a, b) => compareVersionTags(a, b) || (a.tag < b.tag ? -1 : 1))
  const releases = newer.filter(({ pre }) => pre === undefined)
  const latest = releases.at(-1)
  const preReleases = newer.filter((one) => one.pre !== undefined && (!latest || compareVersionTags(one, latest) > 0))
  return { comparable: true, releases: releases.map(({ tag }) => tag), preReleases: preReleases.map(({ tag }) => tag) }
}

/** Versions that another continues with further numbers: they point to the newest of those. */
function movingTags(family: readonly VersionTag[]): ReadonlySet<string> {
  const moving = new Set<string>()
  for (const { numbers, pre } of family) {
    if (pre !== undefined) continue
    for (let length = 2; length < Math.min(numbers.length, 4); length += 1) moving.add(numbers.slice(0, length).join('.'))
  }
  return moving
}

/** Finds out which archive it is: the address that was asked for, brought to one object with one checksum. */

import { count, type Answer, type ArchiveClient } from './archive-client.ts'
import { datedNames } from './dated-names.ts'
import { ArchiveGone, OperatorError } from './errors.ts'
import { shown } from './settings.ts'

export interface Archive {
  readonly url: string
  readonly sha256: string
  readonly size?: number | undefined
  readonly version?: string | undefined
  /** Whether the server sends parts of it. */
  readonly ranges?: boolean
  /** Its first bytes, which tell how it is packed and perhaps how large its content is. */
  readonly head: Buffer
  /** Where it is a file of this machine. */
  readonly path?: string
}

interface Checksum { readonly sha256: string; readonly name: string }

export const headSize = 1024
const endings = ['.tar.zst', '.tar.gz', '.tgz']
/** How long a line of a checksum file may be, and how many dated archives are asked for. */
const longestLine = 1000, mostDated = 8
/** A name that means itself in an address. */
const plainName = /^[A-Za-z0-9][A-Za-z0-9._+~-]*$/

/** The first of the candidates that exists. `pinned` is the checksum that the operator gave; without it the published one counts. */
export async function findArchive(client: ArchiveClient, asked: string, pinned: string | undefined, say: (line: string) => void): Promise<Archive> {
  const absent = async (gone: ArchiveGone) => new ArchiveGone(`${nameOf(asked)}: ${gone.message}; ${await datedNames(client, asked)}`)
  const { stem } = split(asked)
  const published = await checksums(client, asked).catch((error: unknown) => {
    if (error instanceof ArchiveGone) return error
    throw error
  })
  if (published instanceof ArchiveGone && !pinned) {
    // Where the archive is not there either, that is what has to be said.
    await probe(client, asked, '').catch(async (error: unknown) => { throw error instanceof ArchiveGone ? await absent(error) : error })
    throw new OperatorError(`no checksum ${nameOf(stem)}.sha256 beside the archive (${published.message}): set SNAPSHOT_SHA256, or another SNAPSHOT_URL`)
  }
  const found = candidates(asked, pinned, published instanceof ArchiveGone ? [] : published)
  if (found.length === 0) throw new OperatorError(`${nameOf(stem)}.sha256 holds no SHA-256 of ${nameOf(asked)}: set SNAPSHOT_SHA256, or another SNAPSHOT_URL`)
  let gone: ArchiveGone | undefined
  for (const { url, sha256 } of found) {
    try {
      const archive = await probe(client, url, sha256)
      if (url !== asked) say(`${nameOf(asked)} is ${nameOf(url)}`)
      return archive
    } catch (error) {
      if (!(error instanceof ArchiveGone)) throw error
      gone ??= error
    }
  }
  throw await absent(gone!)
}

/**
 * Addresses and their checksums, the best first. The name in a checksum file tells which dated object `latest` is; it is held to
 * from then on, so that the archive does not change under a download of hours.
 */
function candidates(asked: string, pinned: string | undefined, published: readonly Checksum[]): readonly { readonly url: string; readonly sha256: string }[] {
  const { stem, ending } = split(asked)
  const rank = ({ name }: Checksum) => endings.indexOf(split(name).ending)
  const dated = !nameOf(asked).includes('latest') ? [] : published
    .filter((one) => rank(one) >= 0 && !one.name.includes('latest') && plainName.test(one.name)).sort((a, b) => rank(a) - rank(b)).slice(0, mostDated)
    .map(({ sha256, name }) => ({ url: withQuery(asked, stem.replace(/[^/]*$/, '') + name), sha256: pinned ?? sha256 }))
  const others = [asked, ...(ending === '.tar.zst' ? [withQuery(asked, `${stem}.tar.gz`)] : [])].flatMap((url) => {
    // A checksum alone stands for the archive beside it, unless it says that it is of another kind.
    const alone = published.length === 1 && ['', split(url).ending].includes(split(published[0]!.name).ending) ? published[0] : undefined
    const sha256 = pinned ?? (published.find(({ name }) => name === nameOf(url)) ?? alone)?.sha256
    return sha256 ? [{ url, sha256 }] : []
  })
  return [...dated, ...others]
}

async function checksums(client: ArchiveClient, asked: string): Promise<readonly Checksum[]> {
  const answer = await client.get(withQuery(asked, `${split(asked).stem}.sha256`))
  return readChecksums((await client.start(answer, 65536)).toString())
}

/** Checksums with the names they are of, '' where there is none. */
export function readChecksums(text: string): readonly Checksum[] {
  return text.split('\n').filter((line) => line.length <= longestLine).flatMap((line) => {
    const sha256 = /\b[0-9A-Fa-f]{64}\b/.exec(line)?.[0].toLowerCase()
    return sha256 ? [{ sha256, name: /[^\s*/()]+(?:\.tar\.\w+|\.tgz)\b/.exec(line)?.[0] ?? '' }] : []
  })
}

/**
 * The archive with its size, version and first bytes. It is asked for by a range, not by HEAD: addresses behind a redirect are
 * often signed for GET alone, and the answer shows whether ranges work.
 */
export async function probe(client: ArchiveClient, url: string, sha256: string): Promise<Archive> {
  const answer = await client.get(url, { range: `bytes=0-${headSize - 1}` })
  const total = answer.statusCode === 206 ? count(/^bytes 0-\d+\/(\d+)$/.exec(answer.headers['content-range'] ?? '')?.[1]) : undefined
  const size = total ?? (answer.statusCode === 200 ? count(answer.headers['content-length']) : undefined)
  return { url, sha256, size, ranges: total !== undefined, version: versionOf(answer), head: await client.start(answer, headSize) }
}

/** What If-Range may compare: a strong ETag, or the date. */
export function versionOf(answer: Answer): string | undefined {
  const { etag: tag } = answer.headers
  return tag?.startsWith('"') ? tag : answer.headers['last-modified']
}

/** Address or name without the archive's ending, and that ending ('' if it has none). */
function split(url: string): { readonly stem: string; readonly ending: string } {
  const path = url.replace(/\?.*$/s, '')
  const ending = endings.find((one) => path.endsWith(one)) ?? ''
  return { stem: path.slice(0, path.length - ending.length), ending }
}

/** `path` with the query that stands behind `asked`. */
function withQuery(asked: string, path: string): string {
  return path + (/\?.*$/s.exec(asked)?.[0] ?? '')
}

function nameOf(url: string): string {
  return shown(url).split('/').at(-1)!
}

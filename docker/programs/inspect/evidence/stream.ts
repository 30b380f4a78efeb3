/**
 * The stream that docker/host/evidence.sh prints: "stack-evidence 1 MODE", then for each question "section NAME EXITCODE BYTES
 * BYTES" with what was said on stdout and stderr after it, then "end COUNT". It may be cut off anywhere.
 */

/** The answer to one question. */
export interface Section {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface Stream {
  /** What the evidence was gathered for; '' where this is no evidence. */
  readonly mode: string
  readonly sections: ReadonlyMap<string, Section>
  /** Whether the stream has its end: without it nothing may be called healthy. */
  readonly complete: boolean
  /** What follows the end. */
  readonly rest: Buffer
}

/** What can be read; the first thing that cannot ends the reading. */
export function readStream(bytes: Buffer): Stream {
  const sections = new Map<string, Section>()
  let at = 0
  /** The next line, where it has an end. */
  const line = (): string | undefined => {
    const end = bytes.indexOf(10, at)
    if (end < 0) return undefined
    const text = bytes.toString('latin1', at, end)
    at = end + 1
    return text
  }
  const [, mode] = /^stack-evidence 1 ([a-z-]+)$/.exec(line() ?? '') ?? []
  if (mode === undefined) return { mode: '', sections, complete: false, rest: bytes.subarray(bytes.length) }
  for (let head = line(); head !== undefined; head = line()) {
    const [, count] = /^end (\d+)$/.exec(head) ?? []
    if (count !== undefined) return { mode, sections, complete: Number(count) === sections.size, rest: bytes.subarray(at) }
    const [, name, code, out, err] = /^section (\S+) (\d{1,8}) (\d{1,8}) (\d{1,8})$/.exec(head) ?? []
    if (name === undefined) break
    const middle = at + Number(out)
    const end = middle + Number(err)
    if (end >= bytes.length) break
    sections.set(name, { code: Number(code), out: bytes.toString('utf8', at, middle), err: bytes.toString('utf8', middle, end) })
    at = end + 1
  }
  return { mode, sections, complete: false, rest: bytes.subarray(bytes.length) }
}

/** The shape of a planned file, apart from the plan itself so that lower layers may speak of it. */

import { hash } from 'node:crypto'

/** One file of the output. */
export interface PlannedFile {
  /** POSIX, relative to the output directory, inside it, in normal form. */
  readonly path: string
  /** UTF-8 text with LF line ends. */
  readonly content: string
  readonly mode: 0o644 | 0o755
  /** The content's SHA-256 where it is known already, for what many stacks share. */
  readonly sha256?: string
}

/** As hexadecimal digits. */
export function sha256(text: string): string {
  return hash('sha256', text)
}

/** The SHA-256 of the file's content. */
export function fileHash(file: PlannedFile): string {
  return file.sha256 ?? sha256(file.content)
}

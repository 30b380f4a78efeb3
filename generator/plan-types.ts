/** The shape of a planned file, apart from the plan itself so that lower layers may speak of it. */

/** One file of the output. */
export interface PlannedFile {
  /** POSIX, relative to the output directory, inside it, in normal form. */
  readonly path: string
  /** UTF-8 text with LF line ends. */
  readonly content: string
  readonly mode: 0o644 | 0o755
}

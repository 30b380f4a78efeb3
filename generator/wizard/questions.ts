/** Which answers the wizard asks for, in which order, and when. What they are called and why stands in the table of answers. */

import { findAnswer, type AnswerValues } from '../answers/schema.ts'

export interface Question {
  /** An answer of the table, or the directory, which is none. */
  readonly key: string
  /** Judged on the answers given so far, with the defaults of the others; absent where it is always asked. */
  readonly when?: (values: AnswerValues) => boolean
}

/** The name under which the directory to write into is asked for. */
export const directoryQuestion = 'directory'

const split = ({ TOPOLOGY }: AnswerValues) => TOPOLOGY === 'split'

/** A row whose answer is not in the table is not asked. */
const rows: readonly Question[] = [
  { key: 'STACK_NAME' },
  { key: directoryQuestion },
  { key: 'NETWORK' },
  { key: 'TOPOLOGY' },
  { key: 'NODE_HOST', when: split },
  { key: 'SIGNER_HOST', when: split },
  { key: 'BITCOIN_MODE' },
  { key: 'BITCOIN_HOST', when: ({ BITCOIN_MODE }) => BITCOIN_MODE === 'external' },
  { key: 'SIGNER_KEY' },
  { key: 'SNAPSHOT' },
  { key: 'SNAPSHOT_URL', when: ({ SNAPSHOT }) => SNAPSHOT === 'on' },
  { key: 'SNAPSHOT_SHA256', when: ({ SNAPSHOT_URL }) => SNAPSHOT_URL !== undefined },
  { key: 'MONITORING' },
]

/** The rows that can be asked by this version's table. */
export function askable(list: readonly Question[]): readonly Question[] {
  return list.filter(({ key }) => key === directoryQuestion || findAnswer(key) !== undefined)
}

export const questions: readonly Question[] = askable(rows)

/** Written down unasked with the value that its default has now: a newer generator must not move a signer by itself. */
export const pinned = 'STACKS_VERSION'

/** Where a key can come from; the first is what SIGNER_KEY's own default means. */
export const keyWays = [
  { value: 'paste', label: 'Paste it here: it stays hidden' },
  { value: 'file', label: 'Read it from a file' },
  { value: 'generate', label: 'Make a new one, for a signer that is not registered yet' },
] as const

/** What the wizard says besides the table of answers. */
export const texts = {
  directory: { title: 'Directory to write into', why: 'Commit it to your ops repository. secrets/ in it is ignored by git.' },
  key: 'One key must never run twice: stop the old signer before the new one starts.',
  hidden: 'It goes into secrets/ and is shown nowhere.',
  keyFile: { title: 'File that holds the signer key', why: 'Its content is copied into secrets/; the file stays as it is.' },
} as const

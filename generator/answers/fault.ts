/** What is wrong with one value. */

/** `message` continues the sentence "NAME …"; the value appears in it only where it is no secret. */
export interface Fault {
  readonly message: string
  readonly hint?: string
}

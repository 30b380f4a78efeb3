/** Answers that hold several words. */

/** The words of a list answer, which commas part. */
export function listWords(value: string): readonly string[] {
  return value.split(',').map((word) => word.trim())
}

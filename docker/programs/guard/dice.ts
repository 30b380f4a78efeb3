/** What is random in a watch; a test gives it other dice. */

import { randomInt } from 'node:crypto'

export interface Dice {
  /** A whole number from 0 to `most`. */
  whole(most: number): number
  /** Any number between the two. */
  between(least: number, most: number): number
}

export const dice: Dice = {
  whole: (most) => randomInt(most + 1),
  between: (least, most) => least + (most - least) * randomInt(2 ** 32) / 2 ** 32,
}

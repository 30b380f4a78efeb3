/** How text is shown: with or without colours, and on a terminal within its width. Pure: what there is, is told. */

import { styleText } from 'node:util'

export interface Screen {
  readonly color: boolean
  /** The terminal's width; absent where it is none, and then nothing is wrapped. */
  readonly columns?: number
}

/** A file, a pipe, a program that reads along. */
export const plainScreen: Screen = { color: false }

/** Where a run shows its result and its problems. */
export interface Screens {
  readonly out: Screen
  readonly err: Screen
}

export const plainScreens: Screens = { out: plainScreen, err: plainScreen }

/** What a colour says; the same everywhere. */
const styles = {
  error: ['red', 'bold'], warning: ['yellow', 'bold'], hint: ['cyan'], faint: ['dim'], strong: ['bold'],
  create: ['green'], update: ['yellow'], delete: ['red'], conflict: ['red', 'bold'], unchanged: ['dim'],
} as const satisfies Readonly<Record<string, readonly Parameters<typeof styleText>[0][]>>

export type Style = keyof typeof styles

/** The text in a style, or as it is. */
export function paint({ color }: Screen, style: Style, text: string): string {
  return color && text !== '' ? styleText([...styles[style]], text, { validateStream: false }) : text
}

/**
 * Whether colours are wanted on a stream, as Node itself decides: FORCE_COLOR goes first, then NO_COLOR (unless
 * empty: https://no-color.org) and NODE_DISABLE_COLORS, then whether there is a terminal that has colours.
 */
export function wantsColor(isTerminal: boolean, environment: Readonly<Record<string, string | undefined>>): boolean {
  const forced = environment['FORCE_COLOR']
  if (forced !== undefined) return ['', '1', 'true', '2', '3'].includes(forced)
  if (environment['NO_COLOR'] || environment['NODE_DISABLE_COLORS']) return false
  return isTerminal && environment['TERM'] !== 'dumb'
}

/** Narrower than this nothing can be laid out; the terminal breaks the lines then. */
const narrowest = 20

/**
 * The text in lines that fit: `first` columns are taken on the first line and `rest` on the others. A word that is longer
 * than a line stays whole, so that a path or an address can be copied.
 */
export function wrap(text: string, { columns }: Screen, first = 0, rest = first): readonly string[] {
  if (columns === undefined || columns < narrowest) return [text]
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const room = columns - (lines.length === 0 ? first : rest)
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}

/** The same, with all lines but the first two columns to the right. */
export function hangingLines(text: string, screen: Screen): readonly string[] {
  return wrap(text, screen, 0, 2).map((line, index) => (index === 0 ? line : `  ${line}`))
}

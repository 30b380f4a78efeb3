/** The lines that a terminal shows for a program's output, after carriage returns and cursor moves, as coloured pieces. */

export interface Style {
  /** One of the 16 colours of a terminal; absent for the default colour. */
  readonly colour?: number
  readonly bold?: boolean
  readonly dim?: boolean
}

export interface Piece extends Style {
  readonly text: string
}

interface Cell extends Style {
  readonly character: string
}

const tokens = /\x1b\[([?\d;]*)([A-Za-z])|\x1b\][^\x07]*\x07|\r|\n|[^\x1b\r\n]+|\x1b/gu

/** The lines on the screen at the end. The terminal is high enough for all lines, and breaks them at `columns`. */
export function screen(output: string, columns = 80): readonly (readonly Piece[])[] {
  const rows: Cell[][] = [[]]
  let row = 0
  let column = 0
  let style: Style = {}
  for (const [token, parameters, final] of output.matchAll(tokens)) {
    if (token === '\r') column = 0
    else if (token === '\n') rows[++row] ??= []
    else if (final !== undefined) {
      const count = Number(parameters) || 1
      if (final === 'm') style = styled(style, parameters ?? '')
      else if (final === 'A') row = Math.max(0, row - count)
      else if (final === 'B') row = Math.min(rows.length - 1, row + count)
      else if (final === 'G') column = count - 1
      else if (final === 'K') rows[row]!.length = parameters === '2' ? 0 : Math.min(column, rows[row]!.length)
      else if (final === 'J') {
        rows.length = row + 1
        rows[row]!.length = Math.min(column, rows[row]!.length)
      }
    } else if (!token.startsWith('\x1b')) {
      for (const character of token) {
        if (column === columns) {
          rows[++row] ??= []
          column = 0
        }
        while (rows[row]!.length < column) rows[row]!.push({ character: ' ' })
        rows[row]![column++] = { character, ...style }
      }
    }
  }
  return rows.map(pieces)
}

function styled(style: Style, parameters: string): Style {
  let next = style
  for (const code of parameters.split(';').map(Number)) {
    if (code === 0) next = {}
    else if (code === 1) next = { ...next, bold: true }
    else if (code === 2) next = { ...next, dim: true }
    else if (code === 22) next = { ...(next.colour !== undefined && { colour: next.colour }) }
    else if (code >= 30 && code <= 37) next = { ...next, colour: code - 30 }
    else if (code >= 90 && code <= 97) next = { ...next, colour: code - 82 }
    else if (code === 39) next = { ...(next.bold && { bold: true }), ...(next.dim && { dim: true }) }
  }
  return next
}

/** Joins cells of one style into a piece, and drops blanks at the end of the line. */
function pieces(cells: readonly Cell[]): readonly Piece[] {
  const found: { -readonly [K in keyof Piece]: Piece[K] }[] = []
  for (const { character, ...style } of cells) {
    const last = found.at(-1)
    if (last && last.colour === style.colour && last.bold === style.bold && last.dim === style.dim) last.text += character
    else found.push({ text: character, ...style })
  }
  while (found.length > 0 && found.at(-1)!.text.trimEnd() === '') found.pop()
  const last = found.at(-1)
  if (last) last.text = last.text.trimEnd()
  return found
}

/** What a terminal would show of a program's output: lines of coloured pieces, after carriage returns and cursor moves. */

export interface Style {
  /** 0 to 15, the terminal's own colours; absent for its default. */
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

/** The lines that stand on the screen in the end, of a terminal that is as high as it must be and breaks lines at `columns`. */
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

/** Neighbours of one style become one piece; what is blank at the end of a line is no piece. */
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

/** A terminal as an SVG picture: dark, monospaced. A viewer downloads and runs nothing for it. */

import type { Piece } from './screen.ts'

/** The sixteen colours of a terminal, for the dark background below. */
const colours = ['#484f58', '#ff7b72', '#3fb950', '#d29922', '#58a6ff', '#bc8cff', '#39c5cf', '#b1bac4',
  '#6e7681', '#ffa198', '#56d364', '#e3b341', '#79c0ff', '#d2a8ff', '#56d4dd', '#f0f6fc'] as const
const ground = '#0d1117'
const ink = '#c9d1d9'

const cell = { width: 8, height: 18 } as const
const border = 16

/** A picture of `lines`, `columns` characters wide. A screen reader reads `title`. */
export function terminalSvg(title: string, lines: readonly (readonly Piece[])[], columns: number): string {
  const width = columns * cell.width + 2 * border
  const height = lines.length * cell.height + 2 * border
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escape(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${ground}"/>`,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13" fill="${ink}" xml:space="preserve" style="white-space: pre">`,
    ...lines.flatMap((pieces, index) => (pieces.length > 0 ? [line(pieces, border + index * cell.height + 13)] : [])),
    '</g>',
    '</svg>',
    '',
  ].join('\n')
}

/** Each piece has its column and its length, so that a font of another width does not shift it. */
function line(pieces: readonly Piece[], y: number): string {
  let column = 0
  const spans = pieces.map(({ text, colour, bold, dim }) => {
    const length = [...text].length
    const x = border + column * cell.width
    column += length
    const look = [colour !== undefined && ` fill="${colours[colour]}"`, bold && ' font-weight="bold"', dim && ' opacity="0.65"'].filter(Boolean).join('')
    return `<tspan x="${x}" textLength="${length * cell.width}"${look}>${escape(text)}</tspan>`
  })
  return `<text y="${y}">${spans.join('')}</text>`
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

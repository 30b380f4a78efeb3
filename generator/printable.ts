/** Text from outside as a terminal may see it: whatever would be obeyed, hidden or turned round is spelt out. */

// Control characters but tab and LF, marks of writing direction, the line ends that only Unicode knows, the byte order
// mark, and halves of a surrogate pair.
const active = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu

/** The text with such characters as `\u{1b}`; tabs and LF stay. */
export function printable(text: string): string {
  return text.replace(active, spelt)
}

/** The same for what must stay on one line. */
export function printableLine(text: string): string {
  return printable(text).replaceAll('\n', '\\u{a}')
}

function spelt(character: string): string {
  return `\\u{${character.codePointAt(0)!.toString(16)}}`
}

/** JSON as text that means the same: JavaScript's own leaves some of these characters as they are. */
export function renderJson(data: unknown): string {
  return `${JSON.stringify(data, null, 2).replace(active, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`
}

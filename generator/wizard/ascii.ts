/** The signs of the prompts for a terminal whose locale has no Unicode: each becomes one ASCII character, so that widths stay. */

const signs: Readonly<Record<string, string>> = {
  '┐': '+', '┘': '+', '◆': '*', '◇': 'o', '■': 'x', '▲': 'x', '┌': '+', '│': '|', '└': '+', '├': '+', '─': '-', '╮': '+', '╯': '+', '╭': '+', '╰': '+',
  '●': '>', '○': ' ', '▪': '*', '•': '*', '█': '_', '↑': '^', '↓': 'v', '—': '-', '…': '.',
}

export function asAscii(text: string): string {
  return text.replace(/[┐┘◆◇■▲┌│└├─╮╯╭╰●○▪•█↑↓—…]/g, (sign) => signs[sign]!)
}

/** Whether the locale's characters are Unicode, by the first of the three variables that says anything. Windows has none of them. */
export function hasUnicode(environment: Readonly<Record<string, string | undefined>>): boolean {
  if (environment['OS'] === 'Windows_NT') return true
  return /utf-?8/i.test(environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'] || '')
}

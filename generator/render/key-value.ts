/** Lines of `key=value`, as bitcoin.conf reads them. Knows no word of the domain. */

export interface KeyValueSection {
  readonly name?: string
  readonly comment?: string
  readonly entries: readonly (readonly [key: string, value: string | number])[]
}

/** Sections in order, each under its `[name]`. Throws for a value that the format cannot hold (`#`, line ends). */
export function renderKeyValue(header: readonly string[], sections: readonly KeyValueSection[]): string {
  const blocks = sections.map((section) => [
    ...(section.comment ? section.comment.split('\n').map((line) => `# ${line}`) : []),
    ...(section.name ? [`[${section.name}]`] : []),
    ...section.entries.map(([key, value]) => line(key, String(value))),
  ].join('\n'))
  return `${[header.map((text) => `# ${text}`).join('\n'), ...blocks].join('\n\n')}\n`
}

function line(key: string, value: string): string {
  if (/[#\r\n]/.test(value) || value !== value.trim()) throw new Error(`${key} cannot be written as a line`)
  return `${key}=${value}`
}

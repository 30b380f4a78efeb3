/** Code in a Markdown text: fenced blocks with their heading, and code spans in the prose. */

export interface Block {
  readonly heading: string
  readonly language: string
  readonly text: string
  /** The number of the block's first line, from 1. */
  readonly line: number
}

/** Every fenced block. The indentation of a block in a list item is removed. */
export function fencedBlocks(markdown: string): readonly Block[] {
  const found: Block[] = []
  let heading = ''
  let open: { readonly indent: number; readonly language: string; readonly line: number; readonly lines: string[] } | undefined
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^( *)```([a-z]*)/.exec(line)
    if (open && fence) {
      found.push({ heading, language: open.language, text: `${open.lines.join('\n')}\n`, line: open.line })
      open = undefined
    } else if (open) open.lines.push(line.slice(open.indent))
    else if (fence) open = { indent: fence[1]!.length, language: fence[2]!, line: index + 2, lines: [] }
    else heading = /^#+ (.*)/.exec(line)?.[1] ?? heading
  }
  if (open) throw new Error(`the block of line ${open.line} is not closed`)
  return found
}

/** The text without its fenced blocks. */
export function prose(markdown: string): string {
  return markdown.replace(/^( *)```[^]*?^ *```$/gm, '')
}

/** The texts between backticks in the prose. A span may continue on the next line. */
export function codeSpans(markdown: string): readonly string[] {
  return [...prose(markdown).matchAll(/`([^`]+)`/g)].map((match) => match[1]!.replaceAll(/\s*\n\s*/g, ' '))
}

/** Every command of a text, without comments: from the lines of its `sh` blocks and from its code spans. */
export function commandLines(markdown: string): readonly string[] {
  const blocks = fencedBlocks(markdown).filter(({ language }) => language === 'sh').flatMap(({ text }) => text.replaceAll('\\\n', ' ').split('\n'))
  return [...blocks, ...codeSpans(markdown)].flatMap((line) => line.replace(/(^|\s)#.*/, '').split(/&&|;|\|/)).map((line) => line.trim()).filter(Boolean)
}

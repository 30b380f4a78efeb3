/** Code in a Markdown text: fenced blocks with the heading they stand under, and spans in the prose. */

export interface Block {
  readonly heading: string
  readonly language: string
  readonly text: string
  /** Where the block's first line stands, from 1. */
  readonly line: number
}

/** Every fenced block. One that is indented below a list item is taken without its indentation. */
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

/** The prose: what is left of a text without its fenced blocks. */
export function prose(markdown: string): string {
  return markdown.replace(/^( *)```[^]*?^ *```$/gm, '')
}

/** What stands between backticks in the prose; a span may go over the end of a line. */
export function codeSpans(markdown: string): readonly string[] {
  return [...prose(markdown).matchAll(/`([^`]+)`/g)].map((match) => match[1]!.replaceAll(/\s*\n\s*/g, ' '))
}

/** Every command line of a text, without comments: the lines of its `sh` blocks and its spans, cut where one command ends. */
export function commandLines(markdown: string): readonly string[] {
  const blocks = fencedBlocks(markdown).filter(({ language }) => language === 'sh').flatMap(({ text }) => text.replaceAll('\\\n', ' ').split('\n'))
  return [...blocks, ...codeSpans(markdown)].flatMap((line) => line.replace(/(^|\s)#.*/, '').split(/&&|;|\|/)).map((line) => line.trim()).filter(Boolean)
}

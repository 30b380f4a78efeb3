/** Questions on a terminal that can move its cursor. The only user of @clack/prompts, which is loaded when it is needed. */

import { Transform, Writable } from 'node:stream'
import { styleText } from 'node:util'
import { wrap } from '../answers/reference.ts'
import { asAscii, hasUnicode } from './ascii.ts'
import type { Asked, Asker, Terminal } from './asker.ts'

/** The bar and its blanks, which stand before every line. */
const margin = 3
const widest = 100

/**
 * Takes the terminal: from here to `close` nothing that is typed is echoed, not even between two questions, and Ctrl-C
 * is an answer and no signal, so that nothing is interrupted halfway.
 */
export async function openAsker(terminal: Terminal, environment: Readonly<Record<string, string | undefined>>): Promise<Asker> {
  terminal.input.setRawMode?.(true)
  const input = typed()
  const output = screen(terminal.output, hasUnicode(environment) ? (text) => text : asAscii)
  terminal.input.pipe(input)
  const clack = await import('@clack/prompts')
  clack.updateSettings({ aliases: { '\u0004': 'cancel' } })

  let gone = false
  let stop: AbortController | undefined
  const hangUp = (): void => {
    gone = true
    stop?.abort()
  }
  for (const event of ['end', 'close', 'error'] as const) terminal.input.once(event, hangUp)
  const width = () => Math.min(columnsOf(terminal.output), widest) - margin
  const ask = async <T>(prompt: (common: { input: Transform; output: Writable; signal: AbortSignal }) => Promise<T>): Promise<Exclude<T, symbol> | undefined> => {
    if (gone) return undefined
    stop = new AbortController()
    const answer = await prompt({ input, output, signal: stop.signal })
    return typeof answer === 'symbol' ? undefined : answer as Exclude<T, symbol>
  }
  const message = (asked: Asked): string[] => [...wrap(asked.title, width()), ...wrap(asked.why, width()).map((line) => styleText('dim', line))]
  /** For the prompts that do not put the bar before further lines themselves. */
  const barred = (asked: Asked) => message(asked).join(`\n${styleText('gray', clack.S_BAR)}  `)
  const said = (fault: string | undefined) => fault && wrap(fault, width()).join(`\n${' '.repeat(margin)}`)

  return {
    get width() { return width() },
    begin: (title, why) => {
      clack.intro(title, { output })
      clack.log.message(wrap(why, width()).join('\n'), { output })
    },
    show: (heading, lines) => { clack.log.step([heading, ...lines].join('\n'), { output }) },
    text: async (asked) => {
      const meant = (value: string | undefined) => value?.trim() || asked.fallback || ''
      const validate = (value: string | undefined) => said(asked.fault(meant(value)))
      const fallback = asked.fallback === undefined ? {} : { placeholder: asked.fallback, defaultValue: asked.fallback }
      const value = await ask((common) => clack.text({ ...common, ...fallback, message: barred(asked), validate }))
      return value === undefined ? undefined : meant(value)
    },
    choose: ({ choices, fallback, ...asked }) => ask((common) => clack.select<string>({
      ...common,
      message: message(asked).join('\n'),
      initialValue: fallback,
      options: choices.map(({ value, label, fault }) => ({ value, label: label ?? value, ...(fault && { disabled: true, hint: fault }) })),
    })),
    hidden: async (asked) => {
      const validate = (value: string | undefined) => said(asked.fault((value ?? '').trim()))
      return (await ask((common) => clack.password({ ...common, message: barred(asked), validate, clearOnError: true })))?.trim()
    },
    confirm: (question) => ask((common) => clack.confirm({ ...common, message: question })),
    end: (text, how) => {
      if (how === 'done') clack.outro(text, { output })
      else clack.cancel(text, { output })
    },
    close: () => {
      for (const event of ['end', 'close', 'error'] as const) terminal.input.off(event, hangUp)
      terminal.input.unpipe(input)
      terminal.input.pause()
      terminal.input.setRawMode?.(false)
    },
  }
}

/**
 * What is typed, as a stream that is no terminal: the prompts cannot switch the echo back on. Ctrl-Z is left out, since
 * a stop would leave the shell with this terminal.
 */
function typed(): Transform {
  return new Transform({ transform: (chunk: Buffer, _, done) => { done(null, chunk.filter((byte) => byte !== 0x1a)) } })
}

/** A terminal that was never told its size has none, and lines of no width have no end. */
function columnsOf(output: Terminal['output']): number {
  return output.columns || 80
}

function screen(output: Terminal['output'], shown: (text: string) => string): Writable {
  const writable = new Writable({
    decodeStrings: false,
    write: (chunk: string | Buffer, _, done) => {
      output.write(shown(String(chunk)))
      done()
    },
  })
  output.on('resize', () => writable.emit('resize'))
  return Object.defineProperties(writable, { columns: { get: () => columnsOf(output) }, rows: { get: () => output.rows || 24 } })
}

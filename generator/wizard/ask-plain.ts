/** The same questions line by line, for a terminal that can only print. It echoes what is typed, so it asks for no secret. */

import { createInterface } from 'node:readline'
import { wrap } from '../answers/reference.ts'
import type { Asked, Asker, Terminal } from './asker.ts'

export function openPlainAsker({ input, output }: Terminal): Asker {
  const reader = createInterface({ input, terminal: false })
  const waiting: ((line: string | undefined) => void)[] = []
  const early: string[] = []
  let gone = false
  reader.on('line', (line) => {
    const next = waiting.shift()
    if (next) next(line)
    else early.push(line)
  })
  reader.on('close', () => {
    gone = true
    for (const next of waiting.splice(0)) next(undefined)
  })
  const width = () => Math.min(output.columns || 80, 100)
  const say = (...lines: readonly string[]): void => { output.write(lines.map((line) => `${line}\n`).join('')) }
  const line = (prompt: string): Promise<string | undefined> => {
    output.write(prompt)
    const next = early.shift()
    if (next !== undefined || gone) return Promise.resolve(next?.trim())
    return new Promise((done) => { waiting.push((text) => done(text?.trim())) })
  }
  const head = ({ title, why }: Asked): void => { say('', ...wrap(title, width()), ...wrap(why, width() - 2).map((text) => `  ${text}`)) }
  /** Asks until `fault` is content. */
  const until = async (prompt: string, meant: (text: string) => string, fault: (value: string) => string | undefined): Promise<string | undefined> => {
    for (;;) {
      const text = await line(prompt)
      if (text === undefined) return undefined
      const problem = fault(meant(text))
      if (problem === undefined) return meant(text)
      say(...wrap(problem, width()))
    }
  }

  return {
    get width() { return width() },
    begin: (title, why) => { say(title, ...wrap(why, width())) },
    show: (heading, lines) => { say('', heading, ...lines) },
    text: (asked) => {
      head(asked)
      return until(asked.fallback === undefined ? '> ' : `[${asked.fallback}] > `, (text) => text || asked.fallback || '', asked.fault)
    },
    choose: ({ choices, fallback, ...asked }) => {
      head(asked)
      say(...choices.flatMap(({ value, label, fault }, index) => wrap(`${index + 1}  ${label ?? value}${fault ? ` (not here: ${fault})` : ''}`, width() - 2).map((text) => `  ${text}`)))
      const find = (text: string) => choices[Number(text) - 1] ?? choices.find(({ value }) => value === text)
      const fault = (value: string) => {
        const found = find(value)
        return found ? found.fault : `write a number from 1 to ${choices.length}, or the word itself`
      }
      return until(`[${fallback}] > `, (text) => find(text || fallback)?.value ?? text, fault)
    },
    confirm: async (question) => {
      say('')
      const text = await line(`${question} [Y/n] `)
      return text === undefined ? undefined : /^(y(es)?)?$/i.test(text)
    },
    end: (text) => { say('', text) },
    close: () => { reader.close() },
  }
}

/**
 * The wizard: questions until the answers are complete, the plan, one last question, and only then the first write. It
 * is left at any point before that with nothing made.
 */

import { answers as table, findAnswer } from '../answers/schema.ts'
import { privateKeyFault, secret, type Secret } from '../answers/secrets.ts'
import { answerFile } from './answer-file.ts'
import type { Asker, Choice } from './asker.ts'
import { fallbackOf, faultOf, judge, valuesOf } from './judge.ts'
import { planLines, type PlanFacts } from './plan-text.ts'
import { directoryQuestion, keyWays, pinned, questions, texts } from './questions.ts'

/** What the answers come to: the text of answers.env, and the key, which is in no text. */
export interface Draft {
  /** As it was answered. */
  readonly directory: string
  readonly text: string
  readonly key?: Secret
}

/** What the wizard asks of the disk, all of it reading. */
export interface World {
  /** The directory offered for a stack of this name. */
  readonly offeredDirectory: (name: string) => string
  /** Why no new stack can be made there. */
  readonly directoryFault: (directory: string) => string | undefined
  /** Where in the directory a signer key stands already, by the topology; undefined where none does. */
  readonly storedKey: (directory: string, topology: 'single' | 'split') => string | undefined
  /** The content of a file without its line end, or why it cannot be read. */
  readonly readKeyFile: (path: string) => { readonly value: string } | { readonly fault: string }
}

/** What a dry run of the draft says; without facts there are problems that stop it. */
export interface Preview<T> {
  readonly plan?: Pick<PlanFacts, 'directory' | 'exists' | 'files' | 'address' | 'warnings'>
  readonly stopped: T
}

interface Steps<T> {
  readonly world: World
  readonly preview: (draft: Draft) => Promise<Preview<T>>
  readonly write: (draft: Draft) => Promise<T>
}

const goodbye = 'Nothing was written.'

/** Undefined when it was left; what `write` or a preview that cannot be written gives, otherwise. Closes `ask`. */
export async function wizard<T>(ask: Asker, { world, preview, write }: Steps<T>): Promise<T | undefined> {
  try {
    ask.begin('A new Stacks signer stack', 'Enter takes the answer shown, Ctrl-C leaves. Nothing is written before the last question.')
    const asked = await interview(ask, world)
    if (!asked) return leave(ask)
    const { draft, values, origin } = asked
    const { plan, stopped } = await preview(draft)
    if (!plan) {
      ask.end('This cannot be written:', 'cancelled')
      return stopped
    }
    const { stack } = judge(values)
    if (!stack) throw new Error('answers passed the questions that make no stack')
    ask.show('The plan', planLines({ ...plan, stack, key: origin }, ask.width))
    if (!await ask.confirm('Write this?')) return leave(ask)
    ask.end('Writing', 'done')
    return await write(draft)
  } finally {
    ask.close()
  }
}

function leave(ask: Asker): undefined {
  ask.end(goodbye, 'cancelled')
  return undefined
}

interface Interview {
  readonly draft: Draft
  readonly values: ReadonlyMap<string, string>
  /** Where the key comes from, for the plan. */
  readonly origin: string
}

async function interview(ask: Asker, world: World): Promise<Interview | undefined> {
  const given = new Map<string, string>()
  let directory = ''
  let key: Key | undefined
  for (const { key: name, when } of questions) {
    if (when) {
      const values = valuesOf(given)
      if (!values || !when(values)) continue
    }
    if (name === directoryQuestion) {
      const answer = await ask.text({ ...texts.directory, fallback: world.offeredDirectory(given.get('STACK_NAME')!), fault: world.directoryFault })
      if (answer === undefined) return undefined
      directory = answer
    } else if (name === 'SIGNER_KEY') {
      key = await askKey(ask, world, directory, valuesOf(given)!.TOPOLOGY)
      if (!key) return undefined
      if (key.answer) given.set(name, key.answer)
    } else {
      const answer = await askAnswer(ask, name, given)
      if (answer === undefined) return undefined
      if (answer !== '') given.set(name, answer)
    }
  }
  given.set(pinned, fallbackOf(pinned, given)!)
  const values = new Map(table.flatMap((row) => (given.has(row.key) ? [[row.key, given.get(row.key)!] as const] : [])))
  return { draft: { directory, text: answerFile(values), ...(key?.value && { key: key.value }) }, values, origin: key?.origin ?? '' }
}

/** One answer of the table; the empty text is an answer left out. */
function askAnswer(ask: Asker, name: string, given: ReadonlyMap<string, string>): Promise<string | undefined> {
  const row = findAnswer(name)!
  const fallback = fallbackOf(name, given)
  if (row.type.kind === 'choice') {
    const choices: readonly Choice[] = row.type.values.map((value) => {
      const fault = faultOf(name, value, given)
      return { value, ...(fault !== undefined && { fault }) }
    })
    return ask.choose({ title: row.title, why: brief(row.text), choices, fallback: fallback ?? row.type.values[0]! })
  }
  const needed = faultOf(name, '', given) !== undefined
  const without = fallback !== undefined ? '' : needed ? ` For example ${row.example}.` : ` Without it: ${row.absent ?? 'nothing'}.`
  return ask.text({
    title: row.title, why: `${brief(row.text)}${without}`, ...(fallback !== undefined && { fallback }), fault: (value) => faultOf(name, value, given),
  })
}

/** The first two sentences; the answer file says the rest. */
function brief(text: string): string {
  return text.split(/(?<=\.) (?=[A-Z])/).slice(0, 2).join(' ')
}

/** `answer` is that to SIGNER_KEY; absent where a key stands already and nothing was asked. */
interface Key {
  readonly answer?: 'provided' | 'generate'
  readonly value?: Secret
  readonly origin: string
}

async function askKey(ask: Asker, world: World, directory: string, topology: 'single' | 'split'): Promise<Key | undefined> {
  const stored = world.storedKey(directory, topology)
  if (stored !== undefined) return { origin: `${stored} is there already` }
  const row = findAnswer('SIGNER_KEY')!
  const ways = keyWays.filter(({ value }) => value !== 'paste' || ask.hidden)
  const home = topology === 'split' ? 'signer-host/secrets/' : 'secrets/'
  const way = await ask.choose({ title: row.title, why: `${row.text} ${texts.key}`, choices: ways, fallback: ways[0]!.value })
  if (way === undefined) return undefined
  if (way === 'generate') return { answer: 'generate', origin: `a new one, with the words that give it again, into ${home}` }
  const given = way === 'paste' ? await pasted(ask) : await fromFile(ask, world)
  return given === undefined ? undefined : { answer: 'provided', value: secret(given), origin: `the one ${way === 'paste' ? 'pasted' : 'in the file'}, into ${home}signer-private-key` }
}

function pasted(ask: Asker): Promise<string | undefined> {
  const row = findAnswer('SIGNER_PRIVATE_KEY')!
  return ask.hidden!({ title: row.title, why: `${row.text} ${texts.hidden}`, fault: keyFault })
}

async function fromFile(ask: Asker, world: World): Promise<string | undefined> {
  let value = ''
  const path = await ask.text({ ...texts.keyFile, fault: (file) => {
    const read = world.readKeyFile(file)
    if ('fault' in read) return read.fault
    value = read.value.trim()
    return keyFault(value)
  } })
  return path === undefined ? undefined : value
}

function keyFault(value: string): string | undefined {
  const fault = privateKeyFault(value)
  return fault === undefined ? undefined : `SIGNER_PRIVATE_KEY cannot be used: ${fault}`
}

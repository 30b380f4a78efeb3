/** Which images the stack of a directory runs and is built on, for the commands that ask registries about them. */

import { join, resolve as resolvePath } from 'node:path'
import { digestFor, type ImageLock } from '../catalogue/images.ts'
import { kindOf } from '../io/kind.ts'
import { readLock } from '../io/lock-file.ts'
import { error, hasErrors, type Problem, type Result } from '../problem.ts'
import type { RegistrySettings } from '../registry/client.ts'
import { resolve } from '../stack/resolve.ts'
import { checkedAnswers, readAnswerText } from './answer-file.ts'
import { placeOf } from './place.ts'
import { quoted } from './quoted.ts'

/** What tests put in the world's place. */
export type RegistryDeps = Partial<Pick<RegistrySettings, 'trust' | 'seconds' | 'patience' | 'now' | 'pause'>>

export interface StackImage {
  /** `REPOSITORY:TAG`. */
  readonly name: string
  readonly repository: string
  readonly tag: string
  /** The services that run it; `base of NAME` for what the stack builds itself. */
  readonly services: readonly string[]
  /** The digest of the index that is pinned, where that is sure: a digest of one platform's image cannot be compared. */
  readonly digest?: string
}

export interface StackImages {
  readonly directory: string
  /** The words that generate this stack: its answer file, and the directory where it was named. */
  readonly words: string
  readonly platform: string
  readonly lock: ImageLock
  /** Sorted by name, each once. */
  readonly images: readonly StackImage[]
}

/** Reads `[answers] [directory]` as generating does, without its secrets; a lone directory stands for its own answers.env. */
export async function readStackImages(command: string, words: readonly string[], cwd: string): Promise<Result<StackImages>> {
  if (words.length > 2) return { problems: [error('usage', `${command} takes an answer file and a directory at most, found ${words.length} words`)] }
  const [word, directory] = words
  const isDirectory = word !== undefined && kindOf(resolvePath(cwd, word)) === 'directory'
  const place = placeOf(isDirectory ? join(word, 'answers.env') : word, directory, cwd)
  const text = readAnswerText(place)
  if (text.value === undefined) return { problems: text.problems }
  const { answers, problems: early } = await checkedAnswers(place, text.value)
  const lock = readLock(place.directory)
  const problems: Problem[] = [...early, ...lock.problems]
  if (!answers || !lock.value) return { problems }
  const stack = resolve(answers, { lock: lock.value })
  // That a digest is wanting is what these commands are for.
  problems.push(...stack.problems.filter(({ code }) => code !== 'no-digest'))
  if (hasErrors(problems) || !stack.value) return { problems }
  const users = new Map<string, { readonly repository: string; readonly tag: string; readonly services: string[] }>()
  for (const { image, name } of stack.value.hosts.flatMap(({ services }) => services)) {
    for (const { repository, tag } of 'repository' in image ? [image] : image.from) {
      const key = `${repository}:${tag}`
      const known = users.get(key) ?? { repository, tag, services: [] }
      known.services.push('repository' in image ? name : `base of ${name}`)
      users.set(key, known)
    }
  }
  const images = [...users].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, { repository, tag, services }]) => {
    const digest = digestFor(repository, tag, '', lock.value)
    return { name, repository, tag, services: [...new Set(services)].sort(), ...(digest && { digest }) }
  })
  return { value: { directory: place.directory, words: [place.file, ...(directory === undefined ? [] : [directory])].map(quoted).join(' '), platform: answers.values.PLATFORM, lock: lock.value, images }, problems }
}

/** Asks for all images at once, and says how many have been answered. */
export async function answered<T>(images: readonly StackImage[], ask: (image: StackImage) => Promise<T>, status: ((text: string) => void) | undefined): Promise<readonly T[]> {
  let done = 0
  const say = (): void => status?.(`asking the registries: ${done} of ${images.length} images answered`)
  say()
  return Promise.all(images.map(async (image) => {
    const answer = await ask(image)
    done += 1
    say()
    return answer
  }))
}

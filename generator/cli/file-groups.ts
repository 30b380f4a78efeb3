/** What a run has written, for people: files that belong together in one line, each with its meaning. */

import type { Change } from '../changes/compare.ts'
import type { Stack } from '../stack/model.ts'

export interface Group {
  readonly kind: Exclude<Change['kind'], 'unchanged'>
  /** A file, or a folder with a slash at its end. */
  readonly name: string
  readonly meaning: string
}

const meanings: Readonly<Record<string, string>> = {
  Makefile: '`make help` says what it can do',
  'README.md': 'how this very stack is run',
  '.gitignore': 'keeps secrets/ out of git',
  'answers.env': 'the answers, without secrets',
  '.stack-manifest.json': 'what was generated: an edit by hand is noticed by it',
}

/** The folders whose files are told together. */
const folders: Readonly<Record<string, (names: readonly string[]) => string>> = {
  'config/': (names) => names.map((name) => name.slice(name.lastIndexOf('/') + 1)).join(', '),
  'docker/': (names) => `${names.length} programs and scripts, for the containers and for make`,
}

/** The changes in their order, unchanged ones left out; each group stands where its first file does. */
export function groups(changes: readonly Change[], stack: Stack | undefined): readonly Group[] {
  const found = new Map<string, { readonly kind: Group['kind']; readonly name: string; readonly paths: string[] }>()
  for (const { kind, path } of changes) {
    if (kind === 'unchanged') continue
    const name = groupOf(path)
    const key = `${kind} ${name}`
    const group = found.get(key) ?? { kind, name, paths: [] }
    group.paths.push(path)
    found.set(key, group)
  }
  return [...found.values()].map(({ kind, name, paths }) => {
    const single = paths.length === 1
    return { kind, name: single ? paths[0]! : name, meaning: kind === 'create' || !single ? meaningOf(name, paths, stack) : '' }
  })
}

function groupOf(path: string): string {
  const folder = /^((?:[a-z]+-host\/)?(?:config|docker)\/)/.exec(path)
  return folder ? folder[1]! : path
}

function meaningOf(name: string, paths: readonly string[], stack: Stack | undefined): string {
  const own = name.replace(/^[a-z]+-host\//, '')
  const host = stack?.hosts.find(({ directory }) => `${directory}docker-compose.yml` === name)
  if (host) return [count(host.services.length, 'service'), count(host.networks.length, 'network'), count(host.volumes.length, 'volume')].join(', ')
  if (Object.hasOwn(folders, own)) return paths.length > 1 ? folders[own]!(paths) : ''
  return Object.hasOwn(meanings, own) ? meanings[own]! : ''
}

/** `1 file`, `2 files`. */
export function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`
}

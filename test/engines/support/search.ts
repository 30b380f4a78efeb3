/** Where the bytes of a stack's secrets can be found: files, images, what Docker tells, logs, processes, file systems. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readFiles } from '../../support/files.ts'
import { docker, program } from './docker.ts'
import type { TestStack } from './stack.ts'

export interface Found { readonly secret: string; readonly places: readonly string[]; readonly want: readonly string[] }

/** Volumes and containers that may hold a secret; everything else may not. */
const belongs: Readonly<Record<string, readonly string[]>> = {
  'signer-private-key': ['volume stacks-signer-config', 'container stacks-signer'],
  'auth-token': ['volume stacks-node-config', 'volume stacks-signer-config', 'container stacks-node', 'container stacks-signer'],
}

/** Searches for every file of `secrets/`, as it stands and in base64. */
export function searchSecrets(stack: TestStack): readonly Found[] {
  const corpus = [...texts(stack)]
  return readdirSync(join(stack.directory, 'secrets')).filter((name) => !name.startsWith('.')).sort().map((name) => {
    const value = readFileSync(join(stack.directory, 'secrets', name), 'utf8').trim()
    const forms = [value, Buffer.from(value).toString('base64').replace(/=+$/, '')]
    const inTexts = corpus.filter(([, text]) => forms.some((form) => text.includes(form))).map(([place]) => place)
    const inFiles = [...volumes(stack), ...containers(stack), ...layers(stack)].filter(({ has }) => has(value)).map(({ place }) => place)
    return { secret: name, places: [...inTexts, ...inFiles].sort(), want: [...(belongs[name] ?? [])].sort() }
  })
}

function* texts(stack: TestStack): Generator<readonly [place: string, text: string]> {
  for (const [path, text] of Object.entries(readFiles(stack.directory, ['secrets']))) yield [`file ${path}`, text]
  yield ['docker compose config', stack.compose('config').out]
  yield ['docker compose logs', stack.compose('logs', '--no-color').out]
  yield ['process list', program('ps', ['-eo', 'args']).out]
  for (const name of names(stack)) {
    yield [`inspect ${name}`, docker(['inspect', name]).out]
    yield [`top ${name}`, docker(['top', name, '-eo', 'args']).out]
  }
  for (const image of images(stack)) {
    yield [`inspect image ${image}`, docker(['inspect', image]).out]
    yield [`history of ${image}`, docker(['history', '--no-trunc', image]).out]
  }
}

interface Place { readonly place: string; readonly has: (value: string) => boolean }

function volumes(stack: TestStack): readonly Place[] {
  const listed = docker(['volume', 'ls', '--quiet', '--filter', `label=com.docker.compose.project=${stack.name}`]).out.trim().split('\n')
  return listed.map((volume) => ({
    place: `volume ${volume.slice(stack.name.length + 1)}`,
    has: (value) => grep(['run', '--rm', '--interactive', '--user', '0:0', '--volume', `${volume}:/searched:ro`, images(stack)[0]!, 'grep', '-rqFf', '-', '/searched'], value),
  }))
}

/** What a running container sees, its mounts included; asked with every right, or files of others would hide. */
function containers(stack: TestStack): readonly Place[] {
  return names(stack).filter((name) => !name.endsWith('-init-1')).map((name) => ({
    place: `container ${name.slice(stack.name.length + 1, -2)}`,
    has: (value) => grep(['exec', '--interactive', '--privileged', '--user', '0:0', name, 'sh', '-c', 'exec grep -rqFf - /etc /run /tmp /var /home /root /opt /srv /usr/local 2>/dev/null'], value),
  }))
}

/** The image that is built from the stack's own folder, layer by layer. */
function layers(stack: TestStack): readonly Place[] {
  const built = docker(['inspect', '--format', '{{.Config.Image}}', `${stack.name}-init-1`]).out.trim()
  const saved = docker(['save', built, '--output', join(stack.directory, '..', 'image.tar')])
  if (saved.status !== 0) throw new Error(saved.err)
  return [{ place: `layers of ${built}`, has: (value) => program('grep', ['-qaF', '-f', '-', join(stack.directory, '..', 'image.tar')], { input: `${value}\n` }).status === 0 }]
}

/** grep's own three answers: found, not found, and a failure, which must not look like either. */
function grep(args: readonly string[], value: string): boolean {
  const { status, err } = docker(args, { input: `${value}\n` })
  if (status === 0) return true
  if (status === 1 || (status === 2 && err === '')) return false
  throw new Error(`the search failed: ${err}`)
}

function names(stack: TestStack): readonly string[] {
  return docker(['ps', '--all', '--format', '{{.Names}}', '--filter', `label=com.docker.compose.project=${stack.name}`]).out.trim().split('\n').sort()
}

function images(stack: TestStack): readonly string[] {
  return [...new Set(names(stack).map((name) => docker(['inspect', '--format', '{{.Image}}', name]).out.trim()))]
}

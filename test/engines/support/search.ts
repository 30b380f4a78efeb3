/** Where the bytes of a stack's secrets can be found: files, images, what Docker tells, logs, processes, file systems. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readFiles } from '../../support/files.ts'
import { docker, must, program, type Ran } from './docker.ts'
import { call, containersOf, inspectContainer, top, volumesOf } from './engine.ts'
import type { TestStack } from './stack.ts'

export interface Found { readonly secret: string; readonly places: readonly string[]; readonly want: readonly string[] }

/** Volumes and containers that may hold a secret; everything else may not. */
const belongs: Readonly<Record<string, readonly string[]>> = {
  'signer-private-key': ['volume stacks-signer-config', 'container stacks-signer'],
  'auth-token': ['volume stacks-node-config', 'volume stacks-signer-config', 'container stacks-node', 'container stacks-signer'],
}

/** Searches for every file of `secrets/`, as it stands and in base64. */
export async function searchSecrets(stack: TestStack): Promise<readonly Found[]> {
  const names = await containersOf(stack.name)
  const images = [...new Set(await Promise.all(names.map(async (name) => (await inspectContainer(name))!.Image)))]
  const corpus = [...files(stack), ...await told(names, images)]
  const image = (await stack.inspect('init'))!.Config.Image
  const places = [...await volumes(stack, image), ...containers(stack, names), layers(stack, image)]
  return readdirSync(join(stack.directory, 'secrets')).filter((name) => !name.startsWith('.')).sort().map((name) => {
    const value = readFileSync(join(stack.directory, 'secrets', name), 'utf8').trim()
    const forms = [value, Buffer.from(value).toString('base64').replace(/=+$/, '')]
    const inTexts = corpus.filter(([, text]) => forms.some((form) => text.includes(form))).map(([place]) => place)
    const inFiles = places.filter(({ has }) => has(value)).map(({ place }) => place)
    return { secret: name, places: [...inTexts, ...inFiles].sort(), want: [...(belongs[name] ?? [])].sort() }
  })
}

type Text = readonly [place: string, text: string]

function files(stack: TestStack): readonly Text[] {
  const said = ({ status, out, err }: Ran) => {
    if (status !== 0) throw new Error(err)
    return out
  }
  return [
    ...Object.entries(readFiles(stack.directory, ['secrets'])).map(([path, text]) => [`file ${path}`, text] as const),
    ['docker compose config', said(stack.compose('config'))],
    ['docker compose logs', said(stack.compose('logs', '--no-color'))],
    ['process list', said(program('ps', ['-eo', 'args']))],
  ]
}

/** What the engine tells to anybody who may ask it. */
async function told(names: readonly string[], images: readonly string[]): Promise<readonly Text[]> {
  const texts: Text[] = []
  for (const name of names) texts.push([`inspect ${name}`, await text(`/containers/${name}/json`)], [`top ${name}`, await top(name)])
  for (const image of images) texts.push([`inspect image ${image}`, await text(`/images/${image}/json`)], [`history of ${image}`, await text(`/images/${image}/history`)])
  return texts
}

async function text(path: string): Promise<string> {
  const { status, body } = await call('GET', path)
  if (status !== 200) throw new Error(`GET ${path}: ${status} ${body}`)
  return body.toString()
}

interface Place { readonly place: string; readonly has: (value: string) => boolean }

async function volumes(stack: TestStack, image: string): Promise<readonly Place[]> {
  return (await volumesOf(stack.name)).map(({ Name }) => ({
    place: `volume ${Name.slice(stack.name.length + 1)}`,
    has: (value) => grep(['run', '--rm', '--interactive', '--user', '0:0', '--volume', `${Name}:/searched:ro`, image, 'grep', '-rqFf', '-', '/searched'], value),
  }))
}

/** What a running container sees, its mounts included; asked with every right, or files of others would hide. */
function containers(stack: TestStack, names: readonly string[]): readonly Place[] {
  return names.filter((name) => !name.endsWith('-init-1')).map((name) => ({
    place: `container ${name.slice(stack.name.length + 1, -2)}`,
    has: (value) => grep(['exec', '--interactive', '--privileged', '--user', '0:0', name, 'sh', '-c', 'exec grep -rqFf - /etc /run /tmp /var /home /root /opt /srv /usr/local 2>/dev/null'], value),
  }))
}

/** The image that is built from the stack's own folder, layer by layer. */
function layers(stack: TestStack, image: string): Place {
  const saved = join(stack.directory, '..', 'image.tar')
  must(['save', image, '--output', saved])
  return { place: `layers of ${image}`, has: (value) => program('grep', ['-qaF', '-f', '-', saved], { input: `${value}\n` }).status === 0 }
}

/** grep's own three answers: found, not found, and a failure, which must not look like either. */
function grep(args: readonly string[], value: string): boolean {
  const { status, err } = docker(args, { input: `${value}\n` })
  if (status === 0) return true
  if (status === 1 || (status === 2 && err === '')) return false
  throw new Error(`the search failed: ${err}`)
}

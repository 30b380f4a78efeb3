/** Images put into a registry through its HTTP API, as `docker push` does it: blobs, manifests, and the index that a tag names. */

import { createHash } from 'node:crypto'
import { Agent, request } from 'node:http'
import { gzipSync } from 'node:zlib'

const indexType = 'application/vnd.oci.image.index.v1+json'
const imageType = 'application/vnd.oci.image.manifest.v1+json'
const dockerIndexType = 'application/vnd.docker.distribution.manifest.list.v2+json'
const dockerImageType = 'application/vnd.docker.distribution.manifest.v2+json'

interface Descriptor { readonly mediaType: string; readonly size: number; readonly digest: string }

export interface Pushed {
  readonly digest: string
  readonly text: string
}

export interface IndexOptions {
  /** Such as `linux/arm64/v8`. */
  readonly platforms?: readonly string[]
  /** Docker's own media types in place of OCI's. */
  readonly docker?: boolean
  /** Lists an attestation beside the images, as buildx does. */
  readonly attested?: boolean
}

/** Enough connections to be quick, few enough for a small machine. */
const agent = new Agent({ keepAlive: true, maxSockets: 16 })

/** Pushes an image for each platform and the index of them all under `tag`; another `build` is another image. */
export async function pushIndex(registry: URL, repository: string, tag: string, build: string, options: IndexOptions = {}): Promise<Pushed> {
  const { platforms = ['linux/amd64', 'linux/arm64'], docker = false, attested = false } = options
  const manifests: unknown[] = []
  for (const platform of [...platforms, ...(attested ? ['unknown/unknown'] : [])]) {
    const image = imageText(await pushBlobs(registry, repository, platform, build), docker)
    await put(registry, `/v2/${repository}/manifests/${digestOf(image)}`, image, docker ? dockerImageType : imageType)
    const [os, architecture, variant] = platform.split('/')
    manifests.push({ ...descriptor(image, docker ? dockerImageType : imageType), platform: { os, architecture, ...(variant && { variant }) } })
  }
  const mediaType = docker ? dockerIndexType : indexType
  const text = JSON.stringify({ schemaVersion: 2, mediaType, manifests })
  await tagManifest(registry, repository, tag, text, mediaType)
  return { digest: digestOf(text), text }
}

/** Pushes an image of one platform, with no index, under `tag`. */
export async function pushImage(registry: URL, repository: string, tag: string, build: string, platform: string): Promise<Pushed> {
  const text = imageText(await pushBlobs(registry, repository, platform, build), false)
  await tagManifest(registry, repository, tag, text, imageType)
  return { digest: digestOf(text), text }
}

/** Gives what has been pushed one more tag. */
export async function tagManifest(registry: URL, repository: string, tag: string, text: string, mediaType = indexType): Promise<void> {
  await put(registry, `/v2/${repository}/manifests/${tag}`, text, mediaType)
}

async function pushBlobs(registry: URL, repository: string, platform: string, build: string): Promise<readonly [config: Descriptor, layer: Descriptor]> {
  const [os, architecture, variant] = platform.split('/')
  // The end of an archive that holds nothing; the build's name makes the layer its own.
  const tar = Buffer.concat([Buffer.alloc(1024), Buffer.from(`${platform} ${build}`.padEnd(512, '\0'))])
  const layer = gzipSync(tar)
  const config = Buffer.from(JSON.stringify({ os, architecture, ...(variant && { variant }), config: {}, rootfs: { type: 'layers', diff_ids: [digestOf(tar)] } }))
  for (const bytes of [layer, config]) {
    const begun = await send(registry, 'POST', `/v2/${repository}/blobs/uploads/`, '', 'application/octet-stream')
    const place = new URL(begun.location!, registry)
    place.searchParams.set('digest', digestOf(bytes))
    await put(registry, place.pathname + place.search, bytes, 'application/octet-stream')
  }
  return [descriptor(config, 'application/vnd.oci.image.config.v1+json'), descriptor(layer, 'application/vnd.oci.image.layer.v1.tar+gzip')]
}

function imageText([config, layer]: readonly [Descriptor, Descriptor], docker: boolean): string {
  const named = docker
    ? { mediaType: dockerImageType, config: { ...config, mediaType: 'application/vnd.docker.container.image.v1+json' }, layers: [{ ...layer, mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip' }] }
    : { mediaType: imageType, config, layers: [layer] }
  return JSON.stringify({ schemaVersion: 2, ...named })
}

function descriptor(content: string | Buffer, mediaType: string): Descriptor {
  return { mediaType, size: Buffer.byteLength(content), digest: digestOf(content) }
}

function digestOf(content: string | Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}

async function put(registry: URL, path: string, body: string | Buffer, type: string): Promise<void> {
  await send(registry, 'PUT', path, body, type)
}

function send(registry: URL, method: string, path: string, body: string | Buffer, type: string): Promise<{ readonly location: string | undefined }> {
  return new Promise((resolve, reject) => {
    const sent = request({ agent, hostname: registry.hostname, port: registry.port, method, path, headers: { 'content-type': type, 'content-length': Buffer.byteLength(body) } }, (response) => {
      let said = ''
      response.setEncoding('utf8').on('data', (text: string) => { said += text }).on('end', () => {
        if (response.statusCode! < 300) resolve({ location: response.headers.location })
        else reject(new Error(`${method} ${path}: ${response.statusCode} ${said}`))
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** A registry in memory: enough of the distribution API for tags and manifests. */

import { createHash } from 'node:crypto'
import type { RequestListener } from 'node:http'

const indexType = 'application/vnd.oci.image.index.v1+json'

/** Repository to tag to the text of an index; change it and the registry has changed. */
export type Images = Record<string, Record<string, string>>

/** The text of an index for two platforms; `build` makes it another. */
export function indexText(build: string, architectures: readonly string[] = ['amd64', 'arm64']): string {
  const manifests = architectures.map((architecture) => ({
    mediaType: 'application/vnd.oci.image.manifest.v1+json', size: 2, digest: digestOf(`${build} ${architecture}`), platform: { os: 'linux', architecture },
  }))
  return JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests })
}

export function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}

export function memoryRegistry(images: Images): RequestListener {
  return (request, response) => {
    const [, repository, kind, name] = /^\/v2\/(.+)\/(tags|manifests)\/([^?]+)/.exec(request.url!) ?? []
    const tags = images[repository ?? '']
    if (kind === 'tags' && tags) {
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ name: repository, tags: Object.keys(tags) }))
      return
    }
    const text = tags?.[name ?? '']
    if (text === undefined) {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"errors":[]}')
      return
    }
    response.writeHead(200, { 'content-type': indexType, 'docker-content-digest': digestOf(text), 'content-length': String(Buffer.byteLength(text)) })
    response.end(request.method === 'HEAD' ? undefined : text)
  }
}

/** As much of S3 as restic speaks, in memory: one bucket, addressed by path. It knows an access key by its ID alone. */

import { createServer, type IncomingMessage } from 'node:http'
import type { Test } from 'tap'

export interface Bucket {
  readonly port: number
  readonly objects: ReadonlyMap<string, Buffer>
  /** What was asked by somebody else. */
  readonly refused: readonly string[]
}

export async function bucketDouble(t: Test, bucket: string, keyId: string): Promise<Bucket> {
  const objects = new Map<string, Buffer>()
  const refused: string[] = []
  const server = createServer((request, response) => {
    void body(request).then((content) => {
      const url = new URL(request.url ?? '/', 'http://localhost')
      const path = decodeURIComponent(url.pathname)
      const answer = (status: number, text: string | Buffer = '', headers: Readonly<Record<string, string>> = {}) => {
        response.writeHead(status, { 'content-length': String(text.length), ...headers })
        response.end(request.method === 'HEAD' ? undefined : text)
      }
      const fault = (status: number, code: string) => { answer(status, `<Error><Code>${code}</Code></Error>`, { 'content-type': 'application/xml' }) }
      if (!request.headers.authorization?.includes(`Credential=${keyId}/`)) {
        refused.push(path)
        fault(403, 'AccessDenied')
        return
      }
      const key = path.slice(`/${bucket}/`.length)
      if (!path.startsWith(`/${bucket}`)) fault(404, 'NoSuchBucket')
      else if (key === '' && request.method === 'GET') answer(200, listing(bucket, objects, url.searchParams), { 'content-type': 'application/xml' })
      else if (key === '') answer(200)
      else if (request.method === 'PUT') {
        objects.set(key, content)
        answer(200, '', { etag: '"x"' })
      } else if (request.method === 'DELETE') {
        objects.delete(key)
        answer(204)
      } else {
        const found = objects.get(key)
        if (!found) {
          fault(404, 'NoSuchKey')
          return
        }
        const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')
        const [from, to] = range ? [Number(range[1]), range[2] ? Number(range[2]) : found.length - 1] : [0, found.length - 1]
        answer(range ? 206 : 200, found.subarray(from, to + 1), {
          etag: '"x"', 'last-modified': new Date().toUTCString(), ...(range && { 'content-range': `bytes ${from}-${to}/${found.length}` }),
          ...(request.method === 'HEAD' && { 'content-length': String(found.length) }),
        })
      }
    })
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => { server.closeAllConnections(); server.close() })
  const address = server.address()
  return { port: typeof address === 'object' && address ? address.port : 0, objects, refused }
}

/** Over plain HTTP a client signs each chunk, and the signatures stand between them. */
async function body(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  const whole = Buffer.concat(parts)
  if (!String(request.headers['x-amz-content-sha256']).startsWith('STREAMING-')) return whole
  const chunks: Buffer[] = []
  for (let at = 0; at < whole.length;) {
    const end = whole.indexOf('\r\n', at)
    const length = Number.parseInt(whole.toString('latin1', at, end), 16)
    if (!(length > 0)) break
    chunks.push(whole.subarray(end + 2, end + 2 + length))
    at = end + 2 + length + 2
  }
  return Buffer.concat(chunks)
}

function listing(bucket: string, objects: ReadonlyMap<string, Buffer>, asked: URLSearchParams): string {
  if (asked.has('location')) return '<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></LocationConstraint>'
  const prefix = asked.get('prefix') ?? ''
  const delimiter = asked.get('delimiter')
  const below = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort()
  const folder = (key: string) => (delimiter && key.slice(prefix.length).includes(delimiter) ? prefix + key.slice(prefix.length).split(delimiter)[0] + delimiter : undefined)
  const folders = [...new Set(below.flatMap((key) => folder(key) ?? []))]
  return `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${bucket}</Name><Prefix>${prefix}</Prefix><MaxKeys>10000</MaxKeys><IsTruncated>false</IsTruncated>${below.filter((key) => !folder(key))
    .map((key) => `<Contents><Key>${key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>"x"</ETag><Size>${objects.get(key)!.length}</Size><StorageClass>STANDARD</StorageClass></Contents>`).join('')}${folders
    .map((one) => `<CommonPrefixes><Prefix>${one}</Prefix></CommonPrefixes>`).join('')}</ListBucketResult>`
}

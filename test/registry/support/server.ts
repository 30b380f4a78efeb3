/** Small http servers that behave as a registry should, or should not. */

import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { openRegistries, type Registries, type RegistrySettings } from '../../../generator/registry/client.ts'
import { parseReference, type Reference } from '../../../generator/registry/reference.ts'
import { limit } from '../../support/wait.ts'

export interface Seen { readonly method: string; readonly url: string; readonly authorization: string | undefined }

export interface FakeRegistry {
  readonly host: string
  /** Every request so far. */
  readonly seen: readonly Seen[]
  readonly reference: Reference
}

/** Starts a server on this machine that ends with the test. */
export async function serve(t: Test, listener: RequestListener): Promise<FakeRegistry> {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    seen.push({ method: request.method!, url: request.url!, authorization: request.headers.authorization })
    listener(request, response)
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return { host, seen, reference: reference(`${host}/a/b`) }
}

export function reference(name: string): Reference {
  const { value } = parseReference(name)
  if (!value) throw new Error(`no image name: ${name}`)
  return value
}

export interface Waits { readonly registries: Registries; readonly waited: readonly number[] }

/** A client that notes its waits in place of waiting. */
export async function client(t: Test, settings: Partial<RegistrySettings> = {}): Promise<Waits> {
  const waited: number[] = []
  const opened = await openRegistries({
    environment: {}, version: '0.0.0', seconds: limit / 1000, pause: async (seconds) => { waited.push(seconds) }, ...settings,
  })
  if (!opened.value) throw new Error(JSON.stringify(opened.problems))
  t.teardown(opened.value.close)
  return { registries: opened.value, waited }
}

/** Answers JSON, or a text as it is. */
export function reply(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}

/** The first `count` requests get a status of trouble, the others what `then` gives. */
export function after(count: number, trouble: RequestListener, then: RequestListener): RequestListener {
  let left = count
  return (request: IncomingMessage, response: ServerResponse) => { (left-- > 0 ? trouble : then)(request, response) }
}

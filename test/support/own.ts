/** Names and ports that only one process of this machine has. So tests that run at the same time never share one, also in other checkouts. */

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { waitFor } from './wait.ts'

const suffix = randomBytes(4).toString('hex')

/** A name that no other run has. */
export const ownName = (name: string): string => `${name}-${suffix}`

/** Listens without keeping the process alive. Returns undefined if another process listens there. */
async function listen(place: string | number): Promise<Server | undefined> {
  const server = createServer().unref()
  const got = once(server, 'listening').then(() => server, () => undefined)
  server.listen(place)
  return got
}

/** Reserves `name` until the returned function is called or the process ends. The name is an abstract socket, which leaves no file. */
async function take(name: string): Promise<(() => void) | undefined> {
  const held = await listen(`\0create-stacks-signer-stack ${name}`)
  return held && (() => { held.close() })
}

/** Like `take`, but waits until the name is free. */
export async function hold(name: string): Promise<() => void> {
  return (await waitFor(`${name} is free`, () => take(name)))!
}

/** A port that this process has reserved until it ends. It is below the ports that the kernel gives to outgoing connections. */
export async function ownPort(): Promise<number> {
  for (let tries = 0; tries < 1000; tries += 1) {
    const port = 20_000 + randomBytes(2).readUInt16BE() % 12_000
    if (!await take(`port ${port}`)) continue
    const free = await listen(port)
    if (!free) continue
    await new Promise((resolve) => free.close(resolve))
    return port
  }
  throw new Error('no port is free')
}

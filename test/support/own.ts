/** What is one process's own on this machine, so that tests beside each other, of whatever checkout, share no port and no name. */

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { waitFor } from './wait.ts'

const suffix = randomBytes(4).toString('hex')

/** A name that no other run has. */
export const ownName = (name: string): string => `${name}-${suffix}`

/** Listens without keeping the process alive; undefined where another listens there. */
async function listen(place: string | number): Promise<Server | undefined> {
  const server = createServer().unref()
  const got = once(server, 'listening').then(() => server, () => undefined)
  server.listen(place)
  return got
}

/** Takes `name` for itself; given back by the returned function, and when the process ends. A name in Linux's abstract space leaves no file. */
async function take(name: string): Promise<(() => void) | undefined> {
  const held = await listen(`\0create-stacks-signer-stack ${name}`)
  return held && (() => { held.close() })
}

/** As `take`, but waits for it. */
export async function hold(name: string): Promise<() => void> {
  return (await waitFor(`${name} is free`, () => take(name)))!
}

/** A port that is this process's own while it lives. Below those that the kernel gives to outgoing connections. */
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

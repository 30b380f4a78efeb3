/** Ports for programs that cannot let the kernel pick one. */

import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'

/** Below what the kernel gives to whoever asks for any port, so that nobody gets it by chance. */
const highest = Number(/^\d+/.exec(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8'))?.[0]) - 1
const lowest = 10_000

const listens = (server: Server, where: Parameters<Server['listen']>[0]) => new Promise<boolean>((resolve) => {
  server.once('error', () => { resolve(false) }).listen(where, () => { resolve(true) })
})

/**
 * A port on which nobody listens, kept from all other tests until this process ends: each claims its number by an
 * abstract socket, which the kernel gives to one alone and takes back by itself.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest))
    const claim = createServer()
    if (!await listens(claim, { path: `\0create-stacks-signer-stack-port-${port}` })) continue
    claim.unref()
    const probe = createServer()
    const free = await listens(probe, { port })
    await new Promise((resolve) => { probe.close(resolve) })
    if (free) return port
  }
}

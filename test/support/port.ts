/** Ports for programs that cannot bind port 0. */

import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'

/** Below the ports that the kernel gives to programs that bind port 0, so that no program gets this one by chance. */
const highest = Number(/^\d+/.exec(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8'))?.[0]) - 1
const lowest = 10_000

const listens = (server: Server, where: Parameters<Server['listen']>[0]) => new Promise<boolean>((resolve) => {
  server.once('error', () => { resolve(false) }).listen(where, () => { resolve(true) })
})

/**
 * A port on which nobody listens. No other test gets it until this process ends: an abstract socket with its number
 * reserves it, and the kernel removes that socket with the process.
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

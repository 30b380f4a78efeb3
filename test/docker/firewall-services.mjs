// Says its name to whoever connects, and then sends each line back: node firewall-services.mjs NAME PORT...; prints "ready" first.

import { once } from 'node:events'
import { createServer } from 'node:net'

const [name, ...ports] = process.argv.slice(2)
for (const port of ports) {
  const server = createServer((socket) => {
    socket.on('error', () => { socket.destroy() })
    socket.write(`${name}\n`)
    socket.pipe(socket)
  })
  await once(server.listen({ port: Number(port), host: '::' }), 'listening')
}
console.log('ready')

// One request out of the ordinary: odd-request.mjs HOST PORT METHOD PATH MEGABYTES [HEADER=VALUE]... Prints the status, or
// why there was none. Without a Content-Length among the headers the body goes in chunks.
import { request } from 'node:http'

const [host, port, method, path, megabytes, ...headers] = process.argv.slice(2)
const fields = Object.fromEntries(headers.map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)]))
const sent = request({ host, port, method, path, agent: false, timeout: 600000, headers: fields }, (answer) => {
  answer.resume().on('end', () => console.log(answer.statusCode))
})
sent.on('error', (cause) => console.log(cause.code)).on('timeout', () => sent.destroy(Object.assign(new Error(), { code: 'timeout' })))
const block = Buffer.alloc(1 << 20, 'x')
for (let written = 0; written < Number(megabytes); written += 1) {
  if (!sent.write(block)) await new Promise((resolve) => sent.once('drain', resolve))
}
sent.end()

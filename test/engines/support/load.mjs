// Requests one after the other, each on a connection of its own, until it is told to stop: load.mjs HOST PORT METHOD PATH.
// Prints what came of each, a line a request.
import { request } from 'node:http'

const [host, port, method, path] = process.argv.slice(2)
const body = method === 'POST' ? '{"attachment":"x"}' : ''
let stopping = false
process.on('SIGTERM', () => { stopping = true })

function send() {
  return new Promise((resolve) => {
    const sent = request({ host, port, method, path, agent: false, timeout: 600000, headers: { 'Content-Type': 'application/json', 'Content-Length': body.length } }, (answer) => {
      answer.resume().on('end', () => resolve(String(answer.statusCode))).on('error', (cause) => resolve(cause.code))
    })
    sent.on('error', (cause) => resolve(cause.code)).on('timeout', () => sent.destroy(Object.assign(new Error(), { code: 'timeout' })))
    sent.end(body)
  })
}

while (!stopping) console.log(await send())

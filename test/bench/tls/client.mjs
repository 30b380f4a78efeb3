// Events as a node sends them, each on a connection of its own: client.mjs HOST PORT BYTES COUNT. Prints milliseconds as JSON.
import { Agent, request } from 'node:http'

const [host, port, bytes, count] = process.argv.slice(2)
const body = Buffer.alloc(Number(bytes), 'x')
const agent = new Agent({ keepAlive: false })

function send() {
  return new Promise((resolve, reject) => {
    const begun = process.hrtime.bigint()
    const sent = request({ host, port, agent, method: 'POST', path: '/new_block', headers: { 'Content-Type': 'application/json', 'Content-Length': body.length, Connection: 'close' } }, (answer) => {
      answer.resume().on('end', () => {
        if (answer.statusCode === 200) resolve(Number(process.hrtime.bigint() - begun) / 1e6)
        else reject(new Error(`status ${answer.statusCode}`))
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const times = []
for (let number = 0; number < Number(count); number += 1) times.push(await send())
console.log(JSON.stringify(times))

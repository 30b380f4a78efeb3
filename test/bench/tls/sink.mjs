// Takes events as a signer does: an empty 200 for every POST. sink.mjs PORT
import { createServer } from 'node:http'

createServer((taken, answer) => {
  taken.resume().on('end', () => answer.writeHead(200, { 'Content-Length': 0 }).end())
}).listen(Number(process.argv[2]), '0.0.0.0')

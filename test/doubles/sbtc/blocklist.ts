/** The stand-in for the blocklist client: reads its TOML strictly, and answers for addresses. */

import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { listen } from '../shared/http.ts'
import { reason } from '../shared/log.ts'
import { isTable, parseToml, writtenAsFloat, type Table } from '../shared/toml.ts'

function tableOf(value: unknown, name: string, ...keys: readonly string[]): Table {
  if (!isTable(value) || Object.keys(value).sort().join() !== keys.join()) throw new Error(`${name} has other keys than ${keys.join(', ')}`)
  return value
}

function readConfig(path: string): { readonly host: string; readonly port: number } {
  const toml = readFileSync(path, 'utf8')
  const parsed = parseToml(toml)
  if ('problem' in parsed) throw new Error(parsed.problem)
  const { server, sanctions } = tableOf(parsed.table, 'the file', 'sanctions', 'server')
  const { host, port } = tableOf(server, 'server', 'host', 'port')
  const { url, header, polling_interval: interval } = tableOf(sanctions, 'sanctions', 'header', 'local_path', 'polling_interval', 'url')
  const { value } = tableOf(header, 'header', 'key', 'value')
  if (typeof host !== 'string' || typeof port !== 'number') throw new Error('server is wrong')
  if (typeof url !== 'string' || !/^https?:\/\/[^@]+\/sanctions$/.test(url)) throw new Error('url is wrong')
  if (typeof value !== 'string' || value.startsWith('@')) throw new Error('the header is not filled')
  if (!Number.isInteger(interval) || writtenAsFloat('polling_interval', toml)) throw new Error('polling_interval is wrong')
  return { host, port }
}

try {
  const given = Object.keys(process.env).find((name) => name.startsWith('BLOCKLIST_CLIENT_'))
  if (given !== undefined) throw new Error(`${given} in the environment would take the place of the file`)
  const { values: { config } } = parseArgs({ options: { config: { type: 'string', short: 'c' } } })
  if (config === undefined) throw new Error('--config is missing')
  await listen(readConfig(config), ({ method, url = '' }, response) => {
    const known = method === 'GET' && url.startsWith('/screen/')
    response.writeHead(known ? 200 : 404).end(known ? JSON.stringify({ is_blocklisted: false, severity: 'Low', accept: true }) : '')
  })
  process.on('SIGTERM', () => { process.exit(0) })
  console.log('the blocklist client runs')
} catch (error) {
  console.log(`the blocklist client cannot start: ${reason(error)}`)
  process.exitCode = 1
}

/** What the double of the sBTC signer asks: its database, bitcoind, and its Stacks node. */

import { execFile } from 'node:child_process'
import { lookup } from 'node:dns/promises'
import { fileURLToPath } from 'node:url'
import { call } from '../shared/http.ts'

const schema = fileURLToPath(new URL('schema.sql', import.meta.url))
const timeoutMs = 10_000

/** By psql, the only client that Debian has without more. */
export class Database {
  readonly #words: readonly string[]
  readonly #environment: NodeJS.ProcessEnv

  constructor(endpoint: string) {
    const [, user, password, host, port, name] = /^\w+:\/\/(.*):(.*)@(.*):(\d+)\/(.*)$/.exec(endpoint)!
    this.#environment = { PATH: process.env['PATH'] ?? '/usr/bin', PGPASSWORD: password, PGCONNECT_TIMEOUT: '30', PGAPPNAME: 'sbtc-signer' }
    this.#words = ['--no-psqlrc', '--quiet', '--tuples-only', '--no-align', '--set=ON_ERROR_STOP=1', `--host=${host}`, `--port=${port}`, `--username=${user}`, `--dbname=${name}`]
  }

  run(...words: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      execFile('psql', [...this.#words, ...words], { env: this.#environment }, (error, out, said) => {
        if (error) reject(new Error(said.trim() || error.message))
        else resolve(out.trim())
      })
    })
  }

  ask(sql: string): Promise<string> {
    return this.run('--command', sql)
  }

  /** All of it at once, or nothing; the journal alone says whether it was done. */
  async migrate(): Promise<boolean> {
    if (await this.ask("SELECT to_regclass('public.__sbtc_migrations') IS NOT NULL") === 't') return false
    // Numbered to 22, of which the second was never there.
    await this.run('--single-transaction', '--file', schema, '--command', "INSERT INTO public.__sbtc_migrations SELECT lpad(n::text, 4, '0') FROM generate_series(1, 22) n WHERE n <> 2")
    return true
  }
}

export class Bitcoin {
  readonly #to: { readonly host: string; readonly port: number }
  readonly #login: string

  private constructor(host: string, port: string, login: string) {
    this.#to = { host, port: Number(port) }
    this.#login = Buffer.from(login).toString('base64')
  }

  /** The name is looked up once, and never again. */
  static async at(endpoint: string): Promise<Bitcoin> {
    const [, login, host, port] = /^http:\/\/(.*)@(.*):(\d+)$/.exec(endpoint)!
    return new Bitcoin((await lookup(host!, 4)).address, port!, login!)
  }

  async call(method: string, ...params: readonly unknown[]): Promise<unknown> {
    const { status, body } = await call(this.#to, { method: 'POST', path: '/', headers: { Authorization: `Basic ${this.#login}` }, body: JSON.stringify({ jsonrpc: '1.0', id: 1, method, params }), timeoutMs })
    if (status !== 200) throw new Error(`${method} is answered with ${status}`)
    return (JSON.parse(body) as { readonly result: unknown }).result
  }
}

/** What the node says of itself; empty where it does not answer. */
export async function nodeInfo(endpoint: string): Promise<Readonly<Record<string, unknown>>> {
  const { hostname: host, port } = new URL(endpoint)
  return call({ host, port: Number(port) }, { method: 'GET', path: '/v2/info', timeoutMs }).then(({ body }) => JSON.parse(body) as Record<string, unknown>, () => ({}))
}

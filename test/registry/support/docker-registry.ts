/** Debian's docker-registry, the reference registry, on this machine: a process with a store of its own that ends with the test. */

import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

const found = spawnSync('docker-registry', ['--version'], { encoding: 'utf8' })

/** Why there is none here; undefined where there is one. */
export const missing = found.status === 0 ? undefined : 'docker-registry is not installed'

/** Starts it on a port of its own choice and returns where it listens. */
export async function startDockerRegistry(t: Test): Promise<URL> {
  const folder = mkdtempSync(join(tmpdir(), 'stack-test-registry-'))
  const config = join(folder, 'config.yml')
  writeFileSync(config, `version: 0.1
log: { level: info, accesslog: { disabled: true }, formatter: json }
storage: { filesystem: { rootdirectory: ${JSON.stringify(join(folder, 'store'))} } }
http: { addr: '127.0.0.1:0' }
`)
  const child = spawn('docker-registry', ['serve', config], { env: { PATH: process.env['PATH'], OTEL_TRACES_EXPORTER: 'none' }, stdio: ['ignore', 'pipe', 'pipe'] })
  t.teardown(async () => {
    const ended = new Promise((resolve) => { child.once('exit', resolve) })
    if (child.exitCode === null && child.kill('SIGKILL')) await ended
    rmSync(folder, { recursive: true })
  })
  let said = ''
  return new Promise<URL>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said = `${said}${text}`.slice(-20_000)
        const at = /listening on (127\.0\.0\.1:\d+)/.exec(said)
        if (at) resolve(new URL(`http://${at[1]}`))
      })
    }
    child.once('exit', () => { reject(new Error(`docker-registry ended: ${said}`)) })
  })
}

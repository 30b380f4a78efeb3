/** The collector of docker/tools/logs.py on this machine, with a stand-in for the logs that Docker holds. */

import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { makeRoot, toolFolder, type Root } from './tools.ts'

export const noon = Date.UTC(2026, 10, 21, 12) / 1000
export const nonce = 'b0e4c2f0-0000-4000-8000-000000000001'
const place = '/var/lib/stack-logs'

export interface Said { readonly code: number | null; readonly out: string; readonly err: string }

/** A container as `docker logs --timestamps` tells of it; `log` is what it prints. */
export interface Source { readonly service: string; readonly id?: string; readonly state?: string; readonly log: string | Buffer; readonly code?: number }

export interface Kept {
  readonly root: Root
  run(args: readonly string[], input?: string | Buffer, environment?: Readonly<Record<string, string>>): Said
  /** One whole collection, at `now`. */
  collect(sources: readonly Source[], options?: { readonly now?: number; readonly days?: number; readonly environment?: Readonly<Record<string, string>> }): Said
  /** The names of a service's files, hidden ones left out. */
  files(service: string): readonly string[]
  /** All kept lines of a service in the order of its files, as they are stored. */
  lines(service: string): readonly string[]
  at(path: string): string
}

export function keptLogs(t: Test, path?: string): Kept {
  const root = makeRoot(t, [place])
  const home = path ?? root.path
  const at = (inner: string) => join(home, place, inner)
  const run: Kept['run'] = (args, input = '', environment = {}) => {
    const { status, stdout, stderr } = spawnSync('python3', ['-B', join(toolFolder, 'logs.py'), ...args], {
      input, maxBuffer: 1 << 28, env: { PATH: process.env['PATH'] ?? '', STACK_ROOT: home, LOGS_NOW: String(noon), ...environment },
    })
    return { code: status, out: stdout.toString(), err: stderr.toString() }
  }
  const files = (service: string) => readdirSync(at(service)).filter((name) => !name.startsWith('.')).sort()
  return {
    root,
    run,
    files,
    at,
    collect: (sources, { now = noon, days = 7, environment = {} } = {}) => run(['store', nonce, String(days)], stream(sources), { LOGS_NOW: String(now), ...environment }),
    lines: (service) => {
      const { out } = run(['search', '', '', service], 'regex\n(?s).*')
      return out.split('\n').slice(0, -1).map((line) => line.slice(service.length + 1))
    },
  }
}

/** What docker/host/logs.sh hands over. */
export function stream(sources: readonly Source[]): Buffer {
  const sections = sources.flatMap(({ service, id = `${service}-1`, state = 'running', log, code = 0 }) => [
    Buffer.from(`${nonce} begin ${service} ${id} ${state}\n`), Buffer.from(log), Buffer.from(`\n${nonce} end ${code}\n`),
  ])
  return Buffer.concat([...sections, Buffer.from(`${nonce} done\n`)])
}

/** A moment as it is stored, `ago` seconds before noon; nanoseconds by `fraction`. */
export function stamp(ago: number, fraction = 0): string {
  return `${new Date((noon - ago) * 1000).toISOString().slice(0, 19)}.${String(fraction).padStart(9, '0')}Z`
}

export const line = (ago: number, text: string, fraction = 0): string => `${stamp(ago, fraction)} ${text}\n`

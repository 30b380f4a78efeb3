/** A stack's directory as it is generated, and a stand-in for docker that answers for it. */

import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { makefileFile } from '../../generator/files/makefile.ts'
import { stackFile } from '../../generator/files/stack-file.ts'
import { readTemplates } from '../../generator/io/templates.ts'
import { repository } from '../support/repository.ts'
import type { SampleOptions } from '../support/sample-stack.ts'
import { healthy, now, publicKey, type Setting } from './evidence.ts'
import { fakeDocker } from './fake-docker.ts'
import { gateFolder } from './tools.ts'

const secret = { 'signer-private-key': `${'5e'.repeat(32)}\n`, 'auth-token': 'a-token-that-nobody-may-see\n', 'node-tls-key': 'PRIVATE\n', 'signer-tls-key': 'PRIVATE\n' }

/** The stack's directory and a folder with the stand-in. */
export function place(t: Test, setting: Setting, options?: Parameters<typeof fakeDocker>[2]): { readonly directory: string; readonly bin: string } {
  const { stack, host } = setting
  const top = t.testdir({ stack: { docker: { host: {} }, config: {}, secrets: {} }, bin: {}, temporary: {} })
  const directory = join(top, 'stack')
  cpSync(join(gateFolder, '../host'), join(directory, 'docker/host'), { recursive: true })
  const file = (path: string, content: string, mode = 0o644) => {
    mkdirSync(join(directory, path, '..'), { recursive: true })
    writeFileSync(join(directory, path), content, { mode })
  }
  file('config/stack.json', stackFile({ ...stack, ...(stack.identity && { identity: { ...stack.identity, publicKey } }) }, host).content)
  file('Makefile', makefileFile(stack, host, readTemplates(repository)).content)
  file('config/node-config.toml', '[node]\nstacker = true\nseed = "00ff-by-hand"\n[connection_options]\nauth_token = "hunter2-by-hand"\n[[events_observer]]\nendpoint = "stacks-signer:30000"\nevents_keys = [ "stackerdb", "block_proposal", "burn_blocks" ]\n')
  file('config/signer-config.toml', 'node_host = "stacks-node:20443"\nauth_password = "@AUTH_TOKEN@"\nstacks_private_key = "@SIGNER_PRIVATE_KEY@"\n')
  for (const { name } of host.secrets) file(`secrets/${name}`, secret[name as keyof typeof secret] ?? 'PRIVATE\n', 0o600)
  chmodSync(join(directory, 'secrets'), 0o700)
  file('docker/inspect.mjs', '// The stand-in for docker runs the sources.\n')
  file('docker/init.mjs', '')
  fakeDocker(join(top, 'bin'), setting, options)
  return { directory, bin: join(top, 'bin') }
}

interface Said { readonly code: number | null; readonly out: string; readonly err: string }

export function run({ directory, bin }: { readonly directory: string; readonly bin: string }, command: readonly string[], environment: Readonly<Record<string, string>> = {}): Said {
  const [program = 'sh', ...args] = command
  const ran = spawnSync(program, args, { cwd: directory, encoding: 'utf8', maxBuffer: 1 << 26, env: { PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: directory, TMPDIR: join(bin, '../temporary'), ...environment } })
  return { code: ran.status, out: ran.stdout, err: ran.stderr }
}

/** Evidence has the age it had; the stand-in's clock is this machine's. */
function fresh(setting: Setting): Setting {
  const shift = Math.floor(Date.now() / 1000) - now
  const moved = (text: string) => text.replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?=\.\d+Z)/g, (moment) => new Date(Date.parse(`${moment}Z`) + shift * 1000).toISOString().slice(0, 19))
  for (const [name, section] of setting.sections) setting.sections.set(name, { ...section, out: moved(section.out) })
  return setting
}

/** One evidence holds what status asks and what doctor does. */
export function both(options?: SampleOptions): Setting {
  const setting = healthy('doctor', options)
  for (const [name, section] of healthy('status', options).sections) if (!setting.sections.has(name)) setting.sections.set(name, section)
  return fresh(setting)
}

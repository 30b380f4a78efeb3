/** The name of the stack's directory is only a name: no target and no script lets a shell run what stands in it. */

import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { stackFile } from '../../generator/files/stack-file.ts'
import { makefileFile } from '../../generator/files/makefile.ts'
import { readTemplates } from '../../generator/io/templates.ts'
import { sampleStack, type SampleOptions } from '../support/sample-stack.ts'
import { repository } from '../support/repository.ts'
import { limit } from '../support/wait.ts'
import { gateFolder, needs } from './tools.ts'

const names = ['$(touch pwned)', '`touch pwned`', 'a\'; touch pwned; \'b', 'a"; touch pwned; "b', 'a,readonly=false,target=x', '%100'] as const
/** These change the machine beyond the directory, or wait for somebody. */
const apart = /^(firewall|host-|logs-(install|remove)|prefetch|backup-restore)/

function place(t: Test, name: string, options: SampleOptions) {
  const top = mkdtempSync(join(tmpdir(), 'directory-name-'))
  t.teardown(() => { rmSync(top, { recursive: true }) })
  const [directory, bin] = [join(top, name), join(top, 'bin')]
  const { stack, host } = sampleStack(options)
  const put = (path: string, content: string, mode = 0o644) => {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), content, { mode })
  }
  cpSync(join(gateFolder, '../host'), join(directory, 'docker/host'), { recursive: true })
  put('Makefile', makefileFile(stack, host, readTemplates(repository)).content)
  put('config/stack.json', stackFile(stack, host).content)
  for (const { name: secret } of host.secrets) put(`secrets/${secret}`, 'x\n', 0o600)
  put('certs/ca.pem', 'x\n')
  mkdirSync(bin)
  // Every container is there and every question is answered with nothing.
  writeFileSync(join(bin, 'docker'), `#!/bin/sh
printf '%s\\n' "$*" >>${bin}/asked
case "$*" in *'ps --all'*) echo 'stacks-node id running False'; echo 'node-tls id running False' ;; esac
exit 0
`)
  chmodSync(join(bin, 'docker'), 0o755)
  const run = (command: string, ...args: readonly string[]) => spawnSync(command, args, {
    cwd: directory, encoding: 'utf8', timeout: limit, env: { PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: top, STACK_ROOT: join(top, 'none') },
  })
  const targets = [...makefileFile(stack, host, readTemplates(repository)).content.matchAll(/^([a-z][a-z-]*):/gm)].map((match) => match[1]!).filter((target) => !apart.test(target))
  return { directory, bin, run, targets, ran: () => existsSync(join(directory, 'pwned')) || existsSync(join(top, 'pwned')) }
}

for (const name of names) {
  t.test(name, needs('make', 'sh'), async (t) => {
    for (const options of [{ tls: 'single' }, { sbtc: 'beside' }] as const satisfies readonly SampleOptions[]) {
      const { run, targets, ran, bin } = place(t, name, options)
      t.ok(targets.length > 15)
      for (const target of targets) {
        run('make', target)
        if (ran()) t.fail(`make ${target} ran the name of its directory`)
      }
      for (const mode of ['status', 'doctor', 'host-check']) {
        run('sh', 'docker/host/evidence.sh', mode)
        t.notOk(ran(), `evidence.sh ${mode}`)
      }
      // The name arrives at Docker as it is.
      if (options.tls) t.ok(readFileSync(join(bin, 'asked'), 'utf8').includes(`${name}/certs:/certs:ro`), 'certs-status')
    }
  })
}

/** docker/host/program.sh: how a make target runs a program outside of Compose, against a stand-in for docker. */

import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { gateFolder } from './tools.ts'

const image = 'docker.io/library/node:24-trixie-slim'

/** A stack's directory named `name`, and a docker that writes down its words, one a line, and what it was given on its input. */
function place(t: Test, name: string, present = true) {
  const top = mkdtempSync(join(tmpdir(), 'program-'))
  t.teardown(() => { rmSync(top, { recursive: true }) })
  const directory = join(top, name)
  for (const folder of ['docker/host', 'config']) mkdirSync(join(directory, folder), { recursive: true })
  cpSync(join(gateFolder, '../host/program.sh'), join(directory, 'docker/host/program.sh'))
  writeFileSync(join(directory, 'docker/inspect.mjs'), '1\n')
  chmodSync(join(directory, 'docker/inspect.mjs'), 0o600)
  writeFileSync(join(directory, 'config/facts.env'), `stack=x\nnode_image=${image}\n`)
  mkdirSync(join(top, 'bin'))
  writeFileSync(join(top, 'bin/docker'), `#!/bin/sh
[ "$1" != image ] || exit ${present ? 0 : 1}
printf '%s\\n' "$@" >'${top}/asked'
cat >'${top}/given'
exit 3
`)
  chmodSync(join(top, 'bin/docker'), 0o755)
  const run = (words: readonly string[], environment: Readonly<Record<string, string>> = {}) => spawnSync('sh', ['docker/host/program.sh', ...words], {
    cwd: directory, encoding: 'utf8', input: 'evidence', env: { PATH: `${top}/bin:${process.env['PATH'] ?? ''}`, ...environment },
  })
  return { directory, run, asked: () => readFileSync(join(top, 'asked'), 'utf8').trimEnd().split('\n'), given: () => readFileSync(join(top, 'given'), 'utf8') }
}

const confined = ['--read-only', '--user', '65534:65534', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--pids-limit', '64', '--log-driver', 'none']
const mounted = (directory: string) => ['--mount', `type=bind,"source=${directory.replaceAll('"', '""')}/docker/inspect.mjs",target=/inspect.mjs,readonly`]

t.test('the program alone, without network and rights, with its words and its input', async (t) => {
  const { directory, run, asked, given } = place(t, 'stack')
  const { status, stderr } = run(['inspect', '--', 'status', '--json', '--', '--network', '$HOME'])
  t.strictSame([status, stderr], [3, ''], 'the exit code is the program\'s')
  t.strictSame(asked(), ['run', '--rm', '--interactive', '--pull', 'never', '--network', 'none', ...confined, ...mounted(directory), image, 'node', '/inspect.mjs', 'status', '--json', '--', '--network', '$HOME'])
  t.equal(given(), 'evidence')
  t.equal(statSync(join(directory, 'docker/inspect.mjs')).mode & 0o777, 0o644, 'user 65534 can read it')
})

t.test('options of Docker stand before the image, and take the place of what is usual', async (t) => {
  const { directory, run, asked } = place(t, 'stack')
  run(['inspect', '--network', 'container:x', '--volume', '/a b:/certs:ro', '--', 'certs'])
  t.strictSame(asked(), ['run', '--rm', '--interactive', '--pull', 'never', ...confined, ...mounted(directory), '--network', 'container:x', '--volume', '/a b:/certs:ro', image, 'node', '/inspect.mjs', 'certs'])
  run(['inspect', '--volume', '/a:/b'], { NODE_IMAGE: 'other:1' })
  t.strictSame(asked().slice(-5), ['--volume', '/a:/b', 'other:1', 'node', '/inspect.mjs'])
})

t.test('the name of the directory is only a name', async (t) => {
  for (const name of ['$(touch pwned)', 'a,readonly=false,target=x', 'a"b', 'a:b']) {
    const { directory, run, asked } = place(t, name)
    t.equal(run(['inspect']).status, 3, name)
    t.strictSame(asked().slice(-5), [...mounted(directory), image, 'node', '/inspect.mjs'], name)
  }
})

t.test('what is missing is said', async (t) => {
  const away = place(t, 'stack', false).run(['inspect'])
  t.strictSame([away.status, away.stderr], [2, `inspect: the image ${image} is not on this machine yet: make pull\n`])
  const { directory, run } = place(t, 'stack')
  t.strictSame([run(['metrics']).status, run(['metrics']).stderr], [2, 'metrics: docker/metrics.mjs or config/facts.env is missing or damaged; generate the stack again\n'])
  writeFileSync(join(directory, 'config/facts.env'), 'stack=x\n')
  t.strictSame([run(['inspect']).status, run(['inspect']).stderr], [2, 'inspect: docker/inspect.mjs or config/facts.env is missing or damaged; generate the stack again\n'])
  t.match(run([]).stderr, 'say which program')
})

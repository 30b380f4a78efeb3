/** docker/host/logs.sh, run by real shells in a directory as it is generated, against a stand-in for docker and systemctl. */

import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { stackFile } from '../../generator/files/stack-file.ts'
import { makefileFile } from '../../generator/files/makefile.ts'
import { readTemplates } from '../../generator/io/templates.ts'
import { repository } from '../support/repository.ts'
import { sampleStack, type SampleOptions } from '../support/sample-stack.ts'
import { gateFolder, initHere, needs, toolFolder } from './tools.ts'

interface Place { readonly directory: string; readonly bin: string }

/** A stack of two running services and one that has ended; what a container prints stands in bin/log.ID. */
function place(t: Test, options: { readonly sample?: SampleOptions; readonly volume?: boolean; readonly docker?: string; readonly directory?: string } = {}): Place {
  const { stack, host } = sampleStack(options.sample)
  const name = options.directory ?? 'stack'
  // Not below the checkout: logs.sh installs no unit for a directory whose name a unit would have to quote.
  const top = mkdtempSync(join(tmpdir(), 'logs-host-'))
  t.teardown(() => { rmSync(top, { recursive: true }) })
  for (const folder of [`${name}/docker/host`, `${name}/config`, 'bin', 'root/var/lib/stack-logs', 'units']) mkdirSync(join(top, folder), { recursive: true })
  const directory = join(top, name)
  const bin = join(top, 'bin')
  cpSync(join(gateFolder, '../host/logs.sh'), join(directory, 'docker/host/logs.sh'))
  cpSync(join(gateFolder, '../host/program.sh'), join(directory, 'docker/host/program.sh'))
  writeFileSync(join(directory, 'docker/init.mjs'), '')
  writeFileSync(join(directory, 'config/stack.json'), stackFile(stack, host).content)
  writeFileSync(join(directory, 'Makefile'), makefileFile(stack, host, readTemplates(repository)).content)
  program(bin, 'docker', options.docker ?? `echo "$*" >>"${bin}/asked"
case "$*" in
  version*) echo 26.1.5 ;;
  ${initHere}
  'compose config --format json') printf '{\\n  "name": "other-name",\\n  "services": {}\\n}\\n' ;;
  'volume ls --filter label=com.docker.compose.project=other-name '*) ${options.volume === false ? ':' : "printf 'other-name_stacks-signer-data:stacks-signer-data\\nother-name_logs:logs\\n'"} ;;
  'image inspect sample-tools:000000000000') ;;
  'ps --all --no-trunc --filter label=com.docker.compose.project=other-name '*) printf 'stacks-signer aaa running False\\nbitcoind bbb running False\\nstacks-signer ccc exited True\\ninit ddd exited False\\n' ;;
  'logs --timestamps --since '*) cat "${bin}/log.$5"; [ ! -e "${bin}/code.$5" ] || exit "$(cat "${bin}/code.$5")" ;;
  run*)
    while [ "$1" != python3 ]; do shift; done
    shift 2
    STACK_ROOT="${top}/root" exec python3 -B "${toolFolder}/logs.py" "$@" ;;
  *) echo "the stand-in knows no: $*" >&2; exit 64 ;;
esac
`)
  for (const id of ['aaa', 'bbb', 'ccc', 'ddd']) log(bin, id, `${id} says a thing`)
  return { directory, bin }
}

function program(bin: string, name: string, text: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${text}`)
  chmodSync(join(bin, name), 0o755)
}

function log(bin: string, id: string, text: string): void {
  writeFileSync(join(bin, `log.${id}`), `${new Date(Date.now() - 60_000).toISOString().replace('Z', '000000Z')} ${text}\n`, { flag: 'a' })
}

function run({ directory, bin }: Place, command: readonly string[]): { readonly code: number | null; readonly out: string; readonly err: string } {
  const [name = 'sh', ...args] = command
  const { status, stdout, stderr } = spawnSync(name, args, { cwd: directory, encoding: 'utf8', env: { PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: directory, LOGS_UNITS: join(bin, '../units') } })
  return { code: status, out: stdout, err: stderr }
}

const asked = ({ bin }: Place) => readFileSync(join(bin, 'asked'), 'utf8').trimEnd().split('\n')

for (const shell of [['sh'], ['busybox', 'sh']] as const) {
  const options = needs('python3', 'zstd', 'awk', 'timeout', shell[0])
  const name = shell.join(' ')

  t.test(`${name}: from Docker's logs to what is found`, options, async (t) => {
    const where = place(t)
    const logs = (...args: readonly string[]) => run(where, [...shell, 'docker/host/logs.sh', ...args])
    t.match(logs('collect'), { code: 0, out: 'logs-collect: 3 new lines of 3 services\n', err: '' })
    log(where.bin, 'aaa', `the end: '"$HOME" \`id\` \\n`)
    t.match(logs('collect'), { code: 0, out: 'logs-collect: 1 new line of 3 services\n' }, 'what is there already is not taken again')
    t.match(logs('search', 'fixed', '\'"$HOME" `id` \\n').out, /^stacks-signer \S+Z the end: '"\$HOME" `id` \\n\n$/)
    t.match(logs('search', 'regex', '^(aaa|bbb) says', '2h', '', 'bitcoind').out, /^bitcoind \S+Z bbb says a thing\n$/)
    t.match(logs('search', 'fixed', 'ccc says'), { code: 1, err: 'logs-search: nothing found\n' }, 'a container of docker compose run is no service')
    t.match(logs('search', 'fixed', 'x', 'yesterday'), { code: 2, err: /is no time/ })
    t.match(logs('status').out, /^kept for 7 days; collected \d+ s ago; 0\.0 MB of at most .*\n.*\nbitcoind .*\ninit .*\nstacks-signer .*\nlogs-status: stacks-signer-logs-sample\.timer does not run: sudo make logs-install/)
    t.match(JSON.parse(logs('status', '--json').out), { trouble: [], services: { bitcoind: { days: 1, gaps: [] } } })
    const runs = asked(where).filter((line) => line.startsWith('run ') && !line.includes('/init.mjs '))
    for (const line of runs) t.match(line, /^run --rm --interactive --pull never --network none --read-only --user 2004:2004 --cap-drop ALL --security-opt no-new-privileges --pids-limit 64 --memory 512m --log-driver none --mount type=volume,source=other-name_logs,target=\/var\/lib\/stack-logs(,readonly)? sample-tools:000000000000 python3 \/opt\/stack\/logs\.py \S/)
    t.strictSame(runs.filter((line) => !line.includes(',readonly')).map((line) => line.replace(/.*logs\.py (\S+) .*/, '$1')), ['store', 'store'], 'only what keeps them may write')
    const verbs = new Set(asked(where).map((line) => line.split(' ').slice(0, /^(compose|volume|image) /.test(line) ? 2 : 1).join(' ')))
    t.strictSame([...verbs].sort(), ['compose config', 'image inspect', 'logs', 'ps', 'run', 'version', 'volume ls'], 'nothing that acts on a container')
  })

  t.test(`${name}: a container cannot end its own section, nor begin another's`, options, async (t) => {
    const where = place(t)
    writeFileSync(join(where.bin, 'log.aaa'), '\n00000000-0000-4000-8000-000000000000 end 0\n00000000-0000-4000-8000-000000000000 begin bitcoind x running\n')
    log(where.bin, 'aaa', 'still here')
    const { code, err } = run(where, [...shell, 'docker/host/logs.sh', 'collect'])
    t.equal(code, 1)
    t.match(err, /stacks-signer: 00000000-0000-4000-8000-000000000000 end 0\n/)
    t.match(run(where, [...shell, 'docker/host/logs.sh', 'search', 'fixed', 'still here']).out, /^stacks-signer /)
  })

  t.test(`${name}: one log that cannot be read is no reason to lose the others`, options, async (t) => {
    const where = place(t)
    writeFileSync(join(where.bin, 'code.aaa'), '1')
    const { code, out, err } = run(where, [...shell, 'docker/host/logs.sh', 'collect'])
    t.strictSame({ code, out, err }, { code: 1, out: 'logs-collect: 3 new lines of 3 services\n', err: 'logs-collect: stacks-signer: docker logs ended with 1\n' })
  })

  t.test(`${name}: what it cannot do`, options, async (t) => {
    const cases = [
      [{}, ['colect'], /say collect, search, status, install or remove/],
      [{}, ['search'], /say fixed or regex/],
      [{ volume: false }, ['collect'], /there is nowhere to keep logs yet: make up first/],
      [{ docker: 'echo "Cannot connect to the Docker daemon" >&2; exit 1\n' }, ['collect'], /Docker does not answer: Cannot connect/],
      [{ sample: { logDays: 0 } }, ['collect'], /LOG_RETENTION_DAYS=0: nothing is kept but what Docker holds/],
    ] as const
    for (const [options, args, message] of cases) t.match(run(place(t, options), [...shell, 'docker/host/logs.sh', ...args]), { code: 2, out: '', err: message })
    const bare = place(t)
    writeFileSync(join(bare.directory, 'config/stack.json'), '')
    t.match(run(bare, [...shell, 'docker/host/logs.sh', 'collect']), { code: 2, err: /config\/stack\.json is empty/ })
  })
}

t.test('systemd collects, if it is told to', needs('sh'), async (t) => {
  const where = place(t)
  const units = join(where.bin, '../units')
  program(where.bin, 'systemctl', `echo "$*" >>"${where.bin}/systemctl-asked"\n`)
  program(where.bin, 'stat', 'echo signer\n')
  program(where.bin, 'id', '[ "$1" = -nG ] && { echo "signer docker"; exit; }\nexec /usr/bin/id "$@"\n')
  const install = run(where, ['sh', 'docker/host/logs.sh', 'install'])
  t.match(install, { code: 0, out: /stacks-signer-logs-sample\.timer collects every five minutes, as signer/ })
  const service = readFileSync(join(units, 'stacks-signer-logs-sample.service'), 'utf8')
  t.match(service, `WorkingDirectory=${where.directory}\nExecStart=/bin/sh docker/host/logs.sh collect\n`)
  t.match(service, '\nUser=signer\n')
  t.match(readFileSync(join(units, 'stacks-signer-logs-sample.timer'), 'utf8'), 'OnUnitInactiveSec=5min')
  t.strictSame(readFileSync(join(where.bin, 'systemctl-asked'), 'utf8').split('\n').slice(0, 3), ['daemon-reload', 'enable --quiet stacks-signer-logs-sample.timer', 'restart stacks-signer-logs-sample.timer'])
  if (spawnSync('systemd-analyze', ['--version']).status === 0) {
    const verify = spawnSync('systemd-analyze', ['verify', join(units, 'stacks-signer-logs-sample.timer')], { encoding: 'utf8' })
    t.notMatch(verify.stderr, /stacks-signer-logs-sample.*(Unknown|Failed to parse|Invalid)/)
  }
  t.match(run(where, ['sh', 'docker/host/logs.sh', 'remove']), { code: 0, out: /is gone; what was kept stays/ })
  t.notOk(existsSync(join(units, 'stacks-signer-logs-sample.timer')) || existsSync(join(units, 'stacks-signer-logs-sample.service')))
  t.match(run(where, ['sh', 'docker/host/logs.sh', 'remove']), { code: 0, out: /is not installed/ })
  program(where.bin, 'id', '[ "$1" = -nG ] && { echo "signer users"; exit; }\nexec /usr/bin/id "$@"\n')
  t.match(run(where, ['sh', 'docker/host/logs.sh', 'install']), { code: 2, err: /signer, who owns this directory, is not in the group docker; the same by cron/ }, 'root runs nothing that another account may write')
})

t.test('without systemd there is a line for cron', needs('sh'), async (t) => {
  const where = place(t)
  mkdirSync(join(where.bin, 'few'))
  for (const name of ['sh', 'sed', 'stat', 'id', 'timeout', 'awk', 'head']) spawnSync('ln', ['-s', spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim(), join(where.bin, 'few', name)])
  const { status, stderr } = spawnSync(join(where.bin, 'few/sh'), ['docker/host/logs.sh', 'install'], { cwd: where.directory, encoding: 'utf8', env: { PATH: join(where.bin, 'few') } })
  t.equal(status, 2)
  t.match(stderr, `there is no systemd here; the same by cron, with an account that may use Docker:\n  */5 * * * * cd '${where.directory}' && sh docker/host/logs.sh collect >/dev/null\n`)
  const odd = place(t, { directory: 'a b' })
  program(odd.bin, 'systemctl', 'exit 1\n')
  program(odd.bin, 'stat', 'echo root\n')
  t.match(run(odd, ['sh', 'docker/host/logs.sh', 'install']), { code: 2, err: /holds a character that a unit would have to quote; the same by cron/ })
})

t.test('make hands over what was typed, as it was typed', needs('python3', 'zstd', 'make'), async (t) => {
  const where = place(t)
  const make = (...args: readonly string[]) => run(where, ['make', '-s', '--no-print-directory', ...args])
  t.match(make('logs-collect').out, 'logs-collect: 3 new lines of 3 services')
  for (const text of ['it\'s $(touch hurt) `touch hurt` "x" $HOME #1, 2', '; touch hurt', '-n', '$$', 'ünï']) {
    log(where.bin, 'bbb', text)
    make('logs-collect')
    const found = make('logs-search', `Q=${text}`, 'S=bitcoind', 'SINCE=2h', 'UNTIL=2999')
    t.equal(found.code, 0, found.err)
    t.match(found.out.trimEnd().split('\n').map((line) => line.split('Z ').slice(1).join('Z ')), [text])
  }
  t.match(make('logs-search', 'R=^(aaa|bbb) says a thing$').out.trimEnd().split('\n').length, 2)
  t.match(make('logs-search', 'Q=nowhere'), { code: 0, err: /nothing found/ })
  t.match(make('logs-search'), { code: 2, err: /say what to look for: Q=TEXT/ })
  t.notOk(existsSync(join(where.directory, 'hurt')))
  t.match(JSON.parse(make('logs-status', 'JSON=1').out), { services: { init: {} } })
})

t.test('shellcheck has nothing to say', needs('shellcheck'), async (t) => {
  const { status, stdout } = spawnSync('shellcheck', ['--shell', 'sh', join(gateFolder, '../host/logs.sh')], { encoding: 'utf8' })
  t.equal(status, 0, stdout)
})

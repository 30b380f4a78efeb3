import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { makefileFile, makefileView } from '../../generator/files/makefile.ts'
import { readTemplates } from '../../generator/io/templates.ts'
import { testKey } from '../support/command.ts'
import { testMnemonic } from '../support/notations.ts'
import { sampleStack, sampleVariety, type SampleOptions } from '../support/sample-stack.ts'
import { initHere } from '../docker/tools.ts'
import { repository } from '../support/repository.ts'
import { offeredPaths, templateTexts, usedPaths } from '../support/template-paths.ts'

const oldNames = ['ps', 'guard-again', 'snapshot-forget-old']
/** `help` is what make alone runs, and the line of snapshot-refresh names the second. */
const unlisted = [...oldNames, 'help', 'snapshot-delete-old']
/** Listed where data is in folders. Without one, they move data back into a volume. */
const forFolders = ['move-data', 'data-accept']
const token = 'qX7vRz2LmW-9_$tok.en[of]^a*test'
const texts = templateTexts()
const templates = readTemplates(repository)

function render(options: SampleOptions = {}): string {
  const { stack, host } = sampleStack(options)
  return makefileFile(stack, host, templates).content
}

/** `compose` is what stands for `docker compose`; by default it prints its arguments. */
function make(directory: string, args: readonly string[], compose = 'echo compose', environment: Readonly<Record<string, string>> = {}) {
  const { PATH = '' } = process.env
  mkdirSync(join(directory, 'docker/host'), { recursive: true })
  copyFileSync(join(repository, 'docker/host/secrets.sh'), join(directory, 'docker/host/secrets.sh'))
  const ran = spawnSync('make', ['--no-print-directory', `COMPOSE=${compose}`, ...args], {
    cwd: directory, encoding: 'utf8', env: { PATH, HOME: directory, GIT_CEILING_DIRECTORIES: join(directory, '..'), ...environment },
  })
  return { status: ran.status, stdout: ran.stdout, stderr: ran.stderr }
}

function targetsOf(text: string): readonly string[] {
  return [...text.matchAll(/^([a-z][a-z-]*):/gm)].map((match) => match[1] ?? '')
}

t.test('template and view agree', async (t) => {
  const views = sampleVariety.map((options) => {
    const { stack, host } = sampleStack(options)
    return makefileView(stack, host)
  })
  t.same(usedPaths(texts.get('Makefile') ?? ''), offeredPaths(views))
})

for (const options of sampleVariety) {
  t.test(`the Makefile of ${JSON.stringify(options)}`, async (t) => {
    const text = render(options)
    const directory = t.testdir({ Makefile: text })
    const targets = targetsOf(text)
    t.same(targets, [...new Set(targets)], 'no target twice')
    t.notMatch(text, /^ +\S/m, 'recipes are indented with tabs')
    t.notMatch(text, /--volumes|down .*-v|volume rm/, 'nothing deletes a volume')
    for (const target of targets) {
      t.match(text, new RegExp(`^\\.PHONY: ${target}\\n${target}:`, 'm'), `${target} is phony`)
      t.equal(make(directory, ['-n', target]).status, 0, `make -n ${target}`)
    }
    const help = make(directory, [])
    const listed = [...help.stdout.matchAll(/^ {2}(\S+) {2}/gm)].map(([, name = '']) => name)
    t.same([...listed].sort(), targets.filter((name) => !unlisted.includes(name) && (targets.includes('data-dirs') || !forFolders.includes(name))).sort(), 'make alone lists each target once, and no old name')
    t.match(help.stdout, /^Run\n {2}up .*\n[^]*^Look\n[^]*^Upgrade\n[^]*^Keys\n[^]*^Host\n/m, 'in groups')
    t.ok(help.stdout.split('\n').every((line) => line.length <= 110), 'a line of help fits a terminal')
  })
}

t.test('a plain stack has at most 25 targets', async (t) => {
  const help = make(t.testdir({ Makefile: render() }), [])
  t.ok((help.stdout.match(/^ {2}\S/gm) ?? []).length <= 25, help.stdout)
})

t.test('old names still work, and say the new one', async (t) => {
  const directory = t.testdir({ Makefile: render() })
  t.match(make(directory, ['ps']), { status: 0, stdout: /^compose ps --all$/m, stderr: /docker compose ps --all/ })
  t.match(make(directory, ['guard-again', 'CONFIRM=yes']), { status: 0, stdout: /guard\.mjs.* --again/, stderr: /make guard-retry/ })
  t.match(make(directory, ['rpc', 'P=/v2/pox']), { status: 0, stdout: / \/v2\/pox$/m, stderr: /ENDPOINT=/ })
  t.match(make(directory, ['rpc', 'ENDPOINT=/v2/pox'], undefined, { P: '/x' }), { status: 0, stdout: / \/v2\/pox$/m, stderr: /^$/ })
  t.match(make(directory, ['guard-again']), { status: 2, stderr: /Say CONFIRM=yes/ })
  t.match(make(directory, ['snapshot-forget-old', 'CONFIRM=yes']), { status: 0, stdout: /snapshot/, stderr: /make snapshot-delete-old/ })
})

t.test('targets of what is not here are not here', async (t) => {
  const targets = targetsOf(render({ bitcoin: 'external', snapshot: false }))
  t.notOk(targets.includes('bitcoin-cli'))
  t.notMatch(render({ bitcoin: 'external', snapshot: false }), /bitcoind|snapshot/)
})

t.test('the kind of signature follows the release', async (t) => {
  t.ok(targetsOf(render()).includes('staking-signature'))
  t.notOk(targetsOf(render()).includes('stacking-signature'))
  const older = targetsOf(render({ signerRelease: '3.4.0.0.4.0' }))
  t.ok(older.includes('stacking-signature'))
  t.notOk(older.includes('staking-signature'))
})

t.test('the grant is asked for with the signer\'s own flags, values kept whole', async (t) => {
  const directory = t.testdir({ Makefile: render() })
  const missing = make(directory, ['staking-signature', 'AUTH_ID=1'])
  t.equal(missing.status, 2)
  t.match(missing.stderr, 'say which contract: SIGNER_MANAGER=ADDRESS.NAME')
  const made = make(directory, ['staking-signature', 'AUTH_ID=1', 'SIGNER_MANAGER=SP1.a; echo hurt'])
  t.equal(made.status, 0)
  t.equal(made.stdout, 'compose run --rm --no-deps -T --entrypoint /bin/stacks-signer stacks-signer generate-staking-signature'
    + ' --config /etc/stacks-signer/signer-config.toml --signer-manager SP1.a; echo hurt --auth-id 1 --json\n')
})

t.test('a PoX-4 signature names each missing value', async (t) => {
  const directory = t.testdir({ Makefile: render({ signerRelease: '3.4.0.0.4.0' }) })
  const given: string[] = []
  for (const name of ['POX_ADDRESS', 'REWARD_CYCLE', 'METHOD', 'PERIOD', 'MAX_AMOUNT', 'AUTH_ID']) {
    const { status, stderr } = make(directory, ['stacking-signature', ...given])
    t.equal(status, 2)
    t.match(stderr, `${name}=`)
    given.push(`${name}=x${given.length}`)
  }
  t.match(make(directory, ['stacking-signature', ...given]).stdout, 'generate-stacking-signature'
    + ' --config /etc/stacks-signer/signer-config.toml --pox-address x0 --reward-cycle x1 --method x2 --period x3 --max-amount x4 --auth-id x5 --json')
})

t.test('stop and restart take everything, or the one service that is named', async (t) => {
  const directory = t.testdir({ Makefile: render() })
  const runs = (...args: readonly string[]) => make(directory, ['-s', ...args]).stdout
  t.equal(runs('stop'), 'compose stop\n')
  t.equal(runs('stop', 'S=bitcoind'), 'compose stop bitcoind\n')
  t.equal(runs('restart'), 'compose stop\ncompose up -d\n')
  t.equal(runs('restart', 'S=bitcoind'), 'compose restart bitcoind\n')
  t.equal(make(directory, ['-s', 'stop'], undefined, { S: 'bitcoind' }).stdout, runs('stop'), 'the environment does not decide')
})

t.test('sbtc-set asks the running sbtc-watch, or with API= a container of its own, with all keys of the set', async (t) => {
  const { stack, host } = sampleStack({ sbtc: 'alone' })
  const keys = [`02${'ab'.repeat(32)}`, `03${'cd'.repeat(32)}`, `02${'ef'.repeat(32)}`].join(',')
  const services = host.services.map((service) => (service.name === 'sbtc-watch' ? { ...service, environment: { ...service.environment, SIGNING_SET: keys } } : service))
  const directory = t.testdir({ Makefile: makefileFile(stack, { ...host, services }, templates).content, docker: { host: { 'program.sh': 'printf "%s\\n" "$COMPOSE|$DOCKER" "$@"\n' } } })
  const set = 'compose exec -T sbtc-watch node /stack/programs/sbtc-watch.mjs --set\n'
  t.match(make(directory, ['sbtc-set']), { status: 0, stdout: set })
  t.match(make(directory, ['sbtc-set'], undefined, { API: 'https://api.example.net' }), { status: 0, stdout: set }, 'the environment does not decide')
  const api = "https://api.example.net/'$(echo hurt);"
  const said = make(directory, ['sbtc-set', `API=${api.replaceAll('$', '$$$$')}`]).stdout.split('\n')
  t.strictSame([said[0], said[1], said.at(-2)], ['echo compose|docker', 'sbtc-watch', '--set'])
  t.ok(said.includes(`SIGNING_SET=${keys}`) && said.includes(`NODE_RPC=${api}`), said.join('\n'))
})

t.test('down is what Compose does, wherever the logs are', async (t) => {
  for (const options of [{}, { logDays: 90 }]) t.equal(make(t.testdir({ Makefile: render(options) }), ['-s', 'down']).stdout, 'compose down\n')
})

t.test('status, doctor and host-check ask the script, with the Compose that is meant', async (t) => {
  const directory = t.testdir({ Makefile: render(), docker: { host: { 'look.sh': 'echo "$COMPOSE|$DOCKER|$*"\nexit "${CODE:-1}"\n' } } })
  t.equal(make(directory, ['status'], undefined, { CODE: '2' }).status, 2, 'Docker away is not a state of the stack')
  for (const target of ['status', 'doctor', 'host-check']) {
    const plain = make(directory, [target], 'docker compose --project-name x')
    t.equal(plain.stdout, `docker compose --project-name x|docker|${target}\n`)
    t.equal(plain.status, target === 'status' ? 0 : 2, 'what was found is a failure for make, but for status')
    t.equal(make(directory, [target, 'JSON=1'], 'docker compose').stdout, `docker compose|docker|${target} --json\n`)
    t.equal(make(directory, [target], 'docker compose', { JSON: '1' }).stdout, `docker compose|docker|${target}\n`, 'the environment does not decide')
  }
})

t.test('check-secrets finds what is missing, open or tracked, and prints no secret', async (t) => {
  const directory = t.testdir({ Makefile: render(), secrets: { 'signer-private-key': 'hunter2\n', 'auth-token': 'hunter3\n' } })
  const path = (name: string) => join(directory, 'secrets', name)
  const close = () => {
    chmodSync(path(''), 0o700)
    for (const name of ['signer-private-key', 'auth-token']) chmodSync(path(name), 0o600)
  }
  close()
  t.match(make(directory, ['check-secrets']), { status: 0, stdout: 'check-secrets: all there, private, not in git\n', stderr: '' })
  chmodSync(path('auth-token'), 0o640)
  t.match(make(directory, ['check-secrets']), { status: 2, stderr: 'secrets/auth-token is open to others: chmod go-rwx secrets/auth-token' })
  close()
  execFileSync('git', ['init', '-q', directory])
  execFileSync('git', ['-C', directory, 'add', '-f', 'secrets/auth-token'])
  t.match(make(directory, ['check-secrets'], undefined, {}), { status: 2, stderr: 'git tracks secrets/' })
  execFileSync('git', ['-C', directory, 'rm', '-q', '--cached', 'secrets/auth-token'])
  writeFileSync(path('auth-token'), '')
  const empty = make(directory, ['check-secrets'])
  t.match(empty, { status: 2, stderr: 'secrets/auth-token is missing or empty' })
  t.notMatch(JSON.stringify(empty), 'hunter')
  t.not(make(directory, ['up']).status, 0, 'nothing starts without its secrets')
})

t.test('check-secrets finds the secrets in what git has and would add, in other notations too', async (t) => {
  const tree = () => ({ Makefile: render(), '.gitignore': '/secrets/\n', 'notes.txt': 'nothing\n', secrets: { 'signer-private-key': `${testKey}\n`, 'auth-token': `${token}\n`, 'signer-mnemonic': `${testMnemonic}\n` } })
  const repo = t.testdir({ with: { stack: tree() }, without: tree() })
  execFileSync('git', ['init', '-q', join(repo, 'with')])
  // Without git a directory must not lie in another one's work tree.
  const environment = { GIT_CEILING_DIRECTORIES: repo }
  for (const directory of [join(repo, 'with/stack'), join(repo, 'without')]) {
    chmodSync(join(directory, 'secrets'), 0o700)
    for (const name of ['signer-private-key', 'auth-token', 'signer-mnemonic']) chmodSync(join(directory, 'secrets', name), 0o600)
    t.match(make(directory, ['check-secrets'], undefined, environment), { status: 0, stderr: '' })
    for (const [file, texts] of [
      ['signer-private-key', [testKey, testKey.toUpperCase(), `0x${testKey.slice(0, 64)}`, testKey.match(/.{4}/g)!.join(' '), testKey.match(/.{2}/g)!.join(':'), Buffer.from(`${testKey}\n`).toString('base64')]],
      ['auth-token', [`a=${token};`, Buffer.from(token).toString('base64')]],
      ['signer-mnemonic', [testMnemonic, testMnemonic.replaceAll(' ', ', '), testMnemonic.split(' ').map((word, index) => `${index + 1}. ${word}`).join(' ')]],
    ] as const) {
      for (const text of texts) {
        writeFileSync(join(directory, 'notes.txt'), `a line\n# ${text}\n`)
        const ran = make(directory, ['check-secrets'], undefined, environment)
        t.match(ran, { status: 2, stderr: new RegExp(`the secret of secrets/${file} stands in other files too[^]*notes\\.txt`) }, text.slice(0, 30))
        t.notMatch(JSON.stringify(ran), /753b7c|qX7v|abandon/i)
      }
    }
    writeFileSync(join(directory, 'notes.txt'), 'nothing\n')
  }
  // Of the index alone, and outside of the stack's own directory.
  writeFileSync(join(repo, 'with/fleet.env'), `#SIGNER_PRIVATE_KEY=${testKey}\n`)
  execFileSync('git', ['-C', join(repo, 'with'), 'add', 'fleet.env'])
  writeFileSync(join(repo, 'with/fleet.env'), '')
  t.match(make(join(repo, 'with/stack'), ['check-secrets'], undefined, environment), { status: 2, stderr: /fleet\.env/ })
})

t.test('check-config runs the real programs', async (t) => {
  const run = (options: SampleOptions) => {
    const directory = t.testdir({ Makefile: render(options) })
    return make(directory, ['-n', 'check-config']).stdout
  }
  t.match(run({}), 'stacks-signer check-config --config /etc/stacks-signer/signer-config.toml')
  t.match(run({}), 'check-config --config /tmp/node-config.toml')
  t.match(run({ bitcoin: 'external' }), '--entrypoint /bin/stacks-node stacks-node check-config --config /etc/stacks-node/node-config.toml')
})

t.test('check-config replaces the name of bitcoind by an address', async (t) => {
  const script = / -c '(umask[^']*)'/.exec(render())?.[1]?.replace(/ && exec .*/, '') ?? ''
  const directory = t.testdir({ 'node-config.toml': '[burnchain]\n  peer_host = "bitcoind"\npeer_port = 8_335\n' })
  execFileSync('sh', ['-c', script.replace('/etc/stacks-node/', '').replace('>/tmp/', '>changed-')], { cwd: directory })
  t.equal(execFileSync('cat', ['changed-node-config.toml'], { cwd: directory, encoding: 'utf8' }),
    '[burnchain]\npeer_host = "127.0.0.1"\npeer_port = 8_335\n')
})

t.test('a refresh stops the node for the swap alone, and starts it whatever becomes of that', async (t) => {
  const directory = t.testdir({ Makefile: render() })
  // Relative, since a checkout may lie below a folder with a blank in its name.
  const compose = './compose'
  writeFileSync(join(directory, compose), '#!/bin/sh\necho "$@"\ncase "$*" in *"${FAIL:-nothing}"*) exit 1 ;; esac\n')
  chmodSync(join(directory, compose), 0o755)
  const steps = (text: string) => text.split('\n').filter((line) => /^(run|stop|start)\b/.test(line))
  for (const target of ['snapshot-refresh', 'snapshot-delete-old']) {
    const refused = make(directory, [target], compose, { CONFIRM: 'yes' })
    t.equal(refused.status, 2, `${target} wants the word on the command line`)
    t.match(refused.stderr, /Say CONFIRM=yes/)
    t.strictSame(steps(refused.stdout), [])
  }
  const fetch = 'run --rm --no-deps -T snapshot --refresh'
  const rest = ['stop stacks-node', 'run --rm --no-deps -T snapshot --swap', 'start snapshot stacks-node']
  const done = make(directory, ['snapshot-refresh', 'CONFIRM=yes'], compose)
  t.equal(done.status, 0)
  t.strictSame(steps(done.stdout), [fetch, ...rest])
  const unfetched = make(directory, ['snapshot-refresh', 'CONFIRM=yes'], compose, { FAIL: '--refresh' })
  t.not(unfetched.status, 0)
  t.strictSame(steps(unfetched.stdout), [fetch], 'the node is not stopped for nothing')
  const unswapped = make(directory, ['snapshot-refresh', 'CONFIRM=yes'], compose, { FAIL: '--swap' })
  t.not(unswapped.status, 0)
  t.strictSame(steps(unswapped.stdout), [fetch, ...rest])
  t.strictSame(steps(make(directory, ['snapshot-delete-old', 'CONFIRM=yes'], compose).stdout), ['run --rm --no-deps -T snapshot --forget-old'])
})

t.test('verify-tls asks what runs, not a line of the log that is rotated away, and tells of refused calls', async (t) => {
  const directory = t.testdir({ Makefile: render({ tls: 'single' }), docker: { host: { 'program.sh': 'exit 0\n' } } })
  const compose = './compose'
  // No log holds what the node says once at its start.
  writeFileSync(join(directory, compose), '#!/bin/sh\ncase "$*" in *observes.sh*) echo "observes: $*"; exit "${OBSERVES:-0}" ;; logs*) [ -z "$REFUSED" ] || printf "%s\\n" "$REFUSED" "$REFUSED" ;; esac\n')
  chmodSync(join(directory, compose), 0o755)
  const run = (environment: Readonly<Record<string, string>>) => make(directory, ['-s', 'verify-tls'], compose, environment)
  const well = run({})
  t.equal(well.status, 0, well.stderr)
  t.match(well.stdout, 'observes.sh /etc/stacks-node/node-config.toml node-tls:31000')
  t.match(run({ OBSERVES: '4' }), { status: 2, stderr: /make logs S=stacks-node/ })
  const line = (status: number, upstream: string) => `2026-11-21T11:53:20+00:00 2443 ${status} "GET /v3/new/ab" from 192.0.2.8 "CN=signer-tls.sample" 180 bytes, 0.000 s, upstream ${upstream}`
  t.match(run({ REFUSED: line(403, '-') }), { status: 2, stderr: / 2 GET \/v3\/new\/ab$/m })
  t.equal(run({ REFUSED: line(403, '403') }).status, 0, 'what the node itself refuses is not the sidecar\'s')
  t.equal(run({ REFUSED: line(502, '-') }).status, 0)
})

t.test('promote and demote: each asks first, and stops where a step fails', async (t) => {
  const directory = t.testdir({ Makefile: render(), secrets: { 'auth-token': 'an-old-token-of-long\n', 'signer-private-key': `${'11'.repeat(32)}\n` } })
  spawnSync('chmod', ['-R', 'go-rwx', join(directory, 'secrets')])
  // Relative, since a checkout may lie below a folder with a blank in its name.
  const compose = './compose'
  writeFileSync(join(directory, compose), '#!/bin/sh\necho "compose $*"\ncase "$*" in *"${FAIL:-nothing}"*) exit 1 ;; esac\n')
  chmodSync(join(directory, compose), 0o755)
  const run = (words: readonly string[], environment: Readonly<Record<string, string>> = {}) => make(directory, ['-s', ...words], compose, environment)
  const steps = (text: string) => text.split('\n').filter((line) => line.startsWith('compose')).map((line) => (/handover\.mjs (\w+)|compose (stop|up)|(init)$/.exec(line) ?? []).slice(1).find(Boolean))

  t.strictSame(steps(run(['demote', 'TOKEN=x']).stdout), ['ready', 'stop', 'demote', 'up'])
  t.strictSame(steps(run(['demote', 'TOKEN=x'], { FAIL: 'handover.mjs ready' }).stdout), ['ready'], 'a refused token stops nothing')
  t.strictSame(steps(run(['demote', 'TOKEN=x'], { FAIL: 'handover.mjs demote' }).stdout), ['ready', 'stop', 'demote'], 'nothing starts with the key still there')
  for (const step of ['compose stop', 'handover.mjs demote', 'compose up']) {
    const failed = run(['demote', 'TOKEN=x'], { FAIL: step.replace('compose ', '') })
    t.match(failed, { status: 2, stderr: /^demote: a step failed, see above\. .*stay stopped/m }, step)
  }
  t.match(run(['demote', 'OTHER=none']), { status: 2, stdout: /^(?![^]*compose)/, stderr: /Say CONFIRM=yes with OTHER=none/ })
  t.strictSame(steps(run(['demote', 'OTHER=none', 'CONFIRM=yes']).stdout), ['ready', 'stop', 'demote', 'up'])
  writeFileSync(join(directory, 'split.mk'), render({ tls: 'signer' }))
  t.match(run(['-f', 'split.mk', 'demote', 'OTHER=none']), { status: 2, stdout: /^(?![^]*compose)/, stderr: /node's host first.*Say CONFIRM=yes with OTHER=none/ }, 'one consent is for both')
  t.match(run(['-f', 'split.mk', 'demote', 'OTHER=none', 'CONFIRM=yes']).stdout, /^compose stop stacks-signer$/m)
  const environment = { OTHER: 'lost', TOKEN: 'x' }
  writeFileSync(join(directory, 'print-environment'), '#!/bin/sh\necho "TOKEN=$TOKEN OTHER=$OTHER"\n')
  chmodSync(join(directory, 'print-environment'), 0o755)
  t.match(make(directory, ['-s', 'promote', 'CONFIRM=yes'], './print-environment', environment).stdout, /^TOKEN= OTHER=$/m, 'the environment does not decide')
  t.match(make(directory, ['-s', 'promote', 'TOKEN=y'], './print-environment', environment).stdout, /^TOKEN=y OTHER=$/m, 'the command line does')
  t.match(run(['rotate-key', 'CONFIRM=yes'], { KEY_FILE: '../new-key' }), { status: 2, stderr: /KEY_FILE=FILE/ }, 'nor does it name a key')
  t.strictSame(steps(run(['promote', 'TOKEN=x']).stdout), ['promote', 'up'])
  t.strictSame(steps(run(['promote', 'TOKEN=x'], { FAIL: 'handover.mjs promote' }).stdout), ['promote'])
  t.match(run(['promote', 'OTHER=lost']), { status: 2, stdout: /^(?![^]*compose)/, stderr: /Say CONFIRM=yes with OTHER=lost/ })
  t.match(run(['guard-retry']), { status: 2, stderr: /Say CONFIRM=yes when it is off/ })
})

t.test('the rotations: a new secret is checked before anything stops, and that of before is kept', async (t) => {
  const key = (digits: string) => `${digits.repeat(32)}\n`
  const token = 'an-old-token-of-long'
  const setting = (options: SampleOptions) => {
    // The files lie beside the stack: check-secrets refuses a copy of a secret in it.
    const root = t.testdir({
      stack: {
        Makefile: render(options), secrets: { 'auth-token': `${token}\n`, 'signer-private-key': key('11'), 'signer-tls-key': 'x' },
        docker: { 'init.mjs': '', host: Object.fromEntries(['secrets.sh', 'program.sh'].map((name) => [name, readFileSync(join(repository, 'docker/host', name), 'utf8')])) },
      },
      'new-key': `${'22'.repeat(32)}01\n`, 'short-key': `${'22'.repeat(31)}\n`, 'two-keys': key('22') + key('33'), 'no-key': key('ff'), 'same-key': `${'11'.repeat(32)}01`, 'blank-key': `${'22'.repeat(32)} \n`,
      'new-token': 'a-new-token-of-long\n', 'two-tokens': 'a-new-token-of-long\nanother-token-of-long\n', 'short-token': 'short\n', 'empty-token': '', 'large-token': 'x'.repeat(70_000), 'zero-token': 'a-new-token-of-long\0\n',
      folder: {},
    })
    const directory = join(root, 'stack')
    spawnSync('chmod', ['-R', 'go-rwx', join(directory, 'secrets')])
    spawnSync('mkfifo', [join(root, 'fifo')])
    const compose = './compose'
    // What checks is the real one.
    writeFileSync(join(directory, compose), `#!/bin/sh\n[ "$*" != 'config --images init' ] || { echo node:24; exit; }
      echo "compose $*"\n[ -z "$FAIL" ] || case "$*" in *"$FAIL") [ -e failed ] || { touch failed; exit 1; } ;; esac\n`)
    chmodSync(join(directory, compose), 0o755)
    writeFileSync(join(directory, 'docker.sh'), `case "$*" in\n  ${initHere}\nesac\n`)
    const run = (words: readonly string[], fail = '') => {
      rmSync(join(directory, 'failed'), { force: true })
      const ran = make(directory, ['-s', ...words, 'DOCKER=sh docker.sh'], compose, { FAIL: fail })
      return { ...ran, steps: ran.stdout.split('\n').flatMap((line) => /^compose (?:run .*)?(stop|up|init)\b/.exec(line)?.[1] ?? []) }
    }
    const secret = (name: string) => readFileSync(join(directory, 'secrets', name), 'utf8').trim()
    return { run, secret, secrets: () => readdirSync(join(directory, 'secrets')).sort() }
  }

  await t.test('a token', async (t) => {
    const { run, secret, secrets } = setting({ tls: 'signer' })
    t.match(run(['rotate-token']), { status: 2, stderr: /Say CONFIRM=yes/, steps: [] })
    for (const file of ['two-tokens', 'short-token', 'empty-token', 'large-token', 'zero-token', 'folder', 'fifo', 'none', 'answers of $(touch x)']) {
      const ran = run(['rotate-token', `TOKEN_FILE=../${file.replaceAll('$', '$$')}`, 'CONFIRM=yes'])
      t.not(ran.status, 0, file)
      t.match(ran.stderr, /nothing was changed/, file)
      t.strictSame([ran.steps, secret('auth-token'), secrets()], [[], token, ['auth-token', 'signer-private-key', 'signer-tls-key']], `${file}: nothing stops`)
    }
    t.match(run(['rotate-token', 'CONFIRM=yes'], 'stop stacks-signer'), { steps: ['stop', 'up'], stderr: /nothing was changed/ })
    t.equal(secret('auth-token'), token, 'what goes on running keeps its token')
    t.match(run(['rotate-token', 'TOKEN_FILE=../new-token', 'CONFIRM=yes'], ' init'), { status: 2, steps: ['stop', 'init', 'init', 'up'], stderr: /the one of before/ })
    t.strictSame([secret('auth-token'), secrets()], [token, ['auth-token', 'signer-private-key', 'signer-tls-key']])
    t.match(run(['rotate-token', 'TOKEN_FILE=../new-token', 'CONFIRM=yes'], 'up -d'), { status: 2, steps: ['stop', 'init', 'up'], stderr: /auth-token\.old/ })
    t.strictSame([secret('auth-token'), secret('auth-token.old')], ['a-new-token-of-long', token])
    t.match(run(['rotate-token', 'CONFIRM=yes']), { status: 0, steps: ['stop', 'init', 'up'] })
    t.match(secret('auth-token'), /^[0-9a-f]{64}$/)
    t.equal(secret('auth-token.old'), 'a-new-token-of-long')
  })

  await t.test('a key', async (t) => {
    const { run, secret, secrets } = setting({})
    t.match(run(['rotate-key']), { status: 2, stderr: /staking-signature[^]*CONFIRM=yes/ })
    for (const [file, says] of [['short-key', /malformed/], ['two-keys', /malformed/], ['blank-key', /malformed/], ['no-key', /not a key of secp256k1/], ['same-key', /signs already/], ['fifo', /cannot read/], ['none', /cannot read/]] as const) {
      const ran = run(['rotate-key', `KEY_FILE=../${file}`, 'CONFIRM=yes'])
      t.not(ran.status, 0, file)
      t.match(ran.stderr, says, file)
      t.notMatch(ran.stderr, /[0-9a-f]{60}/)
      t.strictSame([ran.steps, secret('signer-private-key'), secrets()], [[], '11'.repeat(32), ['auth-token', 'signer-private-key', 'signer-tls-key']], `${file}: the signer goes on`)
    }
    t.not(run(['rotate-key', 'KEY_FILE=../new-key', 'CONFIRM=yes'], 'stop stacks-node stacks-signer').status, 0)
    t.equal(secret('signer-private-key'), '11'.repeat(32), 'a signer that does not stop keeps its key')
    t.not(run(['rotate-key', 'KEY_FILE=../new-key', 'CONFIRM=yes'], ' init').status, 0)
    t.strictSame([secret('signer-private-key'), secrets()], ['11'.repeat(32), ['auth-token', 'signer-private-key', 'signer-tls-key']])
    t.match(run(['rotate-key', 'KEY_FILE=../new-key', 'CONFIRM=yes']), { status: 0, steps: ['stop', 'init', 'up'] })
    t.strictSame([secret('signer-private-key'), secret('signer-private-key.old')], [`${'22'.repeat(32)}01`, '11'.repeat(32)])
    t.match(run(['rotate-key', 'KEY_FILE=../same-key', 'CONFIRM=yes']).stderr, /signer-private-key\.old is there already/)
  })
})

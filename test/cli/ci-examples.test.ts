/** The examples for CI: their script runs with the real command in a clone of a real repository, and the comment carries the report. */

import { execFileSync, spawn } from 'node:child_process'
import { appendFileSync, chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { startFront } from '../registry/support/front.ts'
import { indexText, memoryRegistry, type Images } from '../registry/support/memory.ts'
import { images, makeStack } from '../registry/support/stacks.ts'
import { testKey } from '../support/command.ts'
import { repository } from '../support/repository.ts'

interface Github {
  readonly on: object
  readonly permissions: object
  readonly jobs: { readonly check: { readonly steps: readonly { readonly name?: string; readonly uses?: string; readonly run?: string; readonly if?: string }[] } }
}
interface Gitlab { readonly stacks: { readonly script: readonly string[]; readonly after_script: readonly string[]; readonly rules: readonly object[]; readonly variables: object } }

const texts = ['github', 'gitlab'].map((name) => readFileSync(join(repository, 'examples', `${name}.yml`), 'utf8'))
const github = parse(texts[0]!) as Github
const gitlab = parse(texts[1]!) as Gitlab
const step = (name: string) => github.jobs.check.steps.find((one) => one.name === name)!
const script = step('check').run!

const git = (cwd: string, ...words: readonly string[]) => execFileSync('git', ['-c', 'user.name=ops', '-c', 'user.email=ops@example.net', ...words], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

/** A repository with two stacks, one of them in a folder that needs quotes, and what runs the script in a fresh clone of it. */
async function opsRepository(t: Test, registry: Images) {
  const front = await startFront(t, memoryRegistry(registry))
  const made = await makeStack(t)
  const top = `${made}-repository`
  t.teardown(() => { for (const path of [top, `${top}-clone`, `${top}-bin`]) rmSync(path, { recursive: true, force: true }) })
  const stacks = ['signer', 'two words/é']
  for (const name of stacks) cpSync(made, join(top, name), { recursive: true })
  rmSync(join(made, 'secrets'), { recursive: true })
  git(top, 'init', '--quiet')
  git(top, 'add', '.')
  git(top, 'commit', '--quiet', '--message', 'stacks')
  t.notMatch(git(top, 'ls-files'), /secrets\//)
  const bin = `${top}-bin`
  mkdirSync(bin)
  writeFileSync(join(bin, 'cert.pem'), front.trust)
  // Neither comes with a registry of packages here: npx starts the built command and says which version was asked for.
  const put = (name: string, text: string) => { writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`); chmodSync(join(bin, name), 0o755) }
  put('npx', `echo "$1 $2" >>'${bin}/npx.asked'; shift 2; exec '${process.execPath}' '${join(repository, 'dist/main.js')}' "$@"`)
  for (const name of ['gh', 'curl']) put(name, `printf '%s\\n' "$@" >'${bin}/${name}.words'; case "$*" in *'--body-file -') cat ;; *) cat report.md ;; esac >'${bin}/${name}.body'`)
  const run = (text: string, shell: readonly string[], environment: Readonly<Record<string, string>>, clone = true): Promise<{ readonly code: number | null; readonly out: string }> => {
    const place = `${top}-clone`
    if (clone) { rmSync(place, { recursive: true, force: true }); git(top, 'clone', '--quiet', top, place) }
    return new Promise((resolve, reject) => {
      const [program = '', ...words] = shell
      const child = spawn(program, [...words, '-c', text], { cwd: place, stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: bin, NODE_EXTRA_CA_CERTS: join(bin, 'cert.pem'), GENERATOR: '', DAILY: '', ...front.environment, ...environment } })
      let out = ''
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (said: string) => { out += said })
      child.once('error', reject)
      child.once('close', (code) => { resolve({ code, out }) })
    })
  }
  const said = (name: string) => readFileSync(join(bin, name), 'utf8')
  const commit = (change: () => void) => { change(); git(top, 'commit', '--quiet', '--all', '--message', 'change') }
  return { top, bin, stacks, run, said, commit }
}

const world = (): Images => Object.fromEntries(Object.values(images).map(({ repository: name, tag }) => [name, { [tag]: indexText('x') }]))
const bash = ['bash', '-e'], sh = ['sh', '-e']

t.test('both run the same script, at the right moments, and say that the package may not be published', async (t) => {
  t.strictSame(gitlab.stacks.script, [script])
  t.match(github, { on: { pull_request: null, schedule: [{ cron: /^\d+ \d+ \* \* \*$/ }] }, permissions: { contents: 'read', 'pull-requests': 'write' } })
  t.strictSame(github.jobs.check.steps.map(({ uses, name }) => uses ?? name), ['actions/checkout@v4', 'actions/setup-node@v4', 'check', 'comment'])
  t.match(step('comment').if, /^always\(\)/, 'the comment comes after a failure too')
  t.strictSame(gitlab.stacks.rules, [{ if: '$CI_PIPELINE_SOURCE == "merge_request_event"' }, { if: '$CI_PIPELINE_SOURCE == "schedule"', variables: { DAILY: 'yes' } }])
  for (const text of texts) t.match(text, /As long as it is not published, set GENERATOR/)
})

t.test('nothing to say, then a difference, an edit by hand, and something newer', async (t) => {
  const registry = world()
  const { top, stacks, run, said, commit } = await opsRepository(t, registry)
  for (const shell of [bash, sh]) {
    const { code, out } = await run(script, shell, {})
    t.equal(code, 0, out)
    for (const name of stacks) t.ok(out.includes(`### ${name}\n`))
    t.match(out, /^image +pinned +newest/m)
    t.notMatch(out, /^[-+]/m)
  }
  const { version } = JSON.parse(readFileSync(join(top, 'signer/.stack-manifest.json'), 'utf8')) as { version: string }
  t.strictSame([...new Set(said('npx.asked').trim().split('\n'))], [`--yes create-stacks-signer-stack@${version}`])

  commit(() => { appendFileSync(join(top, 'signer/answers.env'), 'NODE_P2P_PORT=30444\n') })
  const differs = await run(script, bash, {})
  t.equal(differs.code, 1, differs.out)
  t.match(differs.out, /### signer\n[^#]*~diff\n[^]*^\+.*30444/m)
  t.match(differs.out, /### two words\/é\n[^]*~diff\n(warning.*\n|  hint.*\n)*~~~/, 'the other one does not differ')
  const commented = await run(step('comment').run!, bash, { NUMBER: '7', GH_TOKEN: 'x' }, false)
  t.equal(commented.code, 0, commented.out)
  t.equal(said('gh.body'), differs.out)
  t.equal(said('gh.words'), 'pr\ncomment\n7\n--edit-last\n--create-if-none\n--body-file\n-\n')
  const variables = { CI_API_V4_URL: 'https://gitlab.example.net/api/v4', CI_PROJECT_ID: '5', CI_MERGE_REQUEST_IID: '7' }
  const after = gitlab.stacks.after_script.join('\n')
  t.equal((await run(after, sh, variables, false)).code, 0, 'without a token there is no comment')
  t.equal((await run(after, sh, { ...variables, COMMENT_TOKEN: 'glpat' }, false)).code, 0)
  t.equal(said('curl.words'), '--fail\n--silent\n--show-error\n--header\nPRIVATE-TOKEN: glpat\n--data-urlencode\nbody@report.md\nhttps://gitlab.example.net/api/v4/projects/5/merge_requests/7/notes\n')

  commit(() => {
    git(top, 'checkout', '--quiet', 'HEAD~1', '--', 'signer/answers.env')
    appendFileSync(join(top, 'two words/é/config/signer-config.toml'), `stacks_private_key = "${testKey}"\n`)
  })
  const edited = await run(script, sh, {})
  t.equal(edited.code, 1, edited.out)
  t.match(edited.out, 'error: config/signer-config.toml: edited by hand, and it holds a secret')
  t.notOk(edited.out.includes(testKey), 'and the comment does not show it')

  commit(() => { git(top, 'checkout', '--quiet', 'HEAD~2', '--', '.') })
  registry[images.node.repository] = { ...registry[images.node.repository], '4.0.5': '' }
  t.match(await run(script, bash, {}), { code: 0, out: /stacks-core +4\.0\.4 +4\.0\.5/ }, 'no reason to refuse a change')
  t.equal((await run(script, bash, { DAILY: 'yes' })).code, 1)
})

t.test('another command in GENERATOR, and a repository without a stack', async (t) => {
  const { top, run, said, commit } = await opsRepository(t, world())
  // The words of GENERATOR are separated by blanks, and a checkout may have one in its path: bin too.
  const folder = mkdtempSync(join(tmpdir(), 'generator-'))
  t.teardown(() => { rmSync(folder, { recursive: true }) })
  const command = join(folder, 'generator')
  symlinkSync(join(repository, 'dist/main.js'), command)
  const { code, out } = await run(script, bash, { GENERATOR: `${process.execPath} ${command}` })
  t.equal(code, 0, out)
  t.throws(() => said('npx.asked'))
  commit(() => { for (const name of ['signer', 'two words/é']) renameSync(join(top, name, '.stack-manifest.json'), join(top, name, 'gone')) })
  t.match(await run(script, sh, {}), { code: 1, out: /^this repository has no \.stack-manifest\.json/ })
})

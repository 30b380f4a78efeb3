/** The package run by npm as its users run it: from a registry, each from a home that has never seen it. */

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readFiles } from '../support/files.ts'
import { published } from './support/published.ts'

const name = 'create-stacks-signer-stack'
const newUser = await published(t)

const ways = [
  'npm create stacks-signer-stack@latest -- answers.env out',
  'npm create stacks-signer-stack answers.env out',
  'npm init stacks-signer-stack -- answers.env out',
  `npm exec ${name} -- answers.env out`,
  `npm exec --yes ${name}@latest answers.env out`,
  `npx ${name}@latest answers.env out`,
  `npx --yes ${name}@0.1.0 answers.env out`,
]

for (const line of ways) {
  t.test(line, async (t) => {
    const { cwd, home, run } = newUser(t)
    const first = await run(line)
    t.equal(first.code, 0, first.err)
    t.match(first.out, '+ docker-compose.yml')
    t.match(first.out, /next: cd .*out && docker compose up -d/)
    const files = readFiles(join(cwd, 'out'))
    t.ok(files['docker-compose.yml'] && files['docker/init.mjs'] && files['secrets/signer-private-key'])
    t.match(files['.stack-manifest.json'], '"version": "0.1.0"')
    t.strictSame(readdirSync(cwd).sort(), ['answers.env', 'out'])
    t.strictSame(installed(home), [name], 'nothing came along')
  })
}

t.test('flags after -- reach the command', async (t) => {
  const { cwd, run } = newUser(t)
  const create = 'npm create stacks-signer-stack@latest --'
  t.match(await run(`${create} --help`), { code: 0, out: /Usage:\n {2}npm create stacks-signer-stack@latest -- \[answers\]/ })
  t.match(await run(`${create} --version`), { code: 0, out: /^0\.1\.0$/m })
  t.match(await run(`${create} answers.env out --check`), { code: 1, out: /\+ docker-compose\.yml/ })
  t.match(await run(`${create} -n answers.env out`), { code: 0, out: /\d+ files would change/ })
  t.match(await run(`${create} answers.env out --diff`), { code: 0, out: /\+services:/ })
  t.match(await run(`${create} answers.env out --chekc`), { code: 2, err: /error: unknown option --chekc/ })
  t.notOk(existsSync(join(cwd, 'out')))
  t.equal((await run(`${create} answers.env out`)).code, 0)
  t.match(await run(`${create} answers.env out --check`), { code: 0, out: /nothing would change/ })
})

t.test('npx leaves stdout to the command; npm create puts two lines of its own first, unless it is silent', async (t) => {
  const { cwd, run } = newUser(t)
  const example = await run(`npx ${name}@latest --example`)
  t.match(example, { code: 0, out: /^# The complete answer file/ })
  writeFileSync(join(cwd, 'example.env'), example.out)
  const json = await run(`npx ${name}@latest example.env out --json --check`)
  t.match(JSON.parse(json.out), { format: 1, exitCode: json.code })
  t.match((await run('npm create stacks-signer-stack -- --example')).out, /^\n> npx\n> '?create-stacks-signer-stack'? --example\n\n# The complete/)
  t.equal((await run('npm --silent create stacks-signer-stack -- --example')).out, example.out)
  t.match(await run(`npx ${name}@latest missing.env`), { code: 2, err: /make one: npx create-stacks-signer-stack@latest --example > answers\.env/ })
})

t.test('the other commands', async (t) => {
  const { cwd, run } = newUser(t)
  t.match(await run('npm create stacks-signer-stack -- keygen other'), { code: 0, out: /public key +0[23][0-9a-f]{64}/ })
  t.equal(readFileSync(join(cwd, 'other/secrets/signer-mnemonic'), 'utf8').split(' ').length, 24)
  t.equal((await run('npm create stacks-signer-stack -- answers.env out')).code, 0)
  t.match(await run('npm create stacks-signer-stack -- upgrade 4.0.4 out/answers.env'), { code: 0, out: /nothing to do/ })
  t.match(await run('npm create stacks-signer-stack -- certs out'), { code: 2, err: /this stack has no TLS sidecars/ })
  t.match(await run('npm create stacks-signer-stack -- adopt out again --dry-run'), { code: 0, out: /signer-config\.toml/ })
})

t.test('a package.json of another kind beside the stack is none of its business', async (t) => {
  const { cwd, run } = newUser(t)
  const manifest = '{"name":"ops","private":true,"type":"commonjs"}\n'
  writeFileSync(join(cwd, 'package.json'), manifest)
  const ran = await run('npm create stacks-signer-stack -- answers.env ops/signer')
  t.equal(ran.code, 0, ran.err)
  t.equal(readFileSync(join(cwd, 'package.json'), 'utf8'), manifest)
  t.strictSame(readdirSync(cwd).sort(), ['answers.env', 'ops', 'package.json'])
})

/** The packages in npm's cache for `npm create` and `npx`. */
function installed(home: string): readonly string[] {
  const cache = join(home, 'cache/_npx')
  return readdirSync(cache).flatMap((hash) => readdirSync(join(cache, hash, 'node_modules'))).filter((one) => !one.startsWith('.'))
}

/**
 * What npm does with flags that were meant for the command, found by trying npm 9 to 12, and what the command makes of it.
 *
 * `npm create x FLAG` and `npm exec x FLAG` keep every flag that does not come after `--`; `npx x FLAG` hands it on, and
 * keeps what comes before the name. What was kept is left as a variable:
 *
 * | flag                                                 | variable, and what else npm does                                  |
 * |------------------------------------------------------|-------------------------------------------------------------------|
 * | --check, --accept, --example, a misspelling          | npm_config_NAME=true; npm 11 warns, npm 12 refuses                |
 * | --check=false, --no-check                            | npm_config_check is empty: nothing was asked for                  |
 * | --dry-run                                            | npm_config_dry_run=true; not yet installed, npm fails by itself   |
 * | --diff                                               | npm_config_diff=true, or the word that follows: a word of ours    |
 * | --json, --force, -f                                  | npm_config_json, npm_config_force=true, as by `json=true` in .npmrc |
 * | --yes, -y                                            | npm_config_yes=true, and npm installs without asking              |
 * | -n                                                   | means --no-yes: npm_config_yes is empty; not yet installed, npm gives up |
 * | --help, -h, --version, -v                            | npm shows its own                                                 |
 *
 * There is no other trace: what npm was called with is not handed on. So the same variable comes from an .npmrc, which is
 * why those are read before --json or --force is refused. One hole is left: -n where .npmrc says yes=false.
 */

import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { inHome } from './support/npm.ts'
import { published } from './support/published.ts'

const newUser = await published(t)
const create = 'npm create stacks-signer-stack'
const exec = 'npm exec create-stacks-signer-stack'
const npx = 'npx create-stacks-signer-stack'
const right = 'npm create stacks-signer-stack@latest --'

/** The line, what the error says npm kept, and the command that it gives instead. */
const refused: readonly (readonly [line: string, kept: string, instead: string])[] = [
  [`${create} answers.env --check`, '--check', `${right} answers.env --check`],
  [`${create} --check answers.env out`, '--check', `${right} answers.env out --check`],
  [`${create} answers.env out --check=true`, '--check', `${right} answers.env out --check`],
  [`${create} answers.env out --dry-run`, '--dry-run', `${right} answers.env out --dry-run`],
  [`${create} answers.env out -n`, '-n', `${right} answers.env out --dry-run`],
  [`${create} -n answers.env`, '-n', `${right} answers.env --dry-run`],
  [`${create} answers.env --diff`, '--diff', `${right} answers.env --diff`],
  [`${create} --diff answers.env out`, '--diff "answers.env"', `${right} [answers] [directory] --diff`],
  [`${create} answers.env -f`, '--force', `${right} answers.env --force`],
  [`${create} answers.env out --force`, '--force', `${right} answers.env out --force`],
  [`${create} answers.env --json`, '--json', `${right} answers.env --json`],
  [`${create} --example`, '--example', `${right} --example`],
  [`${create} pin answers.env --accept`, '--accept', `${right} pin answers.env --accept`],
  [`${create} certs renew --force`, '--force', `${right} certs renew --force`],
  [`${create} upgrade 4.0.4 --check`, '--check', `${right} upgrade 4.0.4 --check`],
  [`${create} adopt old new --dry-run`, '--dry-run', `${right} adopt old new --dry-run`],
  [`${create} answers.env -nf`, '--force, -n', `${right} answers.env --force --dry-run`],
  [`${create} answers.env --chek`, '--chek', `${right} answers.env --check`],
  [`${create} answers.env --dryRun`, '--dryrun', `${right} answers.env --dry-run`],
  [`${exec} answers.env --check`, '--check', 'npx create-stacks-signer-stack@latest answers.env --check'],
  [`${exec} answers.env -n`, '-n', 'npx create-stacks-signer-stack@latest answers.env --dry-run'],
  ['npx --check create-stacks-signer-stack answers.env', '--check', 'npx create-stacks-signer-stack@latest answers.env --check'],
  ['npm run stack --check', '--check', 'npx create-stacks-signer-stack@latest answers.env --check'],
]

t.test('refused with the right command, exit code 2, and nothing written', async (t) => {
  const { cwd, home, run } = newUser(t)
  // An npm that has the package already is the one to look at: another gives up on -n and --dry-run by itself.
  t.equal((await run(`${exec} -- --version`)).code, 0)
  t.equal((await run(`${create} -- --version`)).code, 0)
  writeFileSync(join(cwd, 'package.json'), JSON.stringify({ scripts: { stack: `${npx} answers.env` } }))
  const ownRefusal = Number((await inHome(home, 'npm', ['--version'], { cwd })).out.split('.')[0]) >= 12
  for (const [line, kept, instead] of refused) {
    const ran = await run(line)
    if (ownRefusal && !ran.err.includes('npm kept')) t.not(ran.code, 0, line)
    else {
      t.equal(ran.code, 2, `${line}: ${ran.err}`)
      t.match(ran.err, `error: npm kept ${kept} for itself\n  hint: write: ${instead}\n`, line)
    }
    t.notOk(existsSync(join(cwd, 'docker-compose.yml')) || existsSync(join(cwd, 'out')), line)
  }
})

t.test('in a script of a package.json', async (t) => {
  const { cwd, run } = newUser(t)
  writeFileSync(join(cwd, 'package.json'), JSON.stringify({ scripts: { stack: 'create-stacks-signer-stack answers.env' } }))
  t.equal((await run('npm install --save-dev create-stacks-signer-stack')).code, 0)
  t.match(await run('npm run stack out --diff'), { code: 2, err: /npm kept --diff for itself\n {2}hint: write: npm run stack -- out --diff\n/ })
  t.match(await run('npm run stack -- out --dry-run'), { code: 0, out: /files would change/ })
  t.notOk(existsSync(join(cwd, 'out')))
})

/** Further lines of .npmrc, variables and the line: what is npm's own is no reason to refuse. */
const runs: readonly (readonly [npmrc: string, line: string, env?: Readonly<Record<string, string>>])[] = [
  ['json=true', `${create} -- answers.env -n`],
  ['force=true', `${create} -- answers.env -n`],
  ['force', `${create} -- answers.env -n`],
  ['yes=true', `${create} -- answers.env -n`],
  ['yes=false', `npm create --yes stacks-signer-stack -- answers.env -n`],
  ['access=public', `${create} -- answers.env -n`],
  ['', `${create} -- answers.env -n`, { npm_config_yes: 'true' }],
  ['', `${npx} answers.env -n`],
  ['', 'npx --yes create-stacks-signer-stack answers.env --check=false --dry-run'],
  ['', `${create} --yes -- answers.env -n`],
  ['', `${create} --no-check -- answers.env -n`],
]

for (const [npmrc, line, env] of runs) {
  t.test(`${line} with ${npmrc || JSON.stringify(env ?? 'no setting')} runs`, async (t) => {
    const { run } = newUser(t, [npmrc])
    const ran = await run(line, env)
    t.equal(ran.code, 0, ran.err)
    t.match(ran.out, /files would change/)
  })
}

t.test('not yet installed, npm fails by itself', async (t) => {
  for (const flag of ['-n', '--dry-run']) {
    const { cwd, run } = newUser(t)
    t.not((await run(`${create} answers.env ${flag}`)).code, 0, flag)
    t.notOk(existsSync(join(cwd, 'docker-compose.yml')))
  }
})

t.test('--help and --version are npm\'s own', async (t) => {
  const { run } = newUser(t)
  for (const flag of ['-h', '--help']) t.match(await run(`${create} ${flag}`), { code: 0, out: /npm init/ })
  for (const flag of ['-v', '--version']) t.match(await run(`${create} ${flag}`), { code: 0, out: /^\d+\.\d+\.\d+\n$/ })
})

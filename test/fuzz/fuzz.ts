/**
 * `npm run fuzz -- [COUNT] [SEED]`: COUNT random answer files (10,000), and a run killed at a random step for every twenty of them.
 * No secret may be shown or committed, nothing may crash, what was killed heals by running again, and a stored secret never changes.
 */

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { command, type Ran } from '../support/command.ts'
import { readFiles } from '../support/files.ts'
import { answerText, randomAnswers, randomNumbers } from '../support/random-answers.ts'
import { repository } from '../support/repository.ts'
import { randomFile } from './answer-files.ts'
import { heldBy, randomSecrets, type Secrets } from './secrets.ts'

const count = Number(process.argv[2] ?? 10_000)
const seed = Number(process.argv[3] ?? Math.floor(Math.random() * 2 ** 31))
const root = mkdtempSync(join(tmpdir(), 'fuzz-'))
const violations: string[] = []
const codes: Record<string, number> = {}
console.log(`seed ${seed}: ${count} answer files, ${Math.ceil(count / 20)} kills`)

/** A case of its own for each seed and number. */
function numberOf(kind: string, index: number): number {
  return createHash('sha256').update(`${seed} ${kind} ${index}`).digest().readUInt32BE(0)
}

function violation(what: string): void {
  violations.push(what)
  console.log(`VIOLATION ${what}`)
}

function fresh(): string {
  const directory = join(root, 'case')
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory)
  return directory
}

/** The one limit: 64 digits given as SNAPSHOT_SHA256 cannot be told from a hash. */
function withoutHash(text: string): string {
  return text.replace(/(SNAPSHOT_SHA256=\s*["'`]?)[0-9a-f]{64}(?![0-9a-f])/gi, '$1')
}

/** Everything below that git would commit. */
function checkCommitted(directory: string, secrets: Secrets, name: string): void {
  for (const [path, text] of Object.entries(existsSync(directory) ? readFiles(directory) : {})) {
    const held = /(^|\/)secrets\//.test(path) ? undefined : heldBy(withoutHash(text), secrets)
    if (held) violation(`${name}: ${path} holds ${held}`)
  }
}

async function tried(cwd: string, argv: readonly string[], secrets: Secrets, name: string): Promise<Ran | undefined> {
  try {
    const ran = await command(cwd, argv)
    const held = heldBy(withoutHash(ran.out + ran.err), secrets)
    if (held) violation(`${name}: ${argv.join(' ')} shows ${held}`)
    return ran
  } catch (bug) {
    violation(`${name}: ${argv.join(' ')} crashed: ${bug instanceof Error ? bug.message : String(bug)}`)
    return undefined
  }
}

const modes = [[], [], ['--diff'], ['--json'], ['--json', '--diff'], ['--check'], ['--dry-run'], ['--force']] as const

async function answerFile(index: number): Promise<void> {
  const own = numberOf('file', index)
  const random = randomNumbers(own)
  const secrets = randomSecrets(random)
  const { text, given } = randomFile(own, random, secrets)
  const name = `file ${index}`
  const directory = fresh()
  const outside = random() < 0.6
  const file = outside ? 'a.env' : 'out/answers.env'
  mkdirSync(join(directory, 'out'))
  writeFileSync(join(directory, file), text)
  const stored = random() < 0.4 ? `${random() < 0.5 ? secrets.key : randomSecrets(random).key}\n` : undefined
  const key = join(directory, 'out/secrets/signer-private-key')
  if (stored !== undefined) {
    mkdirSync(join(directory, 'out/secrets'), { mode: 0o700 })
    writeFileSync(key, stored, { mode: 0o600 })
  }
  if (outside && random() < 0.2) writeFileSync(join(directory, 'out/answers.env'), text)
  const argv = [file, 'out', ...modes[Math.floor(random() * modes.length)]!]
  const before = outside ? readFiles(join(directory, 'out')) : {}
  const searched = given ? secrets : { ...secrets, token: 'no token is known to this run' }
  const ran = await tried(directory, argv, searched, name)
  codes[String(ran?.code)] = (codes[String(ran?.code)] ?? 0) + 1
  if (stored !== undefined && readFileSync(key, 'utf8') !== stored) violation(`${name}: a stored key was changed`)
  if (ran?.code === 2 && outside && JSON.stringify(readFiles(join(directory, 'out'))) !== JSON.stringify(before)) violation(`${name}: it failed, and something was written`)
  if (!existsSync(join(directory, 'out/answers.env')) || before['answers.env'] === undefined) { if (outside) checkCommitted(join(directory, 'out'), searched, name) }
  if (ran?.code === 0 && !outside) checkCommitted(join(directory, 'out'), searched, name)
}

const program = join(root, 'run.mjs')

async function killedRun(index: number): Promise<void> {
  const own = numberOf('kill', index)
  const random = randomNumbers(own)
  const secrets = randomSecrets(random)
  const name = `kill ${index}`
  const directory = fresh()
  const keygen = random() < 0.1
  const text = answerText(randomAnswers(own).pairs)
  const generates = random() < 0.4
  writeFileSync(join(directory, 'a.env'), generates ? text.replace(/SIGNER_KEY=.*/, 'SIGNER_KEY=generate') : `${text}SIGNER_PRIVATE_KEY=${secrets.key}\nAUTH_TOKEN=${secrets.token}\n`)
  chmodSync(join(directory, 'a.env'), 0o600)
  const argv = keygen ? ['keygen', 'out'] : ['a.env', 'out']
  if (!keygen && random() < 0.3) {
    await tried(directory, argv, secrets, name)
    rmSync(join(directory, 'out/config'), { recursive: true, force: true })
  }
  const child = spawnSync(process.execPath, [program, repository, directory, String(1 + Math.floor(random() * (keygen ? 70 : 900))), ...argv], { encoding: 'utf8' })
  if (/This is a bug|^\s+at /m.test(child.stderr)) violation(`${name}: the killed run crashed: ${child.stderr.slice(0, 300)}`)
  if (child.signal === null && child.status === 2 && !keygen) return
  checkCommitted(join(directory, 'out'), secrets, name)
  const left = existsSync(join(directory, 'out')) ? readFiles(join(directory, 'out')) : {}
  const again = await tried(directory, argv, secrets, name)
  const had = left['secrets/signer-private-key']
  if (again && again.code !== (keygen && had ? 2 : 0)) violation(`${name}: ${argv.join(' ')} does not heal: ${again.err.slice(0, 500)}`)
  const healed = readFiles(join(directory, 'out'))
  for (const [path, value] of Object.entries(left)) {
    if (/(^|\/)secrets\/[^.]/.test(path) && healed[path] !== value) violation(`${name}: ${path} was changed`)
  }
  for (const path of Object.keys(healed)) if (/\.tmp-/.test(path)) violation(`${name}: ${path} is left`)
  if (!keygen && (await tried(directory, [...argv, '--check'], secrets, name))?.code !== 0) violation(`${name}: there is more to do`)
  if (!generates && !keygen && healed['secrets/signer-private-key'] !== `${secrets.key}\n`) violation(`${name}: another key than the one given`)
  checkCommitted(join(directory, 'out'), secrets, name)
}

buildSync({ entryPoints: [join(import.meta.dirname, 'killed-run.ts')], outfile: program, bundle: true, platform: 'node', format: 'esm', logLevel: 'error',
  banner: { js: 'import{createRequire}from\'node:module\';const require=createRequire(import.meta.url);' } })
const told = () => `${done} answer files (by exit code ${JSON.stringify(codes)}), ${killed} kills, ${violations.length} violations`
let [done, killed] = [0, 0]
try {
  while (done < count) {
    await answerFile(done)
    done += 1
    if (done % 20 === 0 || done === count) {
      await killedRun(killed)
      killed += 1
    }
    if (done % 100 === 0) console.log(told())
  }
} finally {
  rmSync(root, { recursive: true, force: true })
}
console.log(`seed ${seed}: ${told()}`)
process.exitCode = violations.length > 0 ? 1 : 0

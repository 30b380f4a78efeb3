/** Which of npm's variables are flags that were meant for the command. What npm really sets: test/package/npm-flags.test.ts. */

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { swallowedFlags } from '../../generator/cli/npm-flags.ts'
import { options, type Options } from '../../generator/cli/options.ts'

const none = Object.fromEntries(options.map(({ name }) => [name, false])) as Options

function said(environment: Readonly<Record<string, string>>, words: readonly string[] = [], given: Partial<Options> = {}): string {
  return swallowedFlags({ ...none, ...given }, words, { npm_command: 'init', ...environment }).map(({ message, hint }) => `${message} | ${hint}`).join('\n')
}

const create = 'npm create stacks-signer-stack@latest --'

t.test('every option but --yes, under every command of npm that can keep it', async (t) => {
  for (const { flags, name } of options) {
    const flag = flags.replace(/^.*--/, '--')
    const variable = `npm_config_${flag.slice(2).replaceAll('-', '_')}`
    t.equal(said({ [variable]: 'true' }, ['a.env']), name === 'yes' ? '' : `npm kept ${flag} for itself | write: ${create} a.env ${flag}`)
    t.equal(said({ [variable]: 'true' }, ['a.env'], { [name]: true }), '', 'given to both')
    t.equal(said({ [variable]: '' }), name === 'yes' ? `npm kept -n for itself | write: ${create} --dry-run` : '')
    t.equal(said({ [variable]: 'false' }), '')
    t.equal(said({ npm_command: 'install', [variable]: 'true' }), '')
    t.equal(swallowedFlags(none, [], { [variable]: 'true' }).length, 0, 'no npm')
  }
})

const cases: readonly (readonly [environment: Readonly<Record<string, string>>, words: readonly string[], want: string])[] = [
  [{ npm_config_check: 'out' }, [], `npm kept --check "out" for itself | write: ${create} [answers] [directory] --check`],
  [{ npm_config_check: 'true' }, ['my answers.env'], `npm kept --check for itself | write: ${create} [answers] [directory] --check`],
  [{ npm_config_check: 'true' }, ['$(reboot)'], `npm kept --check for itself | write: ${create} [answers] [directory] --check`],
  [{ npm_config_dryrun: 'true' }, ['a.env'], `npm kept --dryrun for itself | write: ${create} a.env --dry-run`],
  [{ npm_config_jsno: 'true' }, [], `npm kept --jsno for itself | write: ${create} --json`],
  [{ npm_config_check: 'true', npm_config_json: 'true' }, ['pin'], `npm kept --check, --json for itself | write: ${create} pin --check --json`],
  [{ npm_command: 'exec', npm_config_check: 'true' }, ['a.env'], 'npm kept --check for itself | write: npx create-stacks-signer-stack@latest a.env --check'],
  [{ npm_command: 'start', npm_config_check: 'true' }, ['a.env'], 'npm kept --check for itself | write: npm start -- a.env --check'],
  [{ npm_command: 'run', npm_lifecycle_event: 'stack', npm_lifecycle_script: 'create-stacks-signer-stack a.env', npm_config_check: 'true' }, ['a.env', 'out'], 'npm kept --check for itself | write: npm run stack -- out --check'],
  [{ npm_command: 'run-script', npm_lifecycle_event: 'stack', npm_config_check: 'true' }, ['a.env'], 'npm kept --check for itself | write: npm run stack -- a.env --check'],
  [{ npm_command: 'exec', npm_config_yes: '', _: '/usr/bin/npx' }, ['a.env'], ''],
  [{ npm_command: 'exec', npm_config_yes: '', _: '/usr/bin/npm' }, ['a.env'], 'npm kept -n for itself | write: npx create-stacks-signer-stack@latest a.env --dry-run'],
]

t.test('what was kept, and what to write instead', async (t) => {
  for (const [environment, words, want] of cases) t.equal(said(environment, words), want)
})

t.test('npm\'s settings in an .npmrc are npm\'s', async (t) => {
  const home = t.testdir({ npmrc: '', 'global-npmrc': '', project: { '.npmrc': '' } })
  const files = { npm_config_userconfig: join(home, 'npmrc'), npm_config_globalconfig: join(home, 'global-npmrc'), npm_config_local_prefix: join(home, 'project') }
  const rows: readonly (readonly [line: string, environment: Readonly<Record<string, string>>, own: boolean])[] = [
    ['json=true', { npm_config_json: 'true' }, true],
    [' json = true ', { npm_config_json: 'true' }, true],
    ['json', { npm_config_json: 'true' }, true],
    ['json="true"', { npm_config_json: 'true' }, true],
    ['json=true\r\nforce=true\r', { npm_config_json: 'true', npm_config_force: 'true' }, true],
    ['json=false', { npm_config_json: 'true' }, false],
    ['json=true\njson=false', { npm_config_json: 'true' }, false],
    ['; json=true', { npm_config_json: 'true' }, false],
    ['jsonp=true', { npm_config_json: 'true' }, false],
    ['force=true', { npm_config_json: 'true' }, false],
    ['yes=false', { npm_config_yes: '' }, true],
    ['yes=true', { npm_config_yes: '' }, false],
    // To lose one of these is to write unasked: no setting excuses it.
    ['check=true', { npm_config_check: 'true' }, false],
    ['dry-run=true', { npm_config_dry_run: 'true' }, false],
  ]
  for (const path of [files.npm_config_userconfig, files.npm_config_globalconfig, join(home, 'project/.npmrc')]) {
    for (const [line, environment, own] of rows) {
      writeFileSync(path, `registry=x\n${line}\n`)
      t.equal(said({ ...files, ...environment }) === '', own, `${line} in ${path}`)
    }
    writeFileSync(path, '')
  }
  t.not(said({ npm_config_userconfig: home, npm_config_json: 'true' }), '', 'what cannot be read sets nothing')
})

t.test('no setting that npm has is mistaken for a misspelt option', async (t) => {
  const settings = Object.keys(JSON.parse(execFileSync('npm', ['config', 'list', '--long', '--json'], { stdio: ['ignore', 'pipe', 'ignore'] }).toString()) as object)
  t.ok(settings.length > 100)
  const ours = options.map(({ flags }) => flags.replace(/^.*--/, ''))
  for (const setting of settings.filter((one) => !ours.includes(one))) t.equal(said({ [`npm_config_${setting.replaceAll('-', '_')}`]: 'x' }), '', setting)
})

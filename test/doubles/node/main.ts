/** The stand-in for stacks-node. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArguments } from '../shared/arguments.ts'
import { resolveHost, showAddress } from '../shared/address.ts'
import { tables } from '../shared/embedded.ts'
import { debugging, logger, reason } from '../shared/log.ts'
import { compareVersions } from '../shared/version.ts'
import { directoryProblem } from './chain.ts'
import { readNodeConfig, type NodeConfig } from './config.ts'
import { dispatcher } from './observers.ts'
import { runNode } from './run.ts'

const { release } = tables
const log = logger('stacks_node', process.env)
const since = (first: string) => compareVersions(release, first) >= 0
const { subcommand, flags, switches, rest } = parseArguments(process.argv.slice(2), { switches: ['--version'], equals: false })

main().catch((thrown: unknown) => end(`Process abort due to thread panic: ${reason(thrown)}`))

async function main(): Promise<void> {
  if (subcommand === 'version' || (subcommand === undefined && switches.includes('--version'))) {
    console.log(`stacks-node ${release} (release/${release}:double, release build, linux [x86_64])`)
    return
  }
  if (subcommand !== 'start' && subcommand !== 'check-config') {
    console.log('stacks-node <SUBCOMMAND>\n\nUsage: stacks-node start --config PATH | check-config --config PATH | version')
    return
  }
  const path = flags['--config']
  // It reads its arguments with pico-args, which knows `--config=PATH` only by a feature that is off.
  if (path === undefined) return end('Process abort due to thread panic: panicked at stacks-node/src/main.rs:\ncalled `Result::unwrap()` on an `Err` value: MissingOption(Keys(["--config", ""]))')
  const unexpected = Object.keys(flags).find((flag) => flag !== '--config') ?? rest[0]
  if (unexpected !== undefined) end(`Unexpected argument ${unexpected}`)
  log('INFO', `stacks-node ${release}`)
  const text = readText(path)
  const config = await loadConfig(text)
  log('INFO', 'Loaded config!')
  // The real one shows its secrets then, too.
  if (debugging(process.env)) log('DEBG', `config: ${text.replaceAll('\n', ' ')}`)
  if (subcommand === 'start') await start(config)
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (thrown) {
    return end(`Invalid config file: Invalid path: ${reason(thrown)}`)
  }
}

/** The config, once bitcoind's name has resolved; releases before 3.1.0.0.3 keep that address for good. */
async function loadConfig(text: string): Promise<NodeConfig> {
  const read = readNodeConfig(text, tables, process.env)
  if ('problem' in read) return end(read.problem)
  const { bitcoin } = read.config
  const address = await resolveHost(bitcoin.host)
  if (address === undefined) return end(`Invalid config: Invalid burnchain.peer_host: failed to lookup address of ${bitcoin.host}`)
  return since('3.1.0.0.3') ? read.config : { ...read.config, bitcoin: { ...bitcoin, host: address } }
}

async function start(config: NodeConfig): Promise<void> {
  const problem = directoryProblem(config.workingDir, config.mode)
  if (problem !== undefined) end(`Process abort due to thread panic: ${problem}`)
  const register = () => config.observers.forEach(({ endpoint }) => log('INFO', `Registering event observer at: ${showAddress(endpoint)}`))
  const events = dispatcher(config.observers, join(config.workingDir, 'event_observers.sqlite'), log)
  register()
  // No signal handler yet: with the signer away and events pending the program hangs here, deaf as process 1.
  if (since('3.1.0.0.8')) await events.drain()
  if (since('3.4.0.0.3')) register()
  await runNode(config, release, events, log)
  log('INFO', 'Exiting stacks-node')
  process.exit(0)
}

function end(text: string): never {
  log('ERRO', text)
  process.exit(1)
}

/** The stand-in for stacks-signer. */

import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseArguments } from '../shared/arguments.ts'
import { resolveHost, showAddress, type Address } from '../shared/address.ts'
import { tables } from '../shared/embedded.ts'
import { logger, reason } from '../shared/log.ts'
import { readSignerConfig, type SignerConfig } from './config.ts'
import { runSigner } from './run.ts'
import { signatureFlags, signatureLine, signatureProblem } from './signature.ts'

const { release } = tables
const log = logger('stacks_signer', process.env)
const shortFlags = { '-c': '--config', '-V': '--version', '-h': '--help', '-p': '--pox-address', '-r': '--reward-cycle' }
const { subcommand, flags, switches, rest } = parseArguments(process.argv.slice(2), { short: shortFlags, switches: ['--json', '--version', '--help'], equals: true })

main().catch((thrown: unknown) => panic(reason(thrown)))

async function main(): Promise<void> {
  if (subcommand === undefined && switches.includes('--version')) {
    console.log(`stacks-signer ${release} (release/${release}:double, release build, linux [x86_64])`)
    return
  }
  const needed = subcommand === 'run' || subcommand === 'check-config' ? [] : signatureFlags(subcommand, release)
  if (needed === undefined) usage(`error: unrecognized subcommand '${subcommand ?? ''}'`)
  const missing = ['--config', ...needed].find((flag) => flags[flag] === undefined)
  if (missing !== undefined) usage(`error: the following required arguments were not provided:\n  ${missing}`)
  const unexpected = Object.keys(flags).find((flag) => flag !== '--config' && !needed.includes(flag)) ?? rest[0]
  if (unexpected !== undefined) usage(`error: unexpected argument '${unexpected}' found`)
  const problem = signatureProblem(flags)
  if (problem !== undefined) usage(problem)

  const config = await loadConfig(flags['--config']!)
  if (subcommand === 'run') await run(config)
  else if (subcommand === 'check-config') console.log(`Config: \n${describe(config)}`)
  else console.log(signatureLine(subcommand!, flags, config, switches.includes('--json')))
}

/** The config with its addresses resolved, as far as the program resolves them at start: both of its own, not the node's. */
async function loadConfig(path: string): Promise<SignerConfig> {
  const read = readSignerConfig(readText(path), tables)
  if ('problem' in read) return panic(`Failed to load config: ${read.problem}`)
  const resolved = async (address: Address): Promise<Address> => {
    const host = await resolveHost(address.host)
    return host === undefined ? panic(`Failed to load config: BadField("endpoint", "${showAddress(address)}")`) : { ...address, host }
  }
  const { metrics } = read.config
  return { ...read.config, endpoint: await resolved(read.config.endpoint), metrics: metrics && await resolved(metrics) }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (thrown) {
    return panic(`Failed to load config: InvalidConfig("${reason(thrown)}")`)
  }
}

async function run(config: SignerConfig): Promise<void> {
  // A directory and not just a file must be writable: SQLite puts its log beside the database.
  if (config.dbPath !== ':memory:') {
    try {
      accessSync(dirname(config.dbPath), constants.W_OK)
      // Without a byte it is a database of SQLite that holds nothing yet.
      writeFileSync(config.dbPath, '', { flag: 'a' })
    } catch (thrown) {
      panic(`Failed to open signer database: ${reason(thrown)}`)
    }
  }
  log('INFO', `Starting signer with config: ${describe(config).replaceAll('\n', ' ')}`)
  await runSigner(config, tables, log)
}

/** Everything but key and password. */
function describe(config: SignerConfig): string {
  return [
    `Version: ${release}`,
    `Stacks node host: ${showAddress(config.node)}`,
    `Signer endpoint: ${showAddress(config.endpoint)}`,
    `Stacks address: ${config.identity.address}`,
    `Public key: ${config.identity.publicKey}`,
    `Network: ${config.network}`,
    `Chain ID: 0x${config.chainId.toString(16)}`,
    `Database path: ${config.dbPath}`,
    `Metrics endpoint: ${config.metrics ? showAddress(config.metrics) : 'disabled'}`,
  ].join('\n')
}

function usage(text: string): never {
  console.error(`${text}\n\nUsage: stacks-signer <COMMAND>`)
  process.exit(2)
}

/** How Rust ends on an error that nobody handles. */
function panic(text: string): never {
  console.error(`thread 'main' panicked at stacks-signer:\n${text}`)
  process.exit(101)
}

/** All files in `config/` that only an sBTC signer has. None holds a secret: `init` fills them from `secrets/`. */

import { paths, ports } from '../catalogue/container.ts'
import type { PlannedFile } from '../plan-types.ts'
import { header } from '../render/header.ts'
import { renderKeyValue } from '../render/key-value.ts'
import { renderToml, type TomlTable } from '../render/toml.ts'
import type { Host, Sbtc, Stack } from '../stack/model.ts'
import { sbtcBackupConfig } from '../stack/sbtc-backup.ts'
import { databaseName } from '../stack/sbtc-configs.ts'
import { sbtcBitcoinConfFile } from './bitcoin-conf.ts'

const filled = 'A value between @ signs is a secret: the init container fills it in.'

export function sbtcConfigFiles(stack: Stack, host: Host): readonly PlannedFile[] {
  const { sbtc, nodeRelease, monitoring } = stack
  if (!sbtc) return []
  const dumps = sbtcBackupConfig(stack)
  const file = (name: string, content: string): PlannedFile => ({ path: `${host.directory}config/${name}`, content, mode: 0o644 })
  const toml = (name: string, program: string, table: TomlTable) => file(name, renderToml(table, [...header, `${program}. ${filled}`]))
  return [
    toml('sbtc-signer.toml', `sbtc-signer ${sbtc.release}`, sbtc.config),
    toml('blocklist-client.toml', `blocklist-client ${sbtc.release}`, sbtc.blocklistConfig),
    file('postgres/postgresql.conf', postgresqlConf()),
    file('postgres/pg_hba.conf', hbaConf()),
    ...(dumps ? [file('sbtc-backup.json', `${JSON.stringify(dumps, undefined, 2)}\n`)] : []),
    ...(sbtc.pair ? pairFiles(sbtc, sbtc.pair, monitoring !== undefined, host, (table) => toml('sbtc-node-config.toml', `stacks-node ${nodeRelease} for the sBTC signer`, table)) : []),
  ]
}

function pairFiles(sbtc: Sbtc, pair: NonNullable<Sbtc['pair']>, monitored: boolean, host: Host, node: (table: TomlTable) => PlannedFile): readonly PlannedFile[] {
  return [node(pair.nodeConfig), sbtcBitcoinConfFile(pair.bitcoin, sbtc, monitored, host)]
}

function postgresqlConf(): string {
  return renderKeyValue([...header, 'PostgreSQL for the sBTC signer.'], [{
    entries: [
      ['listen_addresses', '\'*\''],
      ['port', ports.postgres.number],
      ['unix_socket_directories', '\'/var/run/postgresql\''],
      ['hba_file', `'${paths.postgresConfig}/pg_hba.conf'`],
      ['max_connections', 50],
      ['shared_buffers', '\'512MB\''],
      // What Docker gives a container of the usual kind of shared memory is too little.
      ['dynamic_shared_memory_type', '\'mmap\''],
      ['timezone', '\'UTC\''],
      ['log_timezone', '\'UTC\''],
      ['log_line_prefix', '\'%m [%p] %u@%d \''],
    ],
  }])
}

/** By its socket only from inside of the container; by the network with the password, into the one database. */
function hbaConf(): string {
  const rows = [
    ['local', 'all', 'postgres', 'peer'],
    ['local', databaseName, databaseName, 'scram-sha-256'],
    ['host', databaseName, databaseName, 'all', 'scram-sha-256'],
  ]
  return `${[...header, 'Who may enter the database of the sBTC signer, and how.'].map((line) => `# ${line}`).join('\n')}\n\n${rows.map((row) => row.join(' ')).join('\n')}\n`
}

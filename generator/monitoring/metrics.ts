/**
 * The metrics that each scrape job gives, by the names that the programs really use. Every expression of a rule or a
 * panel may speak of these alone; doubles export the same.
 */

/** A scrape job: the value of the label `job`. */
export type Job = 'stacks-signer' | 'stacks-node' | 'stack' | 'signer-heartbeat' | 'certificates' | 'host' | 'releases' | 'prometheus' | 'alertmanager' | 'sbtc-signer' | 'sbtc-stacks-node' | 'sbtc-stack'

export interface Metric {
  readonly name: string
  readonly type: 'gauge' | 'counter' | 'histogram'
  /** True where the series is there only after its first event; an expression must not take its absence for health. */
  readonly lazy?: true
  /** Labels besides those that a scrape adds. */
  readonly labels?: readonly string[]
}

const signer: readonly Metric[] = [
  { name: 'stacks_signer_stacks_node_height', type: 'gauge' },
  { name: 'stacks_signer_current_reward_cycle', type: 'gauge' },
  { name: 'stacks_signer_stx_balance', type: 'gauge' },
  { name: 'stacks_signer_nonce', type: 'gauge' },
  { name: 'stacks_signer_block_proposals_received', type: 'counter', lazy: true },
  { name: 'stacks_signer_block_pre_commits_sent', type: 'counter', lazy: true },
  { name: 'stacks_signer_block_responses_sent', type: 'counter', lazy: true, labels: ['response_type'] },
  { name: 'stacks_signer_block_validation_responses', type: 'counter', lazy: true, labels: ['response_type'] },
  { name: 'stacks_signer_agreement_state_change_reasons', type: 'counter', lazy: true, labels: ['reason'] },
  { name: 'stacks_signer_agreement_state_conflicts', type: 'counter', lazy: true, labels: ['conflict'] },
  { name: 'stacks_signer_node_rpc_call_latencies_histogram', type: 'histogram', lazy: true, labels: ['path'] },
  { name: 'stacks_signer_block_validation_latencies_histogram', type: 'histogram', lazy: true },
  { name: 'stacks_signer_block_response_latencies_histogram', type: 'histogram', lazy: true },
  { name: 'stacks_signer_agreement_capitulation_latencies_histogram', type: 'histogram', lazy: true },
]

/** `stacks_node_warning_emitted_total` and `stacks_node_errors_emitted_total` are defined upstream and never counted up. */
const node: readonly Metric[] = [
  { name: 'stacks_node_stacks_tip_height', type: 'gauge', lazy: true },
  { name: 'stacks_node_burn_block_height', type: 'gauge', lazy: true },
  { name: 'stacks_node_neighbors_inbound', type: 'gauge', lazy: true },
  { name: 'stacks_node_neighbors_outbound', type: 'gauge', lazy: true },
  { name: 'stacks_node_active_miners_total', type: 'gauge', lazy: true },
  { name: 'stacks_node_mempool_outstanding_txs', type: 'gauge', lazy: true },
  { name: 'stacks_node_last_block_transaction_count', type: 'gauge', lazy: true },
  { name: 'stacks_node_rpc_requests_total', type: 'counter', lazy: true, labels: ['handler'] },
  { name: 'stacks_node_rpc_call_latencies_histogram', type: 'histogram', lazy: true, labels: ['path'] },
  { name: 'stacks_node_stx_blocks_processed_total', type: 'counter', lazy: true },
  { name: 'stacks_node_btc_blocks_received_total', type: 'counter', lazy: true },
  { name: 'stacks_node_transactions_received_total', type: 'counter', lazy: true },
  { name: 'stacks_node_message_count', type: 'counter', lazy: true, labels: ['name'] },
  { name: 'stacks_unreachable_errors_total', type: 'counter', lazy: true, labels: ['error_type'] },
]

/** What docker/programs/metrics measures itself; the names of bitcoin_* are those of the usual exporter. */
const stack = [
  { name: 'bitcoin_blocks', type: 'gauge' },
  { name: 'bitcoin_peers', type: 'gauge' },
  { name: 'bitcoin_conn_in', type: 'gauge' },
  { name: 'bitcoin_conn_out', type: 'gauge' },
  { name: 'bitcoin_verification_progress', type: 'gauge' },
  { name: 'bitcoin_size_on_disk', type: 'gauge' },
  { name: 'bitcoin_uptime', type: 'gauge' },
  { name: 'bitcoin_server_version', type: 'gauge' },
  { name: 'stack_node_rpc_up', type: 'gauge' },
  { name: 'stack_node_behind_peers', type: 'gauge', lazy: true },
  { name: 'stack_node_peers_height', type: 'gauge', lazy: true },
  { name: 'stack_reward_cycle', type: 'gauge', lazy: true },
  { name: 'stack_reward_cycle_blocks_left', type: 'gauge', lazy: true },
  { name: 'stack_signer_registered', type: 'gauge', lazy: true, labels: ['cycle'] },
  { name: 'stack_signer_blocks_signed', type: 'gauge', lazy: true },
] as const satisfies readonly Metric[]

/**
 * All under no prefix: an expression must name the job. `validation_duration_seconds` is left out, being a histogram and a
 * counter at once upstream.
 */
const sbtcSigner: readonly Metric[] = [
  { name: 'blocks_observed_total', type: 'counter', lazy: true, labels: ['blockchain'] },
  { name: 'peers_connected', type: 'gauge', lazy: true },
  { name: 'deposit_requests_total', type: 'counter', lazy: true, labels: ['status'] },
  { name: 'deposits_swept_total', type: 'counter', lazy: true },
  { name: 'transactions_submitted_total', type: 'counter', lazy: true },
  { name: 'sign_requests_total', type: 'counter', lazy: true, labels: ['blockchain', 'kind', 'status'] },
  { name: 'signing_rounds_completed_total', type: 'counter', lazy: true, labels: ['blockchain', 'kind'] },
  { name: 'coordinator_tenures_total', type: 'counter', lazy: true },
  { name: 'call_read_only_requests_total', type: 'counter', lazy: true, labels: ['status_code'] },
]

/** What docker/programs/metrics measures of an sBTC signer. */
const sbtc = [
  { name: 'stack_sbtc_signatures_required', type: 'gauge' },
  { name: 'stack_sbtc_database_up', type: 'gauge' },
  { name: 'stack_sbtc_blocklist_up', type: 'gauge' },
  { name: 'stack_sbtc_dkg_rounds', type: 'gauge', lazy: true },
  { name: 'stack_sbtc_key_matches', type: 'gauge', lazy: true },
] as const satisfies readonly Metric[]

const releases = [{ name: 'stack_newer_release', type: 'gauge', lazy: true, labels: ['program', 'runs', 'newest'] }] as const satisfies readonly Metric[]

/** What docker/programs/backup leaves for the node exporter. */
const backups = [
  { name: 'stack_backup_last_success_timestamp_seconds', type: 'gauge', lazy: true },
  { name: 'stack_backup_duration_seconds', type: 'gauge', lazy: true },
  { name: 'stack_backup_database_bytes', type: 'gauge', lazy: true },
  { name: 'stack_backup_snapshots', type: 'gauge', lazy: true },
] as const satisfies readonly Metric[]

/** What docker/programs/sbtc-backup writes into files for the node exporter. */
const sbtcDumps = [
  { name: 'sbtc_backup_last_success_timestamp_seconds', type: 'gauge', lazy: true },
  { name: 'sbtc_backup_number', type: 'gauge', lazy: true },
  { name: 'sbtc_backup_bytes', type: 'gauge', lazy: true },
  { name: 'sbtc_backup_dumps', type: 'gauge', lazy: true, labels: ['state'] },
  { name: 'sbtc_backup_verify_ok', type: 'gauge', lazy: true },
  { name: 'sbtc_backup_verify_number', type: 'gauge', lazy: true },
  { name: 'sbtc_backup_verify_timestamp_seconds', type: 'gauge', lazy: true },
  { name: 'sbtc_backup_verdict', type: 'gauge', lazy: true, labels: ['verdict'] },
  { name: 'sbtc_backup_attempt_ok', type: 'gauge', lazy: true },
  { name: 'sbtc_backup_attempt_timestamp_seconds', type: 'gauge', lazy: true },
  { name: 'sbtc_backup_drill_ok', type: 'gauge', lazy: true },
  { name: 'sbtc_backup_drill_timestamp_seconds', type: 'gauge', lazy: true },
  { name: 'sbtc_backup_drill_seconds', type: 'gauge', lazy: true },
  { name: 'sbtc_backup_drill_number', type: 'gauge', lazy: true },
] as const satisfies readonly Metric[]

/** The names under which programs of docker/programs give out numbers. */
export type OwnMetric = (typeof stack | typeof sbtc | typeof sbtcDumps | typeof releases | typeof backups)[number]['name']

const probe: readonly Metric[] = [
  { name: 'probe_success', type: 'gauge' },
  { name: 'probe_duration_seconds', type: 'gauge' },
]

const host: readonly Metric[] = [
  { name: 'node_cpu_seconds_total', type: 'counter', labels: ['cpu', 'mode'] },
  { name: 'node_load1', type: 'gauge' },
  { name: 'node_memory_MemAvailable_bytes', type: 'gauge' },
  { name: 'node_memory_MemTotal_bytes', type: 'gauge' },
  { name: 'node_memory_SwapFree_bytes', type: 'gauge' },
  { name: 'node_memory_SwapTotal_bytes', type: 'gauge' },
  { name: 'node_vmstat_oom_kill', type: 'counter' },
  { name: 'node_timex_offset_seconds', type: 'gauge' },
  { name: 'node_timex_sync_status', type: 'gauge' },
  { name: 'node_filesystem_avail_bytes', type: 'gauge', labels: ['device', 'device_error', 'fstype', 'mountpoint'] },
  { name: 'node_filesystem_size_bytes', type: 'gauge', labels: ['device', 'device_error', 'fstype', 'mountpoint'] },
  { name: 'node_filesystem_files_free', type: 'gauge', labels: ['device', 'device_error', 'fstype', 'mountpoint'] },
  { name: 'node_disk_read_bytes_total', type: 'counter', labels: ['device'] },
  { name: 'node_disk_written_bytes_total', type: 'counter', labels: ['device'] },
  { name: 'node_disk_io_time_seconds_total', type: 'counter', labels: ['device'] },
  { name: 'node_textfile_mtime_seconds', type: 'gauge', lazy: true, labels: ['file'] },
  ...backups,
  ...sbtcDumps,
]

/** By job, without `up`, which Prometheus itself gives for each. */
export const metrics: Readonly<Record<Job, readonly Metric[]>> = {
  'stacks-signer': signer,
  'stacks-node': node,
  stack,
  'signer-heartbeat': probe,
  certificates: [...probe, { name: 'probe_ssl_earliest_cert_expiry', type: 'gauge', lazy: true }],
  host,
  releases,
  prometheus: [],
  'sbtc-signer': sbtcSigner,
  'sbtc-stacks-node': node,
  'sbtc-stack': [...stack.filter(({ name }) => !name.startsWith('stack_signer_')), ...sbtc],
  alertmanager: [{ name: 'alertmanager_notifications_failed_total', type: 'counter', labels: ['integration'] }],
}

/** The names of a metric's series: of a histogram three. */
function series({ name, type }: Metric): readonly string[] {
  return type === 'histogram' ? ['bucket', 'count', 'sum'].map((part) => `${name}_${part}`) : [name]
}

/** Every name that may stand in an expression. */
export const metricNames: ReadonlySet<string> = new Set(['up', 'ALERTS', ...Object.values(metrics).flat().flatMap(series)])

/** The names that two pairs of nodes have in common, and the job that is meant where an expression names none. */
export const firstJob: ReadonlyMap<string, Job> = new Map((['stacks-node', 'stack'] as const).flatMap((job) => metrics[job].flatMap(series).map((name) => [name, job])))

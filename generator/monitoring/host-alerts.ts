/** Alerts about what carries the stack: the machine, the link between hosts, backups, releases, the monitoring itself. */

import type { Alert } from './alert.ts'

const free = 'node_filesystem_avail_bytes / node_filesystem_size_bytes'

export const hostAlerts: readonly Alert[] = [
  {
    name: 'DiskFilling', needs: ['host'], for: '1h', severity: 'warn', concerns: 'host',
    expr: `${free} < 0.20 and predict_linear(node_filesystem_avail_bytes[12h], 4 * 86400) < 0`,
    summary: 'A disk will be full within four days',
    description: '{{ $labels.mountpoint }} has {{ $value | humanizePercentage }} left, and at the pace of the last 12 hours that lasts for less than four days.',
  },
  {
    name: 'DiskFilling', needs: ['host'], expr: `${free} < 0.08`, for: '5m', severity: 'page', concerns: 'host',
    summary: 'A disk is nearly full',
    description: '{{ $labels.mountpoint }} has {{ $value | humanizePercentage }} left.',
  },
  {
    name: 'OutOfMemory', needs: ['host'], expr: 'increase(node_vmstat_oom_kill[10m]) > 0', for: '0m', severity: 'warn', concerns: 'host',
    summary: 'The machine ran out of memory and killed a program',
    description: 'The kernel ended {{ printf "%.0f" $value }} in the last ten minutes.',
  },
  {
    name: 'MemoryLow', needs: ['host'], expr: 'node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes < 0.05', for: '10m', severity: 'warn', concerns: 'host',
    summary: 'The machine has little memory left',
    description: '{{ $value | humanizePercentage }} of its memory is available.',
  },
  {
    name: 'ClockOff', needs: ['host'], expr: 'abs(node_timex_offset_seconds) > 1 or node_timex_sync_status == 0', for: '10m', severity: 'warn', concerns: 'host',
    summary: 'The machine\'s clock is not kept right',
    description: 'Block times and timeouts are compared with it: a signer with a wrong clock rejects good blocks.',
  },
  {
    name: 'CertExpiry', needs: ['certificates'], expr: 'probe_ssl_earliest_cert_expiry - time() < 14 * 86400', for: '1h', severity: 'warn', concerns: 'link',
    summary: 'A certificate of the TLS link ends within two weeks',
    description: 'That of {{ $labels.instance }} ends in {{ $value | humanizeDuration }}.',
  },
  {
    name: 'CertExpiry', needs: ['certificates'], expr: 'probe_ssl_earliest_cert_expiry - time() < 3 * 86400', for: '1h', severity: 'page', concerns: 'link',
    summary: 'A certificate of the TLS link ends within three days',
    description: 'That of {{ $labels.instance }} ends in {{ $value | humanizeDuration }}. After that the signer is cut off from its node.',
  },
  {
    name: 'LinkDown', needs: ['certificates'], expr: 'probe_success{job="certificates"} == 0', for: '5m', severity: 'page', concerns: 'link',
    summary: 'A TLS sidecar shows no valid certificate',
    description: '{{ $labels.instance }} does not answer, or its certificate is not valid.',
  },
  {
    name: 'BackupTooOld', needs: ['backup'], expr: 'time() - node_textfile_mtime_seconds{file=~"(.*/)?backup\\\\.prom"} > 26 * 3600', for: '10m', severity: 'warn', concerns: 'backup',
    summary: 'The last good backup is more than a day old',
    description: 'It is {{ $value | humanizeDuration }} old.',
  },
  {
    name: 'BackupTooOld', needs: ['backup'], expr: 'time() - node_textfile_mtime_seconds{file=~"(.*/)?backup\\\\.prom"} > 50 * 3600', for: '10m', severity: 'page', concerns: 'backup',
    summary: 'The last good backup is more than two days old',
    description: 'It is {{ $value | humanizeDuration }} old.',
  },
  {
    name: 'BackupMissing', needs: ['backup'], expr: 'absent(node_textfile_mtime_seconds{file=~"(.*/)?backup\\\\.prom"})', for: '1h', severity: 'warn', concerns: 'backup',
    summary: 'There is no backup',
    description: 'None has ever been finished, or the note of it is gone.',
  },
  {
    name: 'NewRelease', needs: ['releases'], expr: 'stack_newer_release == 1', for: '24h', severity: 'note', concerns: 'releases',
    summary: 'There is a newer release of the Stacks software',
    description: '{{ $labels.newest }} is out, and this stack runs {{ $labels.runs }}. Releases before a fork are not optional.',
  },
  {
    name: 'MetricsDown', needs: [], expr: 'up{job=~"stack|sbtc-stack"} == 0', for: '5m', severity: 'page', concerns: 'monitoring', silences: ['signer', 'node', 'bitcoin', 'sbtc', 'sbtcDatabase', 'sbtcNode', 'sbtcBitcoin'],
    summary: 'The stack\'s metrics cannot be read',
    description: 'The service metrics does not answer, so that nothing is known of signers, nodes and bitcoind.',
  },
  {
    name: 'MonitoringPartDown', needs: [], expr: 'up{job=~"signer-heartbeat|certificates|host|releases|alertmanager"} == 0', for: '10m', severity: 'warn', concerns: 'monitoring',
    summary: 'A part of the monitoring does not answer',
    description: 'The job {{ $labels.job }} cannot be scraped: its alerts are silent.',
  },
]

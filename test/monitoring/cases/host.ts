import { nothing, type Case } from './case.ts'

const disk = '{mountpoint="/volumes/stacks-node-data"}'
const avail = `node_filesystem_avail_bytes${disk}`
const size = `node_filesystem_size_bytes${disk}`
const mountpoint = { mountpoint: '/volumes/stacks-node-data' }
const certificate = 'probe_ssl_earliest_cert_expiry{instance="node-tls"}'
const instance = { instance: 'node-tls' }
const day = 86_400
const backup = 'node_textfile_mtime_seconds{file="/textfile/backup.prom"}'
const file = { file: '/textfile/backup.prom' }
const release = 'stack_newer_release{newest="4.0.5",program="stacks-node",runs="4.0.4"}'

export const hostCases: readonly Case[] = [
  { alert: 'DiskFilling', name: 'half full and still', series: { [avail]: '500x1000', [size]: '1000x1000' }, at: '900m', fires: nothing },
  { alert: 'DiskFilling', name: 'full in two days', series: { [avail]: '170-0.05x1000', [size]: '1000x1000' }, at: '800m', fires: [{ severity: 'warn', labels: mountpoint }] },
  { alert: 'DiskFilling', name: 'little left, but still', series: { [avail]: '150x1000', [size]: '1000x1000' }, at: '900m', fires: nothing },
  { alert: 'DiskFilling', name: 'growing, with room for months', series: { [avail]: '900-0.05x1000', [size]: '1000x1000' }, at: '900m', fires: nothing },
  { alert: 'DiskFilling', name: 'a twentieth left', series: { [avail]: '50x60', [size]: '1000x60' }, at: '10m', fires: [{ severity: 'page', labels: mountpoint }] },

  { alert: 'OutOfMemory', name: 'never', series: { node_vmstat_oom_kill: '3x60' }, at: '60m', fires: nothing },
  { alert: 'OutOfMemory', name: 'once', series: { node_vmstat_oom_kill: '3x30 4x30' }, at: '33m', fires: [{ severity: 'warn' }] },
  { alert: 'MemoryLow', name: 'a fifth left', series: { node_memory_MemAvailable_bytes: '20x30', node_memory_MemTotal_bytes: '100x30' }, at: '30m', fires: nothing },
  { alert: 'MemoryLow', name: 'three of a hundred', series: { node_memory_MemAvailable_bytes: '3x30', node_memory_MemTotal_bytes: '100x30' }, at: '12m', fires: [{ severity: 'warn' }] },

  { alert: 'ClockOff', name: 'right', series: { node_timex_offset_seconds: '0.001x30', node_timex_sync_status: '1x30' }, at: '30m', fires: nothing },
  { alert: 'ClockOff', name: 'two seconds behind', series: { node_timex_offset_seconds: '-2x30', node_timex_sync_status: '1x30' }, at: '12m', fires: [{ severity: 'warn' }] },
  { alert: 'ClockOff', name: 'nothing keeps it', series: { node_timex_offset_seconds: '0x30', node_timex_sync_status: '0x30' }, at: '12m', fires: [{ severity: 'warn' }] },

  { alert: 'CertExpiry', name: 'two months', series: { [certificate]: `${60 * day}x120` }, at: '120m', fires: nothing },
  { alert: 'CertExpiry', name: 'ten days', series: { [certificate]: `${10 * day}x120` }, at: '62m', fires: [{ severity: 'warn', labels: instance }] },
  { alert: 'CertExpiry', name: 'two days', series: { [certificate]: `${2 * day}x120` }, at: '62m', fires: [{ severity: 'warn', labels: instance }, { severity: 'page', labels: instance }] },
  { alert: 'CertExpiry', name: 'renewed', series: { [certificate]: `${10 * day}x30 ${397 * day}x90` }, at: '62m', fires: nothing },
  { alert: 'LinkDown', name: 'shown and valid', series: { 'probe_success{job="certificates"}': '1x30' }, at: '30m', fires: nothing },
  { alert: 'LinkDown', name: 'not shown', series: { 'probe_success{job="certificates"}': '0x30' }, at: '6m', fires: [{ severity: 'page', labels: { job: 'certificates' } }] },
  { alert: 'LinkDown', name: 'the heartbeat is another matter', series: { 'probe_success{job="signer-heartbeat"}': '0x30' }, at: '30m', fires: nothing },

  // Time begins at 0 here, so that the file's time stands for its age with the sign turned.
  { alert: 'BackupTooOld', name: 'of today', series: { [backup]: '0x1500' }, at: '1440m', fires: nothing },
  { alert: 'BackupTooOld', name: 'of yesterday', series: { [backup]: '0x2000' }, at: '1700m', fires: [{ severity: 'warn', labels: file }] },
  { alert: 'BackupTooOld', name: 'of the day before', series: { [backup]: '0x4000' }, at: '3100m', fires: [{ severity: 'warn', labels: file }, { severity: 'page', labels: file }] },
  { alert: 'BackupTooOld', name: 'another file of the same folder', series: { 'node_textfile_mtime_seconds{file="/textfile/other.prom"}': '0x4000' }, at: '3100m', fires: nothing },
  { alert: 'BackupMissing', name: 'there is one', series: { [backup]: '0x120' }, at: '120m', fires: nothing },
  { alert: 'BackupMissing', name: 'there has never been one', series: { 'up{job="host"}': '1x120' }, at: '62m', fires: [{ severity: 'warn' }] },
  { alert: 'BackupMissing', name: 'its note is gone', series: { [backup]: '0x30 stale' }, at: '100m', fires: [{ severity: 'warn' }] },

  { alert: 'NewRelease', name: 'the newest runs', series: { [release]: '0x2000' }, at: '2000m', fires: nothing },
  { alert: 'NewRelease', name: 'the list has not answered', series: { 'up{job="releases"}': '1x2000' }, at: '2000m', fires: nothing },
  { alert: 'NewRelease', name: 'an older one runs', series: { [release]: '1x2000' }, at: '1500m', fires: [{ severity: 'note', labels: { newest: '4.0.5', program: 'stacks-node', runs: '4.0.4' } }] },
  { alert: 'MetricsDown', name: 'they are read', series: { 'up{job="stack"}': '1x30' }, at: '30m', fires: nothing },
  { alert: 'MetricsDown', name: 'those of an sBTC signer are not', series: { 'up{job="sbtc-stack"}': '0x30' }, at: '6m', fires: [{ severity: 'page', labels: { job: 'sbtc-stack' } }] },
  { alert: 'MetricsDown', name: 'they are not', series: { 'up{job="stack"}': '0x30' }, at: '6m', fires: [{ severity: 'page', labels: { job: 'stack' } }] },
  { alert: 'MonitoringPartDown', name: 'all answer', series: { 'up{job="host"}': '1x30' }, at: '30m', fires: nothing },
  { alert: 'MonitoringPartDown', name: 'the node exporter does not', series: { 'up{job="host"}': '0x30' }, at: '12m', fires: [{ severity: 'warn', labels: { job: 'host' } }] },
]

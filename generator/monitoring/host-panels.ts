/** The panels of the machine's dashboard. */

import type { Panel } from './panel.ts'

const host = ['host'] as const
const used = '1 - node_filesystem_avail_bytes / node_filesystem_size_bytes'

export const hostPanels: readonly Panel[] = [
  { title: 'Fullest disk', description: 'Of those that hold a volume of the stack.', kind: 'number', unit: 'percentunit', width: 3, needs: host, limits: { warn: 0.8, bad: 0.92 },
    queries: [{ expr: `max(${used})`, legend: 'used' }] },
  { title: 'Days until a disk is full', description: 'At the pace of the last 12 hours; nothing where none grows.', kind: 'number', unit: 'short', width: 3, needs: host, limits: { warn: 14, bad: 4, low: true },
    queries: [{ expr: 'min((node_filesystem_avail_bytes / -(deriv(node_filesystem_avail_bytes[12h]) < 0)) / 86400)', legend: 'days' }] },
  { title: 'Memory left', description: 'What programs can still have.', kind: 'number', unit: 'percentunit', width: 3, needs: host, limits: { warn: 0.1, bad: 0.05, low: true },
    queries: [{ expr: 'node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes', legend: 'left' }] },
  { title: 'Clock', description: 'How far it is off.', kind: 'number', unit: 's', width: 3, needs: host, limits: { warn: 0.1, bad: 1 },
    queries: [{ expr: 'abs(node_timex_offset_seconds)', legend: 'off' }] },
  { title: 'Processor', description: 'How much of it is used, and how.', kind: 'graph', unit: 'percentunit', width: 6, needs: host,
    queries: [{ expr: 'sum by (mode) (rate(node_cpu_seconds_total{mode!="idle"}[5m])) / scalar(count(node_cpu_seconds_total{mode="idle"}))', legend: '{{mode}}' }] },
  { title: 'Load', description: 'Programs that run or wait to.', kind: 'graph', unit: 'short', width: 6, needs: host, queries: [{ expr: 'node_load1', legend: 'one minute' }] },
  { title: 'Memory', description: 'Available memory, and swap in use.', kind: 'graph', unit: 'bytes', width: 6, needs: host, queries: [
    { expr: 'node_memory_MemAvailable_bytes', legend: 'available' }, { expr: 'node_memory_SwapTotal_bytes - node_memory_SwapFree_bytes', legend: 'swap used' },
  ] },
  { title: 'Disks used', description: 'By volume; several may lie on one disk.', kind: 'graph', unit: 'percentunit', width: 6, needs: host, queries: [{ expr: used, legend: '{{mountpoint}}' }] },
  { title: 'Disk traffic', description: 'Written and read.', kind: 'graph', unit: 'Bps', width: 6, needs: host, queries: [
    { expr: 'rate(node_disk_written_bytes_total[5m])', legend: '{{device}} written' }, { expr: 'rate(node_disk_read_bytes_total[5m])', legend: '{{device}} read' },
  ] },
  { title: 'Disks busy', description: 'The part of the time in which a disk had work. Near 1 it is the bottleneck.', kind: 'graph', unit: 'percentunit', width: 6, needs: host, queries: [
    { expr: 'rate(node_disk_io_time_seconds_total[5m])', legend: '{{device}}' },
  ] },
  { title: 'Certificates of the link', description: 'Days that are left.', kind: 'graph', unit: 'short', width: 12, needs: ['certificates'], queries: [
    { expr: '(probe_ssl_earliest_cert_expiry - time()) / 86400', legend: '{{instance}}' },
  ] },
]

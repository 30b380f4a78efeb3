/** Faults of the machine and of Docker. */

import { Missing } from '../evidence/missing.ts'
import { type Evidence, lastLine } from '../evidence/evidence.ts'
import { devices, disks, dockerDisk, gigabyte, kibibytes, volumeDisks } from '../readings/disks.ts'
import { type Check, listed } from './check.ts'

const least = { engine: 25, compose: [2, 24], files: 16384 } as const
const virtualVendor = /QEMU|VMware|Google|Msft|VBOX|Xen|Amazon/i

export const machineChecks: readonly Check[] = [
  {
    id: 'compose-file', problem: 'Compose cannot read docker-compose.yml or the override file',
    remedy: 'Correct what Compose names; `docker compose config` shows it too.',
    find: (seen) => {
      const section = seen.section('config')
      if (section?.code !== 0) seen.text('config')
      return section?.out.trim() ? undefined : lastLine(section?.err ?? '') || '`docker compose config` prints nothing'
    },
  },
  {
    id: 'docker-old', problem: 'Docker Engine is older than 25, or Compose is older than 2.24',
    remedy: 'Install Docker Engine 25 or later with Compose 2.24 or later.',
    find: (seen) => {
      const lines = seen.lines('engine')
      const [, engine] = /(\d+\.\d+)/.exec(lines[0] ?? '') ?? []
      const [compose, major, minor] = /^v?(\d+)\.(\d+)/.exec(lines.at(-1) ?? '') ?? []
      if (engine === undefined || compose === undefined) throw new Missing('Docker does not tell its version')
      if (Number.parseInt(engine, 10) < least.engine) return `Docker Engine ${engine}`
      const isOld = Number(major) < least.compose[0] || (Number(major) === least.compose[0] && Number(minor) < least.compose[1])
      return isOld ? `Compose ${compose}` : undefined
    },
  },
  {
    id: 'avx2', problem: 'The processor has no AVX2, which the amd64 images of Stacks need', needs: ['stacks-node', 'stacks-signer'],
    remedy: 'Move to a machine with a processor of the x86-64-v3 level. In a virtual machine, pass the processor of the host through.',
    find: (seen) => {
      const [machine, flags] = seen.lines('processor')
      if (machine === undefined) throw new Missing('the kind of processor is not known')
      if (machine.trim() !== 'x86_64') return undefined
      if (flags === undefined) throw new Missing('the flags of the processor are not known')
      const has = new Set(flags.split(/\s+/))
      const lacking = listed(['avx2', 'bmi2', 'fma'].filter((flag) => !has.has(flag)))
      return lacking && `/proc/cpuinfo lacks ${lacking}`
    },
  },
  {
    id: 'disk-full', problem: 'A disk is full, or nearly full',
    remedy: 'Free space or move to a larger disk: a full one damages databases. `docker system df` shows what Docker uses. Never delete files in a volume by hand.',
    find: (seen) => {
      const all = [...volumeDisks(seen), ...(seen.has('disk.docker') || volumeDisks(seen).length === 0 ? [dockerDisk(seen)] : [])]
      const share = ({ size, free }: { size: number; free: number }) => free / Math.max(size, 1)
      const worst = all.reduce((one, other) => (share(other) < share(one) ? other : one))
      const said = `${worst.name}: ${(worst.free / gigabyte).toFixed()} GB free of ${(worst.size / gigabyte).toFixed()} GB (${Math.floor(100 * share(worst))} %) on ${worst.device}`
      if (worst.free < 2 * gigabyte || share(worst) < 0.02) return said
      return share(worst) < 0.1 ? { seen: said, level: 'risk' } : undefined
    },
  },
  {
    id: 'inodes', problem: 'A file system has no free inodes',
    remedy: 'Delete what consists of many small files, or make a new file system with more inodes.',
    find: (seen) => {
      const volumes = seen.rows('inodes')
      const rows = volumes.length > 0 ? volumes : [['Docker', ...(seen.rows('disk.docker')[1] ?? [])]]
      // Some file systems count no inodes: 0, or a dash.
      const bad = rows.filter(([, , all, , free]) => all !== '-' && kibibytes(all) > 0 && kibibytes(free) < 0.02 * kibibytes(all))
      return listed(bad.map(([name, device, all, , free]) => `${name}: ${free} inodes free of ${all} on ${device}`))
    },
  },
  {
    id: 'memory', problem: 'The machine has too little memory', level: 'risk',
    remedy: 'Give the machine the memory that README.md names, or move other programs away.',
    find: (seen) => {
      const kilobytes = (name: string) => Number(new RegExp(`^${name}: +(\\d+) kB`, 'm').exec(seen.text('memory'))?.[1])
      const [total, free] = [kilobytes('MemTotal'), kilobytes('MemAvailable')]
      if (Number.isNaN(total) || Number.isNaN(free)) throw new Missing('/proc/meminfo has an unexpected form')
      if (free < 0.05 * total) return { seen: `${Math.floor(free / 1024)} MB available of ${Math.floor(total / 1024)} MB`, level: 'fault' }
      // Linux counts less than what a machine is sold as.
      const need = seen.facts.memoryGb
      return total < 0.9 * need * gigabyte ? `${(total / gigabyte).toFixed(1)} GB; ${need} GB are needed` : undefined
    },
  },
  { id: 'clock', problem: 'The clock is wrong', optional: true, remedy: 'Enable time synchronisation (systemd-timesyncd or chrony), and see that it reaches its servers.', find: findClock },
  {
    id: 'disk-type', problem: 'A chain is on a rotating disk', level: 'risk', needs: ['stacks-node', 'bitcoind'], optional: true,
    remedy: 'Move the data of Docker to an SSD: a rotating disk is too slow for the chain.',
    find: (seen) => {
      const known = devices(seen)
      for (const { name, device } of disks(seen)) {
        const { rotates, vendor = '' } = known.get(device) ?? {}
        // A virtual disk says that it rotates whatever is below it.
        const isVirtual = /^\/dev\/(vd|xvd|loop)/.test(device) || virtualVendor.test(vendor)
        if (rotates === undefined || (rotates && isVirtual)) throw new Missing(`whether ${device} rotates is not known`)
        if (rotates) return `${name} is on ${device}, which rotates`
      }
      return undefined
    },
  },
  {
    id: 'file-limit', problem: 'A container may open too few files',
    remedy: 'Remove what lowers `ulimits` in docker-compose.override.yml, or the limit of Docker itself (LimitNOFILE of docker.service).',
    find: (seen) => {
      const low = seen.rows('open-files').filter(([service, limit]) => {
        if (!/^(\d+|unlimited)$/.test(limit ?? '')) throw new Missing(`how many files ${service} may open is not known`)
        return Number(limit) < least.files
      })
      return low.length > 0 ? `open files: ${low.map((row) => row.join(' ')).join(', ')}; ${least.files} are needed` : undefined
    },
  },
]

function findClock(seen: Evidence): ReturnType<Check['find']> {
  if (seen.has('bitcoin.network')) {
    const offset = seen.answer('bitcoin.network')['timeoffset']
    if (typeof offset === 'number' && Math.abs(offset) > 10) return `the peers of bitcoind differ from this clock by ${offset} seconds`
  }
  if (seen.has('bitcoin.chain')) {
    const newest = seen.answer('bitcoin.chain')['time']
    if (typeof newest === 'number' && newest > seen.now + 7200) return `the newest Bitcoin block is ${newest - seen.now} seconds in the future of this clock`
  }
  const said = seen.text('clock')
  if (/^NTPSynchronized=no$|^Leap status +: Not synchronised/m.test(said)) return { seen: `the time is not synchronised: ${said.trim().replace(/\s+/g, ' ')}`, level: 'risk' }
  const [, offset] = /^System time +: ([\d.]+) seconds/m.exec(said) ?? []
  if (Number(offset) > 1) return `chrony: off by ${offset} seconds`
  if (offset !== undefined || /^NTPSynchronized=yes$/m.test(said)) return undefined
  throw new Missing('whether the clock is synchronised is not known')
}

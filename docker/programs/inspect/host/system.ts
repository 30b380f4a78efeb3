/** Rules about how the system is kept: updates, clock, disk, kernel. */

import type { Evidence } from '../evidence/evidence.ts'
import { Missing } from '../evidence/missing.ts'
import { devices, dockerDisk } from '../readings/disks.ts'
import type { Answer, Rule } from './rule.ts'

export const systemRules: readonly Rule[] = [
  {
    id: 'updates', asks: 'Security updates are installed automatically', why: 'Most attacks use faults that were fixed long ago.',
    do: 'apt install unattended-upgrades && dpkg-reconfigure -plow unattended-upgrades; on other systems what they have for it.',
    look: (seen) => {
      const said = seen.text('updates')
      if (!seen.lines('updates').includes('debian')) throw new Missing('this is not Debian: see for yourself')
      const isOn = said.includes('unattended-upgrade installed') && /Unattended-Upgrade "[1-9]/.test(said)
      const ages = [...said.matchAll(/^age (-?\d+) /gm)].map(([, days]) => Number(days))
      const age = ages.length > 0 ? Math.min(...ages) : undefined
      return [isOn && (age ?? 0) <= 7, `${isOn ? 'on' : 'off'}${age === undefined ? '' : `; package lists ${age} days old`}`]
    },
  },
  {
    id: 'reboot', asks: 'The newest kernel runs', why: 'An update of the kernel helps only after a reboot.',
    do: 'make stop, reboot when it disturbs least; the stack starts again by itself (make start, if it was stopped).',
    look: (seen) => {
      const lines = seen.lines('updates')
      if (lines.includes('reboot required')) return [false, 'the system asks for a reboot']
      const running = lines.find((line) => /^\d+\.\d+/.test(line))
      const kernels = lines.flatMap((line) => /^kernel (\S+)$/.exec(line)?.[1] ?? [])
      if (running === undefined || kernels.length === 0) throw new Missing('which kernels are installed is not known')
      const newest = kernels.toSorted((one, other) => one.localeCompare(other, 'en', { numeric: true })).at(-1)!
      return [running === newest, `${running} runs, ${newest} is installed`]
    },
  },
  {
    id: 'time', asks: 'The clock is synchronised', why: 'Block times and timeouts are compared with the local clock.', do: 'timedatectl set-ntp true, or install chrony.',
    look: (seen) => {
      const said = seen.text('clock')
      if (/NTPSynchronized=yes|Leap status +: Normal/.test(said)) return [true, 'synchronised']
      if (/NTPSynchronized=no|Not synchronised/.test(said)) return [false, 'not synchronised']
      throw new Missing('whether the clock is synchronised is not known')
    },
  },
  {
    id: 'swap', asks: 'There is no swap, or it is encrypted', why: 'What is swapped out, a key too, stays readable on the disk.',
    do: 'swapoff -a and remove it from /etc/fstab, or put it on a crypt device or zram.',
    look: (seen) => {
      const said = seen.text('memory')
      const [, total] = /^SwapTotal: +(\d+) kB/m.exec(said) ?? []
      if (total === undefined) throw new Missing('/proc/meminfo does not tell')
      if (total === '0') return [true, 'none']
      const known = devices(seen)
      const places = [...said.matchAll(/^(\/\S+)\s+(?:partition|file)\s/gm)].map(([, place]) => place!)
      if (places.length === 0) throw new Missing('where the swap is is not known')
      const open = places.filter((place) => !known.get(place)?.encrypted && !place.startsWith('/dev/zram'))
      return [open.length === 0, `on ${(open.length > 0 ? open : places).join(', ')}`]
    },
  },
  {
    id: 'disk-encryption', asks: 'The disk that Docker uses is encrypted', why: 'A disk that is sold, or copied by a provider, holds the key.',
    do: 'It must be set up when the system is installed (LUKS), or by your provider; then it cannot be seen from here.',
    look: (seen) => {
      const { device } = dockerDisk(seen)
      if (devices(seen).get(device)?.encrypted) return [true, `${device} is a crypt device`]
      throw new Missing(`${device} is not a crypt device itself; what is below it cannot be seen`)
    },
  },
  {
    id: 'core-dumps', asks: 'Programs of other users leave no memory on the disk', why: 'A core file holds what the program held, a key too. The containers make none.', do: 'sysctl fs.suid_dumpable=0',
    look: (seen) => kernelSetting(seen, 'fs/suid_dumpable', '0'),
  },
  {
    id: 'address-space', asks: 'The kernel places memory at random', why: 'It makes it much harder to use a fault of a program.', do: 'sysctl kernel.randomize_va_space=2',
    look: (seen) => kernelSetting(seen, 'kernel/randomize_va_space', '2'),
  },
]

function kernelSetting(seen: Evidence, name: string, wanted: string): Answer {
  const value = seen.rows('kernel').find(([key]) => key === name)?.[1] ?? '?'
  if (value === '?') throw new Missing('the kernel does not tell')
  return [value === wanted, `${name.replace('/', '.')} = ${value}`]
}

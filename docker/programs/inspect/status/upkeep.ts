/** Lines about disks, logs and backups. */

import { backupState, dumpState, latest } from '../readings/backup.ts'
import { type Disk, disks, gigabyte } from '../readings/disks.ts'
import { journalFault } from '../readings/logs.ts'
import { duration } from '../evidence/text.ts'
import { line } from './line.ts'

export const disk = line({
  name: 'disk',
  read: (seen) => {
    // Volumes on one file system need no line each.
    const places = new Map<string, Disk & { readonly names: string[] }>()
    for (const one of disks(seen)) {
      const place = `${one.device} ${one.size} ${one.free}`
      if (!places.has(place)) places.set(place, { ...one, names: [] })
      places.get(place)!.names.push(one.name)
    }
    return { places: [...places.values()] }
  },
  fine: ({ places }) => places.every(({ size, free }) => free >= 0.1 * size),
  text: ({ places }) => places.map(({ size, free, names }) =>
    `${(free / gigabyte).toFixed()} GB free of ${(size / gigabyte).toFixed()} GB${places.length > 1 ? ` (${names.join(', ')})` : ''}`).join('; '),
  // How many days are left follows from the growth, which one look cannot know.
  json: ({ places }) => ({ daysLeft: null, freeBytes: Math.min(...places.map(({ free }) => free)) * 1024 }),
})

export const logs = line({
  name: 'logs',
  read: (seen) => ({ days: seen.facts.logDays, fault: journalFault(seen) }),
  fine: ({ fault }) => fault === undefined,
  text: ({ days, fault }) => (days === 0 ? 'in files of Docker, at most 1 GB of each container'
    : `in the journal, ${fault === undefined ? `for ${days} days` : `but not for ${days} days: sudo make logs-install`}`),
  json: ({ days }) => ({ days }),
})

export const backup = line({
  name: 'backup', needs: ['stacks-signer'],
  read: (seen) => ({ state: seen.here('backup') ? backupState(seen) : undefined }),
  fine: ({ state }) => state === undefined || (isRecent(state.age) && state.trouble === ''),
  text: ({ state }) => {
    if (!state) return 'no backups are set up'
    const { age, secrets, trouble } = state
    return `${age === undefined ? 'none yet' : `${duration(age)} ago, verified`}, ${secrets ? `secrets sealed ${secrets.slice(0, 10)}` : 'without the secrets'}${trouble && `; ${trouble}`}`
  },
  json: ({ state }) => (state ? { ageSeconds: rounded(state.age), lastSuccess: state.last, secretsSealed: state.secrets || null, trouble: state.trouble } : { ageSeconds: null }),
})

export const sbtcBackup = line({
  name: 'sbtc-backup', needs: ['sbtc-backup'],
  read: dumpState,
  fine: ({ age, proven, trouble }) => isRecent(age) && proven && trouble === '',
  text: ({ age, verdict, stored, trouble }) =>
    `${age === undefined ? 'none yet' : `${duration(age)} ago, ${verdict || 'not verified yet'}`}, ${stored ? 'stored' : 'not yet stored off this host'}${trouble && `; ${trouble}`}`,
  json: ({ age, dump, verdict, stored, trouble }) => ({ ageSeconds: rounded(age), dump, verdict, stored, trouble }),
})

function isRecent(age: number | undefined): boolean {
  return age !== undefined && age < latest
}

function rounded(age: number | undefined): number | null {
  return age === undefined ? null : Math.round(age)
}

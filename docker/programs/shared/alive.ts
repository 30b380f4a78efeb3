/** A sign of life of a program that mostly waits: a file that is touched each minute, whatever else the program does. */

import { statSync, writeFileSync } from 'node:fs'
import { paths } from '../../../generator/catalogue/container.ts'
import type { Io } from './program.ts'

const [each, longest] = [60_000, 300_000]
const signOf = ({ environment }: Pick<Io, 'environment'>): string => environment['BACKUP_ALIVE'] ?? `${paths.temporary}/alive`

/** Touches the file now and each minute, until the program ends. */
export function showAlive(io: Pick<Io, 'environment'>): void {
  const touch = () => { writeFileSync(signOf(io), '') }
  touch()
  setInterval(touch, each).unref()
}

/** The exit code of a health check: 1, with a line, where the file is older than five minutes or missing. */
export function healthOf(io: Pick<Io, 'environment' | 'warn'>): number {
  const touched = statSync(signOf(io), { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (Date.now() - touched < longest) return 0
  io.warn('no sign of life for five minutes')
  return 1
}

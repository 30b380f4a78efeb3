/** Certificates and their keys on the disk: read without following a link, written in the order of a plan, each whole. */

import { lstatSync, renameSync, unlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { CertFiles } from '../certs/inspect.ts'
import { pendingKey, type CertPlaces } from '../certs/places.ts'
import type { CertWrite } from '../certs/writes.ts'
import { error, hasErrors, type Problem, type Result } from '../problem.ts'
import { diskProblem, errorCode, sweepLeftovers, syncDirectory, writeBeside } from './disk.ts'
import { inDirectory } from './held-directory.ts'
import { folderProblems, hide, openToOthers, publish } from './secret-store.ts'
import { readEntry } from './tree.ts'

const longest = 1_000_000

/** The texts of all files of `places` that are there, keys included. What is no regular text file is an error. */
export function readCertFiles(directory: string, places: CertPlaces): Result<CertFiles> {
  const problems: Problem[] = []
  const files = new Map<string, string>()
  const keys = [places.authorityKey, ...places.leaves.map(({ key }) => key)].flatMap((key) => [key, pendingKey(key)])
  for (const folder of new Set(keys.map(dirname))) problems.push(...folderFaults(directory, folder))
  for (const path of [...places.ca, ...places.leaves.map(({ certificate }) => certificate), ...keys]) {
    try {
      const text = readOne(directory, path)
      problems.push(...text.problems)
      if (text.value === undefined) continue
      files.set(path, text.value)
      if (keys.includes(path)) problems.push(...openToOthers(lstatSync(join(directory, path)), path, '600'))
    } catch (cause) {
      problems.push(diskProblem(cause, path, 'read'))
    }
  }
  return hasErrors(problems) ? { problems } : { value: files, problems }
}

function folderFaults(directory: string, folder: string): readonly Problem[] {
  try {
    const found = lstatSync(join(directory, folder), { throwIfNoEntry: false })
    return found ? folderProblems(found, folder) : []
  } catch (cause) {
    // Where a part of the way is a file, there is nothing to be read; writing will say what is wrong.
    return errorCode(cause) === 'ENOTDIR' ? [] : [diskProblem(cause, folder, 'read')]
  }
}

function readOne(directory: string, path: string): Result<string> {
  const bad = (message: string, hint?: string) => ({ problems: [error('bad-certificate-file', `${path} ${message}`, undefined, hint)] })
  const entry = readEntry(directory, path)
  switch (entry?.kind) {
    case undefined: return { problems: [] }
    case 'file': return entry.content.length <= longest ? { value: entry.content, problems: [] } : bad('is too large')
    case 'link': return bad('is reached through a symbolic link', 'put the file itself there')
    case 'directory': return bad('is a directory', 'an engine that misses a mounted file makes a directory of its name; remove that')
    case 'not-text': return bad('is not text', 'it must be PEM')
    default: return bad('is not a file')
  }
}

/**
 * Carries out the plan in its order, each step lasting before the next. The first that fails ends it; what is on the
 * disk then is what a killed run leaves, and running again finishes the work.
 */
export function applyCertWrites(directory: string, places: CertPlaces, writes: readonly CertWrite[]): readonly Problem[] {
  // A half-made key is not to lie about because the next run has nothing to write beside it.
  const paths = [...places.ca, places.authorityKey, ...places.leaves.flatMap(({ certificate, key }) => [certificate, key])]
  for (const folder of new Set(paths.map((path) => dirname(path)))) {
    try {
      sweepLeftovers(join(directory, folder))
    } catch (cause) {
      return [diskProblem(cause, `what a killed run left in ${folder}`, 'removed')]
    }
  }
  for (const write of writes) {
    const problems = applyOne(directory, write)
    if (hasErrors(problems)) return problems
  }
  return []
}

function applyOne(directory: string, write: CertWrite): readonly Problem[] {
  const secret = write.kind === 'move' || write.secret
  try {
    inDirectory(directory, dirname(write.path), secret ? 0o700 : 0o755, (home) => {
      const path = join(home, basename(write.path))
      if (secret) hide(home)
      // The pending key stands beside the one that it replaces.
      if (write.kind === 'move') renameSync(join(home, basename(write.from)), path)
      else if (write.kind === 'add') publish(path, write.text, write.secret ? 0o600 : 0o644)
      else replace(path, write.text, write.secret ? 0o600 : 0o644)
      syncDirectory(home)
    })
    return []
  } catch (cause) {
    if (errorCode(cause) === 'EEXIST') return [error('changed-meanwhile', `${write.path} has come while this ran`, undefined, 'run again')]
    return [diskProblem(cause, write.path, 'written')]
  }
}

function replace(path: string, text: string, mode: number): void {
  const temporary = writeBeside(path, text, mode)
  try {
    renameSync(temporary, path)
  } catch (cause) {
    unlinkSync(temporary)
    throw cause
  }
}

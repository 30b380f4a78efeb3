/** Reads `config/stack.json`. A program that cannot be sure of it says so and does nothing: a host that nobody knows the role of is a standby. */

import * as v from 'valibot'
import { paths, stackFile } from '../../../generator/catalogue/container.ts'
import { stackFileSchema, type StackFile } from '../../../generator/stack-file/schema.ts'
import { errorCode, systemReason } from '../../../generator/io/disk.ts'
import { readMounted } from './files.ts'
import { OperatorError } from './program.ts'
import type { Root } from './root.ts'

/** The file as init has it mounted. Throws OperatorError where it is missing, damaged or of another version. */
export function readStackFile(at: Root): StackFile {
  try {
    return parseStackFile(readMounted(at(`${paths.stackConfig}/stack.json`)).toString())
  } catch (error) {
    const code = errorCode(error)
    if (code === undefined) throw error
    throw damaged(code === 'ENOENT' ? 'is missing' : `cannot be read: ${systemReason(code)}`)
  }
}

/** Throws OperatorError where `text` is not what the generator writes. */
export function parseStackFile(text: string): StackFile {
  const value = parsed(text)
  const version: unknown = typeof value === 'object' && value !== null && 'version' in value ? value.version : undefined
  if (typeof version === 'number' && version !== stackFile.version) throw damaged(`has version ${version}, and this program reads version ${stackFile.version}`)
  const checked = v.safeParse(stackFileSchema, value)
  if (checked.success) return checked.output
  const [issue] = checked.issues
  const where = v.getDotPath(issue)
  throw damaged(`is damaged: ${where ? `${where}: ` : ''}${issue.message}`)
}

function parsed(text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw damaged(text.trim() === '' ? 'is empty' : 'is damaged: it is not JSON')
  }
  // JSON.parse takes the last of two equal keys, and a merge leaves such: the role must not depend on their order.
  const written = text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1')
  if (written !== JSON.stringify(value)) throw damaged('is damaged: it has a key twice, or it was edited')
  return value
}

function damaged(what: string): OperatorError {
  return new OperatorError(`${stackFile.path} ${what}; generate the stack again, and take all that is written then`)
}

/** Whether init would take what is on stdin for a secret. */

import { placeholders, type Placeholder } from '../../../generator/catalogue/container.ts'
import { readInput } from '../shared/input.ts'
import type { Io } from '../shared/program.ts'
import { checkPrivateKey, checkSecret, privateKey, secretForm } from '../shared/secrets.ts'

export async function checkSecretOnInput(words: readonly string[], io: Io): Promise<number> {
  const [name] = words
  if (words.length !== 1 || name === undefined || !isPlaceholder(name)) {
    io.warn(`init: say which secret: ${Object.keys(placeholders).join(', ')}`)
    return 2
  }
  const value = checkSecret(name, await readInput(io, 4096), 'the file')
  if (secretForm(name) === privateKey) io.say(checkPrivateKey(value, 'the file'))
  return 0
}

function isPlaceholder(name: string): name is Placeholder {
  return Object.hasOwn(placeholders, name)
}

/** Whether init would take what is on stdin for a secret. */

import { placeholders, type Placeholder } from '../../../generator/catalogue/container.ts'
import type { Io } from '../shared/program.ts'
import { checkPrivateKey, checkSecret, privateKey, secretForm } from '../shared/secrets.ts'

export async function checkSecretOnInput(words: readonly string[], io: Io): Promise<number> {
  const [name] = words
  if (words.length !== 1 || name === undefined || !isPlaceholder(name)) {
    io.warn(`init: say which secret: ${Object.keys(placeholders).join(', ')}`)
    return 2
  }
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of io.input) {
    parts.push(part)
    size += part.length
    // More than any secret has.
    if (size > 4096) break
  }
  const value = checkSecret(name, Buffer.concat(parts), 'the file')
  if (secretForm(name) === privateKey) io.say(checkPrivateKey(value, 'the file'))
  return 0
}

function isPlaceholder(name: string): name is Placeholder {
  return Object.hasOwn(placeholders, name)
}

/** Takes out of a text what could give a secret away, for a report that everybody may read. */

import { keyShapes } from '../../../../generator/answers/key-shapes.ts'
import { findKnown, type KnownSecret } from '../../../../generator/answers/known-secrets.ts'

export interface Redacted {
  readonly text: string
  /** What was taken out because it holds a secret of this stack. */
  readonly removed: readonly string[]
}

/** What follows a name that tells of a secret, unless it is a placeholder. */
const told = /^([^\w\n]*[\w.-]*(?:token|passw|passphrase|seed|mnemonic|secret|credential|private_?key|api_?key|rpcauth)[\w.-]*["']?[ \t]*[:=][ \t]*)(?!["']?@[A-Z_]+@["']?[ \t]*$)\S.*$/gim
const userInfo = /\/\/[^/\s]*@/g
/** docker/host/evidence.sh cuts lines too, and might cut through a secret: but so far behind this that nothing of it is left. */
const longestLine = 4000

export function redact(text: string, known: readonly KnownSecret[]): Redacted {
  const removed: string[] = []
  for (const secret of known) {
    if (findKnown(text, secret).length === 0) continue
    const lines = text.split('\n')
    const clean = lines.map((line) => (findKnown(line, secret).length > 0 ? `[a line with the value of ${secret.what} was here]` : line))
    const count = clean.filter((line, index) => line !== lines[index]).length
    text = clean.join('\n')
    if (findKnown(text, secret).length === 0) removed.push(`${count} ${count === 1 ? 'line' : 'lines'} with the value of ${secret.what}`)
    // It goes over several lines.
    else return { text: `[left out: it holds the value of ${secret.what}]\n`, removed: [`everything, because it holds the value of ${secret.what}`] }
  }
  return { text: shorten(hideKeys(text)), removed }
}

/** The same for a file of the stack's directory, which has names and values. */
export function redactFile(text: string, known: readonly KnownSecret[]): Redacted {
  return redact(text.replace(told, '$1[hidden]'), known)
}

/** What looks like a key, whosever it is. The first digits still tell one block or container from another. */
function hideKeys(text: string): string {
  const short = (found: string) => (/^(0x)?[0-9a-f]+$/i.test(found) ? `${found.slice(0, 10)}…` : `[${found.length} characters hidden]`)
  return keyShapes(text).reduceRight((rest, { start, end }) => `${rest.slice(0, start)}${short(rest.slice(start, end))}${rest.slice(end)}`, text).replace(userInfo, '//[hidden]@')
}

function shorten(text: string): string {
  return text.split('\n').map((line) => (line.length > longestLine ? `${line.slice(0, longestLine)}…` : line)).join('\n')
}

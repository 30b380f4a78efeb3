/** Every bad answer file through the whole command: its messages, exit code 2, and nothing written. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { badInputs, messageLines } from '../answers/bad-inputs.ts'
import { command } from '../support/command.ts'
import { readFiles } from '../support/files.ts'

for (const { name, text, outside = false, want, keyLines } of badInputs) {
  t.test(name, async (t) => {
    const root = t.testdir({ 'answers.env': text })
    // The signer key is there, so that nothing is told but the answers.
    const secrets = outside ? 'out/secrets' : 'secrets'
    mkdirSync(join(root, secrets), { recursive: true, mode: 0o700 })
    writeFileSync(join(root, secrets, 'signer-private-key'), `${'11'.repeat(32)}\n`, { mode: 0o600 })
    const ran = await command(root, outside ? ['answers.env', 'out'] : ['answers.env'])
    t.equal(ran.code, 2)
    t.equal(ran.out, '')
    const said = messageLines(ran.err)
    t.match(said.at(-1), /^\d+ errors?; nothing was written$/)
    t.strictSame(said.slice(0, -1), keyLines?.flatMap((line) => [
      `answers.env:${line}:1: error: this line holds what looks like a private key, and the answers are committed with the stack`,
      ...want.filter((hint) => hint.startsWith('  hint: did you mean')),
      `${want.some((hint) => hint.startsWith('  hint: did you mean')) ? '       ' : '  hint:'} take it out of this line; a secret goes into a file of its own in ${outside ? 'out/' : ''}secrets/`,
    ]) ?? want)
    t.strictSame(Object.keys(readFiles(root)).sort(), ['answers.env', `${secrets}/signer-private-key`])
  })
}

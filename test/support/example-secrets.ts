/** The secrets that must exist before an example can be generated. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sbtcTestKey, testKey } from './command.ts'

const nobodys = 'a-secret-that-nobody-has\n'
/** The content of secrets that an operator provides, by name. */
const secrets: Readonly<Record<string, string>> = {
  'signer-private-key': `${testKey}\n`,
  'alert-smtp-password': nobodys,
  'alert-telegram-token': nobodys,
  'sbtc-signer-private-key': `${sbtcTestKey}\n`,
  'emily-api-key': nobodys,
  'backup-ssh-key': '-----BEGIN OPENSSH PRIVATE KEY-----\nof nobody\n-----END OPENSSH PRIVATE KEY-----\n',
}

/** Writes all of them below `output`, into the folder where the example with the text `answers` expects them. */
export function putExampleSecrets(output: string, answers: string): void {
  const folder = join(output, answers.includes('\nTOPOLOGY=split\n') ? 'signer-host/secrets' : 'secrets')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  for (const [name, content] of Object.entries(secrets)) writeFileSync(join(folder, name), content, { mode: 0o600 })
}

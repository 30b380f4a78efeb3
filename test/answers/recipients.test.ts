import t from 'tap'
import { maskLine } from '../../generator/answers/mask.ts'
import { recipientsFault } from '../../generator/answers/recipients.ts'

const age = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kudcqt9xqxnqqdk'
const other = 'age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg'
const ssh = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUm'
const secret = `AGE-SECRET-KEY-1${'Q'.repeat(58)}`

t.test('public keys of age, and nothing else', async (t) => {
  for (const right of [age, `${age}, ${other}`]) t.equal(recipientsFault(right), undefined, right)
  for (const wrong of ['age1', age.toUpperCase(), `${age},`, `${age},${age}`, 'ssh-dss AAAA', `${ssh}\n${ssh}`, 'me@example.net', `${ssh} $(id)#`]) t.ok(recipientsFault(wrong), wrong)
  for (const keys of [ssh, `${age}, ${ssh} me@laptop`]) t.match(recipientsFault(keys), { message: /holds an SSH key/, hint: /age-keygen/ })
})

t.test('a private key is refused, and not shown', async (t) => {
  const fault = recipientsFault(secret)
  t.match(fault?.message, /holds a private key/)
  t.notMatch(`${fault?.message} ${fault?.hint}`, /QQQ/)
  t.notMatch(maskLine(`BACKUP_AGE_RECIPIENT=${secret}`), /QQQ/)
})

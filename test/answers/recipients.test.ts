import t from 'tap'
import { maskLine } from '../../generator/answers/mask.ts'
import { recipientsFault } from '../../generator/answers/recipients.ts'

const age = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kudcqt9xqxnqqdk'
const ssh = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUm'
const secret = `AGE-SECRET-KEY-1${'Q'.repeat(58)}`

t.test('public keys of age and SSH, and nothing else', async (t) => {
  for (const right of [age, ssh, `${age}, ${ssh} me@laptop`]) t.equal(recipientsFault(right), undefined, right)
  for (const wrong of ['age1', age.toUpperCase(), `${age},`, `${age},${age}`, 'ssh-dss AAAA', `${ssh}\n${ssh}`, 'me@example.net', `${ssh} $(id)#`]) t.ok(recipientsFault(wrong), wrong)
})

t.test('a private key is refused, and not shown', async (t) => {
  const fault = recipientsFault(secret)
  t.match(fault?.message, /holds a private key/)
  t.notMatch(`${fault?.message} ${fault?.hint}`, /QQQ/)
  t.notMatch(maskLine(`BACKUP_AGE_RECIPIENT=${secret}`), /QQQ/)
})

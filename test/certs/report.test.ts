/** `certs status` on good, due and broken files; nothing that the files hold makes it throw. */

import t from 'tap'
import { planRenewal } from '../../generator/certs/renew.ts'
import { certificatesReport } from '../../generator/certs/report.ts'
import { planRotation } from '../../generator/certs/rotate.ts'
import { makeMissing } from '../../generator/certs/first.ts'
import { after, chance, day, errors, firstRun, messages, setting } from '../support/certificates.ts'
import { randomNumbers } from '../support/random-answers.ts'
import { sample } from '../support/sample.ts'

const now = new Date()
const using = setting(now)
const good = await firstRun(using)

t.test('good files', async (t) => {
  const report = await certificatesReport(good, using)
  t.strictSame([report.problems, report.due], [[], false])
  t.match(report.lines, [
    /^node-tls {4}node-host\/certs\/node-tls.pem: 396 days left, until \d{4}-\d\d-\d\d, for node-tls, node.example.net; from s1 CA [0-9a-f]{8}$/,
    /^signer-tls {2}signer-host\/certs\/signer-tls.pem: 396 days left, .*, for signer-tls, 192.0.2.7; from s1 CA/,
    /^authority {3}s1 CA [0-9a-f]{8}: 3649 days left, until \d{4}-\d\d-\d\d; its key is here$/,
  ])
  t.match(report.data, { mode: 'generated', certificates: [{ name: 'node-tls', keyIsHere: true, daysLeft: 396, faults: [] }, { name: 'signer-tls' }], authorities: [{ daysLeft: 3649, keyIsHere: true }] })
})

t.test('due, expired, and an authority that ends', async (t) => {
  const at = (days: number) => certificatesReport(good, setting(new Date(now.getTime() + days * day)))
  t.equal((await at(366)).due, false)
  t.equal((await at(368)).due, true)
  t.match(messages((await at(368)).problems), [/^warning: .*node-tls.pem has 28 days left \| renew it/, /signer-tls/])
  t.ok(errors((await at(398)).problems))
  t.match((await at(398)).lines[0], /: ran out on /)
  const late = await firstRun(setting(new Date(now.getTime() - 3300 * day)))
  t.match(messages((await certificatesReport(late, using)).problems).join('\n'), /warning: the authority s1 CA [0-9a-f]{8} ends on .*\| replace it in time: .*rotate/)
})

t.test('keys that are elsewhere, files that are missing, a rotation under way', async (t) => {
  const clone = new Map([...good].filter(([path]) => !path.includes('secrets/')))
  const report = await certificatesReport(clone, using)
  t.strictSame(report.problems, [])
  t.match(report.lines, [/; its key is not here$/, /; its key is not here$/, /\d$/])
  const none = await certificatesReport(new Map(), using)
  t.ok(errors(none.problems))
  t.match(none.lines, [/none that can be used/, /none that can be used/])
  const begun = after(good, (await planRotation(good, using, chance, true)).value!.writes)
  t.match((await certificatesReport(begun, using)).lines.at(-1), /^rotation: between step 1 and 2/)
})

t.test('no byte of a key is ever shown', async (t) => {
  const secrets = [...good].filter(([path]) => path.includes('secrets/')).map(([, text]) => text.split('\n')[1]!)
  t.equal(secrets.length, 3)
  const swapped = new Map(good).set('node-host/certs/node-tls.pem', good.get('secrets/tls-ca-key')!).set('certs/ca.pem', good.get('node-host/secrets/node-tls-key')!)
  for (const files of [good, swapped]) {
    const shown = JSON.stringify(await certificatesReport(files, using)) + JSON.stringify((await makeMissing(files, using, chance, true)).problems)
    for (const secret of secrets) t.notOk(shown.includes(secret.slice(0, 40)))
  }
})

function mutate(text: string, next: () => number): string {
  const at = Math.floor(next() * text.length)
  const length = Math.floor(next() * 40)
  const other = String.fromCharCode(32 + Math.floor(next() * 95))
  switch (Math.floor(next() * 7)) {
    case 0: return text.slice(0, at)
    case 1: return text.slice(0, at) + text.slice(at + length)
    case 2: return text.slice(0, at) + other + text.slice(at + 1)
    case 3: return text.slice(0, at) + text.slice(at, at + length).repeat(2) + text.slice(at + length)
    case 4: return text + text.slice(at)
    case 5: return flipByte(text, next)
    default: return text.replaceAll('\n', next() < 0.5 ? '\r\n' : '')
  }
}

/** Well-formed PEM around damaged DER, which reaches deeper than damaged PEM. */
function flipByte(text: string, next: () => number): string {
  const [, head, body, foot] = /^(-----BEGIN [^-]+-----)([\s\S]*?)(-----END [^-]+-----\n?)/.exec(text) ?? []
  if (!head || !body || !foot) return text
  const bytes = Buffer.from(body, 'base64')
  for (let count = 1 + Math.floor(next() * 3); count > 0; count -= 1) bytes[Math.floor(next() * bytes.length)] = Math.floor(next() * 256)
  return `${head}\n${bytes.toString('base64').replace(/(.{64})/g, '$1\n')}\n${foot}`
}

t.test('garbage is reported, never thrown', async (t) => {
  const paths = [...good.keys()]
  let broken = 0
  const rounds = sample(t, 'rounds of garbage', Array.from({ length: 600 }, (_, index) => index), 100)
  for (const round of rounds) {
    const next = randomNumbers(20_240_229 + round)
    const files = new Map(good)
    for (let count = 1 + Math.floor(next() * 2); count > 0; count -= 1) {
      const path = paths[Math.floor(next() * paths.length)]!
      files.set(path, mutate(files.get(path)!, next))
    }
    try {
      const report = await certificatesReport(files, using)
      if (errors(report.problems)) broken += 1
      // The commands that write judge the same files: they must refuse or plan, not fall over.
      if (round % 4 === 0) {
        await makeMissing(files, using, chance, true)
        await planRenewal(files, using, chance, round % 8 === 0)
        await planRotation(files, using, chance, true)
      }
    } catch (cause) {
      t.fail(`round ${round}: ${cause instanceof Error ? cause.stack ?? '' : String(cause)}`, { files: Object.fromEntries([...files].filter(([path, text]) => good.get(path) !== text)) })
    }
  }
  t.ok(broken > rounds.length * 0.4, `${broken} of ${rounds.length} were broken`)
})

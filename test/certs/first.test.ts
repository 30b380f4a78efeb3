/** What generating makes, and what it leaves alone. */

import t from 'tap'
import { makeMissing } from '../../generator/certs/first.ts'
import { certPlaces, leafCommonName, pendingKey } from '../../generator/certs/places.ts'
import { issueLeaf } from '../../generator/certs/issue.ts'
import { createPublicKey } from 'node:crypto'
import { after, brokenPairs, chance, day, errors, firstRun, messages, newKey, setting, splitPlaces } from '../support/certificates.ts'

const now = new Date()
const using = setting(now)
const [node, signer] = splitPlaces.leaves as [typeof splitPlaces.leaves[0], typeof splitPlaces.leaves[0]]
const run = (files: ReadonlyMap<string, string>, writes = true, at = using) => makeMissing(files, at, chance, writes)

t.test('the first run makes all, the second nothing', async (t) => {
  const made = await run(new Map())
  t.strictSame(made.problems, [])
  t.strictSame(made.value?.writes.map(({ kind, path }) => `${kind} ${path}`), [
    'add secrets/tls-ca-key', 'add certs/ca.pem', 'add node-host/certs/ca.pem', 'add signer-host/certs/ca.pem',
    'add node-host/secrets/node-tls-key', 'add node-host/certs/node-tls.pem', 'add signer-host/secrets/signer-tls-key', 'add signer-host/certs/signer-tls.pem',
  ])
  for (const write of made.value!.writes) t.equal('secret' in write && write.secret, write.path.includes('secrets/'), write.path)
  t.notMatch(made.value!.notes.join(), 'PRIVATE')
  const again = await run(after(new Map(), made.value!.writes))
  t.strictSame(again, { value: { writes: [], notes: [] }, problems: [] })
})

t.test('without leave to write nothing is made, and nothing is wrong', async (t) => {
  t.strictSame(await run(new Map(), false), { value: { writes: [], notes: [] }, problems: [] })
})

t.test('cut off after any write, the next run finishes with what is there', async (t) => {
  const { writes } = (await run(new Map())).value!
  for (let count = 0; count <= writes.length; count += 1) {
    const cut = after(new Map(), writes, count)
    const next = await run(cut)
    t.strictSame(next.problems, [], `after ${count}`)
    const whole = after(cut, next.value!.writes)
    for (const [path, text] of cut) t.equal(whole.get(path), text, `${path} is as it was after ${count}`)
    t.equal(whole.size, 8)
    t.strictSame(await brokenPairs(whole, using), [])
    t.strictSame(await run(whole), { value: { writes: [], notes: [] }, problems: [] })
  }
})

t.test('a clone without secrets/ is good as it is', async (t) => {
  const files = new Map([...await firstRun(using)].filter(([path]) => !path.includes('secrets/')))
  t.strictSame(await run(files, false), { value: { writes: [], notes: [] }, problems: [] })
  const ran = await run(files)
  t.strictSame(ran.value, { writes: [], notes: [] })
  t.match(messages(ran.problems), [/^warning: node-host\/secrets\/node-tls-key and signer-host\/secrets\/signer-tls-key are not here \| .*renew --force/])
})

interface Case {
  readonly name: string
  readonly change: (files: Map<string, string>) => void | Promise<void>
  readonly want: RegExp
  readonly at?: Date
  readonly stackName?: string
  readonly places?: typeof splitPlaces
  readonly warns?: true
}

const garbage = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
const cases: readonly Case[] = [
  { name: 'a leaf is missing and the authority\'s key too', change: (files) => { files.delete(node.certificate); files.delete('secrets/tls-ca-key') },
    want: /^error: node-host\/certs\/node-tls.pem cannot be made: secrets\/tls-ca-key is not here \| run this where that key is kept/ },
  { name: 'no bundle, but leaves', change: (files) => { for (const path of splitPlaces.ca) files.delete(path) }, want: /certs\/ca.pem is missing, and there are certificates that it must vouch for \| put it back/ },
  { name: 'another key', change: (files) => { files.set(node.key, newKey()) }, want: /^error: node-host\/secrets\/node-tls-key is not the key of node-host\/certs\/node-tls.pem \| put the right key back, .*certs renew$/ },
  { name: 'a key that is none', change: (files) => { files.set(node.key, 'nothing\n') }, want: /node-tls-key holds no private key in PEM \| .*certs renew --force/ },
  { name: 'a key with a damaged byte', change: (files) => {
    const bytes = Buffer.from(files.get(node.key)!.replace(/-----.*-----/g, ''), 'base64')
    bytes[50] = bytes[50]! ^ 1
    files.set(node.key, `-----BEGIN PRIVATE KEY-----\n${bytes.toString('base64')}\n-----END PRIVATE KEY-----\n`)
  }, want: /node-tls-key holds a damaged private key \| .*certs renew --force/ },
  { name: 'an empty key', change: (files) => { files.set(node.key, '') }, want: /node-tls-key is empty/ },
  { name: 'a certificate that is none', change: (files) => { files.set(signer.certificate, garbage) }, want: /signer-tls.pem holds a certificate that cannot be read \(number 1\) \| .*certs renew/ },
  { name: 'a key among the certificates', change: (files) => { files.set(signer.certificate, `${files.get(signer.certificate)!}${newKey()}`) }, want: /signer-tls.pem holds a private key, and this file is public/ },
  { name: 'expired', change: () => undefined, at: new Date(now.getTime() + 398 * day), want: /node-tls.pem ran out on \d{4}-\d\d-\d\d \| .*certs renew/ },
  { name: 'due', change: () => undefined, at: new Date(now.getTime() + 380 * day), want: /^warning: node-host\/certs\/node-tls.pem has 16 days left \| .*certs renew$/, warns: true },
  { name: 'a host has moved', change: () => undefined, places: certPlaces({ topology: 'split', nodeHost: 'new.example.net', signerHost: '192.0.2.7' }),
    want: /node-tls.pem is not for new.example.net, but for node-tls, node.example.net \| .*certs renew/ },
  { name: 'another stack', change: () => undefined, stackName: 's2', want: /node-tls.pem has the common name "node-tls.s1", not node-tls.s2/ },
  { name: 'another stack\'s leaf', change: async (files) => {
    const other = await firstRun(using)
    for (const path of [node.key, node.certificate]) files.set(path, other.get(path)!)
  }, want: /node-tls.pem is not issued by any authority of certs\/ca.pem, but by s1 CA [0-9a-f]{8} \| .*certs renew/ },
  { name: 'another authority\'s key', change: (files) => { files.set('secrets/tls-ca-key', newKey()) }, want: /secrets\/tls-ca-key is the key of none of the authorities in the bundle \(s1 CA [0-9a-f]{8}\) \| put the right key back/ },
  { name: 'a swap that was cut off', change: async (files) => {
    const next = newKey()
    files.set(pendingKey(node.key), next)
    files.set(node.certificate, await issueLeaf({
      issuer: { certificate: files.get('certs/ca.pem')!, key: files.get('secrets/tls-ca-key')! }, commonName: leafCommonName('node-tls', 's1'), hosts: node.hosts,
      publicKey: createPublicKey(next), serial: chance.serial(), now,
    }))
  }, want: /node-tls-key has not yet made room for the new key.* \| a run was cut off; finish it: .*certs renew$/ },
  { name: 'copies that differ', change: async (files) => { files.set('certs/ca.pem', files.get('certs/ca.pem')! + (await firstRun(using)).get('certs/ca.pem')!) },
    want: /^warning: the copies of certs\/ca.pem differ/, warns: true },
]

for (const { name, change, want, at, stackName, places, warns } of cases) {
  t.test(name, async (t) => {
    const files = await firstRun(using)
    await change(files)
    const ran = await run(files, true, setting(at ?? now, { ...(stackName && { stackName }), ...(places && { places }) }))
    t.ok(messages(ran.problems).some((message) => want.test(message)), messages(ran.problems).join('\n'))
    t.equal(errors(ran.problems), !warns)
    t.strictSame(ran.value?.writes ?? [], [], 'nothing is written')
    t.notMatch(messages(ran.problems).join(), 'PRIVATE KEY-')
  })
}

t.test('a copy of the bundle that has gone is made from another', async (t) => {
  const files = await firstRun(using)
  const text = files.get('certs/ca.pem')
  files.delete('node-host/certs/ca.pem')
  t.strictSame((await run(files)).value?.writes, [{ kind: 'add', path: 'node-host/certs/ca.pem', text, secret: false }])
})

/** When a leaf is renewed, with which key, and that a run cut off anywhere leaves pairs that match. */

import t from 'tap'
import { planRenewal } from '../../generator/certs/renew.ts'
import { certPlaces, pendingKey } from '../../generator/certs/places.ts'
import { after, brokenPairs, chance, day, end, errors, firstRun, handshake, messages, newKey, setting, splitPlaces } from '../support/certificates.ts'

const now = new Date()
const [node, signer] = splitPlaces.leaves as [typeof splitPlaces.leaves[0], typeof splitPlaces.leaves[0]]
/** Made so long ago that as many days are left now. */
const made = (left: number) => firstRun(setting(new Date(now.getTime() - (397 - left) * day - 60_000)))
const run = (files: ReadonlyMap<string, string>, force = false, using = setting(now)) => planRenewal(files, using, chance, force)

t.test('with 30 days or more nothing is due, with fewer the certificate alone changes', async (t) => {
  t.strictSame((await run(await made(31))).value, { renewals: [], writes: [] })
  const files = await made(30)
  const plan = await run(files)
  t.strictSame(plan.value?.writes.map(({ kind, path }) => `${kind} ${path}`), [`replace ${node.certificate}`, `replace ${signer.certificate}`])
  t.strictSame(plan.value?.renewals[0], { leaf: 'node-tls', certificate: node.certificate, reasons: ['29 days left'], newKey: false })
  const renewed = after(files, plan.value!.writes)
  t.strictSame(await brokenPairs(renewed, setting(now)), [])
  t.strictSame((await run(renewed)).value?.renewals, [], 'and then nothing more')
  t.equal(await handshake(end(renewed, 'node-tls'), end(files, 'signer-tls'), 'node.example.net'), 'ok', 'new and old work together')
  t.equal(await handshake(end(files, 'node-tls'), end(renewed, 'signer-tls'), 'node.example.net'), 'ok')
})

t.test('the leaf\'s key need not be here', async (t) => {
  const files = await made(10)
  const keys = new Map([node, signer].map(({ key }) => [key, files.get(key)!]))
  for (const { key } of [node, signer]) files.delete(key)
  const plan = await run(files)
  const renewed = new Map([...after(files, plan.value!.writes), ...keys])
  t.strictSame(await brokenPairs(renewed, setting(now)), [], 'the keys on the hosts fit the new certificates')
})

t.test('a host that has moved, and an expired one', async (t) => {
  const files = await made(200)
  const places = certPlaces({ topology: 'split', nodeHost: 'new.example.net', signerHost: '192.0.2.7' })
  const plan = await run(files, false, setting(now, { places }))
  t.strictSame(plan.value?.renewals.map(({ leaf, reasons }) => [leaf, ...reasons]), [['node-tls', `${node.certificate} is not for new.example.net, but for node-tls, node.example.net`]])
  const renewed = after(files, plan.value!.writes)
  t.equal(await handshake(end(renewed, 'node-tls'), end(renewed, 'signer-tls'), 'new.example.net'), 'ok')
  const old = await made(-3)
  const late = await run(old)
  t.match(late.value?.renewals[0]?.reasons[0], /ran out on/)
  t.equal(await handshake(end(old, 'node-tls'), end(old, 'signer-tls'), 'node.example.net'), 'CERT_HAS_EXPIRED')
  const again = after(old, late.value!.writes)
  t.equal(await handshake(end(again, 'node-tls'), end(again, 'signer-tls'), 'node.example.net'), 'ok')
})

t.test('--force makes new keys, and wherever it is cut off a pair matches and the next run finishes', async (t) => {
  const files = await made(300)
  const { writes, renewals } = (await run(files, true)).value!
  t.strictSame(writes.map(({ kind, path }) => `${kind} ${path}`), [node, signer].flatMap(({ key, certificate }) => [`add ${pendingKey(key)}`, `replace ${certificate}`, `move ${key}`]))
  t.ok(renewals.every(({ newKey }) => newKey))
  for (let count = 0; count <= writes.length; count += 1) {
    const cut = after(files, writes, count)
    t.strictSame(await brokenPairs(cut, setting(now)), [], `after ${count}`)
    t.equal(await handshake(end(await finished(cut), 'node-tls'), end(await finished(cut), 'signer-tls'), 'node.example.net'), 'ok')
    const forced = after(cut, (await run(cut, true)).value!.writes)
    t.strictSame(await brokenPairs(forced, setting(now)), [])
    t.not(forced.get(node.key), files.get(node.key))
    for (const { key } of [node, signer]) t.notOk(forced.has(pendingKey(key)), 'nothing waits any longer')
  }
  async function finished(cut: ReadonlyMap<string, string>) {
    const next = after(cut, (await run(cut)).value!.writes)
    t.strictSame((await run(next)).value?.renewals, [])
    return next
  }
})

t.test('a new key for one whose key is gone waits until its certificate is there', async (t) => {
  const files = await made(300)
  files.delete(node.key)
  const { writes } = (await run(files, true)).value!
  t.strictSame(writes.slice(0, 3).map(({ kind, path }) => `${kind} ${path}`), [`add ${pendingKey(node.key)}`, `replace ${node.certificate}`, `move ${node.key}`])
  const cut = after(files, writes, 2)
  t.match(messages((await run(cut)).problems), [])
  t.strictSame((await run(cut)).value?.writes, [{ kind: 'move', from: pendingKey(node.key), path: node.key }])
})

t.test('what is broken is made good, or the way is named', async (t) => {
  const files = await made(300)
  const other = new Map(files).set(node.key, newKey())
  const plan = await run(other)
  t.strictSame(plan.value?.writes.map(({ path }) => path), [node.certificate], 'a certificate for the key that is there')
  t.strictSame(await brokenPairs(after(other, plan.value!.writes), setting(now)), [])
  const unreadable = await run(new Map(files).set(node.certificate, 'x'))
  t.strictSame(await brokenPairs(after(files, unreadable.value!.writes), setting(now)), [])
  const badKey = await run(new Map(files).set(node.key, 'x'))
  t.match(messages(badKey.problems), [/holds no private key in PEM \| make a new pair: .*renew --force/])
  const forced = await run(new Map(files).set(node.key, 'x'), true)
  t.strictSame(await brokenPairs(after(new Map(files).set(node.key, 'x'), forced.value!.writes), setting(now)), [])
  for (const [change, want] of [
    ['secrets/tls-ca-key', /secrets\/tls-ca-key is not here, and without it no certificate can be made \| run this where that key is kept/],
    ['certs/ca.pem', /certs\/ca.pem is missing/],
  ] as const) {
    const without = await made(10)
    without.delete(change)
    const ran = await run(without)
    t.ok(errors(ran.problems) && ran.value === undefined)
    t.match(messages(ran.problems).join('\n'), want)
  }
})

t.test('cron is not sent round in circles by an authority that ends', async (t) => {
  const files = await firstRun(setting(new Date(now.getTime() - 3630 * day)))
  const first = await run(files)
  t.ok(first.value, 'its certificates had run out long ago')
  const renewed = after(files, first.value!.writes)
  const second = await run(renewed)
  t.match(messages(second.problems), [/^error: .*node-tls.pem has 19 days left, as has its authority \| replace the authority: .*certs rotate/, /signer-tls/])
  const dead = await run(renewed, false, setting(new Date(now.getTime() + 21 * day)))
  t.match(messages(dead.problems).join('\n'), /the authority s1 CA [0-9a-f]{8} has run out itself \| replace it: .*certs rotate/)
})

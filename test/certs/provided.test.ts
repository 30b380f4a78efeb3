/** An organisation's own certificates: each fault is named with its file, and good ones are taken as they are. */

import { createPrivateKey, generateKeyPairSync, webcrypto, type KeyObject } from 'node:crypto'
import t from 'tap'
import { makeMissing } from '../../generator/certs/first.ts'
import { certificatesReport } from '../../generator/certs/report.ts'
import { library } from '../../generator/certs/library.ts'
import { certPlaces } from '../../generator/certs/places.ts'
import { chance, day, errors, handshake, messages, setting, splitPlaces } from '../support/certificates.ts'

const x509 = await library()
const now = new Date()
const both = ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']

type KeyKind = 'P-256' | 'P-384' | 'RSA-1024' | 'RSA-2048' | 'K-256' | 'Ed25519'
interface Pair { readonly kind: KeyKind; readonly key: KeyObject; readonly spki: ArrayBuffer }

function pair(kind: KeyKind = 'P-256'): Pair {
  const made = kind === 'Ed25519' ? generateKeyPairSync('ed25519')
    : kind.startsWith('RSA') ? generateKeyPairSync('rsa', { modulusLength: Number(kind.slice(4)) })
      : generateKeyPairSync('ec', { namedCurve: kind === 'K-256' ? 'secp256k1' : kind })
  return { kind, key: made.privateKey, spki: new Uint8Array(made.publicKey.export({ type: 'spki', format: 'der' })).buffer }
}

interface Wish {
  readonly name: string
  readonly by?: { readonly pem: string; readonly pair: Pair }
  readonly pair?: Pair
  readonly ca?: boolean
  readonly pathLength?: number
  readonly keyUsage?: number
  readonly extended?: readonly string[]
  readonly names?: readonly string[]
  readonly hash?: string
  readonly days?: readonly [from: number, to: number]
}

interface Made { readonly pem: string; readonly pair: Pair; readonly key: string }

async function issue({ name, by, pair: own = pair(), ca = false, pathLength, keyUsage, extended, names, hash = 'SHA-256', days = [-1, 365] }: Wish): Promise<Made> {
  const signer = by?.pair ?? own
  const algorithm = signer.kind.startsWith('RSA') ? { name: 'RSASSA-PKCS1-v1_5', hash } : signer.kind === 'Ed25519' ? { name: 'Ed25519' } : { name: 'ECDSA', namedCurve: signer.kind, hash }
  const signingKey = await webcrypto.subtle.importKey('pkcs8', signer.key.export({ type: 'pkcs8', format: 'der' }), algorithm, false, ['sign'])
  const made = await x509.X509CertificateGenerator.create({
    serialNumber: chance.serial(), subject: [{ CN: [name] }], issuer: by ? new x509.X509Certificate(by.pem).subjectName : [{ CN: [name] }],
    notBefore: new Date(now.getTime() + days[0] * day), notAfter: new Date(now.getTime() + days[1] * day),
    publicKey: own.spki, signingKey, signingAlgorithm: { name: algorithm.name, hash },
    extensions: [
      new x509.BasicConstraintsExtension(ca, pathLength, true),
      ...(keyUsage === undefined ? [] : [new x509.KeyUsagesExtension(keyUsage, true)]),
      ...(extended ? [new x509.ExtendedKeyUsageExtension([...extended])] : []),
      ...(names ? [new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: /^[\d.]+$/.test(value) ? 'ip' : 'dns', value })))] : []),
    ],
  })
  return { pem: `${made.toString('pem')}\n`, pair: own, key: own.key.export({ type: 'pkcs8', format: 'pem' }) as string }
}

const root = await issue({ name: 'Example Root', ca: true, days: [-10, 3000] })
const between = await issue({ name: 'Example Issuing', ca: true, by: root })
const leafWish = (more: Partial<Wish> = {}): Wish => ({ name: 'node-tls.s1', by: root, extended: both, keyUsage: 1, names: ['node.example.net'], ...more })
const signerLeaf = await issue(leafWish({ name: 'signer-tls.s1', names: ['signer-tls'] }))

interface Given { readonly certificate: string; readonly key?: string; readonly bundle?: string }

function given({ certificate, key, bundle = root.pem }: Given): Map<string, string> {
  return new Map([
    ['node-host/certs/ca.pem', bundle], ['signer-host/certs/ca.pem', bundle],
    ['node-host/certs/node-tls.pem', certificate], ...(key === undefined ? [] : [['node-host/secrets/node-tls-key', key] as const]),
    ['signer-host/certs/signer-tls.pem', signerLeaf.pem], ['signer-host/secrets/signer-tls-key', signerLeaf.key],
  ])
}

const run = (files: ReadonlyMap<string, string>) => makeMissing(files, setting(now, { mode: 'provided' }), chance, true)
const take = ({ pem, key }: Made): Given => ({ certificate: pem, key })

const good: readonly (readonly [string, () => Promise<Given>])[] = [
  ['from the root', async () => take(await issue(leafWish()))],
  ['through an authority between, in the leaf\'s file', async () => {
    const leaf = await issue(leafWish({ by: between }))
    return { certificate: leaf.pem + between.pem, key: leaf.key }
  }],
  ['through an authority between, in the bundle', async () => ({ ...take(await issue(leafWish({ by: between }))), bundle: root.pem + between.pem })],
  ['without key usages, which allows all', async () => take(await issue({ name: 'node-tls.s1', by: root, names: ['node.example.net'] }))],
  ['RSA of 2048 bits', async () => take(await issue(leafWish({ pair: pair('RSA-2048') })))],
  ['P-384', async () => take(await issue(leafWish({ pair: pair('P-384') })))],
  ['Ed25519', async () => take(await issue(leafWish({ pair: pair('Ed25519') })))],
  ['a wildcard', async () => take(await issue(leafWish({ names: ['*.example.net'] })))],
  ['a key in the older form', async () => {
    const leaf = await issue(leafWish())
    return { certificate: leaf.pem, key: createPrivateKey(leaf.key).export({ type: 'sec1', format: 'pem' }) as string }
  }],
  ['text around the certificate', async () => {
    const leaf = await issue(leafWish())
    return { certificate: `Issued by us\r\n${leaf.pem.replaceAll('\n', '\r\n')}`, key: leaf.key }
  }],
]

for (const [name, make] of good) {
  t.test(`taken: ${name}`, async (t) => {
    const files = given(await make())
    const ran = await run(files)
    t.strictSame(messages(ran.problems), [])
    t.strictSame(ran.value, { writes: [], notes: [] })
    const [cert, key] = [files.get('node-host/certs/node-tls.pem')!, files.get('node-host/secrets/node-tls-key')!]
    const ca = files.get('signer-host/certs/ca.pem')!
    t.equal(await handshake({ cert, key, ca }, { cert: signerLeaf.pem, key: signerLeaf.key, ca }, 'node.example.net'), 'ok', 'and it works')
  })
}

const encrypted = generateKeyPairSync('ec', { namedCurve: 'P-256', publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } }).privateKey
const nodePem = 'node-host/certs/node-tls.pem'

const bad: readonly (readonly [string, () => Promise<Given>, string])[] = [
  ['expired', async () => take(await issue(leafWish({ days: [-30, -1] }))), `${nodePem} ran out on`],
  ['not valid yet', async () => take(await issue(leafWish({ days: [2, 30] }))), `${nodePem} is not valid before`],
  ['another name', async () => take(await issue(leafWish({ names: ['other.example.net'] }))), `${nodePem} is not for node.example.net, but for other.example.net`],
  ['no names', async () => take(await issue({ name: 'node-tls.s1', by: root, extended: both })), `${nodePem} is not for node.example.net, but for no name at all`],
  ['another common name', async () => take(await issue(leafWish({ name: 'node' }))), `${nodePem} has the common name "node", not node-tls.s1`],
  ['for servers alone', async () => take(await issue(leafWish({ extended: both.slice(0, 1) }))), `${nodePem} may not be used for clientAuth`],
  ['for clients alone', async () => take(await issue(leafWish({ extended: both.slice(1) }))), `${nodePem} may not be used for serverAuth`],
  ['no digital signatures', async () => take(await issue(leafWish({ keyUsage: 4 }))), `${nodePem} may not be used for digital signatures`],
  ['an authority as leaf', async () => take(await issue(leafWish({ ca: true }))), `${nodePem} is an authority's certificate, not a host's`],
  ['RSA of 1024 bits', async () => take(await issue(leafWish({ pair: pair('RSA-1024') }))), `${nodePem} is too weak: its RSA key has 1024 bits`],
  ['a curve of no use', async () => take(await issue(leafWish({ pair: pair('K-256') }))), 'its curve secp256k1 has no place in TLS 1.3'],
  ['SHA-1', async () => take(await issue(leafWish({ hash: 'SHA-1' }))), `${nodePem} is signed with SHA-1, which is broken`],
  ['self-signed', async () => take(await issue({ ...leafWish(), by: undefined } as unknown as Wish)), `${nodePem} is not issued by any authority of node-host/certs/ca.pem, but by node-tls.s1`],
  ['another authority', async () => take(await issue(leafWish({ by: await issue({ name: 'Other Root', ca: true }) }))), `${nodePem} is not issued by any authority of signer-host/certs/ca.pem, but by Other Root`],
  ['another authority of the same name', async () => take(await issue(leafWish({ by: await issue({ name: 'Example Root', ca: true }) }))), `${nodePem} is not issued by any authority of`],
  ['the authority between is missing', async () => take(await issue(leafWish({ by: between }))), `${nodePem} is not issued by any authority of node-host/certs/ca.pem, but by Example Issuing`],
  ['the bundle has no root', async () => ({ ...take(await issue(leafWish({ by: between }))), bundle: between.pem }), 'is issued by Example Issuing, whose own authority'],
  ['the authority between has run out', async () => {
    const old = await issue({ name: 'Old Issuing', ca: true, by: root, days: [-9, -2] })
    const leaf = await issue(leafWish({ by: old }))
    return { certificate: leaf.pem + old.pem, key: leaf.key }
  }, `${nodePem} is issued by Old Issuing, which is not valid now`],
  ['the authority between may not be one', async () => {
    const short = await issue({ name: 'Short Root', ca: true, pathLength: 0 })
    const under = await issue({ name: 'Under', ca: true, by: short })
    const leaf = await issue(leafWish({ by: under }))
    return { certificate: leaf.pem + under.pem, key: leaf.key, bundle: root.pem + short.pem }
  }, 'is issued through Short Root, which allows no authority below itself'],
  ['the bundle is a leaf', async () => ({ ...take(await issue(leafWish())), bundle: signerLeaf.pem }), 'node-host/certs/ca.pem is no authority\'s certificate'],
  ['the authority may not sign', async () => {
    const mute = await issue({ name: 'Mute Root', ca: true, keyUsage: 64 })
    return { ...take(await issue(leafWish({ by: mute }))), bundle: root.pem + mute.pem }
  }, 'node-host/certs/ca.pem: Mute Root may not sign certificates (key usage)'],
  ['the bundle has run out', async () => ({ ...take(await issue(leafWish())), bundle: (await issue({ name: 'Example Root', ca: true, pair: root.pair, days: [-9, -1] })).pem }), 'node-host/certs/ca.pem ran out on'],
  ['an empty bundle', async () => ({ ...take(await issue(leafWish())), bundle: '\n' }), 'node-host/certs/ca.pem is empty'],
  ['a key in the bundle', async () => ({ ...take(await issue(leafWish())), bundle: root.pem + root.key }), 'node-host/certs/ca.pem holds a private key, and this file is public'],
  ['another key', async () => ({ certificate: (await issue(leafWish())).pem, key: root.key }), 'node-host/secrets/node-tls-key is not the key of node-host/certs/node-tls.pem'],
  ['no key', async () => ({ certificate: (await issue(leafWish())).pem }), 'node-host/secrets/node-tls-key is not here'],
  ['a key with a passphrase', async () => ({ certificate: (await issue(leafWish())).pem, key: encrypted }), 'node-host/secrets/node-tls-key is encrypted'],
  ['two keys', async () => ({ certificate: (await issue(leafWish())).pem, key: root.key + root.key }), 'node-host/secrets/node-tls-key holds 2 private keys'],
  ['a certificate as key', async () => ({ certificate: (await issue(leafWish())).pem, key: root.pem }), 'node-host/secrets/node-tls-key holds no private key in PEM'],
  ['a request as certificate', async () => ({ certificate: '-----BEGIN CERTIFICATE REQUEST-----\nMA==\n-----END CERTIFICATE REQUEST-----\n', key: root.key }), `${nodePem} holds a CERTIFICATE REQUEST, not certificates alone`],
]

for (const [name, make, want] of bad) {
  t.test(`refused: ${name}`, async (t) => {
    const ran = await run(given(await make()))
    t.ok(errors(ran.problems))
    t.notOk(ran.value)
    t.ok(messages(ran.problems).some((message) => message.startsWith('error: ') && message.includes(want)), messages(ran.problems).join('\n'))
    if (want.startsWith(nodePem)) t.notMatch(messages(ran.problems).join('\n'), 'error: signer-host/certs/signer-tls.pem', 'the other leaf is not blamed')
  })
}

t.test('nothing is there yet', async (t) => {
  const ran = await run(new Map())
  t.match(messages(ran.problems).join('\n'), 'node-host/certs/ca.pem is missing | TLS_CERTS=provided makes none')
  t.match(messages(ran.problems).join('\n'), 'signer-host/secrets/signer-tls-key is not here')
  t.notMatch(messages(ran.problems).join('\n'), /error: certs\/ca\.pem/, 'the copy at the top is nobody\'s')
})

t.test('a clone without keys is good; less than 30 days are a warning', async (t) => {
  const files = given({ certificate: (await issue(leafWish({ days: [-300, 20.5] }))).pem })
  files.delete('signer-host/secrets/signer-tls-key')
  const ran = await run(files)
  t.ok(ran.value)
  t.match(messages(ran.problems), [/^warning: node-host\/secrets\/node-tls-key and .* are not here/, /^warning: .*node-tls.pem has 20 days left \| ask whoever issues it/])
})

t.test('an authority that ends before its certificates is seen in time', async (t) => {
  const ending = await issue({ name: 'Ending Root', ca: true, days: [-10, 20.5] })
  const files = given({ ...take(await issue(leafWish({ by: ending }))), bundle: root.pem + ending.pem })
  const report = await certificatesReport(files, setting(now, { mode: 'provided' }))
  t.ok(report.due)
  t.match(messages(report.problems), [/^warning: the authority Ending Root ends on .* \| ask your organisation/])
  t.notOk((await certificatesReport(given(take(await issue(leafWish()))), setting(now, { mode: 'provided' }))).due)
})

t.test('on one host the sidecars\' own names are what counts', async (t) => {
  const places = certPlaces({ topology: 'single', nodeHost: 'node.example.net' })
  const leaf = await issue(leafWish({ names: ['node-tls'] }))
  const files = new Map([['certs/ca.pem', root.pem], ['certs/node-tls.pem', leaf.pem], ['secrets/node-tls-key', leaf.key], ['certs/signer-tls.pem', signerLeaf.pem], ['secrets/signer-tls-key', signerLeaf.key]])
  t.strictSame((await makeMissing(files, setting(now, { mode: 'provided', places }), chance, true)).problems, [])
  t.equal(splitPlaces.leaves[1]!.wireName, 'signer-tls')
})

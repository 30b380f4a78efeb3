/** The certificates that are made: as OpenSSL judges them, and as two TLS ends that verify each other do. */

import { execFileSync, spawnSync } from 'node:child_process'
import { createPublicKey, X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { issueAuthority, issueLeaf } from '../../generator/certs/issue.ts'
import { chance, day, end, firstRun, handshake, newKey, setting, type End } from '../support/certificates.ts'

const now = new Date()
const caKey = newKey()
const ca = await issueAuthority({ stackName: 's_1', key: caKey, serial: chance.serial(), now })
const leafKey = newKey()
const hosts = ['node-tls', 'node.example.net', '192.0.2.7', '2001:db8::7']
const make = (changes: Partial<Parameters<typeof issueLeaf>[0]> = {}) => issueLeaf({
  issuer: { certificate: ca, key: caKey }, commonName: 'node-tls.s_1', hosts, publicKey: createPublicKey(leafKey), serial: chance.serial(), now, ...changes,
})
const leaf = await make()

t.test('the fields', async (t) => {
  const authority = new X509Certificate(ca)
  const one = new X509Certificate(leaf)
  t.match(authority.subject, /^CN=s_1 CA [0-9a-f]{8}$/)
  t.equal(authority.ca, true)
  t.equal(one.ca, false)
  t.equal(one.subject, 'CN=node-tls.s_1')
  t.ok(one.checkIssued(authority) && one.verify(authority.publicKey))
  t.ok(one.checkPrivateKey((await import('node:crypto')).createPrivateKey(leafKey)))
  for (const host of hosts.slice(0, 2)) t.ok(one.checkHost(host, { subject: 'never' }), host)
  for (const host of hosts.slice(2)) t.ok(one.checkIP(host), host)
  const life = (x509: X509Certificate) => (Date.parse(x509.validTo) - Date.parse(x509.validFrom)) / day
  t.equal(life(authority), 3650 + 1 / 24)
  t.equal(life(one), 397 + 1 / 24)
  t.equal(Date.parse(one.validFrom), Math.floor(now.getTime() / 1000) * 1000 - 3_600_000)
  t.not(one.serialNumber, new X509Certificate(await make()).serialNumber)
})

t.test('serial numbers are positive and minimal, whatever the bits', async (t) => {
  for (const [serial, want] of [['ff'.repeat(16), 'FF'.repeat(16)], ['00'.repeat(15) + '01', '01'], ['7f' + '00'.repeat(15), '7F' + '00'.repeat(15)]] as const) {
    t.equal(new X509Certificate(await make({ serial })).serialNumber, want)
  }
})

t.test('a leaf never outlives its authority', async (t) => {
  const late = await make({ now: new Date(now.getTime() + 3600 * day) })
  t.equal(new X509Certificate(late).validTo, new X509Certificate(ca).validTo)
})

t.test('two authorities of one stack have two names; one key always has the same', async (t) => {
  const subject = async (key: string) => new X509Certificate(await issueAuthority({ stackName: 's_1', key, serial: chance.serial(), now })).subject
  t.not(await subject(newKey()), await subject(caKey))
  const again = await issueAuthority({ stackName: 's_1', key: caKey, serial: chance.serial(), now })
  t.ok(new X509Certificate(leaf).checkIssued(new X509Certificate(again)), 'made anew from its key, it vouches for the same leaves')
})

const openssl = spawnSync('openssl', ['version']).status === 0
t.test('OpenSSL, at its strictest', { skip: openssl ? false : 'openssl is not here' }, async (t) => {
  const root = t.testdir({ 'ca.pem': ca, 'leaf.pem': leaf })
  const verify = (...more: readonly string[]) =>
    spawnSync('openssl', ['verify', '-x509_strict', '-check_ss_sig', '-CAfile', join(root, 'ca.pem'), ...more, join(root, 'leaf.pem')], { encoding: 'utf8' }).status
  for (const purpose of ['sslserver', 'sslclient']) {
    t.equal(verify('-purpose', purpose, '-verify_hostname', 'node.example.net'), 0, purpose)
    t.equal(verify('-purpose', purpose, '-verify_ip', '2001:db8::7'), 0, purpose)
  }
  t.not(verify('-verify_hostname', 'other.example.net'), 0)
  t.not(verify('-attime', String(Math.floor(now.getTime() / 1000) + 398 * 86400)), 0)
  const text = execFileSync('openssl', ['x509', '-noout', '-text', '-in', join(root, 'leaf.pem')], { encoding: 'utf8' })
  for (const want of ['CA:FALSE', 'Digital Signature\n', 'TLS Web Server Authentication, TLS Web Client Authentication', 'ecdsa-with-SHA256', 'prime256v1', 'X509v3 Basic Constraints: critical', 'X509v3 Key Usage: critical']) t.match(text, want)
  const authority = execFileSync('openssl', ['x509', '-noout', '-text', '-in', join(root, 'ca.pem')], { encoding: 'utf8' })
  for (const want of ['CA:TRUE, pathlen:0', 'Certificate Sign, CRL Sign']) t.match(authority, want)
  // An authority below this one would have to be refused: it may issue leaves alone.
  writeFileSync(join(root, 'key.pem'), leafKey)
  t.equal(spawnSync('openssl', ['pkey', '-in', join(root, 'key.pem'), '-noout', '-check']).status, 0)
})

t.test('two ends that verify each other', async (t) => {
  const files = await firstRun()
  const strangers = await firstRun()
  const past = await firstRun(setting(new Date(Date.now() - 400 * day)))
  const node = end(files, 'node-tls')
  const signer = end(files, 'signer-tls')
  const mixed = (own: End, ca: string): End => ({ ...own, ca })
  t.equal(await handshake(node, signer, 'node.example.net'), 'ok')
  t.equal(await handshake(signer, node, 'signer-tls'), 'ok')
  t.equal(await handshake(node, { ca: signer.ca }, 'node.example.net'), 'no certificate')
  t.equal(await handshake(node, mixed(end(strangers, 'signer-tls'), node.ca), 'node.example.net'), 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'a client of another authority')
  t.equal(await handshake(mixed(end(strangers, 'node-tls'), node.ca), signer, 'node.example.net'), 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'a server of another authority')
  t.equal(await handshake(node, signer, 'other.example.net'), 'ERR_TLS_CERT_ALTNAME_INVALID')
  t.equal(await handshake(signer, node, 'node.example.net'), 'ERR_TLS_CERT_ALTNAME_INVALID', 'the one host cannot pass for the other')
  t.equal(await handshake(end(past, 'node-tls'), end(past, 'signer-tls'), 'node.example.net'), 'CERT_HAS_EXPIRED', 'a server whose certificate has run out')
  const pastClient = { ...end(past, 'signer-tls'), ca: node.ca }
  t.equal(await handshake({ ...node, ca: end(past, 'node-tls').ca }, pastClient, 'node.example.net'), 'CERT_HAS_EXPIRED', 'a client whose certificate has')
})

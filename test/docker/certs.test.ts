/** inspect certs: what servers show, judged as whoever connects would. */

import { createPublicKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createServer, type TlsOptions } from 'node:tls'
import t, { type Test } from 'tap'
import { issueAuthority, issueLeaf, leafDays } from '../../generator/certs/issue.ts'
import { judge } from './judge.ts'

const day = 86_400_000
const serial = () => `00${randomBytes(15).toString('hex')}`
const keyPem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString()
const pair = () => keyPem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)

async function authority() {
  const key = pair()
  return { key, certificate: await issueAuthority({ stackName: 'sample', key, serial: serial(), now: new Date(Date.now() - 400 * day) }) }
}

/** Serves a leaf that has `left` days left; returns its port. */
async function serve(t: Test, issuer: Awaited<ReturnType<typeof authority>>, left: number, hosts = ['node-tls'], options: TlsOptions = {}): Promise<number> {
  const key = pair()
  const cert = await issueLeaf({ issuer, commonName: 'node-tls.sample', hosts, publicKey: createPublicKey(key), serial: serial(), now: new Date(Date.now() - (leafDays - left) * day) })
  const server = createServer({ key, cert, ...options }).listen(0, '127.0.0.1')
  server.on('tlsClientError', () => undefined)
  t.teardown(() => { server.close() })
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

t.test('certificates as they are shown', async (t) => {
  const own = await authority()
  const other = await authority()
  const ca = join(t.testdir(), 'ca.pem')
  writeFileSync(ca, own.certificate)
  const closed = await serve(t, own, 390)
  const cases = [
    ['good', await serve(t, own, 390.5), 'node-tls', 0, /^node-tls {5}ok {4}39[01] days left, until \w{3} [^,]+, for node-tls$/m],
    ['asks for a certificate, which is not sent', await serve(t, own, 390.5, ['node-tls'], { requestCert: true, ca: own.certificate }), 'node-tls', 0, /^node-tls {5}ok {4}/],
    ['for an address', await serve(t, own, 100.5, ['192.0.2.7']), '192.0.2.7', 0, /ok {4}10[01] days left.* for 192\.0\.2\.7$/m],
    ['for another address', await serve(t, own, 100.5, ['192.0.2.8']), '192.0.2.7', 1, /FAIL {2}the certificate is not valid: .*192\.0\.2\.7/],
    ['ends soon', await serve(t, own, 12.5), 'node-tls', 0, /warn {2}1[23] days left/],
    ['ends very soon', await serve(t, own, 3.5), 'node-tls', 1, /FAIL {2}[34] days left/],
    ['expired', await serve(t, own, -1), 'node-tls', 1, /FAIL {2}the certificate is not valid: certificate has expired$/m],
    ['of another authority', await serve(t, other, 390), 'node-tls', 1, /FAIL {2}the certificate is not valid: /],
    ['for another name', await serve(t, own, 390, ['signer-tls']), 'node-tls', 1, /FAIL {2}the certificate is not valid: .*node-tls/],
    ['older TLS', await serve(t, own, 390, ['node-tls'], { maxVersion: 'TLSv1.2' }), 'node-tls', 1, /FAIL {2}127\.0\.0\.1:\d+ cannot be read: /],
  ] as const
  for (const [what, port, name, code, line] of cases) {
    const said = await judge(Buffer.alloc(0), 'certs', ca, `node-tls=127.0.0.1:${port}/${name}`)
    t.equal(said.code, code, `${what}: ${said.out}${said.err}`)
    t.match(said.out, line, what)
  }
  t.match(await judge(Buffer.alloc(0), 'certs', ca, `a=127.0.0.1:${cases[4][1]}/node-tls`, `b=127.0.0.1:${closed}/other`, `c=127.0.0.1:${cases[0][1]}/node-tls`), { code: 1, out: /^a .*warn[^\n]*\nb .*FAIL[^\n]*\nc .*ok/ }, 'one that fails hides no other')
  t.match(await judge(Buffer.alloc(0), 'certs', ca), { code: 2, err: /NAME=HOST:PORT\/SERVERNAME/ })
  t.match(await judge(Buffer.alloc(0), 'certs', `${ca}.gone`, 'node-tls=127.0.0.1:1/node-tls'), { code: 1, out: '', err: /the certificate of the authority cannot be read: .*ca\.pem\.gone/ })
  t.match(await judge(Buffer.alloc(0), 'certs', ca, 'node-tls'), { code: 1, err: /node-tls is not NAME=HOST:PORT\/SERVERNAME/ })
})

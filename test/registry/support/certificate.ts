/** A certificate for hosts that a test plays, signed by itself: made here, since openssl is not on every machine. */

import { generateKeyPairSync, sign } from 'node:crypto'

const oids = {
  ecdsaWithSha256: '2a8648ce3d040302', commonName: '550403', subjectAltName: '551d11', basicConstraints: '551d13',
} as const

/** Key and certificate as PEM, good for the next two days. */
export function certificateFor(hosts: readonly string[], now = new Date()): { readonly key: string; readonly cert: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const algorithm = der(0x30, oid('ecdsaWithSha256'))
  const name = der(0x30, der(0x31, der(0x30, oid('commonName'), der(0x0c, Buffer.from('registries of a test')))))
  const times = [-1, 2].map((days) => der(0x17, Buffer.from(utcTime(new Date(now.getTime() + days * 86_400_000)))))
  const extensions = [
    der(0x30, oid('subjectAltName'), der(0x04, der(0x30, ...hosts.map((host) => der(0x82, Buffer.from(host)))))),
    der(0x30, oid('basicConstraints'), der(0x01, Buffer.from([0xff])), der(0x04, der(0x30, der(0x01, Buffer.from([0xff]))))),
  ]
  const body = der(0x30,
    der(0xa0, der(0x02, Buffer.from([2]))), der(0x02, Buffer.from([1])), algorithm, name, der(0x30, ...times), name,
    publicKey.export({ type: 'spki', format: 'der' }), der(0xa3, der(0x30, ...extensions)))
  const whole = der(0x30, body, algorithm, der(0x03, Buffer.from([0]), sign('sha256', body, privateKey)))
  const lines = whole.toString('base64').match(/.{1,64}/g)!.join('\n')
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string, cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n` }
}

/** One value of DER: tag, length, content. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

function oid(name: keyof typeof oids): Buffer {
  return der(0x06, Buffer.from(oids[name], 'hex'))
}

function utcTime(date: Date): string {
  return `${date.toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`
}

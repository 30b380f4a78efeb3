/** Where certificates stand, and what they are called. */

import t from 'tap'
import { authorityCommonName, certPlaces, homeOf, leafCommonName, wireName } from '../../generator/certs/places.ts'

t.test('one host', async (t) => {
  t.strictSame(certPlaces({ topology: 'single' }), {
    ca: ['certs/ca.pem'],
    leaves: [
      { name: 'node-tls', certificate: 'certs/node-tls.pem', key: 'secrets/node-tls-key', hosts: ['node-tls'], wireName: 'node-tls' },
      { name: 'signer-tls', certificate: 'certs/signer-tls.pem', key: 'secrets/signer-tls-key', hosts: ['signer-tls'], wireName: 'signer-tls' },
    ],
    authorityKey: 'secrets/tls-ca-key',
  })
  const named = certPlaces({ topology: 'single', nodeHost: 'Node.Example.net' }).leaves[0]!
  t.strictSame(named.hosts, ['node-tls', 'node.example.net'], 'a rehearsed host keeps its certificate when it moves')
  t.equal(named.wireName, 'node-tls')
})

t.test('two hosts: each holds its own alone, the authority\'s key is in neither', async (t) => {
  const places = certPlaces({ topology: 'split', nodeHost: 'node.example.net', signerHost: '[2001:db8::7]' })
  t.strictSame(places.ca, ['certs/ca.pem', 'node-host/certs/ca.pem', 'signer-host/certs/ca.pem'])
  t.strictSame(places.leaves.map(({ certificate, key }) => [certificate, key]), [
    ['node-host/certs/node-tls.pem', 'node-host/secrets/node-tls-key'],
    ['signer-host/certs/signer-tls.pem', 'signer-host/secrets/signer-tls-key'],
  ])
  t.equal(homeOf(places.authorityKey), '')
  t.strictSame(places.leaves.map(({ key }) => homeOf(key)), ['node-host/', 'signer-host/'])
  t.strictSame(places.leaves[1]!.hosts, ['signer-tls', '2001:db8::7'])
})

t.test('an address is verified by the sidecar\'s own name', async (t) => {
  t.equal(wireName('node-tls', 'Node.example.net'), 'node.example.net')
  for (const host of ['192.0.2.1', '[2001:db8::1]', '', undefined]) t.equal(wireName('node-tls', host), 'node-tls')
})

t.test('common names are never longer than 64 characters, and differ where stacks do', async (t) => {
  t.equal(leafCommonName('node-tls', 's_1'), 'node-tls.s_1')
  t.equal(authorityCommonName('s_1', 'abcdef0123456789'), 's_1 CA abcdef01')
  const [one, other] = ['a', 'b'].map((last) => `${'x'.repeat(62)}${last}`) as [string, string]
  for (const name of [leafCommonName('signer-tls', one), leafCommonName('node-tls', one), authorityCommonName(one, 'abcdef0123456789')]) t.equal(name.length, 64, name)
  t.not(leafCommonName('signer-tls', one), leafCommonName('signer-tls', other))
  t.match(authorityCommonName(one, 'abcdef0123456789'), / CA abcdef01$/)
})

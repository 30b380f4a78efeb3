import t from 'tap'
import { hidesValue, looksSecret, maskLine, maskText, shown } from '../../generator/answers/mask.ts'

const key = 'a1b2c3d4'.repeat(8)

for (const name of ['SIGNER_PRIVATE_KEY', 'SIGNER_PRIVTE_KEY', 'AUTH_TOKN', 'auth_token', 'NODE__node__seed', 'MNEMONIC', 'my.secret', 'SIGNER_PRIVATE_KY', 'BITCOIN_RPC_PASWORD', 'SIGNER_KEY']) {
  t.equal(looksSecret(name), true, name)
}
for (const name of ['SBTC_AGGREGATE_KEY', 'NODE__node__local_mining_public_key', 'NETWORK', 'STACK_NAME', 'BITCOIN_HOST', 'NODE__node__txindex', 'A']) t.equal(looksSecret(name), false, name)

t.test('what could be a key is hidden wherever it stands', async (t) => {
  t.equal(maskText(`before ${key} after`), 'before [64 characters hidden] after')
  t.equal(maskText(`0x${key}`), '[66 characters hidden]')
  t.equal(maskText('https://me:pass@x.example/y'), 'https://[hidden]@x.example/y')
  t.equal(maskText('KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn'), '[52 characters hidden]')
  t.match(maskText(`x='${'abandon '.repeat(11)}about'`), /^\[\d+ characters hidden\]$/)
  t.equal(maskText('bitcoin.example.net'), 'bitcoin.example.net')
})

/** The same key in the notations that people and programs write. */
const other = '753b7cc01a1a2e86221266a154af739463fce51219d97e4f856cd7200c3bd2a6'
const groups = (size: number, separator: string) => `${other}01`.match(new RegExp(`.{1,${size}}`, 'g'))!.join(separator)
const mnemonic = `${'abandon '.repeat(23)}art`
const notations = [
  other, `${other}01`, `0x${other}`, other.toUpperCase(), groups(4, ' '), groups(2, ':'), groups(8, '-'), groups(16, '_'), groups(32, ' '), `0x${groups(2, ', 0x')}`, groups(16, '\n# '),
  Buffer.from(other, 'hex').toString('base64'), Buffer.from(other, 'hex').toString('base64url'), Buffer.from(`${other}01`, 'hex').toString('base64'), Buffer.from(other).toString('base64'),
  mnemonic, mnemonic.toUpperCase(), mnemonic.replaceAll(' ', ', '), mnemonic.replaceAll(' ', '-'), mnemonic.split(' ').map((word, index) => `${index + 1}. ${word}`).join('\n# '),
  'KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn', `-----BEGIN OPENSSH PRIVATE KEY-----\n${'b3Bl'.repeat(17)}\n-----END OPENSSH PRIVATE KEY-----`,
]
for (const text of notations) t.match(maskText(`NAME=s # <${text}> #`), /^NAME=s # <(?:1\. )?\[\d+ characters hidden\]> #$/, text.slice(0, 30))

t.test('what is public is shown', async (t) => {
  const publicKey = '03d8c4344861fc7590fd812c24884a3bfd9374d8ba865a787ff53c9060020aa967'
  for (const text of [
    publicKey, `${publicKey}@seed.example.net:20444`, '02196f005965cebe6ddc3901b7b1cc1aa7a88f305bb8c5893456b8f9a605923893@seed.mainnet.hiro.so:20444',
    `blockstack/stacks-core@sha256:${other}`, `"sha256": "${other}"`, `SHA256:${Buffer.from(other, 'hex').toString('base64').replace('=', '')}`,
    'SP2J6ZY48GV1EZ5V2V5RB9MP66SW86PYKKNRV9EJ7', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5c0eZc2l1Y6l8s3TjJ5o3cS7lZ2p7aJ9xX2k7h1C2m', 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p',
    'NODE__connection_options__private_neighbors=false', '10.0.0.1, 10.0.0.2, 192.168.10.20, 172.16.1.1, 10.0.0.1, 10.0.0.2, 192.168.10.20', '2001:0db8:1111:2222:3333:4444:5555:6666,2001:0db8:1111:2222:3333:4444:5555:7777',
    'Prose is shown: few sentences have six words in a row of those that a mnemonic is made of.',
  ]) t.equal(maskText(text), text)
  t.notMatch(maskText(`SNAPSHOT_SHA256='${groups(4, ' ')}'`), /[0-9a-f]{4} [0-9a-f]{4}/, 'a hash has no groups')
  for (const text of [`${other}01`, `0x${other}`, groups(2, ':').slice(0, -3), groups(2, ':')]) t.notMatch(maskText(`SNAPSHOT_SHA256=${text}`), /[0-9a-f]{2}:?[0-9a-f]{2}:?[0-9a-f]{2}/, `a hash is 64 digits: ${text}`)
  t.equal(maskText(`Fingerprint=${groups(2, ':').slice(0, -3)}`), `Fingerprint=${groups(2, ':').slice(0, -3)}`)
  t.notMatch(maskText(`${other}01`.replace(/^../, '02')), /[0-9a-f]{60}/, 'what may be a private key with its mark is hidden')
})

t.test('SIGNER_KEY shows a word, and nothing that may be a key', async (t) => {
  for (const value of ['provided', 'genrate', '']) t.equal(hidesValue('SIGNER_KEY', value), false, value)
  for (const value of [...notations, other.slice(1), 'abandon ability', 'x'.repeat(13)]) t.equal(hidesValue('SIGNER_KEY', value), true, value.slice(0, 30))
})

t.test('a line shows nothing from where its secret begins', async (t) => {
  t.equal(maskLine('AUTH_TOKEN=hush # hush', 11), 'AUTH_TOKEN=[11 characters hidden]')
  t.equal(maskLine('AUTH_TOKEN=', 11), 'AUTH_TOKEN=')
  t.equal(maskLine('AUTH_TOKEN hush'), 'AUTH_TOKEN [4 characters hidden]')
  t.equal(maskLine('  export AUTH_TOKEN: x'), '  export AUTH_TOKEN: [1 character hidden]')
  t.equal(maskLine('please sync'), 'please sync')
  t.equal(maskLine('qX7vRz2LmW-9_token-of-a-test'), '[28 characters hidden]', 'a token alone on a line')
  t.equal(maskLine('NODE__burnchain__pox_2_activation'), 'NODE__burnchain__pox_2_activation')
  t.equal(maskLine('a\u001b[31m\tb\u0007'), 'a?[31m\tb?', 'control characters never reach the terminal, tabs do')
})

t.test('a value in a message is quoted, escaped and short', async (t) => {
  t.equal(shown('a"b'), '"a\\"b"')
  t.equal(shown('\u001b[31m'), '"\\u001b[31m"')
  t.equal(shown('\u202eabc'), '"\\u{202e}abc"')
  t.equal(shown('é'), '"é"')
  t.equal(shown('x'.repeat(99)), `"${'x'.repeat(60)}…"`)
  t.equal(shown(key), '[64 characters hidden]')
})

import t from 'tap'
import { looksSecret, maskLine, maskText, shown } from '../../generator/answers/mask.ts'

const key = 'a1b2c3d4'.repeat(8)

for (const name of ['SIGNER_PRIVATE_KEY', 'SIGNER_PRIVTE_KEY', 'AUTH_TOKN', 'auth_token', 'NODE__node__seed', 'MNEMONIC', 'my.secret', 'SIGNER_PRIVATE_KY', 'BITCOIN_RPC_PASWORD']) {
  t.equal(looksSecret(name), true, name)
}
for (const name of ['SIGNER_KEY', 'NETWORK', 'STACK_NAME', 'BITCOIN_HOST', 'NODE__node__txindex', 'A']) t.equal(looksSecret(name), false, name)

t.test('what could be a key is hidden wherever it stands', async (t) => {
  t.equal(maskText(`before ${key} after`), 'before [64 characters hidden] after')
  t.equal(maskText(`0x${key}`), '[66 characters hidden]')
  t.equal(maskText('https://me:pass@x.example/y'), 'https://[hidden]@x.example/y')
  t.equal(maskText('KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn'), '[52 characters hidden]')
  t.match(maskText(`x='${'abandon '.repeat(11)}about'`), /^\[\d+ characters hidden\]$/)
  t.equal(maskText('bitcoin.example.net'), 'bitcoin.example.net')
})

t.test('a line shows nothing from where its secret begins', async (t) => {
  t.equal(maskLine('AUTH_TOKEN=hush # hush', 11), 'AUTH_TOKEN=[11 characters hidden]')
  t.equal(maskLine('AUTH_TOKEN=', 11), 'AUTH_TOKEN=')
  t.equal(maskLine('AUTH_TOKEN hush'), 'AUTH_TOKEN [4 characters hidden]')
  t.equal(maskLine('  export AUTH_TOKEN: x'), '  export AUTH_TOKEN: [1 character hidden]')
  t.equal(maskLine('please sync'), 'please sync')
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

import { inspect } from 'node:util'
import t from 'tap'
import { privateKeyFault, secret, tokenFault } from '../../generator/answers/secrets.ts'

const key = 'a1b2c3d4'.repeat(8)
const order = 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141'

t.test('a secret shows its length alone', async (t) => {
  const it = secret(key)
  t.equal(it.reveal(), key)
  t.equal(it.kind, 'secret')
  for (const text of [String(it), `${it}`, JSON.stringify(it), JSON.stringify({ it }), inspect(it), inspect({ a: [it] }, { depth: 9, showHidden: true })]) {
    t.match(text, '[secret, 64 characters]')
    t.notMatch(text, 'a1b2')
  }
  t.ok(Object.isFrozen(it))
})

for (const good of [key, key.toUpperCase(), `${key}01`, `0${'0'.repeat(62)}1`, `${order.slice(0, -1)}0`, `02${key.slice(0, 62)}01`]) {
  t.equal(privateKeyFault(good), undefined, `${good.length} digits`)
}

for (const [value, fault] of [
  [`0x${key}`, 'it starts with 0x; the signer takes the digits alone'],
  [` ${key}`, 'there are blanks around it'],
  [`${key}\n`, 'there are blanks around it'],
  [key.slice(1), 'it has 63 digits, not 64 or 66'],
  [`${key}0`, 'it has 65 digits, not 64 or 66'],
  [`${key}02`, '66 digits must end in 01, which marks a compressed key'],
  [`03${key}`, 'this is a public key, not a private key'],
  [`04${key}${key}`, 'this is a public key, not a private key'],
  ['0'.repeat(64), 'it is zero, which is no key'],
  [`${'0'.repeat(64)}01`, 'it is zero, which is no key'],
  [order, 'it lies outside the range of secp256k1 keys'],
  [order.toUpperCase(), 'it lies outside the range of secp256k1 keys'],
  ['f'.repeat(64), 'it lies outside the range of secp256k1 keys'],
  [`${key.slice(0, 9)}é${key.slice(10)}`, 'character 10 of 64 is not a hexadecimal digit'],
  ['abandon '.repeat(11).concat('about'), 'these are 12 words of a mnemonic, not a private key'],
  ['KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn', 'this is a Bitcoin key in WIF, not hexadecimal digits'],
  ['SP2J6ZY48GV1EZ5V2V5RB9MP66SW86PYKKNRV9EJ7', 'this is a Stacks address, not a private key'],
] as const) t.equal(privateKeyFault(value), fault)

for (const good of ['0123456789abcdef', 'x'.repeat(256), 'token-with-$-and-"quotes"', "a'b`c\\d#e=f{{g}}"]) t.equal(tokenFault(good), undefined)
for (const [value, fault] of [
  ['', 'it has 0 characters, at least 16 are needed'],
  ['x'.repeat(15), 'it has 15 characters, at least 16 are needed'],
  ['x'.repeat(257), 'it has 257 characters, at most 256 are allowed'],
  ['sixteen letters and', 'character 8 of 19 is a blank'],
  ['sixteen\tletters-and', 'character 8 of 19 is a blank'],
  ['sixteenélettersandm', 'character 8 of 19 is not printable ASCII'],
  ['sixteen\u007flettersandm', 'character 8 of 19 is not printable ASCII'],
] as const) t.equal(tokenFault(value), fault)

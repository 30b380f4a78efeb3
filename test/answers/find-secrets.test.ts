/** Secrets in the text of an answer file, wherever and however they are written. */

import t from 'tap'
import { findSecrets } from '../../generator/answers/find-secrets.ts'
import { completeExample } from '../../generator/answers/reference.ts'
import { testKey } from '../support/command.ts'
import { keyNotations, mnemonicNotations, testMnemonic, textNotations } from '../support/notations.ts'

const token = 'qX7vRz2LmW-9_token-of-a-test'
const known = [{ what: 'secrets/signer-private-key', value: testKey }, { what: 'AUTH_TOKEN', value: token }, { what: 'secrets/signer-mnemonic', value: testMnemonic }]
const base = 'STACK_NAME=s\nNETWORK=mainnet\n'

async function lines(text: string, options: { readonly known?: typeof known; readonly committed?: true } = {}): Promise<readonly number[]> {
  const problems = await findSecrets({ file: 'a.env', text, folder: 'secrets/', known, ...options })
  for (const { message, hint, at } of problems) {
    t.notMatch(JSON.stringify([message, hint, at]), /753b|qX7v|abandon/i, 'nothing of it is said')
    t.equal(at?.source, undefined)
  }
  return problems.map(({ at }) => at!.line)
}

t.test('a key that nobody knows yet is found by its looks', async (t) => {
  for (const text of [...keyNotations(testKey), ...mnemonicNotations(testMnemonic)]) {
    const at = await lines(`${base}# ${text}\n`, { known: [] })
    t.strictSame(at, [3], `in a comment: ${text.slice(0, 40)}`)
    t.strictSame((await lines(`STACK_NAME=s # ${text}\nNETWORK=mainnet\n`, { known: [] })).length, 1, `behind a value: ${text.slice(0, 40)}`)
  }
  for (const value of [testKey, testKey.slice(0, 64), `0x${testKey}`]) t.strictSame(await lines(`${base}NODE__node__name='${value}'\nBITCOIN_RPC_USER=${value}\n`, { known: [] }), [3, 4])
})

t.test('a key in PEM is found by any of its lines, be there one', async (t) => {
  const line = 'MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC'
  const pem = { what: 'secrets/node-tls-key', value: `-----BEGIN PRIVATE KEY-----\n${line}\n-----END PRIVATE KEY-----` }
  t.strictSame(await lines(`${base}NODE__node__name=${line}\n`, { known: [pem] }), [3])
})

t.test('a mnemonic with a damaged word', async (t) => {
  const twelve = 'legal winner thank year wave sausage worth useful legal winner thank yellow'
  for (const text of [twelve.replace('year', 'yar'), twelve.replace('sausage', 'sausageXXXXX'), twelve.replace('wave sausage', 'wavesausage'), twelve.replace('winner', ''), twelve.replace('thank', 'th ank'), twelve.replace('legal', 'x')]) {
    t.strictSame(await lines(`${base}SNAPSHOT=on\n# ${text}\n`, { known: [] }), [4], text)
  }
  t.strictSame(await lines(`${base}# ${twelve.split(' ').slice(0, 7).join(' ')}\n`, { known: [] }), [], 'seven words are prose')
})

t.test('a private key in a place for a hash', async (t) => {
  for (const text of [testKey, `0x${testKey.slice(0, 64)}`, testKey.slice(0, 64).replace(/..(?=.)/g, '$&:')]) {
    t.strictSame(await lines(`${base}# SNAPSHOT_SHA256: ${text}\n`, { known: [] }), [3], text)
  }
})

t.test('what is known is found in every notation, wherever it stands', async (t) => {
  for (const text of [...keyNotations(testKey), ...mnemonicNotations(testMnemonic), testMnemonic.replaceAll(' ', ''), ...textNotations(token)]) {
    t.strictSame((await lines(`${base}# ${text}\n`)).length, 1, `in a comment: ${text.slice(0, 40)}`)
    if (!/[\n']/.test(text)) t.strictSame(await lines(`${base}NODE__node__name='${text}'\n`), [3], `in a value: ${text.slice(0, 40)}`)
  }
  t.strictSame(await lines(`${base}SNAPSHOT_SHA256=${testKey.slice(0, 64)}\nRUNBOOK_URL=https://x.example/?t=${token}\n`), [3, 4], 'also where any digits or an address may stand')
})

t.test('a line that was switched off', async (t) => {
  for (const line of ['#SIGNER_PRIVATE_KEY=x', '# SIGNER_PRIVTE_KEY = short', '#AUTH_TOKEN=abc', '#auth_password=abc', '#NODE__connection_options__auth_token=abc', 'SNAPSHOT=on # AUTH_TOKEN=abc']) {
    t.strictSame(await lines(`${base}${line}\n`, { known: [] }), [3], line)
  }
  for (const line of ['#SIGNER_PRIVATE_KEY=', "#AUTH_TOKEN=''", '# AUTH_TOKEN is made on the first run', '#SIGNER_KEY=generate', '#NODE__node__local_mining_public_key=02ab', '#SNAPSHOT=on']) {
    t.strictSame(await lines(`${base}${line}\n`, { known: [] }), [], line)
  }
})

t.test('lines of secret answers are judged elsewhere, unless the text is committed as it is', async (t) => {
  const text = `${base}SIGNER_PRIVATE_KEY=${testKey} # ${testKey}\nAUTH_TOKEN="${token}"\nBITCOIN_RPC_PASSWORD=\n`
  t.strictSame(await lines(text), [])
  t.strictSame(await lines(text, { committed: true }), [3, 4])
  t.strictSame(await lines(`${text}# ${token}\n`), [6])
})

t.test('what is public, or only prose, is let be', async (t) => {
  t.strictSame(await lines(completeExample()), [], 'the complete example')
  t.strictSame(await lines([
    base, 'SNAPSHOT_SHA256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', '# sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    `SNAPSHOT_URL=https://x.example/${'ab'.repeat(32)}.tar.zst`, 'NODE__node__bootstrap_node=02196f005965cebe6ddc3901b7b1cc1aa7a88f305bb8c5893456b8f9a605923801@seed.example.net:20444',
    'SBTC_SIGNING_SET=03d8c4344861fc7590fd812c24884a3bfd9374d8ba865a787ff53c9060020aa967', '# commit 0f8c2c5e3f2f0e9a4b1d6c7a8b9c0d1e2f3a4b5c', '# f47ac10b-58cc-4372-a567-0e02b2c3d479',
    '# alice bobby carol davey erinn frank grace heidi ivana judyy mallory oscar peggy', '',
  ].join('\n')), [])
})

import t from 'tap'
import { controlFault, valueFault } from '../../generator/answers/values.ts'

type Type = Parameters<typeof valueFault>[0]

const table: readonly (readonly [Type, readonly string[], readonly string[]])[] = [
  [{ kind: 'name', maxLength: 63 }, ['a', '0', 'my-signer_2', 'a'.repeat(63)], ['-a', '_a', 'A', 'a b', 'a.b', 'é', 'a'.repeat(64), 'a\n']],
  [{ kind: 'choice', values: ['on', 'off'] }, ['on', 'off'], ['On', 'true', 'x', ' on']],
  [{ kind: 'port' }, ['1', '65535', '20444'], ['0', '65536', '-1', '1e3', '0x10', '080', '1.5', '٣', '1 ']],
  [{ kind: 'number', least: 1, most: 16 }, ['1', '8', '16'], ['0', '17', '-1', '08', '1e1', '4.0', '٣', '8 ']],
  [{ kind: 'host' }, ['a', 'b.example.net', 'bitcoin_core', '10.0.0.1', '[2001:db8::1]', 'xn--bcher-kva.example'],
    ['-a', 'a..b', 'a.', '1.2.3', '1.2.3.4.5', '[1.2.3.4]', '2001:db8::1', '[fe80::1%eth0]', 'a:1', 'http://a', 'a/b', 'a b', 'bücher', 'a'.repeat(64)]],
  [{ kind: 'address' }, ['203.0.113.7', '203.0.113.7:20444', '[2001:db8::1]', '[2001:db8::1]:1'],
    ['node.example.net', '0.0.0.0', '[::]', '203.0.113.7:', '203.0.113.7:0', '2001:db8::1', '[203.0.113.7]', '1.2.3', '[]', ':1']],
  [{ kind: 'binding' }, ['127.0.0.1:20443', '0.0.0.0:1', '[::1]:65535', '[::]:20443', '10.0.0.5:20443'],
    ['20443', '127.0.0.1', ':20443', '127.0.0.1:', '127.0.0.1:0', '127.0.0.1:65536', '127.0.0.1:020443', '::1:20443', '[127.0.0.1]:1', 'localhost:20443', '127.0.0.1:1:2', '127.0.0.1:1/tcp', '[fe80::1%eth0]:1', '1.2.3:4', '[]:1', '$x:1']],
  [{ kind: 'url' }, ['https://a.example/x.tar.zst', 'http://127.0.0.1:8080/x', 'file:///srv/x.tar.gz', 'https://a.example/x?y=$z&q={{w}}'],
    ['ftp://a/x', 'a.example/x', 'file://a/x', 'file:///', 'https://u@a/x', 'https://u:p@a/x', 'https://', 'https:///x', 'https://a/x#y', 'https://a/b c', 'file:///a%zz', 'https://bücher/x', 'javascript:alert(1)']],
  [{ kind: 'sha256' }, ['ab'.repeat(32), 'AB'.repeat(32)], ['ab'.repeat(31), 'xy'.repeat(32)]],
  [{ kind: 'networks' }, ['192.0.2.1', '10.0.0.5/8', '2001:db8::/32', '192.0.2.1,2001:DB8::1', '192.0.2.1 , 192.0.2.2', '::1', '::/1'],
    ['', ',', '192.0.2.1,', '192.0.2', '10.0.0.0/33', '10.0.0.0/08', '10.0.0.0/8/8', '10.0.0.0/', '0.0.0.0/0', '::/0', '[2001:db8::1]', 'fe80::1%eth0', 'node.example.net',
      '::ffff:192.0.2.1', '192.0.2.1 192.0.2.2', '192.0.2.1;drop', '192.0.2.1,192.0.2.1', '"', '{', '@ssh4', '$x']],
  [{ kind: 'openings' }, ['80/tcp', '51820/udp,9100/tcp@10.0.0.0/8', '60000-61000/udp@2001:db8::1', '1-65535/tcp'],
    ['', '80', '80/sctp', 'http/tcp', '0/tcp', '65536/tcp', '20-10/tcp', '1-70000/tcp', '080/tcp', '80/tcp@', '80/tcp@x', '80/tcp@0.0.0.0/0', '80/tcp,80/tcp', '80/tcp 81/tcp', '80/TCP', '80/tcp@10.0.0.0/8@10.0.0.0/8']],
  [{ kind: 'user' }, ['stacks', 'a.b-c_d'], ['a:b', 'a b', 'é', 'x'.repeat(65)]],
]

for (const [type, right, wrong] of table) {
  for (const value of right) t.equal(valueFault(type, value), undefined, `${type.kind} ${value}`)
  for (const value of wrong) t.match(valueFault(type, value), { message: String }, `${type.kind} ${JSON.stringify(value)}`)
}

t.test('hints say what to write instead', async (t) => {
  const hint = (type: Type, value: string) => valueFault(type, value)?.hint
  t.equal(hint({ kind: 'name', maxLength: 63 }, 'My Signer'), 'did you mean my-signer?')
  t.equal(hint({ kind: 'choice', values: ['on', 'off'] }, 'TRUE'), 'did you mean on?')
  t.equal(hint({ kind: 'choice', values: ['no', 'yes'] }, '0'), 'did you mean no?')
  t.equal(hint({ kind: 'choice', values: ['', 'linux/amd64', 'linux/arm64'] }, 'arm64'), 'did you mean linux/arm64?')
  t.equal(hint({ kind: 'choice', values: ['mainnet', 'testnet'] }, 'tesnet'), 'did you mean testnet?')
  t.equal(hint({ kind: 'choice', values: ['mainnet', 'testnet'] }, 'devnet'), undefined)
  t.equal(hint({ kind: 'host' }, '2001:db8::1'), 'did you mean [2001:db8::1]?')
  t.equal(hint({ kind: 'networks' }, '[2001:db8::1]'), 'did you mean 2001:db8::1?')
  t.equal(hint({ kind: 'host' }, 'a.example:1'), 'write a.example here; the port has its own answer')
})

t.test('control characters are named by their place', async (t) => {
  t.equal(controlFault('plain é'), undefined)
  t.equal(controlFault('a\nb')?.message, 'holds a line end, and no answer may')
  for (const [value, place] of [['\u0007', '1st'], ['a\u0007', '2nd'], ['aa\u0007', '3rd'], ['aaa\u0085', '4th'], [`${'a'.repeat(10)}\u001b`, '11th'], [`${'a'.repeat(20)}\u2028`, '21st']] as const) {
    t.equal(controlFault(value)?.message, `holds a control character, the ${place} of the value`)
  }
})

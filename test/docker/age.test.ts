/** shared/age.ts against the real age: each reads what the other has written, and no message shows a key. */

import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { open, openStream, seal, sealStream } from '../../docker/programs/shared/age.ts'
import { OperatorError } from '../../docker/programs/shared/program.ts'
import { needs } from './tools.ts'

const options = needs('age', 'age-keygen')
const newIdentity = () => spawnSync('age-keygen', { encoding: 'utf8' }).stdout
const recipientOf = (identity: string) => /age1\w+/.exec(identity)![0]
const age = (input: Uint8Array, ...words: readonly string[]) => spawnSync('age', words, { input, maxBuffer: 1 << 24 })
/** More than one block of age, in pieces that do not fall together with them. */
const content = randomBytes(300_000)
const pieces = (bytes: Uint8Array) => Readable.from(Array.from({ length: Math.ceil(bytes.length / 10_007) }, (_, index) => bytes.subarray(index * 10_007, (index + 1) * 10_007)), { objectMode: false })
const message = async (action: () => Promise<unknown>) => action().then(() => 'nothing was refused', (error: unknown) => (error instanceof OperatorError ? error.message : `a bug: ${String(error)}`))

t.test('what is sealed here opens with age, and the other way round', options, async (t) => {
  const [identity, other] = [newIdentity(), newIdentity()]
  const recipients = `# a comment\r\n\n  ${recipientOf(identity)}\r\n${recipientOf(other)}\n`
  const file = join(t.testdir(), 'identity')
  for (const one of [identity, other]) {
    writeFileSync(file, one)
    for (const sealed of [await seal(recipients, content), await buffer(await sealStream(recipients, pieces(content)))]) t.ok(age(sealed, '-d', '-i', file).stdout.equals(content))
    const sealed = age(content, '-r', recipientOf(identity), '-r', recipientOf(other)).stdout
    t.ok(content.equals(await open(one, sealed)))
    t.ok(content.equals(await buffer(await openStream(one, pieces(sealed)))))
    for (const bytes of [0, 65_536, 131_072]) t.equal((await open(one, await seal(recipients, content.subarray(0, bytes)))).length, bytes)
  }
})

t.test('what cannot be sealed or opened, in messages that show no key', options, async (t) => {
  const [identity, other] = [newIdentity(), newIdentity()]
  const secret = /AGE-SECRET-KEY-1\w+/.exec(identity)![0]
  const recipient = recipientOf(identity)
  for (const [recipients, said] of [
    ['# nothing\n', 'there is no age recipient'],
    [`${recipient}\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA me`, 'age recipient 2 is an SSH key, and only age keys are accepted: make one with age-keygen'],
    [`${recipient.slice(0, -1)}x`, 'age recipient 1 is not an age public key, which begins with age1'],
    [secret, 'age recipient 1 is not an age public key, which begins with age1'],
    [`age1${'q'.repeat(52)}4wrm53`, /^age (recipient 1 is not an age public key|cannot encrypt)/],
  ] as const) {
    t.match(await message(() => seal(recipients, content)), said)
    t.match(await message(() => sealStream(recipients, pieces(content))), said)
  }
  const sealed = Buffer.from(await seal(recipient, content))
  const turned = Buffer.from(sealed)
  turned[sealed.length - 100_000]! ^= 1
  for (const [name, identities, bytes, said] of [
    ['another identity', other, sealed, 'the age identity does not open it, or it is damaged'],
    ['no identity', '# nothing\n', sealed, 'this is not an age identity, which is a line that begins with AGE-SECRET-KEY-1'],
    ['half an identity', secret.slice(0, -5), sealed, 'this is not an age identity, which is a line that begins with AGE-SECRET-KEY-1'],
    ['a byte turned', identity, turned, 'the age identity does not open it, or it is damaged'],
    ['cut between two blocks', identity, sealed.subarray(0, sealed.length - 16 - content.length % 65_536), 'the age identity does not open it, or it is damaged'],
    ['nothing', identity, Buffer.alloc(0), 'the age identity does not open it, or it is damaged'],
    ['no end of a line', identity, Buffer.alloc(200_000, 'age-encryption.org/v1 '), 'the age identity does not open it, or it is damaged'],
  ] as const) {
    t.equal(await message(() => open(identities, bytes)), said, name)
    t.equal(await message(async () => buffer(await openStream(identities, pieces(bytes)))), said, `${name}, as a stream`)
  }
  t.match(await openStream(identity, new Readable({ read() { this.destroy(Object.assign(new Error('no disk'), { code: 'EIO' })) } })).catch((error: unknown) => error), { code: 'EIO' })
})

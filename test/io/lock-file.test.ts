import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { ImageLock } from '../../generator/catalogue/images.ts'
import { lockPath, parseLock, readLock, renderLock } from '../../generator/io/lock-file.ts'

const digest = `sha256:${'0a'.repeat(32)}`
const lock: ImageLock = new Map([
  ['ghcr.io/b/b:4.0.4', { digest, index: true, platforms: ['linux/arm64/v8', 'linux/amd64'] }],
  ['docker.io/library/a:trixie-slim', { digest, index: false, platforms: ['linux/amd64'] }],
])

t.test('written and read', async (t) => {
  const text = renderLock(lock)
  t.ok(text.endsWith('}\n'))
  t.ok(text.indexOf('docker.io') < text.indexOf('ghcr.io'), 'sorted')
  const read = parseLock(text)
  t.strictSame(read.problems, [])
  t.strictSame(read.value?.get('ghcr.io/b/b:4.0.4'), { digest, index: true, platforms: ['linux/amd64', 'linux/arm64/v8'] })
  t.equal(renderLock(read.value!), text, 'the same bytes')
  t.equal(renderLock(new Map([...lock].reverse())), text)
})

t.test('what `pin` would not have written', async (t) => {
  const good = { digest, index: true, platforms: ['linux/amd64'] }
  const images = (value: unknown, name = 'docker.io/a/b:1') => JSON.stringify({ format: 1, images: { [name]: value } })
  t.equal(parseLock(images(good)).value?.size, 1)
  for (const text of [
    '', '{', '[]', 'null', '1', '{}', '{"format":1}', '{"format":"1","images":{}}', '{"format":0,"images":{}}', '{"format":1,"images":[]}', '{"format":1,"images":{},"more":1}',
    images(null), images('x'), images({ ...good, digest: 'sha256:00' }), images({ ...good, digest: digest.toUpperCase() }), images({ ...good, digest: `${digest}\n` }),
    images({ ...good, index: 'true' }), images({ ...good, platforms: [] }), images({ ...good, platforms: [1] }), images({ ...good, platforms: ['linux'] }), images({ ...good, more: 1 }),
    images(good, 'docker.io/a/b'), images(good, 'docker.io/a/b:1@x'), images(good, '../x:1'), images(good, '__proto__'), images(good, 'a/b: 1'), ' '.repeat(1_000_001),
  ]) t.match(parseLock(text), { value: undefined, problems: [{ code: 'bad-lock', severity: 'error', hint: /pin/ }] }, text.slice(0, 120))
  t.match(parseLock('{"format":2,"images":{}}'), { value: undefined, problems: [{ code: 'newer-lock' }] })
})

t.test('on the disk', async (t) => {
  const root = t.testdir({})
  t.equal(readLock(root).value?.size, 0, 'none is empty')
  writeFileSync(join(root, lockPath), renderLock(lock))
  t.equal(readLock(root).value?.size, 2)
  const linked = t.testdir({ linked: {}, folder: { [lockPath]: {} }, bytes: {} })
  symlinkSync(join(root, lockPath), join(linked, 'linked', lockPath))
  writeFileSync(join(linked, 'bytes', lockPath), Buffer.from([0xff, 0xfe]))
  for (const name of ['linked', 'folder', 'bytes']) t.match(readLock(join(linked, name)), { value: undefined, problems: [{ code: 'bad-lock' }] }, name)
  mkdirSync(join(root, 'empty'))
  t.strictSame(readLock(join(root, 'empty')).problems, [])
})

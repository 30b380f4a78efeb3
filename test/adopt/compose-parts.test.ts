/** The small readers behind a Compose file: variables and ports. */

import t from 'tap'
import { interpolate } from '../../generator/adopt/interpolate.ts'
import { hostPort, isOpen, readPublished } from '../../generator/adopt/published.ts'

const values = new Map([['V', '4.0.1'], ['EMPTY', ''], ['P', '21444']])

for (const [text, want, missing] of [
  ['stacks-core:${V}', 'stacks-core:4.0.1', []],
  ['stacks-core:$V', 'stacks-core:4.0.1', []],
  ['x:${NONE:-latest}', 'x:latest', []],
  ['x:${NONE-latest}', 'x:latest', []],
  ['x:${EMPTY:-latest}', 'x:latest', []],
  ['x:${EMPTY-latest}', 'x:', []],
  ['x:${NONE:?say it}', 'x:', ['NONE']],
  ['x:${NONE}', 'x:', ['NONE']],
  ['${V:+set}${NONE:+set}', 'set', []],
  ['$$V and $1', '$V and $1', []],
] as const) {
  const done = interpolate(text, values)
  t.strictSame([done.text, done.missing], [want, missing], text)
}

for (const [entry, want] of [
  ['20444:20444', { container: 20444, host: 20444, count: 1 }],
  ['0.0.0.0:20444:20444/tcp', { container: 20444, host: 20444, count: 1 }],
  ['127.0.0.1:20443:20443', { container: 20443, host: 20443, count: 1, address: '127.0.0.1' }],
  ['[::1]:20443:20443', { container: 20443, host: 20443, count: 1, address: '[::1]' }],
  ['[::]:20443:20443', { container: 20443, host: 20443, count: 1 }],
  ['20443', { container: 20443, count: 1 }],
  [20443, { container: 20443, count: 1 }],
  ['127.0.0.1::20443', { container: 20443, count: 1, address: '127.0.0.1' }],
  ['30443-30444:20443-20444', { container: 20443, host: 30443, count: 2 }],
  ['${P:-20444}:20444', { container: 20444, host: 21444, count: 1 }],
  [{ target: 20444, published: '21444', host_ip: '203.0.113.7' }, { container: 20444, host: 21444, count: 1, address: '203.0.113.7' }],
  [{ target: 20444 }, { container: 20444, count: 1 }],
  ['what', undefined], ['70000:70000', undefined], [null, undefined], [['x'], undefined],
] as const) t.strictSame(readPublished(entry, values), want, JSON.stringify(entry).replaceAll(/[#{}]/g, ''))

const range = readPublished('30443-30444:20443-20444', values)!
t.equal(hostPort([range], 20444), 30444)
t.equal(hostPort([range], 20445), undefined)
t.ok(isOpen(range))
t.ok(isOpen(readPublished('203.0.113.7:1:1', values)!))
t.notOk(isOpen(readPublished('127.0.0.1:1:1', values)!))
t.notOk(isOpen(readPublished('[::1]:1:1', values)!))

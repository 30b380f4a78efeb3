/** What tests beside each other have of their own. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import t from 'tap'
import { hold, ownName, ownPort } from './own.ts'

t.test('what one holds another waits for, until it is given back', async (t) => {
  const name = ownName('held')
  const order: string[] = []
  const giveBack = await hold(name)
  const other = hold(name).then((give) => {
    order.push('the other')
    give()
  })
  await (await hold(ownName('free')))()
  t.strictSame(order, [])
  order.push('the first')
  giveBack()
  await other
  t.strictSame(order, ['the first', 'the other'])
})

t.test('what a process that was killed has held is free', async (t) => {
  const name = ownName('killed')
  const child = spawn(process.execPath, [...process.execArgv, '--input-type=module', '--eval', `
    import { hold } from ${JSON.stringify(new URL('own.ts', import.meta.url).href)}
    await hold(${JSON.stringify(name)})
    console.log('held')
    setInterval(() => undefined, 1000)`], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  const giveBack = await hold(name)
  t.type(giveBack, 'function')
  giveBack()
})

t.test('no two ports are the same, and on each can be listened', async (t) => {
  const ports = await Promise.all(Array.from({ length: 50 }, () => ownPort()))
  t.equal(new Set(ports).size, ports.length)
  for (const port of ports) {
    const server = createServer().listen(port)
    await once(server, 'listening')
    server.close()
  }
  t.ok(ports.every((port) => port < 32_000), 'below those that the kernel gives away')
})

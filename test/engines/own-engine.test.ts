/** An engine of a test's own: nothing of it is felt by the machine's, it can be rebooted, and it ends with its test. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { ownName } from '../support/own.ts'
import { waitFor } from '../support/wait.ts'
import { docker, must } from './support/docker.ts'
import { containersBy, engineHost, execIn, inspectContainer, logsOf, top } from './support/engine.ts'
import { doublesImage, testImages } from './support/images.ts'
import { release, withOwnEngine } from './support/setting.ts'

await withOwnEngine(t, async (_root, engine) => {
  const name = ownName('alone')
  const host = engineHost()
  const asMachine = <T>(look: () => T): T => {
    delete process.env['DOCKER_HOST']
    try {
      return look()
    } finally {
      process.env['DOCKER_HOST'] = host
    }
  }

  await t.test('its containers and ports are nobody else\'s', async (t) => {
    must(['run', '--detach', '--restart', 'always', '--init', '--name', name, '--publish', '80:80', testImages.base, 'sh', '-c', 'echo said; echo told >&2; exec sleep infinity'])
    t.strictSame(await containersBy({}), [name])
    t.notOk(asMachine(() => must(['ps', '--all', '--format', '{{.Names}}'])).split('\n').includes(name), 'the machine\'s engine does not know it')
    t.match(engine.inside('ip', '-brief', 'address').out, /^docker0 .*172\.17\.0\.1/m)
    t.match(readFileSync(`/proc/${engine.pid()}/net/tcp`, 'utf8'), /00000000:0050 00000000:0000 0A/, 'port 80 is taken where it is')
  })

  await t.test('the socket tells what the docker command does', async (t) => {
    await waitFor('both lines are there', () => logsOf(name), (said) => /said[^]*told|told[^]*said/.test(said))
    t.equal((await inspectContainer(name))?.Id, must(['inspect', '--format', '{{.Id}}', name]))
    t.equal(await inspectContainer('no-such-container'), undefined)
    t.match(await top(name), /^sleep infinity$/m)
    t.strictSame(await execIn(name, ['sh', '-c', 'id -u; echo told >&2; exit 3'], { User: '1000' }), { status: 3, out: '1000\n', err: 'told\n' })
    t.match(await execIn('no-such-container', ['true']), { status: 126, err: /No such container/ })
    t.equal((await execIn(name, ['head', '-c', '300000', '/dev/zero'])).out.length, 300_000, 'more than one frame')
  })

  await t.test('a reboot', async (t) => {
    const before = (await inspectContainer(name))!
    await engine.stop()
    t.not(docker(['version']).status, 0, 'it is away')
    await engine.start()
    const after = await waitFor('the container is back', () => inspectContainer(name), (seen) => seen?.State.Status === 'running')
    t.equal(after?.Id, before.Id)
    t.not(after?.State.StartedAt, before.State.StartedAt)
  })

  await t.test('killed with its test, it ends', async (t) => {
    const images = [testImages.base, testImages.bitcoind, testImages.archive, doublesImage(release)]
    const { DOCKER_HOST: _, ...environment } = process.env
    const owner = spawn(process.execPath, [...process.execArgv, fileURLToPath(new URL('support/owner.ts', import.meta.url)), ...images], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] })
    const [pid] = await once(owner.stdout, 'data').then(([said]) => [String(said).trim()])
    t.match(readFileSync(`/proc/${pid}/cmdline`, 'utf8'), /^dockerd/)
    owner.kill('SIGKILL')
    await waitFor('it has ended', () => existsSync(`/proc/${pid}`), (there) => !there)
    t.equal((await inspectContainer(name))?.State.Status, 'running', 'and this one has not')
  })
})

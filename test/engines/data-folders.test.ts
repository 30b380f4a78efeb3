/**
 * Data in folders on two disks of their own, by loop devices: a disk that is away at the start and at a reboot, a move into the
 * folders and back, and `down --volumes`.
 */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { dataMarker, paths } from '../../generator/catalogue/container.ts'
import { command, testKey } from '../support/command.ts'
import { waitFor } from '../support/wait.ts'
import { docker, program, type Ran } from './support/docker.ts'
import { release, withOwnEngine } from './support/setting.ts'
import { makeStack, overrideImages } from './support/stack.ts'
import { missingSigns } from './support/working.ts'

function must(ran: Ran): string {
  if (ran.status !== 0) throw new Error(ran.out + ran.err)
  return ran.out
}

await withOwnEngine(t, async (root, engine) => {
  const missing = ['losetup', 'mkfs.ext4', 'mount', 'mountpoint'].filter((name) => program('sh', ['-c', `command -v ${name}`]).status !== 0)
  if (missing.length > 0) {
    if (process.env['REQUIRE_ENGINES'] === '1') t.fail(`${missing.join(', ')} not installed`)
    else t.pass('skipped', { skip: `${missing.join(', ')} not installed` })
    return
  }
  // Not in /tmp, where no answer may keep data.
  const place = mkdtempSync('/var/lib/stack-test-disks-')
  const disks = ['disk1', 'disk2'].map((name) => join(place, name)) as [string, string]
  for (const disk of disks) {
    mkdirSync(disk)
    must(program('sh', ['-ec', 'truncate -s 512M "$1.img" && mkfs.ext4 -q "$1.img"', 'sh', disk]))
  }
  const mount = (disk: string) => must(program('mount', ['-o', 'loop', `${disk}.img`, disk]))
  const unmount = (disk: string) => must(program('umount', [disk]))
  const folders = { bitcoin: join(disks[0], 'bitcoin'), stacks: join(disks[1], 'stacks'), signer: join(disks[1], 'signer') }
  const plain = { NETWORK: 'mainnet', STACKS_VERSION: release, SIGNER_PRIVATE_KEY: testKey, SNAPSHOT: 'off', BITCOIN_P2P_PUBLISH: 'off' }
  const placed = { ...plain, BITCOIN_DATA_DIR: folders.bitcoin, STACKS_DATA_DIR: folders.stacks, SIGNER_DATA_DIR: folders.signer }
  const make = (directory: string, ...words: readonly string[]) => program('make', ['--no-print-directory', '-C', directory, ...words])

  try {
    const stack = await makeStack(root, { release, answers: { STACK_NAME: 'disks', ...placed } })
    must(await engine.build(stack))

    await t.test('no disk is mounted: nothing starts, and nothing is written in their place', async (t) => {
      const up = make(stack.directory, 'up')
      t.not(up.status, 0)
      t.match(up.err, `${folders.bitcoin} is missing: is its disk mounted?`)
      t.not(stack.compose('up', '-d').status, 0, 'without make neither')
      t.strictSame(disks.flatMap((disk) => readdirSync(disk)), [])
    })

    await t.test('with both disks it works', async (t) => {
      for (const disk of disks) mount(disk)
      t.match(make(stack.directory, 'data-dirs', 'CONFIRM=yes').out, /is ready for stacks-signer: on \/dev\/loop/)
      const up = make(stack.directory, 'up')
      t.equal(up.status, 0, up.err)
      t.strictSame(await missingSigns(stack), [])
      t.ok(existsSync(join(folders.signer, 'guard')) && readdirSync(folders.stacks).length > 1 && readdirSync(folders.bitcoin).length > 1)
      t.notMatch(docker(['volume', 'ls', '--quiet']).out, /-data$/m)
      t.match(make(stack.directory, 'status').out, /disk/i)
    })

    await t.test('one disk is away after a reboot', async (t) => {
      await engine.stop()
      unmount(disks[0])
      await engine.start()
      await waitFor('bitcoind is not started', () => stack.health('bitcoind'), (health) => health !== 'healthy')
      t.strictSame(readdirSync(disks[0]), [], 'nothing was written to the mount point')
      t.not(stack.compose('up', '-d').status, 0)
      // The operator makes the folder by mistake: it is not the one of before.
      must(make(stack.directory, 'data-dirs', 'CONFIRM=yes'))
      const up = make(stack.directory, 'up')
      t.not(up.status, 0)
      t.match(up.err, `${folders.bitcoin} is not the folder that held the data of bitcoind until now: is the right disk mounted?`)
      t.strictSame(readdirSync(folders.bitcoin), [dataMarker])
      rmSync(folders.bitcoin, { recursive: true })
      mount(disks[0])
      t.equal(make(stack.directory, 'up').status, 0)
      t.strictSame(await missingSigns(stack), [])
    })

    await t.test('down --volumes deletes no data', async (t) => {
      const before = readdirSync(folders.signer).sort()
      must(stack.compose('down', '--volumes'))
      t.strictSame(readdirSync(folders.signer).sort(), before)
      t.equal(make(stack.directory, 'up').status, 0)
      t.strictSame(await missingSigns(stack), [])
    })

    /** The same stack with other answers, as an operator generates it. */
    const generate = async (answers: Readonly<Record<string, string>>) => {
      const { SIGNER_PRIVATE_KEY: _, ...rest } = answers
      writeFileSync(join(stack.directory, 'answers.env'), Object.entries({ STACK_NAME: stack.name, ...rest }).map(([key, value]) => `${key}=${value}\n`).join(''))
      const ran = await command(stack.directory, [])
      if (ran.code !== 0) throw new Error(ran.err)
      overrideImages(stack.directory, { release })
    }
    const marked = async () => {
      must(stack.compose('run', '--rm', '--no-deps', '-T', '--entrypoint', 'sh', 'init', '-c', `echo kept >${paths.nodeData}/kept`))
    }

    await t.test('back into named volumes, and into folders again', async (t) => {
      await marked()
      await generate(plain)
      const early = stack.compose('up', '-d')
      t.not(early.status, 0, 'an empty volume does not stand in for the data')
      const moved = make(stack.directory, 'move-data', 'CONFIRM=yes')
      t.equal(moved.status, 0, moved.out + moved.err)
      t.strictSame(await missingSigns(stack), [])
      t.equal((await stack.exec('stacks-node', 'cat', `${paths.nodeData}/kept`)).out, 'kept\n')
      t.ok(existsSync(join(folders.stacks, 'kept')), 'the old place is as it was')

      await generate(placed)
      t.match(make(stack.directory, 'move-data', 'CONFIRM=yes').err, /is not empty/)
      for (const folder of Object.values(folders)) rmSync(folder, { recursive: true })
      must(make(stack.directory, 'data-dirs', 'CONFIRM=yes'))
      const again = make(stack.directory, 'move-data', 'CONFIRM=yes')
      t.equal(again.status, 0, again.out + again.err)
      t.strictSame(await missingSigns(stack), [])
      t.equal(readFileSync(join(folders.stacks, 'kept'), 'utf8'), 'kept\n')
      t.equal(make(stack.directory, 'move-data').out.trim().split('\n').at(-1), 'move: all data is where the answers say')
      t.match((await stack.logs('guard')), /watch/i, 'the guard has watched: the data is on another host, as far as it can tell')
    })
  } finally {
    docker(['ps', '--all', '--quiet']).out.trim().split('\n').filter((one) => one !== '').forEach((one) => docker(['rm', '--force', one]))
    for (const disk of disks) program('umount', ['--lazy', disk])
    rmSync(place, { recursive: true })
  }
})

/**
 * An sBTC signer's stack that is up, through a reboot and the loss of its host: a real PostgreSQL and a real bitcoind, and a
 * stand-in that reads its configuration strictly.
 */

import { spawnSync } from 'node:child_process'
import { chownSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { paths } from '../../generator/catalogue/container.ts'
import { sbtcTestKey, testKey } from '../support/command.ts'
import { waitFor } from '../support/wait.ts'
import { docker, program } from '../engines/support/docker.ts'
import { execIn } from '../engines/support/engine.ts'
import { blocksTo, keyOf, shareRow } from '../engines/support/sbtc-rows.ts'
import { release, withOwnEngine } from '../engines/support/setting.ts'
import { makeStack, type TestStack } from '../engines/support/stack.ts'

const answers = {
  NETWORK: 'mainnet', STACKS_VERSION: release, SNAPSHOT: 'off', SBTC_SIGNER: 'on', LOGS: 'docker', SBTC_PRIVATE_KEY: sbtcTestKey, EMILY_API_KEY: 'an-api-key-of-nobody',
  SBTC_SIGNING_SET: '02b61056bb84aa2ff7d740a31334c68a691e93ed3a229632e1b22e5b47bbb87ec0', SBTC_SIGNATURES_REQUIRED: '1', SBTC_QUIC: 'on', SBTC__bitcoin__chain_tip_polling_interval: '1',
}
const parts = ['postgres', 'sbtc-bitcoind', 'sbtc-stacks-node', 'sbtc-watch', 'sbtc-backup', 'backup']
const inside = (stack: TestStack, service: string, ...words: readonly string[]) => stack.exec(service, ...words)
const rows = async (stack: TestStack, sql: string) => {
  const { status, out, err } = await execIn(stack.container('postgres'), ['psql', '-tA', '-v', 'ON_ERROR_STOP=1', '-U', 'postgres', '-d', 'signer', '-c', sql], { User: '999' })
  if (status !== 0) throw new Error(`${sql}: ${err}`)
  return out.trim()
}
const make = (stack: TestStack, ...words: readonly string[]) => program('make', words, { cwd: stack.directory })
/** Waits until `make WORDS` prints what matches: a busy machine does not tell everything at once. */
const tells = (stack: TestStack, pattern: RegExp, ...words: readonly string[]) => waitFor(`make ${words.join(' ')} tells ${pattern.source}`, () => make(stack, ...words).out, (said) => pattern.test(said))
const [older, newer] = [keyOf('older'), keyOf('newer')]
const shareOf = (key: string, day: number) => shareRow(key, day, [answers.SBTC_SIGNING_SET], 1)
const verified = (stack: TestStack) => rows(stack, "SELECT string_agg(encode(aggregate_key, 'hex'), ' ' ORDER BY created_at DESC) FROM sbtc_signer.dkg_shares WHERE dkg_shares_status = 'verified'")
/** Puts a key onto the chain that the stand-in of the node tells of. */
const onChain = (stack: TestStack, key: string) => inside(stack, 'sbtc-stacks-node', 'sh', '-c', 'printf %s "$0" >/var/lib/stacks-node/world.json', JSON.stringify({ registry: { key, set: [answers.SBTC_SIGNING_SET], threshold: 1 } }))
/** The signer follows real blocks, of which there is one; those of the node are made up, and one comes every two seconds. */
const toTip = async (stack: TestStack) => rows(stack, blocksTo((await inside(stack, 'sbtc-stacks-node', 'sh', '/etc/stacks-node/http-get.sh', '127.0.0.1', '20443', '/v2/info')).out))
const stored = async (stack: TestStack) => (await inside(stack, 'sbtc-backup', 'ls', '-A', '/var/lib/sbtc-backup')).out.split('\n').filter((name) => name !== '')
const dumpsOf = async (stack: TestStack) => (await stored(stack)).filter((name) => name.endsWith('.dump.age')).sort()

await withOwnEngine(t, async (root, engine) => {
  const [disk, identity] = [join(root, 'disk'), join(root, 'identity')]
  mkdirSync(disk, { mode: 0o700 })
  chownSync(disk, 2002, 2002)
  const recipient = /age1\w+/.exec(spawnSync('age-keygen', ['-o', identity], { encoding: 'utf8' }).stderr)?.[0]
  if (!recipient) {
    t.fail('age-keygen is not on this machine')
    return
  }
  const backedUp = { ...answers, STACK_NAME: 'sbtc-alone', SIGNER: 'off', BACKUP: 'path', BACKUP_PATH: disk, BACKUP_AGE_RECIPIENT: recipient }
  const stack = await makeStack(root, { release, answers: backedUp })
  const built = await engine.build(stack)
  t.equal(built.status, 0, built.err)
  const up = stack.compose('up', '-d')
  t.equal(up.status, 0, up.err)
  await stack.becomesHealthy(...parts)

  await t.test('they do what they should with each other', async (t) => {
    t.equal(await rows(stack, 'SELECT count(*) FROM public.__sbtc_migrations'), '21')
    await waitFor('a block of Bitcoin is in the database', () => rows(stack, 'SELECT count(*) FROM sbtc_signer.bitcoin_blocks'), (count) => Number(count) > 0)
    // The node hands its events to the signer.
    await stack.says('sbtc-signer', /observed a stacks block/)
    t.match(await stack.logs('sbtc-stacks-node'), /Registering event observer at: sbtc-signer:8801/)
    const info = program('make', ['sbtc-info'], { cwd: stack.directory })
    t.equal(info.status, 0, info.err)
    t.match(info.out, /"build_info"/)
    // The stand-in of the node knows no contract.
    const set = program('make', ['sbtc-set'], { cwd: stack.directory })
    t.equal(set.status, 2)
    t.match(set.out + set.err, /could not tell/)
    t.match(make(stack, 'sbtc-set', 'API=http://api.example.net'), { status: 2, err: /an API is asked over https:\/\/ only/ }, 'in a container of its own')
    t.match(program('make', ['sbtc-bitcoin-cli'], { cwd: stack.directory }).out, /"chain": "main"/)
    t.match(await tells(stack, /sbtc-upgrade-dump +done/, 'status'), /sbtc-upgrade-dump +done/)
    for (const target of ['check-config', 'check-secrets', 'ps', 'status']) {
      const ran = program('make', [target], { cwd: stack.directory })
      t.equal(ran.status, 0, `make ${target}: ${ran.out}${ran.err}`)
    }
  })

  await t.test('its key is encrypted, opens again, and comes back', async (t) => {
    const [file, key] = [join(root, 'key.age'), join(stack.directory, 'secrets/sbtc-signer-private-key')]
    const before = readFileSync(key, 'utf8')
    const ran = (target: string, ...words: readonly string[]) => {
      const { status, out, err } = make(stack, target, `FILE=${file}`, ...words)
      t.equal(status, 0, `make ${target}: ${out}${err}`)
      t.notOk(`${out}${err}`.includes(before.trim()), `make ${target} does not show the key`)
      return out
    }
    ran('sbtc-key-export', `RECIPIENT=${recipient}`)
    t.match(ran('sbtc-key-check', `IDENTITY=${identity}`), `it is the key of ${answers.SBTC_SIGNING_SET}, as it should be`)
    t.match(ran('sbtc-key-sheet'), /^RECOVERY SHEET: /m)
    rmSync(key)
    ran('sbtc-key-restore', `IDENTITY=${identity}`)
    t.equal(readFileSync(key, 'utf8'), before)
  })

  await t.test('a reboot: what it has comes back by itself, and whole', async (t) => {
    const { StartedAt } = (await stack.inspect('sbtc-signer'))!.State
    await engine.stop()
    await engine.start()
    await stack.becomesHealthy(...parts)
    await waitFor('the signer is started again', async () => (await stack.inspect('sbtc-signer'))!.State, (state) => state.StartedAt > StartedAt && state.Status === 'running')
    t.equal(await rows(stack, 'SELECT count(*) FROM public.__sbtc_migrations'), '21')
    const since = (await stack.inspect('sbtc-signer'))!.State.StartedAt
    const events = await waitFor('the node hands its events to the signer', async () => (await stack.logs('sbtc-signer')).split('\n').filter((line) => line > since), (lines) => lines.some((line) => /observed a stacks block/.test(line)))
    t.ok(events.length > 0, 'the node hands its events to the signer')
  })

  await t.test('only its own port is open to the world, and only what is named reaches anything', async (t) => {
    const published = Object.fromEntries(await Promise.all(['sbtc-signer', 'blocklist-client', ...parts].map(async (name) => [name, Object.keys((await stack.inspect(name))!.HostConfig.PortBindings ?? {}).sort()] as const)))
    t.strictSame(published, { 'sbtc-signer': ['4122/tcp', '4122/udp'], 'blocklist-client': [], postgres: [], 'sbtc-bitcoind': [], 'sbtc-stacks-node': [], 'sbtc-watch': [], 'sbtc-backup': [], backup: [] })
    const reaches = async (from: string, host: string, port: number) => {
      const { status, err } = await inside(stack, from, 'bash', '-c', `timeout 60 bash -c 'exec 3<>/dev/tcp/${host}/${port}'`)
      if (![0, 1, 124].includes(status)) throw new Error(`${from}: ${status} ${err}`)
      return status === 0
    }
    t.ok(await reaches('sbtc-signer', 'postgres', 5432))
    t.notOk(await reaches('blocklist-client', 'postgres', 5432))
    t.notOk(await reaches('sbtc-stacks-node', 'postgres', 5432))
    t.notOk(await reaches('blocklist-client', 'sbtc-stacks-node', 20443))
    t.ok(await reaches('sbtc-backup', 'postgres', 5432) && await reaches('sbtc-backup', 'sbtc-stacks-node', 20443))
    t.notOk(await reaches('sbtc-backup', 'sbtc-bitcoind', 8332) || await reaches('sbtc-backup', '192.0.2.1', 80))
    t.equal((await stack.inspect('backup'))!.HostConfig.NetworkMode, 'none')
  })

  await t.test('no secret in what the engine shows, nor in a log', async (t) => {
    const secrets = ['sbtc-signer-private-key', 'emily-api-key', 'postgres-password', 'sbtc-bitcoin-rpc-password', 'backup-password'].map((name) => readFileSync(join(stack.directory, 'secrets', name), 'utf8').trim())
    for (const name of ['init', 'sbtc-signer', 'blocklist-client', ...parts]) {
      const shown = JSON.stringify(await stack.inspect(name)) + await stack.logs(name) + await stack.top(name)
      for (const secret of secrets) t.notOk(shown.includes(secret), name)
    }
  })

  await t.test('a signer that has ended cleanly by a fault is started again, and the node has lost nothing', async (t) => {
    const before = (await stack.inspect('sbtc-signer'))!.RestartCount
    t.equal(stack.compose('kill', '--signal', 'SIGKILL', 'postgres').status, 0)
    await stack.says('sbtc-signer', /the database failed/)
    stack.compose('start', 'postgres')
    await waitFor('the signer is started again', async () => (await stack.inspect('sbtc-signer'))!.RestartCount, (count) => count > before)
    await stack.becomesHealthy(...parts)
    t.equal(await rows(stack, 'SELECT count(*) FROM public.__sbtc_migrations'), '21', 'the database is whole')
  })

  await t.test('bitcoind keeps its address when it is made anew', async (t) => {
    const address = /rpcbind=(198\.\S+)/.exec(readFileSync(join(stack.directory, 'config/sbtc-bitcoin.conf'), 'utf8'))![1]!
    t.equal(stack.compose('up', '-d', '--force-recreate', '--no-deps', 'sbtc-bitcoind').status, 0)
    await stack.becomesHealthy('sbtc-bitcoind')
    t.ok(Object.values((await stack.inspect('sbtc-bitcoind'))!.NetworkSettings.Networks).some(({ IPAddress }) => IPAddress === address), address)
  })

  await t.test('the running scheduler dumps, proves and stores', async (t) => {
    // The key is on the chain before it is dumped: what was found doubtful is looked at again after half an hour.
    t.equal((await onChain(stack, older)).status, 0)
    await toTip(stack)
    await rows(stack, shareOf(older, 1))
    await stack.says('sbtc-backup', /good: everything that can be compared agrees/)
    const [first] = await dumpsOf(stack)
    await waitFor('it is stored', async () => [(await inside(stack, 'backup', 'cat', '/var/lib/backup/state.json')).out, (await dumpsOf(stack)).at(-1)!], ([state, dump]) => state!.includes(dump!.replace('.dump.age', '')))
    await stack.says('backup', /stored and verified as [0-9a-f]{8}/)
    t.match(await tells(stack, /^sbtc-backup {3}\d+ \w+ ago, good, stored$/m, 'status'), /good, stored/)

    await toTip(stack)
    await rows(stack, shareOf(newer, 3))
    await stack.says('sbtc-backup', /\(new-key\)[^]*rotation-pending/)
    t.equal((await onChain(stack, newer)).status, 0)
    const again = make(stack, 'sbtc-backup-verify')
    t.match(again.out + again.err, /good: everything/)
    t.ok((await dumpsOf(stack)).includes(first!), 'and the one before is still there')
    t.equal((await onChain(stack, keyOf('of the others'))).status, 0)
    const missed = make(stack, 'sbtc-backup-verify')
    t.match([missed.status, missed.out + missed.err], [2, /stale: the key on the chain, /])
    await onChain(stack, newer)
    t.equal(make(stack, 'sbtc-backup-verify').status, 0)
  })

  await t.test('killed while dumping, it leaves no name and takes none away', async (t) => {
    const before = await dumpsOf(stack)
    // What is only to make the dump long is told by its time.
    const long = "INSERT INTO sbtc_signer.stacks_blocks SELECT sha256(convert_to('stacks ' || h, 'UTF8')), h, sha256(convert_to('x' || h, 'UTF8')), sha256(convert_to('y' || h, 'UTF8')), '2000-01-01' FROM generate_series(1, 1000000) AS h"
    await rows(stack, long)
    docker(['exec', '--detach', stack.container('sbtc-backup'), 'node', `${paths.programs}/sbtc-backup.mjs`, 'backup'])
    await waitFor('it is at it', () => stored(stack), (names) => names.some((name) => name.startsWith('.part-')))
    t.equal(stack.compose('kill', '--signal', 'SIGKILL', 'sbtc-backup').status, 0)
    t.equal(stack.compose('start', 'sbtc-backup').status, 0)
    await waitFor('it lives again', () => inside(stack, 'sbtc-backup', 'true'), ({ status }) => status === 0)
    t.strictSame(await dumpsOf(stack), before)
    // Each dump after it is restored on trial. Without looking for each of them in the tables that may refer to it.
    await rows(stack, "SET session_replication_role = replica; DELETE FROM sbtc_signer.stacks_blocks WHERE created_at = '2000-01-01'")
    await toTip(stack)
    const next = make(stack, 'sbtc-backup', 'REASON=upgrade')
    t.equal(next.status, 0, next.out + next.err)
    t.match(next.out, /\(upgrade\)[^]*good: everything/)
    t.strictSame((await dumpsOf(stack)).slice(0, before.length), before)
    t.notOk((await stored(stack)).some((name) => name.startsWith('.part-')), 'half a dump is cleared away')
    const drill = make(stack, 'sbtc-restore-drill', `IDENTITY=${identity}`)
    t.match([drill.status, drill.out], [0, /good: everything[^]*brought back in/], drill.err)
    t.match(make(stack, 'sbtc-backup-list').out, /\(?upgrade\)? +good[^]*newest that was verified: [0-9a-f]{8}/)
  })

  await t.test('another release of the signer starts after a dump, and not without', async (t) => {
    const before = await dumpsOf(stack)
    t.match(await stack.logs('sbtc-upgrade-dump'), /1\.3\.3 may start/, 'at first there was nothing to dump')
    const upWith = (...command: readonly string[]) => {
      writeFileSync(join(stack.directory, 'newer.yml'), JSON.stringify({ services: { 'sbtc-upgrade-dump': { command }, 'sbtc-signer': { labels: { newer: command.join(' ') } } } }))
      return stack.compose('-f', 'docker-compose.yml', '-f', 'docker-compose.override.yml', '-f', 'newer.yml', 'up', '-d')
    }
    const failed = upWith('before')
    t.match([failed.status, failed.err], [1, /sbtc-upgrade-dump.* didn't complete successfully: exit 2/])
    // Compose has made its container anew by then.
    t.equal((await stack.inspect('sbtc-signer'))!.State.Status, 'created', 'the new one does not start')
    t.match(await tells(stack, /was not dumped before/, 'doctor'), /The sBTC signer's database was not dumped before its new release/)
    const newer = upWith('before', '1.4.0')
    t.equal(newer.status, 0, newer.err)
    t.match(await stack.logs('sbtc-upgrade-dump'), /\(upgrade\)[^]*1\.4\.0 may start/)
    t.ok((await stack.inspect('sbtc-upgrade-dump'))!.State.FinishedAt <= (await stack.inspect('sbtc-signer'))!.State.StartedAt, 'the dump was there first')
    t.strictSame((await dumpsOf(stack)).slice(0, -1), before)
    const name = (await dumpsOf(stack)).at(-1)!.replace('.dump.age', '')
    // The node is started anew with its signer: for a while nobody can say what the chain holds.
    await stack.says('sbtc-backup', new RegExp(`${name}: good`))
    t.equal(stack.compose('up', '-d').status, 0)
    await stack.becomesHealthy(...parts)
  })

  await t.test('stop lets each program end by itself', async (t) => {
    const stopped = stack.compose('stop')
    t.equal(stopped.status, 0, stopped.err)
    t.equal((await stack.inspect('postgres'))?.State.ExitCode, 0)
    t.match(await stack.logs('postgres'), /fast shutdown request[^]*database system is shut down/)
    t.equal((await stack.inspect('sbtc-bitcoind'))?.State.ExitCode, 0)
    stack.compose('down', '--volumes')
  })

  await t.test('a new host brings the signer up with its keys', async (t) => {
    const password = readFileSync(join(stack.directory, 'secrets/backup-password'), 'utf8').trim()
    rmSync(stack.directory, { recursive: true })
    const fresh = await makeStack(join(root, 'new-host'), { release, answers: { ...backedUp, BACKUP_PASSWORD: password } })
    const built = await engine.build(fresh)
    t.equal(built.status, 0, built.err)
    const restore = (...words: readonly string[]) => {
      const ran = make(fresh, 'sbtc-restore', 'CONFIRM=yes', ...words)
      return { code: ran.status, text: ran.out + ran.err }
    }
    t.match(restore(), { code: 2, text: /is not among the keys|no identity to decrypt with/ }, 'the key of the lost host is lost')
    t.match(restore(`IDENTITY=${identity}`), { code: 2, text: /chain-unreachable/ })
    t.equal(await rows(fresh, "SELECT count(*) FROM pg_namespace WHERE nspname = 'sbtc_signer'"), '0', 'nothing was filled')
    t.match(restore(`IDENTITY=${identity}`, 'DESPITE=chain-unreachable'), { code: 0, text: new RegExp(`newest verified key is ${newer}`) })
    t.match(restore(`IDENTITY=${identity}`, 'DESPITE=chain-unreachable'), { code: 2, text: /is not empty/ }, 'and never over a database')
    const up = fresh.compose('up', '-d')
    t.equal(up.status, 0, up.err)
    await fresh.becomesHealthy(...parts)
    t.equal(await verified(fresh), `${newer} ${older}`)
    t.equal(await rows(fresh, 'SELECT count(*) FROM public.__sbtc_migrations'), '21')
    t.notMatch(await fresh.logs('sbtc-signer'), /migrations were applied/, 'it found its own tables')
    const [next] = await waitFor('dumps go on from there', () => dumpsOf(fresh), (names) => names.length > 0)
    t.ok(Number(next!.slice(12, 18)) > 2, `${next} comes after what was restored`)
    fresh.compose('down', '--volumes')
    rmSync(fresh.directory, { recursive: true })
  })

  await t.test('beside a Stacks signer, on the same nodes', async (t) => {
    const shared = await makeStack(root, { release, answers: { ...answers, STACK_NAME: 'sbtc-shared', SIGNER_PRIVATE_KEY: testKey, SBTC_SHARED_NODES: 'yes' } })
    t.equal((await engine.build(shared)).status, 0)
    const ran = shared.compose('up', '-d')
    t.equal(ran.status, 0, ran.err)
    await shared.becomesHealthy('postgres', 'bitcoind', 'stacks-signer', 'stacks-node', 'sbtc-watch')
    for (const observer of ['stacks-signer:30000', 'sbtc-signer:8801']) await shared.says('stacks-node', new RegExp(`Registering event observer at: ${observer}`))
    await shared.says('sbtc-signer', /observed a stacks block/)
    await shared.says('stacks-signer', /Received a new burn block event/)
    shared.compose('down', '--volumes')
  })
}, ['postgres', 'sbtc', 'restic'])

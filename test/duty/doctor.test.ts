/** make status, doctor and host-check on a real engine: nothing is found where all is well, and each planted fault is named first. */

import { chmodSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { findKnown } from '../../generator/answers/known-secrets.ts'
import { checkStatusPicture } from '../readme/status-picture.ts'
import { waitFor } from '../support/wait.ts'
import { must, program, type Ran } from '../engines/support/docker.ts'
import { doublesImage, testImages } from '../engines/support/images.ts'
import { regtestPeer } from '../engines/support/peer.ts'
import { release, withOwnEngine } from '../engines/support/setting.ts'
import { makeStack, overrideImages, type TestStack } from '../engines/support/stack.ts'
import { missingSigns } from '../engines/support/working.ts'

interface Report {
  readonly code: number
  readonly findings: readonly { readonly id: string; readonly level: string; readonly evidence: string }[]
  readonly couldNotLook: readonly string[]
}

interface Fault {
  readonly id: string
  readonly what: string
  /** Plants it, and returns what takes it away again. */
  readonly plant: () => () => void
}

await withOwnEngine(t, async (root, engine) => {
  // Another bitcoind on the network of the peers: one without any is a fault of its own.
  const peer = regtestPeer('bitcoin-p2p')
  const stack = await makeStack(root, {
    release,
    answers: { STACK_NAME: 'doctor', NETWORK: 'testnet', BITCOIN_MODE: 'full', STACKS_VERSION: release, SIGNER_KEY: 'generate', SNAPSHOT: 'off', BITCOIN_P2P_PUBLISH: 'off' },
    override: { peer },
  })
  const built = await engine.build(stack)
  t.equal(built.status, 0, built.err)
  const up = stack.compose('up', '-d')
  t.equal(up.status, 0, up.err)
  const cli = (...args: readonly string[]) => stack.exec('bitcoind', 'bitcoin-cli', '-conf=/etc/bitcoin/bitcoin.conf', '-datadir=/var/lib/bitcoin', ...args)
  await waitFor('bitcoind answers', () => cli('getblockcount'), ({ status }) => status === 0)
  // A chain whose newest block is young is a chain that is read.
  const mined = await cli('generatetodescriptor', '3', 'raw(51)#8lvh9jxk')
  t.equal(mined.status, 0, mined.err)
  const befriend = () => cli('addnode', 'peer:18444', 'onetry')
  await befriend()
  t.strictSame(await missingSigns(stack), [])
  // Registered, once the guard has let it start.
  const { public: { publicKey } } = JSON.parse(readFileSync(join(stack.directory, '.stack-manifest.json'), 'utf8')) as { public: { publicKey: string } }
  const world = await stack.exec('stacks-node', 'sh', '-c', 'printf %s "$0" >/var/lib/stacks-node/world.json', JSON.stringify({ signers: { 1: [publicKey], 2: [publicKey] } }))
  t.equal(world.status, 0, world.err)

  const look = (...args: readonly string[]) => program('sh', ['docker/host/look.sh', ...args], { cwd: stack.directory })
  /** A busy machine may not answer the doctor in the time that it allows: then it is asked again. */
  const doctor = async (): Promise<Report> => {
    const ran = await waitFor('the doctor reports', () => look('doctor', '--json'), ({ out }) => out !== '')
    return JSON.parse(ran.out) as Report
  }
  // The other bitcoind may be on its way back itself.
  const well = () => waitFor('nothing is found', async () => {
    const report = await doctor()
    if (report.findings.some(({ id }) => id === 'bitcoin-no-peers')) await befriend()
    return report
  }, ({ findings, couldNotLook }) => findings.length + couldNotLook.length === 0)

  await t.test('nothing is found', async (t) => {
    const report = await well()
    t.strictSame([report.findings, report.couldNotLook], [[], []])
  })

  await t.test('support packs what they look at, and no secret', async (t) => {
    const secrets = readdirSync(join(stack.directory, 'secrets')).map((name) => ({ what: name, value: readFileSync(join(stack.directory, 'secrets', name), 'utf8').trimEnd() }))
    await stack.exec('stacks-node', 'sh', '-c', 'printf "%s\\n" "$0" >/proc/1/fd/2', `planted: ${Buffer.from(secrets[0]!.value).toString('base64')}`)
    const patterns = [/^stacks-node +healthy for .* 4\.0\.4/m, / checks\. /, /auth_password = "@AUTH_TOKEN@"/, /reward_cycle_id/]
    // On a busy machine a program may not answer in time; its answer is then missing in the bundle.
    const { status, out, err } = await waitFor('the bundle has every answer', () => {
      const ran = look('support')
      const [name] = readdirSync(stack.directory).filter((one) => one.startsWith('support-'))
      if (name === undefined) return { ...ran, out: '' }
      const packed = program('tar', ['-xzOf', name], { cwd: stack.directory }).out
      rmSync(join(stack.directory, name))
      return { ...ran, out: packed }
    }, (seen) => patterns.every((one) => one.test(seen.out)))
    t.equal(status, 0, err)
    for (const pattern of patterns) t.match(out, pattern)
    for (const secret of secrets) t.strictSame(findKnown(out, secret), [], secret.what)
  })

  await t.test('status tells it in one screen and soon', async (t) => {
    const patterns = [/^stacks-node +healthy for .* 4\.0\.4/m, /^bitcoind +block 3 of 3 known/m, /^registration +registered for cycle 1\b/m]
    // A busy machine does not tell everything at once.
    const { status, out, err } = await waitFor('the status tells all', () => look('status'), (seen) => patterns.every((one) => one.test(seen.out)))
    t.equal(err, '')
    t.ok([0, 1].includes(status ?? -1))
    const lines = out.trimEnd().split('\n')
    t.ok(lines.length <= 24 && lines.every((line) => line.length < 80), out)
    for (const one of patterns) t.match(out, one)
    const told = { stack: stack.name, network: 'testnet', registration: { registered: true } }
    t.match(await waitFor('the status as JSON', () => JSON.parse(look('status', '--json').out) as { registration: { registered?: boolean } }, (seen) => seen.registration.registered === true), told)
    // A picture that is recorded must not show what a busy machine did not answer in time.
    const complete = (text: string) => patterns.every((one) => one.test(text)) && !(t.writeSnapshot && /unknown/.test(text))
    const typed = await waitFor('make status shows all', () => program('make', ['status'], { cwd: stack.directory }), (seen) => seen.status === 0 && complete(seen.out))
    checkStatusPicture(t, { output: typed.out, stack: stack.name, compose: readFileSync(join(stack.directory, 'docker-compose.yml'), 'utf8'), hidden: ['peer'] })
  })

  await t.test('host-check tells each line', async (t) => {
    type Lines = readonly { readonly id: string; readonly state: string }[]
    const known = (lines: Lines) => lines.filter(({ state }) => state !== 'unknown').length
    const { status, lines } = await waitFor('the host is looked at', () => {
      const ran = look('host-check', '--json')
      return { status: ran.status, lines: (JSON.parse(ran.out) as { lines: Lines }).lines }
    }, (seen) => known(seen.lines) >= 8)
    t.ok([0, 1].includes(status ?? -1))
    t.ok(known(lines) >= 8, JSON.stringify(lines))
    t.equal(lines.find(({ id }) => id === 'secret-files')?.state, 'ok')
  })

  await t.test('no secret comes through', async (t) => {
    const evidence = program('sh', ['docker/host/evidence.sh', 'doctor'], { cwd: stack.directory }).out + look('doctor').out + look('status').out
    for (const name of ['signer-private-key', 'auth-token']) t.notOk(evidence.includes(readFileSync(join(stack.directory, 'secrets', name), 'utf8').trim()), name)
    t.match(evidence, /^section filled 0 /m)
  })

  await t.test('each planted fault is named first', async (t) => {
    for (const fault of faultsOf(stack, peer)) await planted(t, fault, doctor, async () => {
      await befriend()
      await well()
    })
  })
})

async function planted(t: Test, { id, what, plant }: Fault, doctor: () => Promise<Report>, recovered: () => Promise<unknown>): Promise<void> {
  await t.test(`${id}: ${what}`, async (t) => {
    const undo = plant()
    const named = (report: Report) => report.findings[0]?.id === id
    const report = await waitFor(`${id} is named first`, doctor, named)
    t.equal(report.code, 1)
    t.ok(named(report), JSON.stringify(report.findings.map((one) => [one.id, one.evidence])))
    undo()
    await recovered()
  })
}

/** Those that change nothing of what runs stand first. */
function faultsOf(stack: TestStack, peer: object): readonly Fault[] {
  const at = (...path: readonly string[]) => join(stack.directory, ...path)
  const done = ({ status, err }: Ran) => {
    if (status !== 0) throw new Error(err)
  }
  /** Whatever is meant to run, as the files now say. */
  const restart = () => { done(stack.compose('up', '-d', '--force-recreate', 'init', 'stacks-signer', 'stacks-node', 'bitcoind')) }
  const override = (services: Readonly<Record<string, unknown>>, apply: boolean) => () => {
    const images: Readonly<Record<string, object>> = { 'stacks-node': { image: doublesImage(release) }, 'stacks-signer': { image: doublesImage(release) }, bitcoind: { image: testImages.bitcoind } }
    const merged = Object.fromEntries(Object.entries(services).map(([name, service]) => [name, { ...images[name], ...(service as object) }]))
    overrideImages(stack.directory, { release, override: { peer, ...merged } })
    if (apply) done(stack.compose('up', '-d'))
    return () => {
      overrideImages(stack.directory, { release, override: { peer } })
      if (apply) done(stack.compose('up', '-d'))
    }
  }
  const config = (name: string, from: string, to: string) => () => {
    const path = at('config', name)
    const before = readFileSync(path, 'utf8')
    if (!before.includes(from)) throw new Error(`${name} has no ${from}`)
    writeFileSync(path, before.replace(from, to))
    stack.compose('rm', '--force', '--stop', 'stacks-signer', 'stacks-node')
    stack.compose('up', '-d')
    return () => {
      writeFileSync(path, before)
      restart()
    }
  }
  const inVolume = (volume: string, script: string) => {
    must(['run', '--rm', '--user', '0:0', '--volume', `${stack.name}_${volume}:/volume`, testImages.base, 'sh', '-c', script])
  }
  const beside = (name: string, args: readonly string[]) => () => {
    must(['run', '--detach', '--name', name, ...args])
    return () => { must(['rm', '--force', '--volumes', name]) }
  }
  const file = (path: string, change: () => () => void): (() => () => void) => () => {
    const before = readFileSync(path, 'utf8')
    const undo = change()
    return () => {
      undo()
      if (readFileSync(path, 'utf8') !== before) throw new Error(`${path} is not as it was`)
    }
  }
  const token = at('secrets/auth-token')
  return [
    { id: 'compose-file', what: 'an override that is no YAML', plant: () => {
      const before = readFileSync(at('docker-compose.override.yml'), 'utf8')
      writeFileSync(at('docker-compose.override.yml'), 'services: [\n')
      return () => { writeFileSync(at('docker-compose.override.yml'), before) }
    } },
    { id: 'secrets-open', what: 'a token that others can read', plant: file(token, () => { chmodSync(token, 0o644); return () => { chmodSync(token, 0o600) } }) },
    { id: 'secrets-missing', what: 'a token that is gone', plant: file(token, () => { renameSync(token, `${token}.away`); return () => { renameSync(`${token}.away`, token) } }) },
    { id: 'secrets-in-git', what: 'a token in git', plant: () => {
      done(program('git', ['init', '--quiet'], { cwd: stack.directory }))
      done(program('git', ['add', '--force', 'secrets/auth-token'], { cwd: stack.directory }))
      return () => { rmSync(at('.git'), { recursive: true }) }
    } },
    { id: 'secrets-changed', what: 'a token changed in secrets/ alone', plant: () => {
      const before = readFileSync(token)
      writeFileSync(token, 'another-token-entirely\n')
      return () => { writeFileSync(token, before) }
    } },
    { id: 'ports-open', what: 'the RPC in an override', plant: override({ 'stacks-node': { ports: ['20443:20443'] } }, false) },
    { id: 'override-softens', what: 'privileges in an override', plant: override({ bitcoind: { privileged: true } }, false) },
    { id: 'drift', what: 'an override that was not started', plant: override({ bitcoind: { stop_grace_period: '9m' } }, false) },
    { id: 'renamed-stack', what: 'a container of this directory under another name', plant: beside('doctor-renamed', ['--label', 'com.docker.compose.project=doctor-old', '--label', `com.docker.compose.project.working_dir=${stack.directory}`, testImages.base, 'sleep', 'infinity']) },
    { id: 'two-nodes', what: 'another program on the node\'s volume', plant: beside('doctor-twice', ['--volume', `${stack.name}_stacks-node-data:/data`, testImages.base, 'sleep', 'infinity']) },
    { id: 'second-signer', what: 'a second signer with the same key', plant: beside('doctor-second', ['--user', '2002:2002', '--init', '--network', 'none', '--add-host', 'stacks-node:127.0.0.1',
      '--volume', `${stack.name}_stacks-signer-config:/etc/stacks-signer:ro`, '--tmpfs', '/var/lib/stacks-signer:uid=2002', '--entrypoint', '/bin/stacks-signer', doublesImage(release), 'run', '--config', '/etc/stacks-signer/signer-config.toml']) },
    { id: 'half-chain', what: 'half a chain', plant: () => {
      inVolume('stacks-node-data', 'cd /volume/krypton && mkdir -p chainstate && if [ -e burnchain/sortition ]; then mv burnchain/sortition sortition-away; fi')
      return () => { inVolume('stacks-node-data', 'cd /volume/krypton && if [ -e sortition-away ]; then mv sortition-away burnchain/sortition; else rmdir chainstate; fi') }
    } },
    { id: 'token-mismatch', what: 'another token in the node\'s volume', plant: () => {
      inVolume('stacks-node-config', 'sed -i "s/^auth_token = .*/auth_token = \\"another-token-entirely\\"/" /volume/node-config.toml')
      return restart
    } },
    { id: 'wrong-key', what: 'another key in the signer\'s volume', plant: () => {
      inVolume('stacks-signer-config', `sed -i "s/^stacks_private_key = .*/stacks_private_key = \\"${'12'.repeat(32)}01\\"/" /volume/signer-config.toml`)
      return restart
    } },
    { id: 'bitcoin-no-peers', what: 'the only peer gone', plant: () => { done(stack.compose('stop', 'peer')); return () => { done(stack.compose('start', 'peer')) } } },
    { id: 'not-running', what: 'a signer that was stopped', plant: () => { done(stack.compose('stop', 'stacks-signer')); return () => { done(stack.compose('start', 'stacks-signer')) } } },
    { id: 'not-running', what: 'a bitcoind that is paused', plant: () => { done(stack.compose('pause', 'bitcoind')); return () => { done(stack.compose('unpause', 'bitcoind')) } } },
    { id: 'init-failed', what: 'a placeholder that is missing', plant: () => {
      const path = at('config/node-config.toml')
      const before = readFileSync(path, 'utf8')
      writeFileSync(path, before.replace('@AUTH_TOKEN@', 'x'))
      stack.compose('up', '--no-deps', 'init')
      return () => {
        writeFileSync(path, before)
        restart()
      }
    } },
    { id: 'config-refused', what: 'an unknown key in the node\'s config', plant: config('node-config.toml', '[node]\n', '[node]\nstaker = true\n') },
    { id: 'config-refused', what: 'an unknown key in the signer\'s config', plant: config('signer-config.toml', 'endpoint =', 'event_timeout = 1\nendpoint =') },
    { id: 'observer-config', what: 'no stacker', plant: config('node-config.toml', 'stacker = true\n', '') },
    { id: 'observer-config', what: 'an event key that is missing', plant: config('node-config.toml', '"stackerdb", ', '') },
    { id: 'wrong-network', what: 'a signer for mainnet', plant: config('signer-config.toml', 'network = "testnet"', 'network = "mainnet"') },
    { id: 'secrets-in-logs', what: 'a node that debugs', plant: override({ 'stacks-node': { environment: { STACKS_LOG_DEBUG: '1' } } }, true) },
    { id: 'proxy', what: 'a proxy at the signer', plant: override({ 'stacks-signer': { environment: { HTTP_PROXY: 'http://192.0.2.1:3128' } } }, true) },
    { id: 'file-limit', what: 'few files for bitcoind', plant: override({ bitcoind: { ulimits: { nofile: 1024 } } }, true) },
  ]
}

/** The doubles keep their side: as strict as the release, and as stubborn about signals. */

import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { buildExecutables, executablesProblem } from '../doubles/build.ts'
import { bitcoinPeer, freePort, runProgram, startProgram, type Program } from '../doubles/programs.ts'
import { nodeToml, signerToml, strictNode, strictSigner } from '../doubles/strictness.ts'
import { testKey } from '../support/command.ts'

t.setTimeout(0)

const problem = executablesProblem()
if (problem !== undefined && process.env['REQUIRE_ENGINES'] === '1') t.fail(problem)
const directory = problem === undefined ? (await buildExecutables('4.0.4')).directory : ''

const check = (name: string, body: (t: Test) => Promise<void>) => t.test(name, problem === undefined ? {} : { skip: problem }, body)

const node = join(directory, 'stacks-node')
const signer = join(directory, 'stacks-signer')
const root = mkdtempSync(join(tmpdir(), 'doubles-'))
const running: Program[] = []
t.teardown(() => {
  for (const { child } of running) child.kill('SIGKILL')
  rmSync(root, { recursive: true, force: true })
})

let files = 0
function file(text: string): string {
  const path = join(root, `${++files}.toml`)
  writeFileSync(path, text)
  return path
}

function run(program: string, ...args: readonly string[]): Program {
  const started = startProgram(program, args)
  running.push(started)
  return started
}

/** Status and body of one call, on a connection of its own. */
async function ask(port: number, method: string, path: string, headers: Readonly<Record<string, string>> = {}, body = ''): Promise<readonly [number, string]> {
  const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: false })
  sent.end(body)
  const [response] = await once(sent, 'response') as [IncomingMessage]
  let text = ''
  for await (const part of response) text += String(part)
  return [response.statusCode!, text]
}

/** A node and a signer with their own ports; `change` is made to the node's config. */
async function pair(token = 'shared-token-of-this-test', change: (toml: string) => string = (toml) => toml) {
  const bitcoin = await bitcoinPeer('krypton')
  const [rpc, p2p, events, metrics] = [await freePort(), await freePort(), await freePort(), await freePort()]
  const workingDir = join(root, `work-${rpc}`)
  const nodeConfig = file(change(nodeToml({ mode: 'krypton', workingDir, rpc, p2p, bitcoin: bitcoin.port, observer: events })))
  const signerConfig = file(signerToml({ db: join(root, `signer-${rpc}.sqlite`), node: rpc, events, metrics, token }))
  t.teardown(bitcoin.close)
  return { bitcoin, rpc, events, metrics, workingDir, nodeConfig, signerConfig }
}

check('what the node refuses in its config', async (t) => {
  for (const { what, toml, ended, says } of strictNode(join(root, 'strict'))) {
    const ran = await runProgram(node, ['check-config', '--config', file(toml)])
    t.equal(ran.ended, ended, what)
    t.match(ran.output, says, what)
  }
})

check('what the signer refuses in its config', async (t) => {
  for (const { what, toml, ended, says } of strictSigner(join(root, 'strict.sqlite'))) {
    const ran = await runProgram(signer, ['check-config', '--config', file(toml)])
    t.equal(ran.ended, ended, what)
    t.match(ran.output, says, what)
    t.notMatch(ran.output, testKey.slice(0, 64), `${what}: the key stays out of it`)
  }
})

check('an older signer takes an unknown key in silence', async (t) => {
  const { directory: older } = await buildExecutables('3.1.0.0.13')
  const toml = `${strictSigner('/tmp/x.sqlite')[0]!.toml}event_timeout = 1\n`
  t.equal((await runProgram(join(older, 'stacks-signer'), ['check-config', '--config', file(toml)])).ended, 0)
})

check('command lines', async (t) => {
  const { signerConfig } = await pair()
  const ended = async (program: string, ...args: readonly string[]) => (await runProgram(program, args)).ended
  t.equal(await ended(signer, 'run'), 2)
  t.equal(await ended(signer, 'run', '--config', signerConfig, '--force'), 2)
  t.equal(await ended(signer, 'run', '--config', join(root, 'absent')), 101)
  t.equal(await ended(signer, 'generate-stacking-signature', '--config', signerConfig), 2, 'PoX-4 is gone')
  t.equal(await ended(node, 'start', '--config', join(root, 'absent')), 1)
  t.match((await runProgram(node, ['check-config', `--config=${signerConfig}`])).output, /MissingOption\(Keys\(\["--config", ""\]\)\)/, 'the real one knows no equals sign')
  const grant = await runProgram(signer, ['generate-staking-signature', '--config', signerConfig, '--signer-manager', 'SP000000000000000000002Q6VF78.manager', '--auth-id', '7', '--json'])
  t.match(JSON.parse(grant.output), { authId: '7', signerKey: '0390a5cac7c33fda49f70bc1b0866fa0ba7a9440d9de647fecb8132ceb76a94dfa', signerSignature: /^[0-9a-f]{130}$/ })
})

check('a node and its signer', async (t) => {
  const { bitcoin, rpc, events, metrics, workingDir, nodeConfig, signerConfig } = await pair()
  const signs = run(signer, 'run', '--config', signerConfig)
  await signs.says(/Signer spawned successfully/)
  t.strictSame(await ask(events, 'GET', '/status'), [200, 'OK'], 'the event port is there before the node')
  const nodes = run(node, 'start', '--config', nodeConfig)
  await signs.says(/block proposal accepted: 202[^]*block upload accepted: 200[^]*received proposal_response/)
  t.match(signs.output(), /Received a new burn block event for block height 8\b/)
  t.notMatch(signs.output(), /Failed to decode/, 'each body has what this release needs')
  t.match(nodes.output(), /handshake complete: \/Test:1\.0\/ height 7[^]*Will run as a Follower[^]*Start HTTP server/)
  t.match(bitcoin.commands, ['version', 'verack', 'getheaders', 'pong'])
  t.equal(nodes.output().match(/Registering event observer at: 127/g)?.length, 2)

  const proposal = (token: Record<string, string>) => ask(rpc, 'POST', '/v3/block_proposal', { 'Content-Type': 'application/json', ...token }, '{"block":"00","chain_id":2147483648}')
  t.equal((await proposal({ Authorization: 'shared-token-of-this-test' }))[0], 202)
  t.equal((await proposal({ Authorization: 'Bearer shared-token-of-this-test' }))[0], 401)
  t.equal((await proposal({}))[0], 401)
  t.equal((await ask(rpc, 'POST', '/v3/blocks/upload/?broadcast=1'))[0], 401)
  t.equal((await ask(rpc, 'GET', '/v9/nothing'))[0], 404)
  t.match(JSON.parse((await ask(metrics, 'GET', '/info'))[1]), { network: 'testnet', stxAddress: 'ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGM' })
  t.match((await ask(metrics, 'GET', '/metrics'))[1], /^stacks_signer_block_proposals_received [1-9]/m)
  t.equal((await ask(metrics, 'GET', '/heartbeat'))[0], 200)

  bitcoin.drop()
  await nodes.says(/Lost the connection[^]*handshake complete[^]*handshake complete|handshake complete[^]*Lost the connection[^]*handshake complete/)
  nodes.child.kill('SIGTERM')
  t.equal(await nodes.ended, 0)
  t.match(nodes.output(), /Graceful termination request received \(signal 15\)[^]*Exiting stacks-node\n$/)
  t.equal((await ask(metrics, 'GET', '/heartbeat'))[0], 500)
  signs.child.kill('SIGTERM')
  t.equal(await signs.ended, 'SIGTERM', 'the signer has no handler')
  t.equal(readFileSync(join(workingDir, 'krypton/burnchain/sortition/marf.sqlite'), 'utf8'), '')
})

check('faults of a pair', async (t) => {
  const faults: readonly (readonly [what: string, token: string | undefined, change: (toml: string) => string, never: RegExp, says: RegExp])[] = [
    ['no stacker', undefined, (toml) => toml.replace('stacker = true\n', ''), /stackerdb_chunks|block proposal/, /received new_block[^]*received new_block/],
    ['no stackerdb key', undefined, (toml) => toml.replace('"stackerdb", ', ''), /stackerdb_chunks|block proposal/, /received new_block[^]*received new_block/],
    ['no burn_blocks key', undefined, (toml) => toml.replace(', "burn_blocks"', ''), /Received a new burn block/, /received new_block/],
    ['another token', 'another-token', (toml) => toml, /block proposal accepted/, /block proposal rejected: 401/],
    ['no token on the node', undefined, (toml) => toml.replace(/auth_token.*\n/, ''), /block proposal accepted/, /block proposal rejected: 400/],
  ]
  await Promise.all(faults.map(async ([what, token, change, never, says]) => {
    const { nodeConfig, signerConfig } = await pair(token, change)
    const signs = run(signer, 'run', '--config', signerConfig)
    run(node, 'start', '--config', nodeConfig)
    await signs.says(says)
    t.notMatch(signs.output(), never, what)
  }))
})

check('a node whose signer is away', async (t) => {
  const { nodeConfig, signerConfig, events } = await pair()
  const first = run(node, 'start', '--config', nodeConfig)
  await first.says(/connection or request failed to 127\.0\.0\.1/)
  first.child.kill('SIGTERM')
  await first.says(/Graceful termination request/)
  t.equal(first.child.exitCode, null, 'it waits with what it has to deliver')
  first.child.kill('SIGKILL')
  await first.ended
  const second = run(node, 'start', '--config', nodeConfig)
  await second.says(/processing 1 pending payloads[^]*connection or request failed/)
  t.notMatch(second.output(), /Start syncing/)
  const signs = run(signer, 'run', '--config', signerConfig)
  await second.says(/Start syncing/)
  await signs.says(/received new_block/)
  t.equal((await ask(events, 'POST', '/shutdown'))[0], 200)
  t.equal(await signs.ended, 0, 'anyone can stop the signer')
  second.child.kill('SIGKILL')
})

check('directories', async (t) => {
  const { workingDir, nodeConfig, signerConfig } = await pair()
  mkdirSync(join(workingDir, 'krypton/chainstate'), { recursive: true })
  const half = run(node, 'start', '--config', nodeConfig)
  t.equal(await half.ended, 1)
  t.match(half.output(), /thread panic: .*sortition/)
  const absent = file(readFileSync(signerConfig, 'utf8').replace(/db_path.*/, `db_path = "${join(root, 'no/such/x.sqlite')}"`))
  t.equal(await run(signer, 'run', '--config', absent).ended, 101)
  if (process.getuid?.() === 0) return
  mkdirSync(join(root, 'closed'))
  chmodSync(join(root, 'closed'), 0o500)
  t.equal(await run(node, 'start', '--config', file(readFileSync(nodeConfig, 'utf8').replace(workingDir, join(root, 'closed')))).ended, 1)
})

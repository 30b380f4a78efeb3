/**
 * What Compose itself makes of every golden stack: it accepts the file, and each service is as hard as promised.
 * Computed from `docker compose config --format json`, not from our own model. Needs the Compose plugin, no engine.
 */

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { repository } from './support/repository.ts'

interface Service {
  readonly user?: string
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
  readonly cap_add?: readonly string[]
  readonly security_opt?: readonly string[]
  readonly healthcheck?: { readonly test: readonly string[] }
  readonly logging?: { readonly driver: string; readonly options: Record<string, string> }
  readonly pids_limit?: number
  readonly mem_limit?: string
  readonly mem_reservation?: string
  readonly cpu_shares?: number
  readonly stop_grace_period?: string
  readonly ulimits?: Record<string, unknown>
  readonly image: string
  readonly build?: unknown
  readonly init?: boolean
  readonly restart?: string
  readonly privileged?: boolean
  readonly network_mode?: string
  readonly networks?: Record<string, unknown>
  readonly environment?: Record<string, string>
  readonly ports?: readonly { readonly target: number; readonly published: string; readonly host_ip?: string }[]
  readonly volumes?: readonly { readonly type: string; readonly source: string; readonly read_only?: boolean }[]
}

interface Config {
  readonly name: string
  readonly services: Record<string, Service>
  readonly networks: Record<string, { readonly internal?: boolean }>
}

const compose = spawnSync('docker', ['compose', 'version'], { encoding: 'utf8' })
const missing = compose.status === 0 ? undefined : 'the Compose plugin is not installed'
const required = process.env['REQUIRE_ENGINES'] === '1'
const peerPorts = new Set([8333, 18444, 20444, 2443, 3443, 4122])
const golden = join(repository, 'test/golden')

/** Every Compose file among the golden trees: a split stack has two. */
const stacks = readdirSync(golden).sort().flatMap((name) => ['', '/node-host', '/signer-host'].map((home) => `${name}${home}`))
  .filter((path) => existsSync(join(golden, path, 'docker-compose.yml')))

for (const name of stacks) {
  t.test(name, { ...(missing && !required && { skip: missing }) }, async (t) => {
    if (missing) {
      t.fail(missing)
      return
    }
    const text = readFileSync(join(golden, name, 'docker-compose.yml'), 'utf8')
    for (const once of ['cap_drop:', 'no-new-privileges', 'Hashes of the files']) t.equal(text.split(once).length, 2, `${once.trim()} stands once`)
    const root = t.testdir({})
    cpSync(join(golden, name), root, { recursive: true })
    mkdirSync(join(root, 'secrets'))
    for (const [, secret] of readFileSync(join(root, 'docker-compose.yml'), 'utf8').matchAll(/file: \.\/secrets\/(\S+)$/gm)) writeFileSync(join(root, 'secrets', secret!), 'x\n')
    const quiet = spawnSync('docker', ['compose', 'config', '--quiet'], { cwd: root, encoding: 'utf8' })
    t.equal(quiet.status, 0, quiet.stderr)
    t.equal(quiet.stderr, '', 'Compose warns of nothing')
    const shown = spawnSync('docker', ['compose', 'config', '--format', 'json'], { cwd: root, encoding: 'utf8' })
    const config = JSON.parse(shown.stdout) as Config
    for (const [service, fields] of Object.entries(config.services)) checkService(t, service, fields, config)
  })
}

function checkService(t: Test, name: string, service: Service, config: Config): void {
  const init = name === 'init'
  const once = init || name === 'sbtc-upgrade-dump'
  t.match(service.user, init ? /^0:0$/ : /^[1-9]\d*:[1-9]\d*$/, `${name}: ${init ? 'the one root' : 'non-root'}`)
  t.equal(service.read_only, true, `${name}: read-only root`)
  t.strictSame(service.cap_drop, ['ALL'], `${name}: no capabilities`)
  t.strictSame(service.cap_add ?? [], init ? ['CHOWN', 'DAC_OVERRIDE', 'FOWNER'] : [], `${name}: none given back`)
  t.strictSame(service.security_opt, ['no-new-privileges:true'], name)
  t.notOk(service.privileged, name)
  t.ok(Number(service.pids_limit) > 0, `${name}: pids limit`)
  t.ok(Number(service.mem_limit) >= 256 * 1024 * 1024, `${name}: memory limit`)
  t.ok(Number(service.mem_reservation) > 0 && Number(service.mem_reservation) <= Number(service.mem_limit), `${name}: memory that it keeps`)
  t.equal(service.cpu_shares, /^(stacks-(signer|node)|(node|signer)-tls|sbtc-signer|sbtc-stacks-node|postgres)$/.test(name) ? undefined : 256, `${name}: what a signature waits for goes first`)
  t.ok(service.stop_grace_period, `${name}: stop grace`)
  t.equal(service.init, true, `${name}: an init process`)
  // Compose prints a limit of nothing as an empty object; the engine test looks at what the container got.
  t.match(JSON.stringify(service.ulimits?.['core']), /^(0|\{\})$/, `${name}: no core dumps`)
  const { driver, options } = service.logging ?? { driver: '', options: {} }
  t.ok(driver === 'journald' || (options['max-size'] && options['max-file']), `${name}: bounded logs`)
  t.equal(service.restart, once ? 'no' : /^(sbtc-)?snapshot$/.test(name) ? 'on-failure' : 'unless-stopped', `${name}: restart`)
  if (init) t.equal(service.network_mode, 'none', 'init has no network')
  // Their images may come to hold no program that could ask; sbtc-watch asks for them.
  else if (!once && name !== 'sbtc-signer' && name !== 'blocklist-client') t.ok(service.healthcheck?.test.length, `${name}: health check`)
  if (service.build) t.match(service.image, /:[0-9a-f]{12}$/, `${name}: the built image is named after its content`)
  else t.match(service.image, /:[\w.-]+(@sha256:[0-9a-f]{64})?$/, `${name}: pinned`)
  t.notMatch(service.image, /:latest/, name)
  for (const port of service.ports ?? []) {
    t.ok(peerPorts.has(port.target) || port.host_ip === '127.0.0.1', `${name}: publishes ${port.target}`)
  }
  for (const volume of service.volumes ?? []) {
    t.notMatch(volume.source, /docker\.sock|^\/(etc|root|home)?$/, `${name}: mounts nothing of the host`)
  }
  t.notMatch(JSON.stringify(service.environment ?? {}), /key|token|password|secret/i, `${name}: no secret in the environment`)
  if (name === 'stacks-signer') {
    for (const network of Object.keys(service.networks ?? {})) t.equal(config.networks[network]?.internal, true, 'the signer has no way out')
    const neighbours = Object.entries(config.services).filter(([other, fields]) => other !== name
      && Object.keys(fields.networks ?? {}).some((network) => Object.hasOwn(service.networks ?? {}, network)))
    const peer = config.services['signer-tls'] ? 'signer-tls' : 'stacks-node'
    t.strictSame(neighbours.map(([other]) => other).sort(), [...(config.services['metrics'] ? ['metrics'] : []), peer].sort(), 'the signer meets its node alone, or its sidecar, and what hands on its metrics')
    const shared = Object.keys(config.services['metrics']?.networks ?? {}).filter((network) => Object.hasOwn(service.networks ?? {}, network))
    t.strictSame(shared, config.services['metrics'] ? ['signer-metrics'] : [], 'and meets that on a network of the two')
  }
}

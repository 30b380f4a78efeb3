/** A generated stack in a directory of its own, started as an operator starts it. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { command } from '../../support/command.ts'
import { docker, type Ran } from './docker.ts'
import { doublesImage, testImages } from './images.ts'

export interface TestStack {
  readonly directory: string
  readonly name: string
  readonly compose: (...args: readonly string[]) => Ran
  /** What a container is, as `docker inspect` tells; undefined when there is none. */
  readonly inspect: (service: string) => Container | undefined
  readonly logs: (service: string) => string
}

export interface Container {
  readonly Id: string
  readonly Created: string
  readonly RestartCount: number
  readonly State: { readonly Status: string; readonly ExitCode: number; readonly OOMKilled: boolean; readonly StartedAt: string; readonly FinishedAt: string; readonly Health?: { readonly Status: string } }
  readonly Config: { readonly User: string; readonly Env: readonly string[] }
  readonly HostConfig: {
    readonly ReadonlyRootfs: boolean
    readonly Privileged: boolean
    readonly CapDrop: readonly string[] | null
    readonly SecurityOpt: readonly string[] | null
    readonly PidsLimit: number
    /** The limit in bytes; 0 for none. */
    readonly Memory: number
    readonly LogConfig: { readonly Config: Readonly<Record<string, string>> }
    readonly PortBindings: Readonly<Record<string, unknown>> | null
  }
}

export interface StackOptions {
  readonly answers: Readonly<Record<string, string>>
  readonly release: string
  /** Merged into the override file, which names the test images. */
  readonly override?: Readonly<Record<string, unknown>>
  /** Volumes of the override file. */
  readonly volumes?: Readonly<Record<string, unknown>>
  /** A folder that the archive server serves; without it there is none. */
  readonly served?: string
}

/** Generates a stack into `root`/STACK_NAME with the real command. Throws with its messages when it refuses. */
export async function makeStack(root: string, options: StackOptions): Promise<TestStack> {
  const name = options.answers['STACK_NAME']!
  const directory = join(root, name)
  const answers = Object.entries(options.answers).map(([key, value]) => `${key}=${value}\n`).join('')
  mkdirSync(root, { recursive: true })
  writeFileSync(join(root, `${name}.env`), answers, { mode: 0o600 })
  const ran = await command(root, [`${name}.env`, name])
  if (ran.code !== 0) throw new Error(ran.err)
  overrideImages(directory, options)
  return { directory, name, ...handles(directory, name) }
}

/** Writes the override that names the test images, as an operator's own override would change a stack. */
export function overrideImages(directory: string, { release, served, override, volumes }: Omit<StackOptions, 'answers'>): void {
  const compose = readFileSync(join(directory, 'docker-compose.yml'), 'utf8')
  const has = (service: string) => compose.includes(`\n  ${service}:\n`)
  writeFileSync(join(directory, 'docker-compose.override.yml'), stringify({
    services: {
      init: { build: { args: { BASE_IMAGE: testImages.base } } },
      ...(has('stacks-node') && { 'stacks-node': { image: doublesImage(release) } }),
      ...(has('stacks-signer') && { 'stacks-signer': { image: doublesImage(release) } }),
      ...(has('sbtc-signer') && {
        'sbtc-signer': { image: testImages.sbtc }, 'blocklist-client': { image: testImages.sbtc }, postgres: { image: testImages.postgres },
      }),
      ...(has('sbtc-backup') && { 'sbtc-backup': { build: { args: { POSTGRES_IMAGE: testImages.postgres } }, environment: { SBTC_BACKUP_PAUSE_SECONDS: '2' } } }),
      ...(has('sbtc-stacks-node') && { 'sbtc-stacks-node': { image: doublesImage(release) }, 'sbtc-bitcoind': { image: testImages.bitcoind } }),
      ...(has('bitcoind') && { bitcoind: { image: testImages.bitcoind } }),
      ...(has('node-tls') && { 'node-tls': { image: testImages.sidecar }, 'signer-tls': { image: testImages.sidecar } }),
      ...(served && {
        archive: {
          image: testImages.archive, networks: ['snapshot'], restart: 'unless-stopped', init: true,
          volumes: [`${served}:/srv/archive:ro`],
        },
      }),
      ...override,
    },
    ...(volumes && { volumes }),
  }))
}

/** Ways to ask about a stack; `name` is its Compose project. */
export function handles(directory: string, name: string): Pick<TestStack, 'compose' | 'inspect' | 'logs'> {
  const compose = (...args: readonly string[]) => docker(['compose', '--project-name', name, ...args], { cwd: directory })
  return {
    compose,
    inspect: (service) => {
      const { status, out } = docker(['inspect', `${name}-${service}-1`])
      return status === 0 ? (JSON.parse(out) as Container[])[0] : undefined
    },
    logs: (service) => {
      const { out, err } = compose('logs', '--no-color', '--no-log-prefix', '--timestamps', service)
      return out + err
    },
  }
}

/** `healthy`, `starting`, `unhealthy`, or the state of a container that has no health yet. */
export function health(container: Container | undefined): string {
  return container?.State.Health?.Status ?? container?.State.Status ?? 'absent'
}

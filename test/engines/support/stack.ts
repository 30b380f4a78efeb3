/** A generated stack in a directory of its own, started as an operator starts it. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { toolImages } from '../../../generator/catalogue/images.ts'
import { command } from '../../support/command.ts'
import { ownName } from '../../support/own.ts'
import { waitFor } from '../../support/wait.ts'
import { docker, type Ran } from './docker.ts'
import { execIn, inspectContainer, logsOf, top, type Container, type Executed } from './engine.ts'
import { doublesImage, testImages } from './images.ts'

export interface TestStack {
  readonly directory: string
  readonly name: string
  readonly compose: (...args: readonly string[]) => Ran
  /** The name of the container that a service has. */
  readonly container: (service: string) => string
  /** What a container is, as `docker inspect` tells; undefined when there is none. */
  readonly inspect: (service: string) => Promise<Container | undefined>
  readonly logs: (service: string) => Promise<string>
  readonly top: (service: string) => Promise<string>
  /** Runs a command in the container of a service. */
  readonly exec: (service: string, ...command: readonly string[]) => Promise<Executed>
  /** `healthy`, `starting`, `unhealthy`, or the state of a container that has no health yet. */
  readonly health: (service: string) => Promise<string>
  readonly allHealthy: (...services: readonly string[]) => Promise<boolean>
  /** Waits until all of them are healthy. */
  readonly becomesHealthy: (...services: readonly string[]) => Promise<void>
  /** Waits until a service has said it, and returns all that it said. */
  readonly says: (service: string, pattern: RegExp) => Promise<string>
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

/** Generates a stack with the real command into `root`, under a STACK_NAME that no other run has. Throws with its messages when it refuses. */
export async function makeStack(root: string, options: StackOptions): Promise<TestStack> {
  const name = ownName(options.answers['STACK_NAME']!)
  const directory = join(root, name)
  const answers = Object.entries({ ...options.answers, STACK_NAME: name }).map(([key, value]) => `${key}=${value}\n`).join('')
  mkdirSync(root, { recursive: true })
  writeFileSync(join(root, `${name}.env`), answers, { mode: 0o600 })
  const ran = await command(root, [`${name}.env`, name])
  if (ran.code !== 0) throw new Error(ran.err)
  overrideImages(directory, options)
  return handles(directory, name)
}

/** Writes the override that names the test images, as an operator's own override would change a stack. */
export function overrideImages(directory: string, { release, served, override, volumes }: Omit<StackOptions, 'answers'>): void {
  const compose = readFileSync(join(directory, 'docker-compose.yml'), 'utf8')
  const has = (service: string) => compose.includes(`\n  ${service}:\n`)
  const images: Readonly<Record<string, object>> = {
    ...(has('stacks-node') && { 'stacks-node': { image: doublesImage(release) } }),
    ...(has('stacks-signer') && { 'stacks-signer': { image: doublesImage(release) } }),
    ...(has('sbtc-signer') && {
      'sbtc-signer': { image: testImages.sbtc }, 'blocklist-client': { image: testImages.sbtc }, postgres: { image: testImages.postgres },
    }),
    ...(has('backup') && { backup: { build: { args: { NODE_IMAGE: compose.includes('backup-ssh-key') ? testImages.nodejsFull : testImages.nodejs, RESTIC_IMAGE: testImages.restic } } } }),
    ...(has('sbtc-backup') && { 'sbtc-backup': { build: { args: { POSTGRES_IMAGE: testImages.postgres, NODE_IMAGE: testImages.nodejs } }, environment: { SBTC_BACKUP_PAUSE_SECONDS: '2' } } }),
    ...(has('sbtc-stacks-node') && { 'sbtc-stacks-node': { image: doublesImage(release) }, 'sbtc-bitcoind': { image: testImages.bitcoind } }),
    ...Object.fromEntries(runningPrograms(compose).map((service) => [service, { image: testImages.nodejs }])),
    ...(has('bitcoind') && { bitcoind: { image: testImages.bitcoind } }),
    ...(has('node-tls') && { 'node-tls': { image: testImages.sidecar }, 'signer-tls': { image: testImages.sidecar } }),
    ...(served && {
      archive: {
        image: testImages.archive, networks: ['snapshot'], restart: 'unless-stopped', init: true,
        volumes: [`${served}:/srv/archive:ro`],
      },
    }),
  }
  const services = Object.fromEntries(Object.entries({ ...images, ...override }).map(([name, own]) => [name, { ...images[name], ...(own as object) }]))
  writeFileSync(join(directory, 'docker-compose.override.yml'), stringify({ services, ...(volumes && { volumes }) }))
}

/** The services of a Compose file that run in the image of Node.js. */
export function runningPrograms(compose: string): readonly string[] {
  const { services } = parse(compose) as { readonly services: Readonly<Record<string, { readonly image?: string }>> }
  return Object.keys(services).filter((name) => services[name]!.image?.startsWith(`${toolImages.nodejs.repository}:`))
}

/** Ways to ask about a stack; `name` is its Compose project. */
export function handles(directory: string, name: string): TestStack {
  const container = (service: string) => `${name}-${service}-1`
  const inspect = (service: string) => inspectContainer(container(service))
  const logs = (service: string) => logsOf(container(service))
  const health = async (service: string) => {
    const state = (await inspect(service))?.State
    // What ends when it is done has a health no more.
    if (/^(sbtc-)?snapshot$/.test(service) && state?.Status === 'exited' && state.ExitCode === 0) return 'healthy'
    return state?.Health?.Status ?? state?.Status ?? 'absent'
  }
  const healths = async (services: readonly string[]) => Object.fromEntries(await Promise.all(services.map(async (one) => [one, await health(one)] as const)))
  const healthy = (seen: Readonly<Record<string, string>>) => Object.values(seen).every((one) => one === 'healthy')
  return {
    directory, name, container, inspect, logs, health,
    compose: (...args) => docker(['compose', '--project-name', name, ...args], { cwd: directory }),
    top: (service) => top(container(service)),
    exec: (service, ...command) => execIn(container(service), command),
    allHealthy: async (...services) => healthy(await healths(services)),
    becomesHealthy: async (...services) => {
      await waitFor(`${services.join(', ')} healthy`, () => healths(services), healthy).catch(async (cause: Error) => {
        const ill = await healths(services)
        const said = await Promise.all(services.filter((one) => ill[one] !== 'healthy').map(async (one) => `${one} said last:\n${(await logs(one)).slice(-3000)}`))
        throw new Error([cause.message, ...said].join('\n'))
      })
    },
    says: (service, pattern) => waitFor(`${service} says ${pattern.source}`, () => logs(service), (said) => pattern.test(said)),
  }
}

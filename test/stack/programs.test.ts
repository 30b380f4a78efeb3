/** Services that run a program of docker/programs: what runs it, what it is mounted from, and what a change of it makes anew. */

import t from 'tap'
import { parse } from 'yaml'
import { toolImages } from '../../generator/catalogue/images.ts'
import { composeFile } from '../../generator/files/compose.ts'
import { recreated } from '../../generator/upgrade/recreated.ts'
import { planText } from '../support/pipeline.ts'
import { sampleStack, sampleVariety } from '../support/sample-stack.ts'

interface Mount { readonly type: string; readonly source: string; readonly target: string; readonly read_only?: true }
interface Compose {
  readonly services: Readonly<Record<string, { readonly image: string; readonly entrypoint: readonly string[]; readonly healthcheck?: { readonly test: readonly string[] }; readonly volumes?: readonly Mount[]; readonly environment?: Readonly<Record<string, string>>; readonly mem_limit: string }>>
  readonly volumes: Readonly<Record<string, object>>
}

const answers = (more: string) => ['STACK_NAME=my-signer', 'NETWORK=mainnet', 'STACKS_VERSION=4.0.4', more, ''].join('\n')
const compose = (more: string) => parse(planText(answers(more)).files.get('docker-compose.yml')!.content) as Compose
const { repository, tag } = toolImages.nodejs

t.test('each runs in the image of Node.js, from the volume that init fills', async (t) => {
  const { services, volumes } = compose('MONITORING=full')
  const run = Object.entries(services).filter(([, { image }]) => image.startsWith(`${repository}:`))
  t.ok(run.length > 1)
  for (const [name, { image, entrypoint, healthcheck, volumes: mounts = [], environment, mem_limit: limit }] of run) {
    t.equal(environment?.['NODE_OPTIONS']?.split(' ')[0], `--max-old-space-size=${Number.parseInt(limit) / 2}`, `${name}: the heap ends before the container does`)
    t.equal(image, `${repository}:${tag}`, name)
    // Another program may stand before it, such as flock.
    t.match(entrypoint.join(' '), /(^| )node \/stack\/(programs\/[\w-]+|docker\/init)\.mjs$/, name)
    if (healthcheck) t.match(healthcheck.test.join(' '), /^CMD node \/stack\/programs\/[\w-]+\.mjs /, name)
    if (name !== 'init') t.strictSame(mounts.filter(({ source }) => source === 'programs'), [{ type: 'volume', source: 'programs', target: '/stack/programs', read_only: true }], name)
  }
  t.strictSame(services['init']!.volumes!.filter(({ source, target }) => source === './docker' || target === '/stack/programs'), [
    { type: 'bind', source: './docker', target: '/stack/docker', read_only: true, bind: { create_host_path: false } },
    { type: 'volume', source: 'programs', target: '/stack/programs' },
  ])
  t.ok(Object.hasOwn(volumes, 'programs'))
  for (const [name, { volumes: mounts = [] }] of Object.entries(services)) {
    if (name !== 'init') t.notOk(mounts.some(({ source, read_only: locked }) => source === 'programs' && !locked), `${name} cannot change a program`)
  }
})

t.test('a program that changes makes its own services anew, and init, and no other', async (t) => {
  for (const options of sampleVariety) {
    const { stack, host } = sampleStack(options)
    for (const program of host.programs) {
      const text = (changed: string) => composeFile(stack, host, new Map(host.services.flatMap(({ configFiles }) => configFiles).map((path) => [path, (path === `docker/${program}.mjs` ? changed : 'a').repeat(64)]))).content
      const anew = recreated(text('a'), text('b'))
      const runs = host.services.filter((service) => service.program === program).map(({ name }) => name)
      // What make targets alone run is in no container that stays.
      t.strictSame(anew.map(({ service, what }) => `${service} ${what}`), (runs.length > 0 ? [...new Set(['init', ...runs])] : []).map((name) => `${name} anew`), `${program}: ${JSON.stringify(options)}`)
    }
  }
})

t.test('a tag without a known digest is named by the stacks that run it, once, with what resolves it', async (t) => {
  const told = (more: string) => planText(answers(more)).warnings.filter(({ code }) => code === 'no-digest').map(({ message, hint }) => `${message} ${hint}`)
  const [warning = '', ...others] = told('MONITORING=full')
  t.strictSame(others, [])
  t.match(warning, `${repository}:${tag}`)
  t.match(warning, 'create-stacks-signer-stack pin')
  for (const more of ['', 'MONITORING=metrics', 'MONITORING=full', 'TLS_SIDECARS=on', 'SNAPSHOT=off', 'BITCOIN_MODE=external\nBITCOIN_HOST=bitcoin.example.net']) {
    const runs = Object.values(compose(more).services).some(({ image }) => image === `${repository}:${tag}`)
    t.equal(told(more).some((text) => text.includes(`${repository}:${tag}`)), runs, more)
  }
})

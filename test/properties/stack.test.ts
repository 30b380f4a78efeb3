/** What must hold for every stack, over a few hundred seeded random answer files. */

import t, { type Test } from 'tap'
import TOML from '@iarna/toml'
import { parse as parseYaml } from 'yaml'
import { checkAnswers } from '../../generator/answers/check.ts'
import { readAnswers } from '../../generator/answers/read.ts'
import { readAssets } from '../../generator/io/assets.ts'
import type { PlannedFile } from '../../generator/plan-types.ts'
import { plan } from '../../generator/plan.ts'
import { hasErrors, renderProblem } from '../../generator/problem.ts'
import { resolve } from '../../generator/stack/resolve.ts'
import { repository } from '../support/repository.ts'
import { answerText, randomAnswers } from '../support/random-answers.ts'
import { sample } from '../support/sample.ts'

const assets = readAssets(repository)
const identity = { address: 'SP000000000000000000002Q6VF78', publicKey: '02'.padEnd(66, 'ab') }
const seeds = Array.from({ length: 300 }, (_, index) => index + 1)

function planned(text: string): readonly PlannedFile[] {
  const read = readAnswers('answers.env', text)
  const checked = checkAnswers('answers.env', read.entries, { secretsAllowed: true, outputDirectory: '.' })
  const problems = [...read.problems, ...checked.problems]
  if (hasErrors(problems) || !checked.value) throw new Error(problems.map(renderProblem).join('\n'))
  const stack = resolve(checked.value, { identity })
  if (!stack.value) throw new Error(stack.problems.map(renderProblem).join('\n'))
  return plan(stack.value, assets)
}

interface Compose {
  readonly services: Record<string, {
    image: string; depends_on?: Record<string, { condition: string }>; networks?: string[]; secrets?: string[]
    volumes?: { type: string; source: string }[]; ports?: string[]; healthcheck?: unknown; restart: string
  }>
  readonly networks: Record<string, unknown>
  readonly volumes: Record<string, unknown>
  readonly secrets: Record<string, { file: string }>
}

t.test('random stacks', async (t) => {
  const taken = sample(t, 'random answer files', seeds, 40)
  for (const seed of taken) {
    const { pairs } = randomAnswers(seed)
    const files = planned(answerText(pairs))
    const name = `seed ${seed}`
    const shuffled = [...pairs].reverse()
    for (const style of [1, 2, 3]) {
      if (JSON.stringify(planned(answerText(shuffled, style))) !== JSON.stringify(files)) t.fail(`${name}: order or quoting matters (style ${style})`)
    }
    checkTexts(t, name, files)
    checkCompose(t, name, files)
    checkConfigs(t, name, files, pairs)
  }
  t.pass(`${taken.length} random answer files`)
})

function checkTexts(t: Test, name: string, files: readonly PlannedFile[]): void {
  const lower = files.map(({ path }) => path.toLowerCase())
  if (new Set(lower).size !== lower.length) t.fail(`${name}: a path twice`)
  for (const { path, content } of files) {
    if (path.startsWith('/') || path.split('/').includes('..')) t.fail(`${name}: ${path} leaves the directory`)
    if (!/[^\n]\n$/.test(content)) t.fail(`${name}: ${path} does not end in one newline`)
    if (content.includes('\r')) t.fail(`${name}: ${path} has a CR`)
    if (/:latest\b/.test(content)) t.fail(`${name}: ${path} names latest`)
    // Programs hold the code of libraries, written as those write.
    if (path.endsWith('.mjs')) continue
    if (/[ \t]\n/.test(content) && !path.startsWith('config/')) t.fail(`${name}: ${path} has trailing blanks`)
    if (content.includes('\t') && path !== 'Makefile') t.fail(`${name}: ${path} has a tab`)
  }
}

function checkCompose(t: Test, name: string, files: readonly PlannedFile[]): void {
  const text = files.find(({ path }) => path === 'docker-compose.yml')!.content
  const compose = parseYaml(text, { merge: true }) as Compose
  t.strictSame(parseYaml(text, { version: '1.1' }), compose, `${name}: a YAML 1.1 reader sees the same`)
  const used = { networks: new Set<string>(), volumes: new Set<string>(), secrets: new Set<string>() }
  const ports: string[] = []
  for (const [service, fields] of Object.entries(compose.services)) {
    for (const network of fields.networks ?? []) used.networks.add(network)
    for (const secret of fields.secrets ?? []) used.secrets.add(secret)
    for (const volume of fields.volumes ?? []) {
      if (volume.type === 'volume') used.volumes.add(volume.source)
      else if (!files.some(({ path }) => `./${path}`.startsWith(`${volume.source}/`))) t.fail(`${name}: ${volume.source} is not in the plan`)
    }
    ports.push(...(fields.ports ?? []).map((port) => port.split(':').at(-2)!))
    for (const [after, { condition }] of Object.entries(fields.depends_on ?? {})) {
      if (!compose.services[after]) t.fail(`${name}: ${service} waits for ${after}, which is not there`)
      const want = compose.services[after]?.restart === 'no' ? 'service_completed_successfully' : 'service_started'
      if (condition !== want) t.fail(`${name}: ${service} waits for ${after} by ${condition}`)
    }
    if (fields.restart !== 'no' && !fields.healthcheck) t.fail(`${name}: ${service} has no health check`)
  }
  for (const kind of ['networks', 'volumes', 'secrets'] as const) {
    t.strictSame(Object.keys(compose[kind]).sort(), [...used[kind]].sort(), `${name}: ${kind} declared are ${kind} used`)
  }
  if (new Set(ports).size !== ports.length) t.fail(`${name}: a host port twice`)
}

function checkConfigs(t: Test, name: string, files: readonly PlannedFile[], pairs: readonly (readonly [string, string])[]): void {
  const config = (path: string) => TOML.parse(files.find((file) => file.path === path)!.content) as Record<string, Record<string, unknown>>
  const node = config('config/node-config.toml')
  const signer = config('config/signer-config.toml') as Record<string, unknown>
  const observer = (node['events_observer'] as unknown as { endpoint: string }[])[0]!
  t.equal(observer.endpoint.split(':')[1], String(signer['endpoint']).split(':')[1], `${name}: the observer is the signer's endpoint`)
  t.equal(node['connection_options']!['auth_token'], signer['auth_password'], `${name}: the token is shared`)
  for (const [key, value] of pairs) {
    const [side, section, option] = key.split('__')
    if (side === 'NODE') t.equal(String(node[section!]![option!]), value, `${name}: ${key} means the same`)
    if (side === 'SIGNER') t.equal(String(signer[section!]), value, `${name}: ${key} means the same`)
  }
}

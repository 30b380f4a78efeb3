/** How small the project and its stacks are held. A limit that has to grow is raised here, in a commit that says why. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { planText } from './support/pipeline.ts'
import { repository } from './support/repository.ts'

const plain = 'STACK_NAME=size\nNETWORK=mainnet\n'
/** Whatever can be turned on together on one host. */
const everything = `${readFileSync(join(repository, 'examples/sbtc.env'), 'utf8')}MONITORING=full\nFIREWALL=on\nSSH_FROM=192.0.2.7\nTLS_SIDECARS=on\nLOGS=journald\n`

const sources = readdirSync(repository, { recursive: true, encoding: 'utf8' }).filter((path) => !/^(\.git|node_modules|dist|build)(\/|$)|\/node_modules\//.test(path))
const linesOf = (text: string) => text.split('\n').length - 1
const lines = (end: string) => sources.filter((path) => path.startsWith('docker/') && path.endsWith(end)).reduce((sum, path) => sum + linesOf(readFileSync(join(repository, path), 'utf8')), 0)

/** What a stack has, and how many lines of it a person reads: all but the bundles. */
function sizeOf(answers: string) {
  const { files } = planText(answers)
  const read = [...files.values()].filter(({ path }) => !path.endsWith('.mjs'))
  return { paths: [...files.keys()].sort(), lines: read.reduce((sum, { content }) => sum + linesOf(content), 0), compose: files.get('docker-compose.yml')!.content }
}

t.test('programs are TypeScript, and shell where nothing else runs', async (t) => {
  t.strictSame(sources.filter((path) => path.endsWith('.py')), [])
  t.ok(lines('.ts') <= 11_500, `${lines('.ts')} lines of TypeScript under docker/`)
  t.ok(lines('.sh') <= 1750, `${lines('.sh')} lines of shell under docker/`)
})

t.test('a plain stack', async (t) => {
  const { paths, lines, compose } = sizeOf(plain)
  // Beside them the directory has its answers, the manifest and the secrets.
  t.ok(paths.length <= 22, `${paths.length} files: ${paths.join(' ')}`)
  t.ok(lines <= 2400, `${lines} lines beside the bundles`)
  t.notMatch(compose, /^ +build:/m, 'nothing is built on the host')
})

t.test('a stack with everything on', async (t) => {
  const { paths } = sizeOf(everything)
  t.ok(paths.length <= 66, `${paths.length} files: ${paths.join(' ')}`)
})

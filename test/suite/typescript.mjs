/**
 * node test/suite/typescript.mjs FILE [ARGUMENT…]: runs a TypeScript file with a Node.js that strips types. From 22.18 on that is this
 * Node.js. An older one starts `suiteNode`, which npm downloads once.
 */

import { spawnSync } from 'node:child_process'
import { nodeOf, suiteNode } from './nodes.mjs'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const stripsTypes = major > 22 || (major === 22 && minor >= 18)

const node = stripsTypes ? { path: process.execPath } : nodeOf(suiteNode)
if ('missing' in node) {
  console.error(`The tests need Node.js 22.18 or later; this is ${process.version}. ${node.missing}`)
  process.exit(1)
}
const { status, signal, error } = spawnSync(node.path, process.argv.slice(2), { stdio: 'inherit' })
if (error) console.error(String(error))
process.exit(status ?? (signal === 'SIGINT' ? 130 : 1))

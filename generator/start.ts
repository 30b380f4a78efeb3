#!/usr/bin/env node
/**
 * Runs first, and only looks at the version: a Node.js that is too old fails while it links what the rest imports, with
 * an error that tells the user nothing. So this imports nothing at once, and is written for old ones too.
 */

const [major, minor] = process.versions.node.split('.').map(Number) as [number, number]

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`create-stacks-signer-stack needs Node.js 20.19 or later, and this is ${process.versions.node}\n`)
  process.exitCode = 2
} else {
  import('./main.ts').catch((bug: unknown) => {
    // Node.js itself would exit with 1, which has a meaning of its own here.
    process.stderr.write(`create-stacks-signer-stack is broken, install it again: ${bug instanceof Error ? bug.stack : String(bug)}\n`)
    process.exitCode = 2
  })
}

export {}

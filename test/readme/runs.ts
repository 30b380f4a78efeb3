/** How each command block of the documents is run, and what its result must be, by document and heading. */

import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Test } from 'tap'
import { since4 } from '../adopt/cases/since-4.ts'
import { startFront } from '../registry/support/front.ts'
import { indexText, memoryRegistry } from '../registry/support/memory.ts'
import { images } from '../registry/support/stacks.ts'
import { day, firstRun, setting } from '../support/certificates.ts'
import { copyCheckout } from '../support/checkout.ts'
import { testKey } from '../support/command.ts'
import { readFiles } from '../support/files.ts'
import { certPlaces } from '../../generator/certs/places.ts'
import { mainnetStack, prepare, text, writeTree, type Place, type Typed } from './place.ts'

/** A block that this test types, in a home where only `prepare` has run. */
export interface NodeRun {
  readonly by: 'node'
  /** Returns the directory to type the block in, and more variables of the environment. Without it the block is typed in the home. */
  readonly prepare?: (t: Test, place: Place) => Promise<{ readonly cwd: string; readonly environment?: Readonly<Record<string, string>> }>
  readonly check: (t: Test, place: Place, typed: Typed) => void
}

/** A block that this test does not run. `by` is the file that does, `because` says why. */
export interface OtherRun {
  readonly by: 'test/engines/readme.test.ts' | '.ci/run'
  readonly because: string
}

export type Run = NodeRun | OtherRun

const engine: OtherRun = { by: 'test/engines/readme.test.ts', because: 'it starts containers' }

const address = 'SP1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRCBGD7R'

/** Checks that the key is in the file `where` of `my-signer`, and in no other. */
function keyInOneFile(t: Test, place: Place, where: string): void {
  const files = readFiles(join(place.home, 'my-signer'))
  t.strictSame(Object.keys(files).filter((path) => files[path]!.includes(testKey.slice(0, 64))), [where])
}

function freshCheckout(place: Place): string {
  const cwd = join(place.home, 'checkout')
  copyCheckout(cwd)
  return cwd
}

const ready = (commands: string) => async (_: Test, place: Place) => {
  await prepare(place, commands)
  return { cwd: join(place.home, 'my-signer') }
}

async function registries(t: Test, place: Place): Promise<Readonly<Record<string, string>>> {
  const front = await startFront(t, memoryRegistry(Object.fromEntries(Object.values(images).map(({ repository, tag }) => [repository, { [tag]: indexText(repository) }]))))
  const trust = join(place.home, '../trust.pem')
  writeFileSync(trust, front.trust)
  return { ...front.environment, NODE_EXTRA_CA_CERTS: trust }
}

export const runs: Readonly<Record<string, Readonly<Record<string, readonly Run[]>>>> = {
  'README.md': {
    'On testnet': [
      {
        by: 'node',
        prepare: async (_, place) => ({ cwd: freshCheckout(place) }),
        check: (t, place) => {
          t.match(text(place.home, 'testnet-signer/docker-compose.yml'), 'name: testnet-signer')
          t.match(text(place.home, 'testnet-signer/secrets/signer-mnemonic'), /^(\w+ ){23}\w+\n$/)
        },
      },
      engine,
    ],
    'On mainnet': [
      {
        by: 'node',
        prepare: async (_, place) => ({ cwd: freshCheckout(place) }),
        check: (t, place, { output }) => {
          t.match(output, address)
          keyInOneFile(t, place, 'secrets/signer-private-key')
        },
      },
      engine,
    ],
    Tests: [{ by: '.ci/run', because: 'it runs all tests, this one too' }],
  },
  'examples/adopt.md': {
    'A signer that runs already': [{
      by: 'node',
      prepare: async (_, place) => {
        writeTree(join(place.home, 'old-signer'), since4[0]!.files)
        mkdirSync(join(place.home, 'ops'))
        return { cwd: join(place.home, 'ops') }
      },
      check: (t, place, { output }) => {
        t.match(output, 'stop the old signer before the new one starts: one running signer per key')
        t.match(text(place.home, 'ops/my-signer/answers.env'), 'STACKS_VERSION=4.0.1')
        for (const secret of since4[0]!.hidden) t.notMatch(output, secret)
      },
    }],
  },
  'examples/backup.md': {
    'The machine is gone': [{
      by: 'node',
      prepare: async (_, place) => {
        await prepare(place, mainnetStack)
        // Only the ops repository and the backup of the secrets are left.
        await prepare(place, [
          'mkdir restored ops.git.work && mv my-signer/secrets restored/ && mv my-signer ops.git.work/', 'cd ops.git.work', 'git init -q .',
          'git add -A', 'git -c user.name=ops -c user.email=ops@example.net commit -qm "A signer"', `git clone -q --bare . "${place.home}/ops.git"`,
        ].join('\n'))
        rmSync(join(place.home, 'ops.git.work'), { recursive: true })
        const environment = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: `url.${place.home}/.insteadOf`, GIT_CONFIG_VALUE_0: 'ssh://git.example.net/' }
        mkdirSync(join(place.home, 'new'))
        return { cwd: join(place.home, 'new'), environment }
      },
      check: (t, _, { output }) => {
        t.match(output, 'nothing to do: the directory is what the answers say')
        t.match(output, 'check-secrets: all there, private, not in git')
        t.match(output, address)
      },
    }],
  },
  'examples/fleet.md': {
    'A fleet: several stacks in one call': [
      {
        by: 'node',
        prepare: async (_, place) => {
          const cwd = join(place.home, 'ops')
          mkdirSync(join(cwd, 'fleet'), { recursive: true })
          for (const number of [1, 2]) {
            writeFileSync(join(cwd, `fleet/s${number}.env`), `STACK_NAME=s${number}\nNETWORK=mainnet\nMACHINE=m${number}\n`)
            writeFileSync(join(place.home, `s${number}.key`), `${String(number).padStart(64, '0')}\n`, { mode: 0o600 })
          }
          return { cwd }
        },
        check: (t, place, { output }) => {
          t.match(output, '2 stacks: 2 new')
          t.match(output, '2 stacks: 2 as the answers say')
          for (const number of [1, 2]) t.match(text(place.home, `ops/fleet/s${number}/docker-compose.yml`), `name: s${number}`)
        },
      },
    ],
  },
  'examples/mainnet.md': {
    'A key that exists': [{
      by: 'node',
      check: (t, place, { output }) => {
        t.match(output, address)
        keyInOneFile(t, place, 'secrets/signer-private-key')
      },
    }],
    'A new key': [{
      by: 'node',
      check: (t, place, { output }) => {
        t.match(text(place.home, 'my-signer/secrets/signer-mnemonic'), /^(\w+ ){23}\w+\n$/)
        t.notMatch(output, text(place.home, 'my-signer/secrets/signer-private-key').trim())
      },
    }],
  },
  'examples/split.md': {
    Generate: [{
      by: 'node',
      check: (t, place, { output }) => {
        t.match(output, 'README.md says what belongs on which host')
        keyInOneFile(t, place, 'signer-host/secrets/signer-private-key')
        t.ok(readdirSync(join(place.home, 'my-signer/secrets')).includes('tls-ca-key'), 'the authority stays here')
      },
    }],
    'Renew and rotate certificates': [{
      by: 'node',
      prepare: async (_, place) => {
        // The certificates are 100 days old, because a rotation of a new authority is refused.
        const places = certPlaces({ topology: 'split', nodeHost: 'node.example.net', signerHost: 'signer.example.net' })
        const old = await firstRun(setting(new Date(Date.now() - 100 * day), { stackName: 'my-signer', places }))
        for (const [path, pem] of old) {
          const file = join(place.home, 'my-signer', path)
          const secret = path.includes('secrets/')
          mkdirSync(dirname(file), { recursive: true, mode: secret ? 0o700 : 0o755 })
          writeFileSync(file, pem, { mode: secret ? 0o600 : 0o644 })
        }
        await prepare(place, 'install -m 600 signer.key my-signer/signer-host/secrets/signer-private-key\nnpm create stacks-signer-stack@latest -- split.env my-signer')
        return { cwd: join(place.home, 'my-signer') }
      },
      check: (t, place, { output }) => {
        t.match(output, /29[67] days left/)
        t.match(output, /step 1 of 3/)
        t.ok(readdirSync(join(place.home, 'my-signer/secrets')).length > 1, 'the next authority waits')
      },
    }],
  },
  'examples/upgrade.md': {
    'A new release': [{
      by: 'node',
      prepare: async (t, place) => {
        await prepare(place, 'sed -i.bak s/4.0.4/4.0.1/ mainnet.env')
        return ready(mainnetStack)(t, place)
      },
      check: (t, place, { output }) => {
        t.match(output, 'nothing was written; `--yes` writes it')
        t.match(text(place.home, 'my-signer/answers.env'), 'STACKS_VERSION=4.0.1')
      },
    }],
    'Newer images': [{
      by: 'node',
      prepare: async (t, place) => ({ ...await ready(mainnetStack)(t, place), environment: await registries(t, place) }),
      check: (t, _, { output }) => { t.match(output, /stacks-core +4\.0\.4 +=/) },
    }],
  },
}

import t from 'tap'
import { newerTags } from '../../generator/registry/newer.ts'
import { parseVersionTag } from '../../generator/registry/version-tag.ts'

interface Case {
  readonly pinned: string
  readonly tags: string
  readonly releases?: string
  readonly pre?: string
}

const cases: Readonly<Record<string, Case>> = {
  'nothing is newer': { pinned: '4.0.4', tags: '4.0.2 4.0.3 4.0.4' },
  'numbers are numbers': { pinned: '4.0.9', tags: '4.0.10 4.0.9 4.0.8', releases: '4.0.10' },
  'oldest first, each once': { pinned: '4.0.1', tags: '4.1.0 4.0.3 4.0.2 4.1.0', releases: '4.0.2 4.0.3 4.1.0' },
  'words and moving tags': { pinned: '4.0.4', tags: 'latest main master 5 4 4.1 4.1-alpine 5.0 edge sha-0123abc 4.1.0', releases: '4.1.0' },
  'a moving tag without the release it points to': { pinned: '4.0.4', tags: '5.0' },
  'five parts': { pinned: '3.4.0.0.1', tags: '3.4.0.0.0 3.4.0.0.2 3.4.0.0.4 3.4 3.4.0', releases: '3.4.0.0.2 3.4.0.0.4' },
  'five parts to three': { pinned: '3.4.0.0.4', tags: '3.4.0.0.4 4.0.0 4.0.1 4.0 4', releases: '4.0.0 4.0.1' },
  'six parts to three': { pinned: '3.4.0.0.3.0', tags: '3.4.0.0.3.0 3.4.0.0.4.0 4.0.1', releases: '3.4.0.0.4.0 4.0.1' },
  'six parts beside five': { pinned: '3.3.0.0.6.0', tags: '3.3.0.0.6 3.3.0.0.6.0' },
  'two parts': { pinned: '31.1', tags: '31 31.0 31.1 31.2 32.0 32 latest 32.0-alpine', releases: '31.2 32.0' },
  'two parts that move': { pinned: '0.20', tags: '0.21 0.21.0 0.21.1', releases: '0.21.0 0.21.1' },
  'the same variant': { pinned: '4.0.3-alpine', tags: '4.0.4 4.0.4-debian 4.0.4-alpine 4.0.5-alpine3.24', releases: '4.0.4-alpine' },
  'the plain tag': { pinned: '4.0.3', tags: '4.0.4-alpine 4.0.4-debian' },
  debian: { pinned: '4.0.3-debian', tags: '4.0.4-alpine 4.0.4-debian 4.0.4', releases: '4.0.4-debian' },
  'a numbered base may be newer': {
    pinned: '1.31.6-alpine3.24', tags: '1.31.7-alpine3.24 1.31.6-alpine3.25 1.32.0-alpine3.25 1.32.0-alpine 1.32.0-alpine3.9',
    releases: '1.31.6-alpine3.25 1.31.7-alpine3.24 1.32.0-alpine3.25',
  },
  'another base': { pinned: '17.11-bookworm', tags: '17.12-bookworm 17.12-trixie 18.0-alpine3.24', releases: '17.12-bookworm' },
  'a variant behind a numbered base': { pinned: '1.30.5-alpine3.24-slim', tags: '1.30.6-alpine3.24-slim 1.30.6-alpine3.24', releases: '1.30.6-alpine3.24-slim' },
  'a prefix': { pinned: 'signer-v1.3.0', tags: 'signer-v1.3.3 blocklist-client-v1.4.0 v1.5.0 1.6.0 signer-1.7.0 signer-latest', releases: 'signer-v1.3.3' },
  v: { pinned: 'v3.14.0', tags: 'v3.15.0 3.16.0 v3.15', releases: 'v3.15.0' },
  'pre-releases are only shown': { pinned: '4.0.4', tags: '4.1.0-rc1 4.1.0-rc.2 4.1.0-beta1 4.1.0-alpha', pre: '4.1.0-alpha 4.1.0-beta1 4.1.0-rc1 4.1.0-rc.2' },
  'pre-releases of what has appeared': { pinned: '31.0', tags: '31.1rc1 31.1rc2 31.1 32.0rc1', releases: '31.1', pre: '32.0rc1' },
  'rc numbers are numbers': { pinned: '31.0', tags: '32.0rc10 32.0rc9', pre: '32.0rc9 32.0rc10' },
  'a pinned pre-release': { pinned: '4.1.0-rc1', tags: '4.0.9 4.1.0-beta9 4.1.0-rc1 4.1.0-rc2 4.1.0', releases: '4.1.0' },
  'a pinned pre-release without its release': { pinned: '4.1.0-rc1', tags: '4.0.9 4.1.0-rc2', pre: '4.1.0-rc2' },
  'pre-releases of a variant': { pinned: '31.0-alpine', tags: '32.0rc1-alpine 32.0rc1 32.0-rc2-alpine', pre: '32.0rc1-alpine 32.0-rc2-alpine' },
  'alpine is not alpha': { pinned: '4.0.4-alpine', tags: '4.0.5-alpine 4.0.5-alpha-alpine', releases: '4.0.5-alpine' },
  snapshots: { pinned: '4.0.4', tags: '4.1.0-snapshot 4.1.0-SNAPSHOT.20260101 4.1.0-dev 4.1.0-nightly.3', pre: '4.1.0-dev 4.1.0-snapshot 4.1.0-nightly.3 4.1.0-SNAPSHOT.20260101' },
  'dates of builds': { pinned: '4.0.4', tags: '20260101 20260101.1.1 4.0.20260102' },
  'digests and signatures': { pinned: '4.0.4', tags: 'sha256-0123.sig sha256-0123.att 4.0.5-0a1b2c3' },
}

for (const [name, { pinned, tags, releases = '', pre = '' }] of Object.entries(cases)) {
  t.strictSame(newerTags(pinned, tags.split(' ')), { comparable: true, releases: releases.split(' ').filter(Boolean), preReleases: pre.split(' ').filter(Boolean) }, name)
}

for (const word of ['latest', 'trixie-slim', 'main', '4', '', '20260101', 'v4', '.1.2']) {
  t.strictSame(newerTags(word, ['4.0.5', 'v5']), { comparable: false, releases: [], preReleases: [] }, word)
}

t.test('a long tag takes no long time', async (t) => {
  const begun = process.cpuUsage().user
  for (const tag of [`${'a-'.repeat(64)}`, `1.1${'-1'.repeat(60)}`, `${'1.'.repeat(64)}`, `1.1-rc${'.1'.repeat(60)}x`]) parseVersionTag(tag)
  t.ok(process.cpuUsage().user - begun < 500_000)
})

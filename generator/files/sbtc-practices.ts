/** The README's checklist: each practice of the sBTC signer's guide, and what answers it here. */

import type { Host, Stack } from '../stack/model.ts'
import { guideDays } from '../stack/logs.ts'
import { findService } from './views.ts'

/** here: a part of this stack does it. both: the part does what it can, and the organisation the rest. yours: nothing here can. off: an answer turns it on. */
type Who = 'here' | 'both' | 'yours' | 'off'

interface Practice {
  /** What is asked, in a few words; test/files/practices.test.ts knows each by them. */
  readonly asks: string
  readonly who: Who
  readonly how: string
}

const words: Readonly<Record<Who, string>> = { here: 'this stack', both: 'this stack, and you', yours: '**you**', off: '**not on here**' }

const keepLogs = `Keep ${guideDays.sbtc} days of logs of signer, node and bitcoind`

/** Throws for a stack without an sBTC signer. */
export function sbtcPractices({ sbtc, firewall, monitoring, logs }: Stack, host: Host): readonly Practice[] {
  if (!sbtc) throw new Error('there is no sBTC signer whose practices these were')
  const dumps = findService(host, 'sbtc-backup') !== undefined
  const full = monitoring?.mode === 'full'
  const own = `\`${sbtc.bitcoind}\` and \`${sbtc.node}\``
  const off = (asks: string, how: string): Practice => ({ asks, who: 'off', how })
  const verified = '[a dump counts once it is proven](#dumps-of-the-sbtc-signers-database)'
  return [
    { asks: 'Keep everyone else from the private key', who: 'both',
      how: '[secrets/](#secrets) is readable by its owner alone; `init` copies the key into the one volume of sbtc-signer, and no environment or log holds it. Yours: who may become that owner, root or a member of the group docker' },
    { asks: 'Keep an offline, secure copy of the private key', who: 'both', how: '`make sbtc-key-export` encrypts it, `make sbtc-key-check` proves that it opens: [the sBTC signer](#the-sbtc-signer). Yours: the place, away from this machine and from the dumps' },
    dumps ? { asks: 'Back up the database daily', who: 'here', how: '`sbtc-backup`, and at once when a new key appears: [dumps](#dumps-of-the-sbtc-signers-database)' }
      : off('Back up the database daily', '`BACKUP` in `answers.env` turns the dumps on; until then they are yours to make'),
    dumps ? { asks: 'Verify the dumps from time to time', who: 'here', how: `Each dump, at once: ${verified}; \`make sbtc-backup-verify\` again` }
      : off('Verify the dumps from time to time', 'With the dumps: `BACKUP` in `answers.env`'),
    dumps ? { asks: 'Restore into a fresh PostgreSQL', who: 'here', how: `The verification does, with a socket that nothing else sees: ${verified}` }
      : off('Restore into a fresh PostgreSQL', 'With the dumps: `BACKUP` in `answers.env`'),
    dumps ? { asks: 'Take the newest verified aggregate key', who: 'here', how: `The guide's query, on the restored database: ${verified}` }
      : off('Take the newest verified aggregate key', 'With the dumps: `BACKUP` in `answers.env`'),
    dumps ? { asks: 'Compare it with the key on the chain', who: 'here', how: `Decoded strictly, as ${sbtc.node} tells it: ${verified}` }
      : off('Compare it with the key on the chain', `\`make sbtc-set\` shows the chain's, and \`make sbtc-info\` the running signer's; of dumps, with \`BACKUP\` in \`answers.env\``),
    { asks: 'Hardware keys as second factor, for SSH, the cloud and the rest', who: 'yours', how: 'SSH takes such keys by itself (`ssh-keygen -t ed25519-sk`). `make host-check` says whether it takes passwords, too' },
    { asks: 'Least privilege, which expires', who: 'both', how: 'Each program has a user, networks and volumes of its own, no capability and no writable root: [what runs here](#what-runs-here). Yours: that people have no more either, and lose it when they are done' },
    { asks: 'Four eyes on what is critical', who: 'yours', how: 'Let a second person approve the `git diff` before a release, a set or a digest goes to the machine' },
    { asks: 'Let connections to the P2P port in', who: 'both', how: `${sbtc.p2pPort}/tcp${sbtc.quic ? ' and udp' : ''} is published: [ports](#ports). Yours: the firewall of the provider` },
    firewall ? { asks: 'Deny by default, and expose nothing else', who: 'both', how: 'Nothing else of the sBTC signer is published, and [the firewall](#firewall) shuts the rest. Yours: `sudo make firewall-apply`' }
      : off('Deny by default, and expose nothing else', 'Nothing else of the sBTC signer is published: [ports](#ports). `FIREWALL=on` in `answers.env` shuts the rest of the host'),
    { asks: 'Manage secrets, and rotate them where possible', who: 'both', how: 'All are files of [secrets/](#secrets), checked by `make check-secrets`. A new `emily-api-key` or `sbtc-bitcoin-rpc-password` goes in with `make restart`. Yours: who knows them, and to act when one of these leaves' },
    logs.driver === 'journald' && logs.days >= guideDays.sbtc ? { asks: keepLogs, who: 'both', how: `Of all services, for ${logs.days} days, in the journal of this machine: [logs](#logs). Yours: \`sudo make logs-install\`, once` }
      : off(keepLogs, `\`${logs.driver === 'journald' ? `LOG_RETENTION_DAYS=${logs.days}` : 'LOGS=docker'}\` stands in \`answers.env\``),
    monitoring ? { asks: 'Watch the metrics', who: full ? 'here' : 'both', how: `[Monitoring](#monitoring), with alerts and their runbook.${full ? '' : ' Yours: the Prometheus that reads them'}` }
      : off('Watch the metrics', '`MONITORING=full` in `answers.env`, or `metrics` for a Prometheus of your own. Until then `make status` and `make doctor` look'),
    sbtc.pair ? { asks: 'Nodes for the sBTC signer alone', who: 'here', how: `${own}: [what runs here](#what-runs-here)` }
      : off('Nodes for the sBTC signer alone', '`answers.env` has `SBTC_SHARED_NODES=yes`, against the guide'),
    { asks: 'The hardware that the nodes need', who: 'both', how: '[Size of the machine](#size-of-the-machine). Yours: to have it' },
    sbtc.pair ? { asks: 'Nothing else is served by these nodes', who: 'here', how: `Neither of ${own} opens a port to the world: [ports](#ports)` }
      : off('Nothing else is served by these nodes', 'They serve the Stacks signer, too'),
    { asks: 'Follow releases and advisories', who: 'both', how: `\`outdated\` of [the upgrade](#upgrade) knows the images${full ? '; the alert NewRelease, releases of Stacks and sBTC' : ''}. Yours: the operating system, cve.org, and the notices of your vendors` },
    { asks: 'Join the channels in which they are told', who: 'yours', how: 'Word of a release or a rotation is valid from the sBTC team alone: [the sBTC signer](#the-sbtc-signer)' },
    { asks: 'Manage the vulnerabilities of all packages', who: 'both', how: 'Every image is pinned, so a scanner can be given the list in `docker-compose.yml`. Yours: to scan them and the host, and to act' },
    { asks: 'Apply updates soon', who: 'both', how: `\`upgrade\` says what a release means before anything is stopped${dumps ? ', and `sbtc-upgrade-dump` dumps the database before another sbtc-signer starts' : ''}: [upgrade](#upgrade). Yours: to do it, and the host's own updates` },
    { asks: 'An inventory, and the management of patches', who: 'both', how: '`docker-compose.yml` and `images.lock.json` are that of the images: [the upgrade](#upgrade). Yours: that of the host' },
    { asks: 'Several trusted administrators', who: 'yours', how: 'All but `secrets/` is in this directory, for whoever may read its repository. The key stays on one machine' },
    { asks: 'Administrators in several time zones', who: 'yours', how: full ? '`ALERT_RECEIVERS` says who is told of [alerts](#monitoring)' : 'With `MONITORING=full`, `ALERT_RECEIVERS` says who is told' },
    { asks: 'Procedures that are written down and can be read', who: 'both', how: `This file${monitoring ? ', `RUNBOOK.md`' : ''} and \`make\`. Yours: that all who need them can read them` },
  ]
}

/** Markdown without a line end at its end. */
export function practicesSection(stack: Stack, host: Host): string {
  const rows = sbtcPractices(stack, host).map(({ asks, who, how }) => `| ${asks} | ${words[who]} | ${how} |`)
  return `### The guide's checklist

What the sBTC signer's guide asks of an operator, and who does it.

| the guide asks | done by | how |
|---|---|---|
${rows.join('\n')}`
}

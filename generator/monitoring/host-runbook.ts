/** The runbook's sections about the machine, the link, backups, releases and the monitoring. */

import type { Section } from './section.ts'

export const hostSections: readonly Section[] = [
  {
    name: 'DiskFilling',
    means: 'A disk that holds a volume of the stack is nearly full, or will be within days. Node and bitcoind stop, and may damage their databases, on a full one.',
    check: ['`df -h` on the host, and `docker system df -v`: what grew?', { needs: ['snapshot'], text: 'Does the old chain of a `make snapshot-refresh` still lie there? `make snapshot-delete-old` deletes it.' }],
    remedy: ['`docker image prune` removes images that nothing uses. It deletes no volume.', 'The chains grow steadily: give them a larger disk in time. Moving a volume needs the stack to be stopped.',
      'At the last moment: `make stop`, so that nothing is damaged, then make room.'],
  },
  {
    name: 'OutOfMemory',
    means: 'The kernel killed a program because the memory was used up.',
    check: ['`journalctl -k | grep -i oom` on the host: which one?', '`make ps`: what was started again?'],
    remedy: ['A service that reached its own `mem_limit`: raise it in `docker-compose.override.yml`, where the machine has the memory.', 'See "Size of the machine" in README.md. Move other work away.'],
  },
  {
    name: 'MemoryLow',
    means: 'The machine is about to run out of memory.',
    check: ['`docker stats --no-stream`: who uses it?'],
    remedy: ['Move other work away, or give it more, before the kernel chooses what to kill.'],
  },
  {
    name: 'ClockOff',
    means: 'The machine\'s clock is off by more than a second, or nothing keeps it right.',
    check: ['`timedatectl` on the host: "System clock synchronized" must say yes.'],
    remedy: ['Enable systemd-timesyncd or chrony, and let its port 123/udp out.'],
  },
  {
    name: 'CertExpiry',
    means: 'A certificate of the link between signer and node ends soon. After that they are cut off from each other.',
    check: ['`make certs-status`.'],
    remedy: ['Where the directory is generated, `create-stacks-signer-stack certs renew`; bring `certs/` and `secrets/` here; `make tls-reload`.', 'Certificates of your own organisation: bring new ones, then `make tls-reload`.'],
  },
  {
    name: 'LinkDown',
    means: 'A TLS sidecar does not answer, or shows a certificate that is not valid. Signer and node cannot speak to each other.',
    check: ['`make verify-tls`, here and on the other host.', '`make certs-status`.'],
    remedy: ['`make start` starts a sidecar that is stopped.', 'New certificates on the disk and old ones on the wire: `make tls-reload`.'],
  },
  {
    name: 'BackupTooOld',
    means: 'The last backup that was finished is too old. What it cannot bring back grows with each hour.',
    check: [
      { needs: ['signer'], text: '`make status` says what failed last; `make logs S=backup` and `make logs S=backup-copy`, where it ended.' },
      { without: ['signer'], text: '`make status` says what failed last; `make logs S=backup`, where it ended.' },
      'Can the target be reached, and has it room?',
    ],
    remedy: [
      { needs: ['signer'], text: '`make backup` once the cause is gone. Backups of before are kept.' },
      { without: ['signer'], text: '`make sbtc-backup` once the cause is gone. Backups of before are kept.' },
    ],
  },
  {
    name: 'BackupMissing',
    means: 'No backup has ever been finished, or the note that says so is gone.',
    check: ['`make status`, and `make logs S=backup`.'],
    remedy: [{ needs: ['signer'], text: '`make backup`, and read what it says.' }, { without: ['signer'], text: '`make sbtc-backup`, and read what it says.' }],
  },
  {
    name: 'NewRelease',
    means: 'The Stacks project has published a release that is newer than what runs here. A node that misses a fork leaves the chain.',
    check: ['The notes of the release: is there a date by which it must run?'],
    remedy: ['"Upgrade" in README.md.'],
  },
  {
    name: 'MetricsDown',
    means: 'The service `metrics`, which gives out the numbers of signer, node and bitcoind, does not answer. Nothing says that these are in trouble; nothing says that they are not.',
    check: ['`make ps`, `make logs S=metrics`.', '`make status`: are the others well?'],
    remedy: ['`make start S=metrics`.', 'An outside Prometheus: can it still reach the stack\'s network or port?'],
  },
  {
    name: 'MonitoringPartDown',
    means: 'One of the exporters, or Alertmanager, does not answer. Its alerts are silent until it does.',
    check: ['`make ps`: which one is not healthy? Then `make logs S=` with its name.'],
    remedy: ['`make start` starts what is stopped.'],
  },
]

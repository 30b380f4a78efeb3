/** A journald of a test's own, in the mount namespace of its engine: nothing of it is seen by the machine or by other tests. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const journald = '/lib/systemd/systemd-journald'

/** Why there can be none; undefined when there can. */
export const ownJournalMissing = (): string | undefined => (existsSync(journald) ? undefined : 'systemd-journald not installed')

/** Where `state` keeps what belongs to it. */
const etc = (state: string) => `${state}/etc`
const pidFile = (state: string) => `${state}/journald.pid`

/**
 * Lines for the shell that becomes dockerd, in a mount namespace of its own. One that ends is started again, as systemd does,
 * until dockerd has ended.
 */
export function journalLines(state: string): string {
  return `
mkdir -p ${etc(state)} ${state}/journal /run/log /var/log/journal
cp -a /etc/systemd/. ${etc(state)}
mount --bind ${etc(state)} /etc/systemd
mount --bind ${state}/journal /var/log/journal
mount -t tmpfs tmpfs /run/systemd
mount -t tmpfs tmpfs /run/log
setpriv --pdeathsig KILL sh -c 'while :; do sh -c "echo \\$\\$ >${pidFile(state)}; exec setpriv --pdeathsig KILL ${journald}"; done' &
`
}

/** The process of the journald that belongs to `state`. */
export const journaldPid = (state: string): number => Number(readFileSync(pidFile(state), 'utf8'))

/** What `systemctl restart systemd-journald` does where systemd runs, as a command in `folder`; it knows nothing else. */
export function writeSystemctl(state: string, folder: string): void {
  writeFileSync(join(folder, 'systemctl'), `#!/bin/sh
[ "$*" = 'restart systemd-journald' ] || exit 1
old=$(cat ${pidFile(state)})
kill "$old"
while [ "$(cat ${pidFile(state)})" = "$old" ] || ! journalctl --sync; do sleep 0.1; done
`, { mode: 0o755 })
}

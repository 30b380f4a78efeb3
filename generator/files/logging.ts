/** What Docker is told of each service's log, and `config/journald.conf`: the limits of the journal that holds them. */

import type { PlannedFile } from '../plan-types.ts'
import { header } from '../render/header.ts'
import { renderKeyValue } from '../render/key-value.ts'
import type { Logs } from '../stack/log-driver.ts'
import type { Host, Stack } from '../stack/model.ts'

/** `logging` of a service in Docker's notation. The tag tells stack and service of each line in the journal. */
export function loggingOf({ name, logs }: Stack, service: string): { readonly driver: string; readonly options: Readonly<Record<string, string>> } {
  return logs.driver === 'json-file'
    ? { driver: logs.driver, options: { 'max-size': '100m', 'max-file': '10', compress: 'true' } }
    // Not with mode=non-blocking: while journald hangs, a container could then not be stopped. Docker buffers 1 MB without it.
    : { driver: logs.driver, options: { tag: `${name}/${service}` } }
}

/** Where `make logs-install` puts it; docker/host/logs.sh says the same. */
export const journaldDropIn = ({ name }: Stack) => `/etc/systemd/journald.conf.d/stacks-signer-${name}.conf`

/** The drop-in that `make logs-install` puts in place; none where Docker keeps the logs. */
export function journaldFiles({ logs }: Stack, host: Host): readonly PlannedFile[] {
  if (logs.driver !== 'journald') return []
  return [{ path: `${host.directory}config/journald.conf`, content: renderKeyValue([...header, ...about], [{ name: 'Journal', entries: settings(logs) }]), mode: 0o644 }]
}

const about = [
  'A drop-in for journald: sudo make logs-install puts it in place. Its limits are for the whole journal of the machine, whoever writes to it.',
  'journald deletes whole files, and judges a file by its oldest entry: so each day has a file of its own, and one day more is kept.',
]

/** journald.conf(5). Without SystemMaxFiles it keeps 100 files, of 128 MB at most, whatever the other limits say. */
function settings({ days, maxSize }: Extract<Logs, { readonly driver: 'journald' }>): readonly (readonly [string, string | number])[] {
  return [
    ['Storage', 'persistent'],
    ['MaxRetentionSec', `${days + 1}day`],
    ['MaxFileSec', '1day'],
    ['SystemMaxUse', maxSize],
    ['SystemMaxFiles', 10000],
    ['RateLimitIntervalSec', 0],
  ]
}

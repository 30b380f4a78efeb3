/** Health checks: each uses only what its image holds. */

import type { Health } from './model.ts'

/**
 * While a container waits for its turn it is "starting", not "unhealthy": a snapshot takes hours and Bitcoin days.
 * The first success ends this period.
 */
export const longStart = '168h'

/** A health check by the given command. */
export function health(test: readonly string[], startPeriod: string, interval = '30s'): Health {
  return { test: ['CMD', ...test], interval, timeout: '10s', retries: 5, startPeriod, startInterval: '10s' }
}

/** 200 from an HTTP path on this container's own loopback, asked by the script that `init` put beside the config. */
export function httpHealth(configDirectory: string, port: number, path: string, startPeriod: string): Health {
  return health(['sh', `${configDirectory}/http-get.sh`, '127.0.0.1', String(port), path, 'status'], startPeriod)
}

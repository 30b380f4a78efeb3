/** The service that runs first, and prepares the volumes of all others. */

import { paths, stackFile } from '../catalogue/container.ts'
import type { ImageRef, Mount, Service } from './model.ts'
import { folder } from './mounts.ts'
import { fileBesideInit, heapLimit, programFile } from './programs.ts'

/**
 * Fills the configs from `secrets/` and hands each volume to its user; the only one that runs as root. It runs from docker/ itself, and
 * one at a time: the lock is on the first of its volumes, and goes with the process that holds it.
 */
export function initService(
  nodejs: ImageRef, mounts: readonly Mount[], secrets: readonly string[], configFiles: readonly string[], certificates: boolean,
): Service {
  return {
    name: 'init',
    purpose: 'Prepares volumes and fills the secrets into the configs, then ends',
    program: 'init',
    image: nodejs,
    user: '0:0',
    entrypoint: ['flock', '--no-fork', mounts[0]!.target, 'node', fileBesideInit('init')],
    command: [],
    environment: heapLimit('init'),
    networks: [],
    ports: [],
    mounts: [folder('./config', paths.stackConfig), folder('./docker', paths.stackDocker), ...(certificates ? [folder('./certs', paths.stackCerts)] : []), ...mounts],
    secrets,
    after: [],
    stopsBefore: [],
    lifetime: 'one-shot',
    // Reads the operator's 0600 files and gives what it writes to each consumer's user.
    capabilities: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER'],
    stopGrace: '10s',
    pids: 64,
    temporary: ['/tmp'],
    configFiles: [...configFiles, stackFile.path, programFile('init')].sort(),
  }
}

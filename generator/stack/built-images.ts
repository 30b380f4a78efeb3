/** The images that a stack builds itself, from pinned images alone: nothing is installed, and programs come from the volume `programs`. */

import { paths, users } from '../catalogue/container.ts'
import { sha256 } from '../plan-types.ts'
import { header } from '../render/header.ts'
import type { BackupTarget } from './backup-target.ts'
import type { BuiltImage, ImageRef } from './model.ts'

/** Whether an image is built on the host, and not pulled. */
export function isBuilt(image: ImageRef | BuiltImage): image is BuiltImage {
  return 'dockerfile' in image
}

/** `repository:tag@digest`, or without the digest where none may be trusted. */
export function imageText({ repository, tag, digest }: ImageRef): string {
  return `${repository}:${tag}${digest ? `@${digest}` : ''}`
}

export interface BackupBases {
  readonly nodejs: ImageRef
  /** Node.js in the image that has the SSH client too. */
  readonly nodejsFull: ImageRef
  readonly restic: ImageRef
}

/** Node.js with restic, for `backup`. */
export function backupImage(stack: string, { kind }: BackupTarget, { nodejs, nodejsFull, restic }: BackupBases): BuiltImage {
  const [uid, gid] = users.stacksSigner.split(':')
  return built(`${stack}-backup`, 'backup.Dockerfile', { NODE_IMAGE: kind === 'sftp' ? nodejsFull : nodejs, RESTIC_IMAGE: restic }, [
    'FROM ${RESTIC_IMAGE} AS restic',
    'FROM ${NODE_IMAGE}',
    'COPY --from=restic /usr/bin/restic /usr/bin/restic',
    ...(kind === 's3' ? ['# Node.js has root certificates of its own, and restic none.', 'COPY --from=restic /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt'] : []),
    ...(kind === 'sftp' ? ['# ssh wants a name for the user that it runs as.', `RUN echo 'stacks-signer:x:${users.stacksSigner}::/nonexistent:/usr/sbin/nologin' >>/etc/passwd`] : []),
    '# A new volume takes its owner from the folder that it covers.',
    `RUN install -d -o ${uid} -g ${gid} -m 0700 ${paths.backupDrill}`,
  ])
}

/** The image of the database with Node.js, for `sbtc-backup`. A dump of a newer pg_dump need not restore into an older server, so both are of one version. */
export function sbtcBackupImage(stack: string, postgres: ImageRef, nodejs: ImageRef): BuiltImage {
  return built(`${stack}-sbtc-backup`, 'sbtc-backup.Dockerfile', { POSTGRES_IMAGE: postgres, NODE_IMAGE: nodejs }, [
    'FROM ${NODE_IMAGE} AS node',
    '# The image of the database itself: server, dump and verification are of one version.',
    'FROM ${POSTGRES_IMAGE}',
    'COPY --from=node /usr/local/bin/node /usr/local/bin/node',
  ])
}

/** An image that is named by its Dockerfile: Docker does not build again what is there already. */
function built(name: string, dockerfile: string, bases: Readonly<Record<string, ImageRef>>, steps: readonly string[]): BuiltImage {
  const lines = [...header.map((line) => `# ${line}`), ...Object.entries(bases).map(([argument, image]) => `ARG ${argument}=${imageText(image)}`), ...steps]
  const content = `${lines.join('\n')}\n`
  return { context: './docker', dockerfile, name: `${name}:${sha256(content).slice(0, 12)}`, from: Object.values(bases), content }
}

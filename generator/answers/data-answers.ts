/** Where the data of the long-running programs lies, if not in named volumes. */

import type { AnswerDefinition } from './definition.ts'

const absent = 'a named volume of Docker'

export const dataAnswers = [
  {
    key: 'BITCOIN_DATA_DIR', type: { kind: 'directory' }, group: 'operation', absent,
    title: 'Folder of the machine for the Bitcoin chain',
    text: 'An absolute path. It is a folder on a disk, not the mount point itself. sudo make data-dirs prepares it before the first start. On a running stack, make move-data moves the data.',
    example: '/srv/disk1/bitcoin', since: '0.1.0',
  },
  {
    key: 'STACKS_DATA_DIR', type: { kind: 'directory' }, group: 'operation', absent,
    title: 'Folder of the machine for the Stacks chain',
    text: 'As BITCOIN_DATA_DIR.',
    example: '/srv/disk2/stacks', since: '0.1.0',
  },
  {
    key: 'SIGNER_DATA_DIR', type: { kind: 'directory' }, group: 'operation', absent,
    title: 'Folder of the machine for the database of the signer',
    text: 'As BITCOIN_DATA_DIR. It must be on a local disk: the database does not work on a network file system.',
    example: '/srv/disk2/signer', since: '0.1.0',
  },
] as const satisfies readonly AnswerDefinition[]

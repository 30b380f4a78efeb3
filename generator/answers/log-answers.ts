/** The answers about logs; part of the one list in schema.ts. */

import type { AnswerDefinition } from './definition.ts'

export const logAnswers = [
  {
    key: 'LOGS', type: { kind: 'choice', values: ['docker', 'journald'] }, group: 'operation',
    absent: 'docker; journald with SBTC_SIGNER=on',
    title: 'Where the logs of the containers are stored',
    text: 'With docker, at most 1 GB of each container is kept, until the container is removed. With journald, logs go to the journal of the machine, which needs systemd. There you can search them for LOG_RETENTION_DAYS. Run sudo make logs-install once.',
    example: 'journald', since: '0.1.0',
  },
  {
    key: 'LOG_RETENTION_DAYS', type: { kind: 'number', least: 1, most: 3650 }, group: 'operation',
    absent: '7; 90 with SBTC_SIGNER=on',
    title: 'For how many days the journal keeps logs',
    text: 'Only for LOGS=journald. It applies to the whole journal of the machine. The signer\'s guide asks for at least 7 days, that of the sBTC signer for 90.',
    example: '90', since: '0.1.0',
  },
  {
    key: 'LOG_MAX_SIZE', type: { kind: 'pattern', pattern: '[1-9][0-9]{2,5}M|[1-9][0-9]{0,3}G', expects: 'a size like 500M or 20G, 100M or more' }, group: 'operation',
    absent: '20G; 100G with SBTC_SIGNER=on',
    title: 'How large the journal may grow',
    text: 'Only for LOGS=journald. It applies to the whole journal of the machine: the oldest entries are deleted when it is reached, even before LOG_RETENTION_DAYS. An entry takes about 1 KB.',
    example: '20G', since: '0.1.0',
  },
] as const satisfies readonly AnswerDefinition[]

/** The answer about the logs that are kept; part of the one list in schema.ts. */

import type { AnswerDefinition } from './definition.ts'

export const logAnswers = [
  {
    key: 'LOG_RETENTION_DAYS', type: { kind: 'number', least: 0, most: 3650 }, group: 'operation', default: '7',
    title: 'For how many days logs are kept',
    text: 'Compressed, by day, in the volume logs, once make logs-install has set the host to collect them. 7 is the least that the signer\'s guide asks for; without the line it is 90 with SBTC_SIGNER=on, the least of that one\'s. 0 keeps what Docker itself holds: at most 100 MB of each container.',
    example: '90', since: '0.1.0',
  },
] as const satisfies readonly AnswerDefinition[]

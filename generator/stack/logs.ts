/** Where the logs of a stack are stored, from the answers that concern it. */

import type { Answers } from '../answers/check.ts'
import { error, warning, type Problem } from '../problem.ts'
import type { Logs } from './log-driver.ts'

/** For how many days the guide of each signer wants logs kept. */
export const guideDays = { stacks: 7, sbtc: 90 } as const

/** An entry of the journal takes about 1 KB: 12 lines a second for 90 days, or 30 for 7. */
const defaultMaxSize = { stacks: '20G', sbtc: '100G' } as const

/** Docker's own files unless an answer, or an sBTC signer, asks for the journal: they are limited by size alone. */
export function logSettings(answers: Answers): { readonly value: Logs; readonly problems: readonly Problem[] } {
  const { values } = answers
  const sbtc = values.SBTC_SIGNER === 'on'
  const guide = sbtc ? 'sbtc' : 'stacks'
  const kind = values.LOGS ?? (sbtc ? 'journald' : 'docker')
  const days = values.LOG_RETENTION_DAYS ?? guideDays[guide]
  const place = answers.place(kind === 'docker' ? 'LOGS' : 'LOG_RETENTION_DAYS')
  const tooShort = sbtc && (kind === 'docker' || days < guideDays.sbtc)
    ? [warning('logs-too-short', `the sBTC signer's guide asks for ${guideDays.sbtc} days of logs`, place, 'leave out LOGS and LOG_RETENTION_DAYS')] : []
  if (kind === 'journald') return { value: { driver: 'journald', days, maxSize: values.LOG_MAX_SIZE ?? defaultMaxSize[guide] }, problems: tooShort }
  const unused = (['LOG_RETENTION_DAYS', 'LOG_MAX_SIZE'] as const).filter((key) => answers.given.has(key))
  return {
    value: { driver: 'json-file' },
    problems: [...tooShort, ...unused.map((key) => error('not-journald', `${key} is only for LOGS=journald; here it is docker, which stores at most 1 GB of each container, for however long that lasts`,
      answers.place(key), `write LOGS=journald, or remove ${key}`))],
  }
}

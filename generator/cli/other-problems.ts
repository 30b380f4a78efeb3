/** What else is wrong where a run fails anyway, so that one run tells all problems that do not depend on each other. Nothing is made. */

import type { Answers } from '../answers/check.ts'
import { unlessWrong, unlessWrongLater } from '../answers/partial.ts'
import { sortProblems, type Problem } from '../problem.ts'
import { backupSecrets, backupSettings } from '../stack/backup.ts'
import type { Identity } from '../stack/model.ts'
import { monitoringSettings, receiverSecret } from '../stack/monitoring.ts'
import { resolve } from '../stack/resolve.ts'
import { settleSbtcSecrets } from './sbtc-secrets.ts'
import { settleSecrets } from './secrets.ts'
import { settleWatchSecrets, wantedBy, type Wanted } from './watch-secrets.ts'

export interface Known {
  readonly directory: string
  /** The directory as it is shown. */
  readonly shown: string
  readonly recorded?: Identity | undefined
  readonly recordedSbtc?: Identity | undefined
  readonly newSignerKey: boolean
}

/** `answers` may be partial; `found` are the problems so far. Returns all, each once. */
export async function withOtherProblems(answers: Answers, found: readonly Problem[], { directory, shown, recorded, recordedSbtc, newSignerKey }: Known): Promise<readonly Problem[]> {
  const mode = 'dryRun' as const
  const secrets = await unlessWrongLater(() => settleSecrets(answers, directory, recorded, { mode, newSignerKey, shown }))
  const sbtc = unlessWrong(() => settleSbtcSecrets(answers, directory, recordedSbtc, undefined, { mode, newSignerKey }))
  const { problems, value: stack } = resolve(answers)
  const watching = unlessWrong(() => settleWatchSecrets(answers, directory, stack ? wantedBy(stack.hosts) : wantedByAnswers(answers), recorded !== undefined || recordedSbtc !== undefined))
  // A line with a wrong answer is told once.
  const told = new Set(answers.partial ? found.filter(({ severity }) => severity === 'error').map(({ at }) => at?.line) : [])
  const others = [...secrets.problems, ...sbtc.problems, ...problems, ...watching.problems].filter(({ severity, at }) => severity === 'error' && !(at && told.has(at.line)))
  const all = [...found, ...others]
  return sortProblems([...new Map(all.map((problem) => [JSON.stringify([problem.code, problem.message, problem.at]), problem])).values()])
}

/** What backups and receivers of a single host need, where no stack comes of the answers. */
function wantedByAnswers(answers: Answers): readonly Wanted[] {
  if (answers.values.TOPOLOGY === 'split') return []
  const backup = unlessWrong(() => backupSettings(answers)).value
  const receivers = unlessWrong(() => monitoringSettings(answers)).value?.receivers ?? []
  return [{ home: '', names: [...(backup ? backupSecrets(backup.target).map(({ name }) => name) : []), ...receivers.flatMap((one) => receiverSecret(one) ?? [])] }]
}

/** How the stack is watched, from the answers that concern it. */

import type { Answers } from '../answers/check.ts'
import { problemsOf, unlessWrong } from '../answers/partial.ts'
import type { AnswerKey } from '../answers/schema.ts'
import { listWords } from '../answers/list.ts'
import { error, warning, type Problem, type Result } from '../problem.ts'
import type { Monitoring, Receiver } from './model.ts'

const fullOnly = [
  'PROMETHEUS_PORT', 'ALERTMANAGER_PORT', 'GRAFANA_PORT', 'PROMETHEUS_RETENTION_DAYS', 'ALERT_RECEIVERS',
] as const
const always = ['SIGNER_REGISTERED', 'RUNBOOK_URL', 'METRICS_PORT'] as const
/** The answers that only one receiver reads. */
const receiverAnswers: Readonly<Record<Receiver['kind'], readonly AnswerKey[]>> = {
  webhook: ['ALERT_WEBHOOK_URL'],
  slack: ['ALERT_SLACK_URL'],
  pagerduty: ['ALERT_PAGERDUTY_KEY'],
  email: ['ALERT_EMAIL_TO', 'ALERT_EMAIL_FROM', 'ALERT_SMTP_HOST', 'ALERT_SMTP_PORT', 'ALERT_SMTP_USER', 'ALERT_SMTP_PASSWORD'],
  telegram: ['ALERT_TELEGRAM_TOKEN', 'ALERT_TELEGRAM_CHAT'],
}
const kinds = Object.keys(receiverAnswers) as readonly Receiver['kind'][]

/** No value with MONITORING=off. */
export function monitoringSettings(answers: Answers): Result<Monitoring> {
  const { values, given } = answers
  const unused = (keys: readonly AnswerKey[], why: string) => keys.filter((key) => given.has(key))
    .map((key) => warning('unused-answer', `${key} is not used ${why}`, answers.place(key)))
  if (values.MONITORING === 'off') return { problems: unused([...always, ...fullOnly, ...kinds.flatMap((kind) => receiverAnswers[kind])], 'with MONITORING=off') }
  const full = values.MONITORING === 'full'
  const chosen = full && values.ALERT_RECEIVERS ? listWords(values.ALERT_RECEIVERS) as readonly Receiver['kind'][] : []
  const strangers = kinds.filter((kind) => !chosen.includes(kind))
  const receivers = chosen.map((kind) => unlessWrong(() => receiver(kind, answers)))
  const problems = [
    ...(full ? [...unused(['METRICS_PORT'], 'with MONITORING=full: its Prometheus reads the metrics')] : unused(fullOnly, 'with MONITORING=metrics')),
    ...strangers.flatMap((kind) => unused(receiverAnswers[kind], `without ${kind} in ALERT_RECEIVERS`)),
    ...receivers.flatMap(({ problems }) => problems),
    ...problemsOf(() => silent(answers)),
  ]
  if (answers.partial) return { problems }
  return {
    problems,
    value: {
      mode: full ? 'full' : 'metrics',
      registered: values.SIGNER_REGISTERED === 'yes' || values.SIGNER === 'off',
      ...(!full && values.METRICS_PORT && { port: values.METRICS_PORT }),
      ...(values.RUNBOOK_URL && { runbookUrl: values.RUNBOOK_URL }),
      ports: { prometheus: values.PROMETHEUS_PORT, alertmanager: values.ALERTMANAGER_PORT, grafana: values.GRAFANA_PORT },
      retentionDays: values.PROMETHEUS_RETENTION_DAYS,
      receivers: receivers.flatMap(({ value }) => (value ? [value] : [])),
    },
  }
}

/** Alerts that nobody gets, and alerts that are wrong from the first minute. */
function silent({ values, given, place }: Answers): readonly Problem[] {
  if (values.MONITORING !== 'full') return []
  return [
    ...(values.ALERT_RECEIVERS ? [] : [warning('no-receivers', 'no alert reaches anybody: ALERT_RECEIVERS is not given', place('MONITORING'), `write ALERT_RECEIVERS= with one or more of ${kinds.join(', ')}`)]),
    ...(values.SIGNER === 'on' && values.SIGNER_KEY === 'generate' && !given.has('SIGNER_REGISTERED')
      ? [warning('not-registered', 'a new key is not registered, and the alerts of a registered signer fire', place('SIGNER_KEY'), 'write SIGNER_REGISTERED=no until the signer is registered')] : []),
  ]
}

function receiver(kind: Receiver['kind'], answers: Answers): Result<Receiver> {
  const { values } = answers
  const needed = ({ email: ['ALERT_EMAIL_TO', 'ALERT_EMAIL_FROM', 'ALERT_SMTP_HOST'], telegram: ['ALERT_TELEGRAM_CHAT'] } as const)[kind as 'email'] ?? []
  const problems = needed.filter((key) => values[key] === undefined)
    .map((key) => error('missing-answer', `the receiver ${kind} needs ${key}`, answers.place('ALERT_RECEIVERS'), `add a line ${key}=, or take ${kind} out of ALERT_RECEIVERS`))
  if (kind === 'email') {
    if (!values.ALERT_SMTP_USER && answers.given.has('ALERT_SMTP_PASSWORD')) {
      problems.push(error('missing-answer', 'ALERT_SMTP_PASSWORD needs ALERT_SMTP_USER', answers.place('ALERT_SMTP_PASSWORD'), 'add a line ALERT_SMTP_USER='))
    }
    if (problems.length > 0) return { problems }
    return { problems, value: {
      kind, to: values.ALERT_EMAIL_TO!, from: values.ALERT_EMAIL_FROM!, host: values.ALERT_SMTP_HOST!, port: values.ALERT_SMTP_PORT,
      ...(values.ALERT_SMTP_USER && { user: values.ALERT_SMTP_USER }),
    } }
  }
  if (problems.length > 0) return { problems }
  return { problems, value: kind === 'telegram' ? { kind, chat: Number(values.ALERT_TELEGRAM_CHAT) } : { kind } }
}

/** The secret that a receiver reads, by its name in `secrets/`; undefined where it needs none. */
export function receiverSecret(one: Receiver): string | undefined {
  switch (one.kind) {
    case 'webhook': return 'alert-webhook-url'
    case 'slack': return 'alert-slack-url'
    case 'pagerduty': return 'alert-pagerduty-key'
    case 'telegram': return 'alert-telegram-token'
    case 'email': return one.user === undefined ? undefined : 'alert-smtp-password'
  }
}

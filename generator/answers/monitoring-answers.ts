/** The answers about monitoring; part of the one list in schema.ts. */

import type { AnswerDefinition } from './definition.ts'

const group = 'monitoring'
const since = '0.1.0'

export const monitoringAnswers = [
  {
    key: 'MONITORING', type: { kind: 'choice', values: ['off', 'metrics', 'full'] }, group, default: 'off',
    title: 'Whether the stack is watched',
    text: 'With metrics, a Prometheus of your own reads the numbers of signer, node and bitcoind, and gets files with rules. With full, the stack runs Prometheus, Alertmanager and Grafana on 127.0.0.1.',
    example: 'full', since,
  },
  {
    key: 'SIGNER_REGISTERED', type: { kind: 'choice', values: ['yes', 'no'] }, group, default: 'yes',
    title: 'Whether the signer is registered',
    text: 'Write no until the signer has a slot. Then no alert pages, and alerts that only fit a registered signer are left out.',
    example: 'no', since,
  },
  {
    key: 'METRICS_PORT', type: { kind: 'port' }, group,
    absent: 'not published; a Prometheus in a container joins the network STACK_NAME_monitoring',
    title: 'Port of 127.0.0.1 on which the metrics are read',
    text: 'For a Prometheus that runs on the host itself, with MONITORING=metrics.',
    example: '9155', since,
  },
  {
    key: 'RUNBOOK_URL', type: { kind: 'url' }, group,
    absent: 'alerts name the file RUNBOOK.md',
    title: 'Where people find the stack\'s directory',
    text: 'Its address in your ops repository: each alert links to its section of the RUNBOOK.md there.',
    example: 'https://git.example.net/ops/blob/main/my-signer', since,
  },
  {
    key: 'PROMETHEUS_PORT', type: { kind: 'port' }, group, default: '9090',
    title: 'Port of 127.0.0.1 on which Prometheus answers',
    text: 'With MONITORING=full.',
    example: '9090', since,
  },
  {
    key: 'ALERTMANAGER_PORT', type: { kind: 'port' }, group, default: '9093',
    title: 'Port of 127.0.0.1 on which Alertmanager answers',
    text: 'With MONITORING=full.',
    example: '9093', since,
  },
  {
    key: 'GRAFANA_PORT', type: { kind: 'port' }, group, default: '3000',
    title: 'Port of 127.0.0.1 on which Grafana answers',
    text: 'With MONITORING=full. The user is admin, the password is in secrets/grafana-admin-password.',
    example: '3000', since,
  },
  {
    key: 'PROMETHEUS_RETENTION_DAYS', type: { kind: 'number', least: 3, most: 3650 }, group, default: '30',
    title: 'For how many days Prometheus keeps what it has read',
    text: 'With MONITORING=full.',
    example: '90', since,
  },
  {
    key: 'ALERT_RECEIVERS', type: { kind: 'list', values: ['webhook', 'slack', 'pagerduty', 'email', 'telegram'] }, group,
    absent: 'alerts are shown by Alertmanager and Grafana, and sent to nobody',
    title: 'Who is told of alerts',
    text: 'One or more, with commas; each needs its own answers below. With MONITORING=full. PagerDuty is told of alerts that page alone, the others of all.',
    example: 'email,telegram', since,
  },
  {
    key: 'ALERT_WEBHOOK_URL', type: { kind: 'secret', form: 'url', file: 'alert-webhook-url' }, group,
    absent: 'read from secrets/alert-webhook-url',
    title: 'Address that is sent alerts as JSON',
    text: 'For the receiver webhook. A secret, since such addresses often hold a key.',
    example: '', since,
  },
  {
    key: 'ALERT_SLACK_URL', type: { kind: 'secret', form: 'url', file: 'alert-slack-url' }, group,
    absent: 'read from secrets/alert-slack-url',
    title: 'Incoming webhook of Slack',
    text: 'For the receiver slack.',
    example: '', since,
  },
  {
    key: 'ALERT_PAGERDUTY_KEY', type: { kind: 'secret', form: 'token', file: 'alert-pagerduty-key' }, group,
    absent: 'read from secrets/alert-pagerduty-key',
    title: 'Routing key of PagerDuty',
    text: 'For the receiver pagerduty: the integration key of an Events API v2 integration.',
    example: '', since,
  },
  {
    key: 'ALERT_TELEGRAM_TOKEN', type: { kind: 'secret', form: 'token', file: 'alert-telegram-token' }, group,
    absent: 'read from secrets/alert-telegram-token',
    title: 'Token of the Telegram bot',
    text: 'For the receiver telegram.',
    example: '', since,
  },
  {
    key: 'ALERT_TELEGRAM_CHAT', type: { kind: 'pattern', pattern: '-?[1-9][0-9]{0,15}', expects: 'the number of a chat' }, group,
    absent: 'required for the receiver telegram',
    title: 'Number of the Telegram chat',
    text: 'That of a group begins with a minus.',
    example: '-1001234567890', since,
  },
  {
    key: 'ALERT_EMAIL_TO', type: { kind: 'pattern', pattern: '[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+', expects: 'an email address' }, group,
    absent: 'required for the receiver email',
    title: 'Email address that is told',
    text: 'One address; a list of people is the mail server\'s business.',
    example: 'oncall@example.net', since,
  },
  {
    key: 'ALERT_EMAIL_FROM', type: { kind: 'pattern', pattern: '[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+', expects: 'an email address' }, group,
    absent: 'required for the receiver email',
    title: 'Email address that alerts come from',
    text: 'One that the mail server lets its user send from.',
    example: 'signer@example.net', since,
  },
  {
    key: 'ALERT_SMTP_HOST', type: { kind: 'host' }, group,
    absent: 'required for the receiver email',
    title: 'Mail server',
    text: 'It must offer TLS.',
    example: 'mail.example.net', since,
  },
  {
    key: 'ALERT_SMTP_PORT', type: { kind: 'port' }, group, default: '587',
    title: 'Port of the mail server',
    text: '587 for STARTTLS, 465 for TLS from the start.',
    example: '587', since,
  },
  {
    key: 'ALERT_SMTP_USER', type: { kind: 'pattern', pattern: '[!-~]{1,256}', expects: '1 to 256 printable ASCII characters without blanks' }, group,
    absent: 'mail is sent without logging in',
    title: 'User at the mail server',
    text: 'With it, the password is needed too.',
    example: 'signer@example.net', since,
  },
  {
    key: 'ALERT_SMTP_PASSWORD', type: { kind: 'secret', form: 'password', file: 'alert-smtp-password' }, group,
    absent: 'read from secrets/alert-smtp-password',
    title: 'Password at the mail server',
    text: 'For the receiver email, with ALERT_SMTP_USER.',
    example: '', since,
  },
] as const satisfies readonly AnswerDefinition[]

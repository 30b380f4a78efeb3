/** The answers about Signer Sidekick; part of the one list in schema.ts. */

import type { AnswerDefinition } from './definition.ts'

const group = 'monitoring'
const since = '0.1.0'

export const sidekickAnswers = [
  {
    key: 'SIDEKICK', type: { kind: 'choice', values: ['off', 'on'] }, group, default: 'off',
    title: 'Run Signer Sidekick',
    text: 'The dashboard of stx-labs for a PoX-5 signer and its pool, on 127.0.0.1. It asks the node and a public Stacks API; with MONITORING it reads the metrics of signer and node too. It gets no key.',
    example: 'on', since,
  },
  {
    key: 'SIDEKICK_MANAGER', type: { kind: 'pattern', pattern: 'S[0-9A-Z]{27,41}\\.[A-Za-z][A-Za-z0-9-]{0,127}', expects: 'a contract, ADDRESS.NAME' }, group,
    absent: 'required with SIDEKICK=on',
    title: 'The signer-manager contract that Sidekick looks at',
    text: 'It must be deployed already.',
    example: 'SP000000000000000000002Q6VF78.signer-manager', since,
  },
  {
    key: 'SIDEKICK_PORT', type: { kind: 'port' }, group, default: '3998',
    title: 'Port of 127.0.0.1 on which Sidekick answers',
    text: 'It asks for the token in secrets/sidekick-auth-token.',
    example: '3998', since,
  },
] as const satisfies readonly AnswerDefinition[]

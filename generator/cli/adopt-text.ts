/** What adopting tells: every key with its fate, a line each, and what is to be done next. */

import { placeText } from '../adopt/answer-text.ts'
import { fates, type Adopted, type Deployment, type Fate, type Finding } from '../adopt/model.ts'
import type { Identity } from '../stack/model.ts'
import { quoted } from './quoted.ts'

export interface AdoptResult {
  readonly deployment: Deployment
  readonly adopted: Adopted
  /** The output directory as it was named. */
  readonly output: string
  readonly written: boolean
  readonly signer?: Identity
}

const titles: Readonly<Record<Fate, string>> = {
  answer: 'answers:',
  passed: 'passed through:',
  secret: 'secrets, into files of their own:',
  fixed: 'written by the generator itself:',
  'left-out': 'left out:',
}

export function adoptLines({ deployment, adopted, output, written, signer }: AdoptResult): readonly string[] {
  const { findings, additions, secrets, releases, network } = adopted
  const made = [...Object.keys(secrets).map((name) => `secrets/${name}`), 'answers.env'].map((name) => `${written ? '+' : 'would write'} ${output}/${name}`)
  return [
    `${network}, stacks-node ${releases.node}, stacks-signer ${releases.signer}`,
    ...fates.flatMap((fate) => section(titles[fate], inPlace(findings.filter((one) => one.fate === fate)).map(findingLine))),
    ...section('only in the generated files:', additions.map(({ unit, note }) => `  ${unit.program}-config.toml: ${note}`)),
    ...section('not looked at:', deployment.passedOver.map(({ name, why }) => `  ${name}: ${why}`)),
    '',
    ...made,
    ...(signer ? [`signer ${signer.address}  public key ${signer.publicKey}`] : []),
    ...(written ? [
      `next: read ${quoted(`${output}/answers.env`)}, then: cd ${quoted(output)} && create-stacks-signer-stack`,
      'stop the old signer before the new one starts: one running signer per key',
    ] : ['nothing was written']),
  ]
}

export function adoptData({ deployment, adopted, output, written, signer }: AdoptResult): Readonly<Record<string, unknown>> {
  const { network, releases, answers, secrets, findings, additions } = adopted
  const { tomls, compose, env, bitcoinConf, passedOver } = deployment
  const files = [...tomls, ...[compose, env, bitcoinConf].filter((one) => one !== undefined)].map(({ name }) => name)
  return {
    output, written, network, releases, ...(signer && { signer }), files, passedOver,
    answers: answers.map(({ key, value, from }) => ({ key, value, from })),
    secrets: Object.keys(secrets).map((name) => `secrets/${name}`),
    findings: inPlace(findings), additions,
  }
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines]
}

function findingLine({ origin, key, answers, note, danger }: Finding): string {
  return `${danger ? '!' : ' '} ${placeText(origin)}: ${key}${answers ? ` -> ${answers.join(', ')}` : ''}: ${note}`
}

function inPlace(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort(({ origin: a }, { origin: b }) => (a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1))
}

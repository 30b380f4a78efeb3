/** A deployment becomes an answer file, the secrets beside it, and an account of every key. A pure function of its texts. */

import { error, hasErrors, warning, type Problem, type Result } from '../problem.ts'
import { inOrder, renderAnswers } from './answer-text.ts'
import { bitcoinConfFindings, readBitcoinConf } from './bitcoin-conf.ts'
import { bitcoinOf } from './bitcoin.ts'
import { composeFindings } from './compose-findings.ts'
import { readCompose, type ComposeFacts } from './compose.ts'
import { envFindings } from './env-findings.ts'
import { noEnv, readEnv } from './env-file.ts'
import { secretTexts } from './hiding.ts'
import { keysOf } from './keys.ts'
import type { Adopted, Deployment, DraftAnswer, Finding, Setting, Unit } from './model.ts'
import { networkOf } from './network.ts'
import { mapNode } from './node-keys.ts'
import { peersOf } from './peers.ts'
import { recognise } from './recognise.ts'
import { chooseReleases } from './releases.ts'
import { mapSigner } from './signer-keys.ts'
import { stackName } from './stack-name.ts'
import { leavesOf } from './units.ts'
import { compareWith, generated } from './verify.ts'

export function adoptDeployment(deployment: Deployment): Result<Adopted> {
  const recognised = recognise(deployment.tomls)
  const env = deployment.env ? readEnv(deployment.env) : noEnv
  const composed: Result<ComposeFacts> = deployment.compose ? readCompose(deployment.compose, env.values) : { problems: [] }
  const early = [...recognised.problems, ...composed.problems, ...env.problems]
  if (hasErrors(early) || !recognised.value) return { problems: early }
  const { signer, node } = recognised.value
  const network = networkOf(signer, node)
  if (!network.value) return { problems: [...early, ...network.problems] }

  const compose = composed.value
  const conf = deployment.bitcoinConf && readBitcoinConf(deployment.bitcoinConf)
  const chosen = chooseReleases(network.value, compose, env)
  const confSecrets = conf?.entries.filter(({ key }) => /rpc(password|auth)/.test(key)).map(({ value }) => value) ?? []
  const hidden = secretTexts(signer, node, env, [...confSecrets, ...(compose?.secretTexts ?? [])])
  const bitcoin = bitcoinOf(node, network.value, compose, conf, hidden)
  const setting: Setting = { signer, node, network: network.value, releases: chosen.releases, secretTexts: hidden }
  const peers = peersOf(node, compose, env)
  const keys = keysOf(signer, node)
  const [ofSigner, ofNode] = [mapSigner(setting, keys), mapNode(setting, { keys, bitcoin, peers })]
  const around = compose ? composeFindings(compose, { setting, bitcoin, peers }) : { findings: [], answers: [] }
  const drafts = [
    stackName(deployment.directoryName, compose, env, hidden), networkAnswer(setting), ...chosen.answers, ...bitcoin.answers, ...peers.answers,
    ...around.answers, ...ofSigner.answers, ...ofNode.answers, ...sectionAnswers(setting),
  ]
  const findings = [
    ...ofSigner.findings, ...ofNode.findings, ...chosen.findings, ...around.findings,
    ...envFindings(env, compose, chosen, peers), ...(conf ? bitcoinConfFindings(conf, bitcoin.own) : []),
  ]
  const units = unitsOfFindings(setting, ofSigner.findings, ofNode.findings)
  const problems = [...early, ...chosen.problems, ...keys.problems]
  return finish({ deployment, setting, drafts, findings, units, problems, secrets: keys.secrets })
}

interface Draft extends Pick<Adopted, 'secrets' | 'findings'> {
  readonly deployment: Deployment
  readonly setting: Setting
  readonly drafts: readonly DraftAnswer[]
  readonly units: ReadonlyMap<Finding, Unit>
  readonly problems: readonly Problem[]
}

function finish({ deployment, setting, drafts, findings, units, problems, secrets }: Draft): Result<Adopted> {
  const textOf = (answers: readonly DraftAnswer[], all: readonly Finding[] = []) => renderAnswers(deployment.directoryName, inOrder(answers), all)
  const first = generated(textOf(drafts))
  const refusals = first.value ? [] : first.problems.filter(({ severity }) => severity === 'error')
  const answers = inOrder([...drafts, ...(first.value ? [] : [{ key: 'ALLOW_UNSUPPORTED', value: 'yes', from: [], remark: unsupported(refusals) }])])
  const made = first.value ? first : generated(textOf(answers))
  if (!made.value) {
    const said = made.problems.filter(({ severity }) => severity === 'error').map(({ message, hint }) => error('not-generable', `nothing can be generated from it: ${message}`, undefined, hint))
    return { problems: [...problems, ...said] }
  }
  const compared = compareWith(setting, made.value, findings, units)
  const warned = refusals.map(({ code, message }) => warning(code, message, undefined, 'ALLOW_UNSUPPORTED=yes was written, so that it can be generated; leave that line out after the move to another release'))
  return {
    value: {
      network: setting.network, releases: { node: setting.releases.node.version, signer: setting.releases.signer.version },
      answers, text: textOf(answers, compared.findings), secrets, ...compared,
    },
    problems: [...problems, ...warned],
  }
}

function unsupported(refusals: readonly Problem[]): string {
  return `known to fail: ${refusals.map(({ message }) => message).join('; ')}. Leave this line out after the move to another release`
}

function networkAnswer({ signer, node, network }: Setting): DraftAnswer {
  const from = [...('network' in signer.data ? [signer.place('network')] : []), ...(node.data['burnchain'] ? [node.place('burnchain.mode')] : [])]
  return { key: 'NETWORK', value: network, from }
}

/** Where the section is absent a node before 3.4.0.0.4 takes peers in private networks; the generator always writes the section. */
function sectionAnswers({ node, releases }: Setting): readonly DraftAnswer[] {
  if ('connection_options' in node.data || !/^3\.([0-3]|4\.0\.0\.[0-3]$)/.test(releases.node.version)) return []
  return [{ key: 'NODE__connection_options__private_neighbors', value: 'true', from: [], remark: 'what this release takes where its config has no [connection_options]' }]
}

/** Which unit each finding about a TOML stands for: the findings come in the order of the keys. */
function unitsOfFindings(setting: Setting, ofSigner: readonly Finding[], ofNode: readonly Finding[]): ReadonlyMap<Finding, Unit> {
  const pairs = ([['signer', ofSigner], ['node', ofNode]] as const).flatMap(([program, findings]) => {
    const leaves = leavesOf(program, setting[program])
    if (leaves.length !== findings.length) throw new Error('a key has met no fate, or two')
    return findings.map((finding, index): [Finding, Unit] => [finding, leaves[index]!.unit])
  })
  return new Map(pairs)
}

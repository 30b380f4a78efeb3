/** What is wrong with the answers for an sBTC signer when they are looked at together, and what must be said of them. */

import type { Answers } from '../answers/check.ts'
import { problemsOf } from '../answers/partial.ts'
import { listWords } from '../answers/list.ts'
import { answerKeys, isSecretAnswer, type AnswerKey } from '../answers/schema.ts'
import { compareVersions } from '../catalogue/releases.ts'
import { largestSet, sbtcBuiltWith, sbtcRelease } from '../catalogue/sbtc.ts'
import { error, warning, type Problem } from '../problem.ts'
import { isPublicKey } from '../public-key.ts'
import { addressFault } from './keys.ts'
import type { Identity } from './model.ts'

/** What is left over where there is no sBTC signer; without either signer there is nothing to run. */
export function withoutSbtc({ values, given, place, passThrough }: Answers): readonly Problem[] {
  const keys = answerKeys.filter((key) => given.has(key) && ((key.startsWith('SBTC_') && key !== 'SBTC_SIGNER') || key === 'EMILY_API_KEY'))
  return [
    ...keys.map((key) => warning('unused-answer', `${key} is not used with SBTC_SIGNER=off`, place(key), 'write SBTC_SIGNER=on')),
    ...(Object.keys(passThrough.sbtc).length > 0 ? [warning('unused-answer', 'SBTC__ keys are not used with SBTC_SIGNER=off', place('SBTC_SIGNER'), 'write SBTC_SIGNER=on')] : []),
    ...(values.SIGNER === 'off' ? [error('no-signer', 'SIGNER=off and SBTC_SIGNER=off leave nothing to run', place('SIGNER'), 'write SBTC_SIGNER=on, or leave SIGNER out')] : []),
  ]
}

/** All that is wrong with the answers for an sBTC signer, or must be said of them; `identity` is of its key. */
export function sbtcProblems(answers: Answers, nodeRelease: string, identity: Identity | undefined): readonly Problem[] {
  return problemsOf(() => announcements(answers, nodeRelease), () => impossible(answers), () => setProblems(answers, identity), () => addressProblems(answers))
}

/** What an operator must be told whatever the answers say. */
function announcements(answers: Answers, nodeRelease: string): readonly Problem[] {
  const { SBTC_VERSION: release, SBTC_SHARED_NODES: shared, NETWORK: network, ALLOW_UNSUPPORTED: unsupported } = answers.values
  const order = compareVersions(release, sbtcRelease)
  const place = answers.place('SBTC_VERSION')
  return [
    warning('sbtc-admitted-only', 'this stack works only for an operator whom the sBTC team has admitted, because the set of sBTC signers is fixed', answers.place('SBTC_SIGNER'),
      'your public key must be in the set of all operators, and the team gives you the Emily API key. Run make sbtc-set before the first start'),
    ...(compareVersions(nodeRelease, '4.0.0') >= 0 ? [warning('sbtc-pair-unknown', `sbtc-signer ${release} was built with stacks-core ${sbtcBuiltWith}, and nothing published says that it works with stacks-node ${nodeRelease}`, place,
      'ask the sBTC team which stacks-node it supports')] : []),
    ...(order < 0 ? [error('sbtc-too-old', `sbtc-signer ${release} is configured in another way than ${sbtcRelease}`, place, `write SBTC_VERSION=${sbtcRelease}`)] : []),
    ...(order > 0 ? [(unsupported === 'yes' ? warning : error)('sbtc-newer', `sbtc-signer ${release} is newer than this generator, which knows the configuration of ${sbtcRelease}`, place,
      'use a newer generator; ALLOW_UNSUPPORTED=yes takes it to be alike')] : []),
    ...(shared === 'yes' ? [warning('sbtc-shared-nodes', 'SBTC_SHARED_NODES=yes is against the guide: while sbtc-signer is down, the stacks-node stands still, and the Stacks signer signs nothing', answers.place('SBTC_SHARED_NODES'),
      'without it the stack has a second bitcoind and stacks-node')] : []),
    ...(network === 'mainnet' && answers.values.SBTC_EMILY_URL?.startsWith('http:') ? [error('plain-http', 'SBTC_EMILY_URL would send the API key unencrypted', answers.place('SBTC_EMILY_URL'), 'write https://')] : []),
    ...(network === 'mainnet' && answers.passThrough.sbtc['bitcoin']?.['fallback_fee'] !== undefined ? [error('governed-key', 'SBTC__bitcoin__fallback_fee is refused on mainnet by the signer itself', answers.place('SBTC_SIGNER'), 'leave it out')] : []),
  ]
}

/** Combinations that cannot be. */
function impossible(answers: Answers): readonly Problem[] {
  const { values, given } = answers
  const refuse = (key: AnswerKey, message: string, hint: string) => error('sbtc-combination', message, answers.place(key), hint)
  const shared = values.SBTC_SHARED_NODES === 'yes'
  return [
    ...(values.TOPOLOGY === 'split' ? [refuse('TOPOLOGY', 'TOPOLOGY=split puts the Stacks signer and its node on two hosts; the sBTC signer needs one host', 'make it a stack of its own: SIGNER=off and SBTC_SIGNER=on in another answer file')] : []),
    ...(shared && values.SIGNER === 'off' ? [refuse('SBTC_SHARED_NODES', 'SBTC_SHARED_NODES=yes with SIGNER=off: there are no other nodes to share', 'leave it out')] : []),
    ...(shared && values.BITCOIN_MODE !== 'full' ? [refuse('BITCOIN_MODE', `SBTC_SHARED_NODES=yes needs BITCOIN_MODE=full: the sBTC signer asks for any block, by RPC; here it is ${values.BITCOIN_MODE}`, 'leave SBTC_SHARED_NODES out for a bitcoind of its own')] : []),
    ...(values.SIGNER === 'off' && values.TLS_SIDECARS === 'on' ? [refuse('TLS_SIDECARS', 'TLS_SIDECARS=on with SIGNER=off: there is no Stacks signer to join with its node', 'leave it out')] : []),
    ...(values.SIGNER === 'off' ? (['SIGNER_KEY', 'SIGNER_PRIVATE_KEY', 'AUTH_TOKEN', 'BITCOIN_MODE', 'BITCOIN_HOST', 'BITCOIN_P2P_PORT', 'BITCOIN_P2P_PUBLISH', 'NODE_P2P_PORT', 'NODE_RPC_PUBLISH', 'PUBLIC_ADDRESS', 'SIGNER_REGISTERED'] as const)
      .filter((key) => given.has(key)).map((key) => (isSecretAnswer(key) ? refuse(key, `${key} is a secret of the Stacks signer, which is not here with SIGNER=off`, 'remove the line')
        : warning('unused-answer', `${key} is not used with SIGNER=off`, answers.place(key)))) : []),
    ...(values.SIGNER === 'off' && Object.keys(answers.passThrough.signer).length > 0 ? [refuse('SIGNER', 'SIGNER__ keys are for the Stacks signer, which is not here with SIGNER=off', 'leave them out')] : []),
  ]
}

/** The program itself does not look at most of these, and the contract would refuse what it does. */
function setProblems(answers: Answers, identity: Identity | undefined): readonly Problem[] {
  const { SBTC_SIGNING_SET: text, SBTC_SIGNATURES_REQUIRED: required, SBTC_AGGREGATE_KEY: aggregate } = answers.values
  if (text === undefined) return []
  const set = listWords(text).map((one) => one.toLowerCase())
  const bad = (message: string, hint?: string) => error('bad-signing-set', `SBTC_SIGNING_SET ${message}`, answers.place('SBTC_SIGNING_SET'), hint)
  const twice = set.find((one, index) => set.indexOf(one) !== index)
  const noKey = set.find((one) => !isPublicKey(one))
  return [
    ...(twice ? [bad(`names ${short(twice)} twice`)] : []),
    ...(noKey ? [bad(`names ${short(noKey)}, which is no public key: one of its digits is wrong`)] : []),
    ...(set.length > largestSet ? [bad(`names ${set.length} keys, and a set has at most ${largestSet}`)] : []),
    ...(identity && !set.includes(identity.publicKey) ? [bad(`does not hold this signer's own key ${identity.publicKey}, without which it does not start`, 'either the set is an old one, or secrets/sbtc-signer-private-key is another key')] : []),
    ...(required !== undefined && required > set.length ? [error('bad-signing-set', `SBTC_SIGNATURES_REQUIRED=${required} is more than the ${set.length} keys of SBTC_SIGNING_SET`, answers.place('SBTC_SIGNATURES_REQUIRED'))] : []),
    ...(required !== undefined && required * 2 <= set.length ? [error('bad-signing-set', `SBTC_SIGNATURES_REQUIRED=${required} is not more than half of ${set.length} keys, which the contract demands`, answers.place('SBTC_SIGNATURES_REQUIRED'))] : []),
    ...(aggregate && !isPublicKey(aggregate) ? [error('bad-value', 'SBTC_AGGREGATE_KEY is no public key: one of its digits is wrong', answers.place('SBTC_AGGREGATE_KEY'))] : []),
  ]
}

function short(key: string): string {
  return `${key.slice(0, 10)}…${key.slice(-6)}`
}

function addressProblems({ values, place }: Answers): readonly Problem[] {
  const fault = values.SBTC_DEPLOYER === undefined ? undefined : addressFault(values.SBTC_DEPLOYER, values.NETWORK)
  return [
    ...(fault ? [error('bad-value', `SBTC_DEPLOYER ${fault}`, place('SBTC_DEPLOYER'))] : []),
    ...(values.SBTC_SUBNET === undefined || isSubnet(values.SBTC_SUBNET) ? [] : [error('bad-value', `SBTC_SUBNET expects a network of 16 addresses, found ${values.SBTC_SUBNET}`,
      place('SBTC_SUBNET'), 'four numbers up to 255, of which the last is a multiple of 16, and /28')]),
  ]
}

function isSubnet(text: string): boolean {
  const parts = text.slice(0, -3).split('.')
  return parts.every((part) => /^(0|[1-9]\d*)$/.test(part) && Number(part) <= 255) && Number(parts[3]) % 16 === 0
}

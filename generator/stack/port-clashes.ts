/** Ports of one host that two services publish, or that its sshd has: only one of them could start. */

import type { Answers } from '../answers/check.ts'
import type { AnswerKey } from '../answers/schema.ts'
import { error, type Problem } from '../problem.ts'
import type { Firewall, Host, PublishedPort } from './model.ts'

type Taken = Pick<PublishedPort, 'host' | 'protocol' | 'address' | 'answer'>

/** Each clash names both answers, and is told at the one that the answer file gives. */
export function portClashes(answers: Answers, hosts: readonly Host[], firewall: Firewall | undefined): readonly Problem[] {
  const problems = hosts.flatMap(({ services }) => {
    const taken: readonly Taken[] = [...(firewall ? [{ host: firewall.ssh.port, protocol: 'tcp', answer: 'SSH_PORT' } as const] : []), ...services.flatMap(({ ports }) => ports)]
    return taken.flatMap((port, index) => taken.slice(0, index).filter((other) => overlap(port, other)).map((other) => clash(answers, other, port)))
  })
  // What clashes on both hosts of a split stack is said once.
  return problems.filter(({ message }, index) => problems.findIndex((one) => one.message === message) === index)
}

/** Without an address a port is taken on every one. */
export function overlap(a: Taken, b: Taken): boolean {
  return a.host === b.host && a.protocol === b.protocol && (isEvery(a) || isEvery(b) || a.address === b.address)
}

const isEvery = ({ address }: Taken): boolean => address === undefined || /^[0.]+$|^[0:]+$/.test(address)

/** Whether this machine alone reaches it. */
export function isLocal({ address = '' }: Pick<PublishedPort, 'address'>): boolean {
  return /^127\.|^(0{0,4}:){2,7}0{0,3}1$/.test(address)
}

function clash({ given, place }: Answers, first: Taken, second: Taken): Problem {
  const [told, other] = given.has(second.answer) && second.answer !== 'BITCOIN_P2P_PUBLISH' || !given.has(first.answer) ? [second, first] : [first, second]
  return error('port-taken', `${setting(told)} is the port of ${other.answer === 'BITCOIN_P2P_PUBLISH' ? setting(other) : other.answer} too`,
    place(told.answer) ?? place(other.answer), `${instead(told.answer)}, or ${instead(other.answer)}`)
}

function setting({ answer, host, address }: Taken): string {
  if (answer === 'NODE_RPC_PUBLISH') return `${answer}=${bound(address!, host)}`
  return answer === 'BITCOIN_P2P_PUBLISH' ? `${answer}=on, which is port ${host},` : `${answer}=${host}`
}

/** An address and a port, as Compose and the answers write them. */
export const bound = (address: string, port: number): string => `${address.includes(':') ? `[${address}]` : address}:${port}`

/** What frees a port. */
export function instead(answer: AnswerKey): string {
  return answer === 'BITCOIN_P2P_PUBLISH' ? 'write BITCOIN_P2P_PUBLISH=off' : `write another ${answer}`
}

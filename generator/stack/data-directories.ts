/** Folders of the machine in the place of named volumes, from the answers that name them. */

import type { Answers } from '../answers/check.ts'
import { error, warning, type Problem, type Result } from '../problem.ts'
import type { DataAnswer, Host } from './model.ts'

/** The volume of each answer; the second one where a stack has only that. */
const volumesOf: readonly (readonly [answer: DataAnswer, volumes: readonly string[]])[] = [
  ['BITCOIN_DATA_DIR', ['bitcoin-data', 'sbtc-bitcoin-data']],
  ['STACKS_DATA_DIR', ['stacks-node-data', 'sbtc-stacks-node-data']],
  ['SIGNER_DATA_DIR', ['stacks-signer-data']],
]

/** The hosts, with the folder of each volume that has one. */
export function withDataDirectories(answers: Answers, hosts: readonly Host[]): Result<readonly Host[]> {
  const problems: Problem[] = sharedFolders(answers)
  const directories = new Map<string, { readonly path: string; readonly answer: DataAnswer }>()
  for (const [answer, volumes] of volumesOf) {
    const path = answers.values[answer]
    if (path === undefined) continue
    const volume = volumes.find((name) => hosts.some((host) => host.volumes.some((one) => one.name === name)))
    if (volume) directories.set(volume, { path, answer })
    else problems.push(warning('unused-answer', `${answer} is not used: no program of this stack keeps such data`, answers.place(answer)))
  }
  const value = hosts.map((host) => ({ ...host, volumes: host.volumes.map((volume) => {
    const directory = directories.get(volume.name)
    return directory ? { ...volume, directory } : volume
  }) }))
  return { value, problems }
}

/** Two programs in one folder, or one in that of the other, would damage each other's data. Backups are kept away from it too. */
function sharedFolders({ values, place }: Answers): Problem[] {
  const answered = [...(values.BACKUP === 'path' ? ['BACKUP_PATH' as const] : []), ...volumesOf.map(([answer]) => answer)]
  const given = answered.flatMap((answer) => (values[answer] === undefined ? [] : [{ answer, path: values[answer] }]))
  return given.flatMap(({ answer, path }, index) => given.slice(0, index).filter((other) => overlap(path, other.path)).map((other) => error('same-directory',
    `${answer}=${path} ${path === other.path ? 'is the folder' : 'shares a folder with that'} of ${other.answer} too`, place(answer), 'write folders beside each other')))
}

/** Whether one is the other, or lies in it. */
export function overlap(one: string, other: string): boolean {
  return `${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`)
}

/** What the command's exit says; the help is made from this table. */

export const exitCodes = [
  { code: 0, name: 'done', meaning: 'done, or nothing to do' },
  { code: 1, name: 'differs', meaning: '`--check` found differences, `outdated` something newer, or `certs` one that runs out soon' },
  { code: 2, name: 'failed', meaning: 'could not do it: usage, bad answers, a conflict, the disk, a registry; nothing was written' },
] as const

export type ExitCode = (typeof exitCodes)[number]['code']

/** The one list of the command's options; cac and the help are made from it. */

export const options = [
  { flags: '-n, --dry-run', name: 'dryRun', help: 'print the changes, write nothing' },
  { flags: '--diff', name: 'diff', help: 'print unified diffs, write nothing' },
  { flags: '--check', name: 'check', help: 'write nothing, exit 1 if anything would change' },
  { flags: '-f, --force', name: 'force', help: 'overwrite files edited by hand (each is kept beside as NAME.orig)' },
  { flags: '--new-signer-key', name: 'newSignerKey', help: 'accept another signer key than the directory was generated for' },
  { flags: '-y, --yes', name: 'yes', help: 'upgrade: write without asking' },
  { flags: '--accept', name: 'accept', help: 'pin: follow tags that have moved' },
  { flags: '--json', name: 'json', help: 'machine-readable result on stdout' },
  { flags: '--example', name: 'example', help: 'print a complete commented answer file' },
] as const

export type OptionName = (typeof options)[number]['name']
export type Options = Readonly<Record<OptionName, boolean>>

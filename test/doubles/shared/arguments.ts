/** Command lines of the form `PROGRAM SUBCOMMAND --flag VALUE --flag=VALUE`. */

export interface Arguments {
  readonly subcommand: string | undefined
  readonly flags: Readonly<Record<string, string>>
  /** Flags that stand last or before another flag, such as `--json`. */
  readonly switches: readonly string[]
  /** What is neither. */
  readonly rest: readonly string[]
}

/** Splits `argv`; `short` gives the long names of short flags, `switches` the flags that take no value. */
export function parseArguments(argv: readonly string[], short: Readonly<Record<string, string>>, switches: readonly string[]): Arguments {
  const flags: Record<string, string> = {}
  const given: string[] = []
  const rest: string[] = []
  for (let at = 0; at < argv.length; at++) {
    const one = argv[at]!
    const [name, ...value] = one.split('=')
    const long = short[name!] ?? name!
    if (!one.startsWith('-')) rest.push(one)
    else if (switches.includes(long)) given.push(long)
    else if (value.length > 0) flags[long] = value.join('=')
    else flags[long] = argv[++at] ?? ''
  }
  return { subcommand: rest[0], flags, switches: given, rest: rest.slice(1) }
}

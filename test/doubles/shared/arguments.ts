/** Command lines of the form `PROGRAM SUBCOMMAND --flag VALUE --flag=VALUE`. */

export interface Arguments {
  readonly subcommand: string | undefined
  readonly flags: Readonly<Record<string, string>>
  /** Flags that stand last or before another flag, such as `--json`. */
  readonly switches: readonly string[]
  /** What is neither. */
  readonly rest: readonly string[]
}

export interface Accepted {
  /** The long names of short flags. */
  readonly short?: Readonly<Record<string, string>>
  /** Flags that take no value. */
  readonly switches: readonly string[]
  /** Whether `--flag=VALUE` is one flag with its value, or a word that is unknown. */
  readonly equals: boolean
}

/** Splits `argv`. */
export function parseArguments(argv: readonly string[], { short = {}, switches, equals }: Accepted): Arguments {
  const flags: Record<string, string> = {}
  const given: string[] = []
  const rest: string[] = []
  for (let at = 0; at < argv.length; at++) {
    const one = argv[at]!
    const [name, ...value] = equals ? one.split('=') : [one]
    const long = short[name!] ?? name!
    if (!one.startsWith('-')) rest.push(one)
    else if (switches.includes(long)) given.push(long)
    else if (value.length > 0) flags[long] = value.join('=')
    else flags[long] = argv[++at] ?? ''
  }
  return { subcommand: rest[0], flags, switches: given, rest: rest.slice(1) }
}

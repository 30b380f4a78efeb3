/** `${NAME}` in a Compose file, filled as Compose does it, from the `.env` beside it and from nothing else. */

const variable = /\$(?:\$|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?[-?+])([^{}]*))?\})/g

/** A text after filling; `missing` names what had neither value nor default, `used` what was asked for. */
export interface Interpolated {
  readonly text: string
  readonly used: readonly string[]
  readonly missing: readonly string[]
}

/** What is written in another way than Compose's own stays as it stands. */
export function interpolate(text: string, values: ReadonlyMap<string, string>): Interpolated {
  const used: string[] = []
  const missing: string[] = []
  const filled = text.replace(variable, (_all: string, bare?: string, braced?: string, operator?: string, word = '') => {
    const name = bare ?? braced
    if (name === undefined) return '$'
    used.push(name)
    const value = values.get(name)
    const present = value !== undefined && (value !== '' || !operator?.startsWith(':'))
    if (operator?.endsWith('+')) return present ? word : ''
    if (present) return value
    if (operator?.endsWith('-')) return word
    missing.push(name)
    return ''
  })
  return { text: filled, used, missing }
}

/** A case of an alert: what is read, and what must fire at a certain time. */

export interface Case {
  readonly alert: string
  /** What is being shown. */
  readonly name: string
  /** Series by name, without the labels of the stack; values in promtool's notation, one a minute. */
  readonly series: Readonly<Record<string, string>>
  readonly at: string
  /** The alerts that fire then, by severity; and the labels that the series lends them. */
  readonly fires: readonly { readonly severity: 'page' | 'warn' | 'note'; readonly labels?: Readonly<Record<string, string>> }[]
  /** The signer's host of a split stack, which reads no node. */
  readonly apart?: true
}

export const nothing = [] as const

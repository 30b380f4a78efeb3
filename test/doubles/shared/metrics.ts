/**
 * Metrics in Prometheus' text form, each there from its first event on and not before: the programs make their series
 * so, and a rule that reads a missing one as zero, or never looks at it, has to be seen to.
 */

export type Labels = Readonly<Record<string, string>>

export interface Metrics {
  readonly set: (name: string, value: number, labels?: Labels) => void
  readonly add: (name: string, by?: number, labels?: Labels) => void
  readonly observe: (name: string, value: number, labels?: Labels) => void
  readonly text: () => string
}

type Kind = 'gauge' | 'counter' | 'histogram'
interface Family { readonly kind: Kind; readonly series: Map<string, number> }

/** Upper edges in seconds. First and last are the programs' own, and so is 10; those between are this double's. */
const edges = [0.005, 0.05, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120] as const

/** `prefix` stands before each name. */
export function metricsOf(prefix: string): Metrics {
  const families = new Map<string, Family>()
  const familyOf = (name: string, kind: Kind) => {
    const family = families.get(name) ?? { kind, series: new Map<string, number>() }
    if (family.kind !== kind) throw new Error(`${name} is a ${family.kind}`)
    families.set(name, family)
    return family.series
  }
  const grow = (series: Map<string, number>, key: string, by: number) => series.set(key, (series.get(key) ?? 0) + by)
  return {
    set: (name, value, labels) => { familyOf(name, 'gauge').set(shown(labels), value) },
    add: (name, by = 1, labels) => { grow(familyOf(name, 'counter'), shown(labels), by) },
    observe: (name, value, labels) => {
      const series = familyOf(name, 'histogram')
      for (const edge of edges) grow(series, `_bucket${shown({ ...labels, le: String(edge) })}`, value <= edge ? 1 : 0)
      grow(series, `_bucket${shown({ ...labels, le: '+Inf' })}`, 1)
      grow(series, `_count${shown(labels)}`, 1)
      grow(series, `_sum${shown(labels)}`, value)
    },
    text: () => [...families].map(([name, { kind, series }]) =>
      `# TYPE ${prefix}${name} ${kind}\n${[...series].map(([key, value]) => `${prefix}${name}${key} ${value}\n`).join('')}`).join(''),
  }
}

function shown(labels: Labels = {}): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

/** A memory for what is rendered again and again: of one stack many parts are alike, and of a fleet most are. */

/** The remembered result for `id`, else that of `make`. */
export type Memory<T> = (id: string, make: () => T) => T

/** Of what was not asked for lately it forgets the rest: it never holds more than two times `limit`. */
export function memory<T>(limit: number): Memory<T> {
  let [recent, older] = [new Map<string, T>(), new Map<string, T>()]
  return (id, make) => {
    const known = recent.get(id)
    if (known !== undefined) return known
    const value = older.get(id) ?? make()
    if (recent.size >= limit) [recent, older] = [new Map(), recent]
    recent.set(id, value)
    return value
  }
}

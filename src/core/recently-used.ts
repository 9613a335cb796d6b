/** A map that holds a bounded number of entries. */
export interface RecentlyUsed<Value> {
  get(key: string): Value | undefined
  set(key: string, value: Value): void
}

/** Keeps the `max` entries that were read or written last; another one lets go of the entry that was used longest ago. */
export function createRecentlyUsed<Value extends object>(max: number): RecentlyUsed<Value> {
  // A map keeps the order in which its keys came: the first is the one that was used longest ago.
  const entries = new Map<string, Value>()
  const put = (key: string, value: Value) => {
    entries.delete(key)
    entries.set(key, value)
  }
  return {
    get(key) {
      const value = entries.get(key)
      if (value !== undefined) put(key, value)
      return value
    },
    set(key, value) {
      put(key, value)
      const [oldest] = entries.keys()
      if (entries.size > max && oldest !== undefined) entries.delete(oldest)
    },
  }
}

/** Ids of steps that are over, so that a repeated one is known. */
export interface Recent {
  has(id: string): boolean
  add(id: string): void
}

/**
 * Remembers at least the last `atLeast` ids and at most twice as many: two generations, the older one dropped whole.
 */
export function createRecent(atLeast: number): Recent {
  let young = new Set<string>()
  let old = new Set<string>()
  return {
    has: (id) => young.has(id) || old.has(id),
    add(id) {
      young.add(id)
      if (young.size < atLeast) return
      old = young
      young = new Set()
    },
  }
}

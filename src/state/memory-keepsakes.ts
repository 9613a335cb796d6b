import type { Keepsake, KeepsakeKey, Recall } from '#src/core/state-store.ts'

/** UTF-16 units of all that is kept; the oldest goes first. */
const MOST = 64 * 1024 * 1024

/** What is kept for callers in this process. */
export function createMemoryKeepsakes() {
  const kept = new Map<string, Keepsake>()
  let size = 0

  function drop(name: string): boolean {
    const found = kept.get(name)
    if (!found) return false
    size -= found.value.length
    return kept.delete(name)
  }

  function keep(keepsakes: readonly Keepsake[], now: number): void {
    for (const keepsake of keepsakes) {
      const name = nameOf(keepsake)
      drop(name)
      kept.set(name, keepsake)
      size += keepsake.value.length
    }
    for (const [name, { expiresAt }] of kept) {
      if (size <= MOST && expiresAt > now) break
      drop(name)
    }
  }

  return {
    keep,
    claim(keepsake: Keepsake, now: number): string | undefined {
      const there = kept.get(nameOf(keepsake))
      if (there && there.expiresAt > now) return there.value
      keep([keepsake], now)
      return undefined
    },
    recall({ owner, kind, ids, now }: Recall): ReadonlyMap<string, string> {
      const found = new Map<string, string>()
      for (const id of ids) {
        const keepsake = kept.get(nameOf({ owner, kind, id }))
        if (keepsake && keepsake.expiresAt > now) found.set(id, keepsake.value)
      }
      return found
    },
    forget: (key: KeepsakeKey): boolean => drop(nameOf(key)),
  }
}

/** No part of it can be taken for another. */
function nameOf({ owner, kind, id }: KeepsakeKey): string {
  return JSON.stringify([owner, kind, id])
}

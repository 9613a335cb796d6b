import type { NanoUsd } from '#src/core/money.ts'
import type { Draw } from '#src/core/seed.ts'
import type { Target } from '#src/core/target.ts'

/** An eligible target, and what is expected of it for this request. */
export interface Contender {
  readonly target: Target
  readonly weight: number
  /** Rules that prefer it, by name. */
  readonly preferredBy?: readonly string[]
  /** Expected cost of this request; undefined: no price is known. */
  readonly cost?: NanoUsd
  /** What a warm prompt cache takes off that, where it does. */
  readonly saving?: NanoUsd
  /** Expected ms until the whole answer; undefined: never seen. */
  readonly latencyMs?: number
  /** How many recent answers the latency is worth, 0 when there is none. */
  readonly seen: number
  /** Share of recent requests that were answered, 0 to 1. */
  readonly health: number
}

/** A contender in its place, and in a few words why it is there. */
export interface Placed<Item extends Contender = Contender> {
  readonly contender: Item
  readonly reason?: string
}

/**
 * Orders contenders, given in the order of the file. Pure: what is left to chance comes from `draw`. Every contender comes back exactly once,
 * and ties stay as written.
 */
export type Strategy = (contenders: readonly Contender[], draw: Draw) => readonly Placed[]

/** Sorts by a number, smallest first, ties as written; unknown ones come last and are marked. */
export function ascending(contenders: readonly Contender[], by: SortBy): readonly Placed[] {
  const known = contenders.filter((contender) => by.value(contender) !== undefined)
  const unknown = contenders.filter((contender) => by.value(contender) === undefined)
  const sorted = known.toSorted((a, b) => order(by.value(a), by.value(b)))
  return [
    ...sorted.map((contender, index) => (index === 0 ? { contender, reason: by.best } : { contender })),
    ...unknown.map((contender) => ({ contender, reason: by.unknown })),
  ]
}

interface SortBy {
  readonly value: (contender: Contender) => bigint | number | undefined
  readonly best: string
  readonly unknown: string
}

function order(a: bigint | number = 0, b: bigint | number = 0): number {
  return a < b ? -1 : a > b ? 1 : 0
}

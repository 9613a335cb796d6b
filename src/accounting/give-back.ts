import type { Clock } from '#src/core/clock.ts'
import { isComing, type Done } from '#src/core/done.ts'
import type { StateStore, StepId } from '#src/core/state-store.ts'

/** What may have been taken on a shard and is not wanted any more: a hold for which nothing is sent, or a request's slots. */
export interface Taken extends StepId {
  readonly what: 'hold' | 'slots'
  /** Tokens that a request used; undefined: as if it had not come. */
  readonly used?: number | undefined
  /** ms since 1970 from which on it is free by itself. */
  readonly expiresAt: number
}

/**
 * Gives it back until that is known to have happened, or it has expired. Done when it is, or when the first try failed: `rest` gets what goes
 * on then. Never rejects.
 */
export type GiveBack = (taken: readonly Taken[], rest: (work: Promise<void>) => void) => Done

interface Options {
  readonly store: StateStore
  readonly clock: Clock
  /** What one request waits for ends with that request: each tries for itself. */
  readonly isolated: boolean
  /** Whether nothing is to be tried again. */
  over(): boolean
}

/** ms between two tries. */
const PAUSE_MS = 1000
/** Steps that are tried at a time; where one of them fails the others wait for the next try. */
const AT_ONCE = 16
/** Of some 200 bytes each. What comes while so much waits expires: in a long outage it was hardly ever taken. */
export const MOST_WAITING = 50_000

/** Gives back for one gateway. */
export function createGiveBack({ store, clock, isolated, over }: Options): GiveBack {
  const shared = new Set<Taken>()
  let working = false

  function isFree(taken: Taken): boolean | Promise<boolean> {
    const now = clock.now()
    if (taken.expiresAt <= now) return true
    try {
      const work = carryOut(store, taken, now)
      return isComing(work) ? Promise.resolve(work).then(isTrue, isFalse) : true
    } catch {
      return false
    }
  }

  /** Those of which nobody knows. */
  async function failing(
    taken: readonly Taken[],
    tried: readonly (boolean | Promise<boolean>)[] = taken.map(isFree),
  ): Promise<readonly Taken[]> {
    const failed: Taken[] = []
    for (const [at, one] of taken.entries()) if ((await tried[at]) === false) failed.push(one)
    return failed
  }

  /** What fails waits behind the others, so that one shard which does not answer keeps no other waiting. */
  async function tryAll(waiting: Set<Taken>): Promise<void> {
    const all = [...waiting]
    for (let at = 0; at < all.length; at += AT_ONCE) {
      const tried = all.slice(at, at + AT_ONCE)
      const failed = await failing(tried)
      for (const one of tried) waiting.delete(one)
      for (const one of failed) waiting.add(one)
      if (failed.length > 0) return
    }
  }

  async function untilFree(waiting: Set<Taken>): Promise<void> {
    while (waiting.size > 0 && !over()) {
      await new Promise<void>((resolve) => void clock.after(PAUSE_MS, resolve))
      if (!over()) await tryAll(waiting)
    }
    waiting.clear()
  }

  async function goOn(tried: Promise<readonly Taken[]>, rest: (work: Promise<void>) => void): Promise<void> {
    const failed = await tried
    if (failed.length === 0) return
    if (isolated) return rest(untilFree(new Set(failed)))
    for (const one of failed) if (shared.size < MOST_WAITING) shared.add(one)
    if (working) return
    working = true
    rest(untilFree(shared).finally(() => void (working = false)))
  }

  return (taken, rest) => {
    const tried = taken.map(isFree)
    return tried.every((free) => free === true) ? undefined : goOn(failing(taken, tried), rest)
  }
}

const isTrue = (): boolean => true
const isFalse = (): boolean => false

function carryOut(store: StateStore, { what, used, id, shard }: Taken, now: number): void | Promise<void> {
  const step = { id, shard }
  if (what === 'hold') return store.release(step, now)
  return used === undefined ? store.withdraw(step, now) : store.leave(step, used, now)
}

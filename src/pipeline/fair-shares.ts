import type { Clock } from '#src/core/clock.ts'
import type { Room, Rooms } from '#src/core/state-store.ts'

/** Who asks for how much of limits that callers share, and has how much, as this instance saw it in the last minute or two. */
export interface FairShares {
  /** Whoever asks counts as one of those who share, also where there is no room. */
  asks(gate: string, asked: Pick<Asked, 'caller' | 'tokens'>): void
  /**
   * Whether a caller that was let in through a gate is to make room: it has had its equal share, and what is left is what others ask for within
   * theirs. What it gets is counted unless it is.
   */
  yields(gate: string, asked: Asked): boolean
}

export interface Asked {
  readonly caller: string
  readonly tokens: number
  readonly rooms: Rooms
}

/** ms. */
const SPAN = 60_000
/** Callers of one gate; who comes after that many counts as one of them. */
const MOST = 10_000

type Count = Record<'requests' | 'tokens', number>

/** Of one caller. */
interface Part {
  readonly asked: Count
  readonly had: Count
}

/** Two spans, the younger one running: what is read is of both. */
interface Shared {
  young: Map<string, Part>
  old: Map<string, Part>
  since: number
}

export function createFairShares(clock: Pick<Clock, 'now'>): FairShares {
  const gates = new Map<string, Shared>()

  function sharedAt(gate: string, now: number): Shared {
    const shared = gates.get(gate) ?? { young: new Map(), old: new Map(), since: now }
    gates.set(gate, shared)
    if (now - shared.since >= SPAN) {
      shared.old = now - shared.since < 2 * SPAN ? shared.young : new Map()
      shared.young = new Map()
      shared.since = now
    }
    return shared
  }

  return {
    asks(gate, { caller, tokens }) {
      const { part } = partOf(sharedAt(gate, clock.now()), caller)
      part.asked.requests++
      part.asked.tokens += tokens
    },
    yields(gate, { caller, tokens, rooms: { rpm, tpm } }) {
      const now = clock.now()
      const shared = sharedAt(gate, now)
      const { name, part } = partOf(shared, caller)
      const isTooMuch = (room: Room | undefined, what: keyof Count): boolean =>
        room !== undefined && room.remaining < keptFor(shared, name, { what, limit: room.limit, now })
      if (isTooMuch(rpm, 'requests') || isTooMuch(tpm, 'tokens')) return true
      part.had.requests++
      part.had.tokens += tokens
      return false
    },
  }
}

function partOf({ young }: Shared, caller: string): { readonly name: string; readonly part: Part } {
  const name = young.has(caller) || young.size < MOST ? caller : ''
  const part = young.get(name) ?? { asked: { requests: 0, tokens: 0 }, had: { requests: 0, tokens: 0 } }
  young.set(name, part)
  return { name, part }
}

interface Measure {
  readonly what: keyof Count
  readonly limit: number
  readonly now: number
}

/** What is to be left by a caller that has had its equal share: what the others ask for a minute within theirs, and have not had. */
function keptFor({ young, old, since }: Shared, caller: string, { what, limit, now }: Measure): number {
  const callers = new Set([...young.keys(), ...old.keys()])
  const share = limit / callers.size
  const minutes = Math.max(1, (now - since + (old.size > 0 ? SPAN : 0)) / SPAN)
  const aMinute = (name: string, of: keyof Part): number =>
    ((young.get(name)?.[of][what] ?? 0) + (old.get(name)?.[of][what] ?? 0)) / minutes
  if (aMinute(caller, 'had') <= share) return 0
  callers.delete(caller)
  let kept = 0
  for (const name of callers) kept += Math.max(0, Math.min(share, aMinute(name, 'asked')) - aMinute(name, 'had'))
  return kept
}

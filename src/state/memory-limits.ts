import type { Admission, Admitted } from '#src/core/state-store.ts'
import { ADMITTED, judgeLimits, wholeTokens, type Gate } from './limits.ts'
import type { Recent } from './recent.ts'
import { advance, correct, count } from './window.ts'

interface Slot {
  readonly gate: LiveGate
  readonly second: number
  readonly tokens: number
  readonly expiresAt: number
}

interface LiveGate extends Gate {
  readonly live: Map<string, Slot>
  /** No slot expires before this: most requests need no scan. */
  earliest: number
}

export interface MemoryLimits {
  admit(admission: Admission): Admitted
  leave(id: string, tokens: number, now: number): void
  /** Looks at one key and forgets what no longer counts: called now and then, it bounds memory without a timer. */
  sweep(now: number): void
  /** Keys with anything kept, and slots in use. */
  size(): { readonly keys: number; readonly slots: number }
}

/** Limits of all keys in this process. `left` remembers requests that are over. */
export function createMemoryLimits(left: Recent): MemoryLimits {
  const gates = new Map<string, LiveGate>()
  const slots = new Map<string, Slot>()
  let cursor = gates.entries()

  function release(id: string, slot: Slot): void {
    slots.delete(id)
    if (slot.gate.live.delete(id)) slot.gate.slots--
  }

  /** Frees the slots that nobody gave back. */
  function expire(gate: LiveGate, now: number): void {
    if (now < gate.earliest) return
    gate.earliest = Number.POSITIVE_INFINITY
    for (const [id, slot] of gate.live) {
      if (slot.expiresAt <= now) release(id, slot)
      else if (slot.expiresAt < gate.earliest) gate.earliest = slot.expiresAt
    }
  }

  function gateOf(key: string): LiveGate {
    const known = gates.get(key)
    if (known !== undefined) return known
    const gate: LiveGate = { slots: 0, window: [], live: new Map(), earliest: Number.POSITIVE_INFINITY }
    gates.set(key, gate)
    return gate
  }

  function known(id: string, now: number): boolean {
    const slot = slots.get(id)
    return slot === undefined ? left.has(id) : slot.expiresAt > now
  }

  return {
    admit({ id, key, tokens: asked, now, expiresAt }) {
      const { limits } = key
      if (limits === undefined || known(id, now)) return ADMITTED
      const gate = gateOf(key.id)
      const tokens = wholeTokens(asked)
      advance(gate.window, now)
      expire(gate, now)
      const verdict = judgeLimits(gate, limits, { tokens, now })
      if (!verdict.ok) return verdict
      const slot = { gate, second: count(gate.window, now, tokens), tokens, expiresAt }
      slots.set(id, slot)
      gate.live.set(id, slot)
      gate.slots++
      if (expiresAt < gate.earliest) gate.earliest = expiresAt
      return verdict
    },
    leave(id, tokens, now) {
      const slot = slots.get(id)
      if (slot === undefined) return
      release(id, slot)
      if (slot.expiresAt <= now) return
      left.add(id)
      correct(slot.gate.window, slot.second, wholeTokens(tokens) - slot.tokens)
    },
    sweep(now) {
      const next = cursor.next()
      if (next.done === true) {
        cursor = gates.entries()
        return
      }
      const [key, gate] = next.value
      advance(gate.window, now)
      expire(gate, now)
      if (gate.slots === 0 && gate.window.length === 0) gates.delete(key)
    },
    size: () => ({ keys: gates.size, slots: slots.size }),
  }
}

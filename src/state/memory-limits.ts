import type { Admission, Admitted, Gate, StepId } from '#src/core/state-store.ts'
import { stepName } from './budget.ts'
import { ADMITTED, judgeLimits, roomsOf, wholeTokens, type GateState } from './limits.ts'
import type { Recent } from './recent.ts'
import { advance, correct, count, uncount, type Window } from './window.ts'

interface Slot {
  /** Where it is counted, and in which second of each. */
  readonly places: readonly { readonly gate: LiveGate; readonly second: number }[]
  readonly tokens: number
  readonly expiresAt: number
}

interface LiveGate extends GateState {
  readonly live: Map<string, Slot>
  /** No slot expires before this: most requests need no scan. */
  earliest: number
}

export interface MemoryLimits {
  admit(admission: Admission): Admitted
  leave(step: StepId, tokens: number, now: number): void
  withdraw(step: StepId, now: number): void
  /** Looks at one gate and forgets what no longer counts: called now and then, it bounds memory without a timer. */
  sweep(now: number): void
  /** Gates with anything kept, and slots in use. */
  size(): { readonly gates: number; readonly slots: number }
}

/** Limits of all gates in this process. `left` remembers requests that are over. */
export function createMemoryLimits(left: Recent): MemoryLimits {
  const gates = new Map<string, LiveGate>()
  const slots = new Map<string, Slot>()
  let cursor = gates.entries()

  function release(name: string, slot: Slot): void {
    slots.delete(name)
    for (const { gate } of slot.places) if (gate.live.delete(name)) gate.slots--
  }

  /** Frees the slots that nobody gave back. */
  function expire(gate: LiveGate, now: number): void {
    if (now < gate.earliest) return
    gate.earliest = Number.POSITIVE_INFINITY
    for (const [name, slot] of gate.live) {
      if (slot.expiresAt <= now) release(name, slot)
      else if (slot.expiresAt < gate.earliest) gate.earliest = slot.expiresAt
    }
  }

  /** Gives the slot back, with what is to become of what was counted; from then on its id is over, whether it came or not. */
  function depart(step: StepId, now: number, recount: (window: Window, second: number, counted: number) => void): void {
    const name = stepName(step)
    const slot = slots.get(name)
    if (slot === undefined && left.has(name)) return
    left.add(name)
    if (slot === undefined) return
    release(name, slot)
    if (slot.expiresAt <= now) return
    for (const { gate, second } of slot.places) recount(gate.window, second, slot.tokens)
  }

  function gateOf({ gate: name }: Gate): LiveGate {
    const known = gates.get(name)
    if (known !== undefined) return known
    const gate: LiveGate = { slots: 0, window: [], live: new Map(), earliest: Number.POSITIVE_INFINITY }
    gates.set(name, gate)
    return gate
  }

  return {
    admit(admission) {
      const { gates: asked, now, expiresAt } = admission
      const name = stepName(admission)
      const slot = slots.get(name)
      if (asked.length === 0 || (slot ? slot.expiresAt > now : left.has(name))) return ADMITTED
      const tokens = wholeTokens(admission.tokens)
      const open = asked.map(({ gate, limits }) => {
        const state = gateOf({ gate, limits })
        advance(state.window, now)
        expire(state, now)
        return { gate, limits, state }
      })
      const refused = judgeLimits(open, { tokens, now })
      if (refused) return { ok: false, ...refused, rooms: roomsOf(open, now) }
      const places = open.map(({ state }) => ({ gate: state, second: count(state.window, now, tokens) }))
      const taken = { places, tokens, expiresAt }
      slots.set(name, taken)
      for (const { gate } of places) {
        gate.live.set(name, taken)
        gate.slots++
        if (expiresAt < gate.earliest) gate.earliest = expiresAt
      }
      return { ok: true, rooms: roomsOf(open, now) }
    },
    leave: (step, tokens, now) =>
      depart(step, now, (window, second, counted) => correct(window, second, wholeTokens(tokens) - counted)),
    withdraw: (step, now) => depart(step, now, uncount),
    sweep(now) {
      const next = cursor.next()
      if (next.done === true) {
        cursor = gates.entries()
        return
      }
      const [name, gate] = next.value
      advance(gate.window, now)
      expire(gate, now)
      if (gate.slots === 0 && gate.window.length === 0) gates.delete(name)
    },
    size: () => ({ gates: gates.size, slots: slots.size }),
  }
}

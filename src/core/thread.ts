import { arrayAt, stringAt, type Json, type JsonObject } from './json.ts'
import { hash } from './seed.ts'

/** Where a dialect's bodies have what is said turn by turn, and what stands before it. */
export type Turns = readonly [turns: string, ...before: readonly string[]]

/** A request as the beginning of those that go on from it: names that hold no word of it. */
export interface Thread {
  /** All of its turns. */
  readonly whole: string
  /** Its longest beginnings, the longest first: a request that it goes on from had one of these as its whole. */
  readonly earlier: readonly string[]
  /** Up to the first turn that is no instruction: the same as long as the conversation goes on. */
  readonly begun: string
}

/** Longer texts go in by their length and their ends, in UTF-16 units: a conversation is looked at anew with every turn. */
const END = 64
/** Turns that one request adds to the one before, at the most: a body of nothing but turns has millions (law 14). */
const MOST = 1000
const INSTRUCTING: readonly (string | undefined)[] = ['system', 'developer']

/** The thread that a request is of, whose names begin with `prefix`; undefined: nothing is said turn by turn in it. */
export function threadOf(body: JsonObject, [name, ...before]: Turns, prefix: string): Thread | undefined {
  const said = body[name]
  if (said === undefined) return undefined
  const turns = arrayAt(body, name) ?? [said]
  const begin = turns.findIndex((turn) => !INSTRUCTING.includes(stringAt(turn, 'role')))
  let state = before.reduce((last, field) => mixed(last, body[field]), 0)
  let begun: string | undefined
  const names: string[] = []
  for (const [at, turn] of turns.entries()) {
    state = mixed(state, turn)
    if (at === begin) begun = `${prefix} ${state}`
    if (at >= turns.length - 1 - MOST) names.push(`${prefix} ${state}`)
  }
  const whole = names.pop()
  return whole === undefined ? undefined : { whole, begun: begun ?? whole, earlier: names.toReversed() }
}

/** What was mixed before and a value; one that is nested deeper than the engine's stack says nothing. */
function mixed(state: number, value: Json | undefined): number {
  try {
    return walked(state, value)
  } catch {
    return state
  }
}

function walked(state: number, value: Json | undefined): number {
  if (typeof value === 'object' && value !== null) {
    let inner = state
    for (const [name, member] of Object.entries(value)) inner = walked(hash(name, inner), member)
    return inner
  }
  const text = String(value)
  if (text.length <= 2 * END) return hash(text, state)
  return hash(text.slice(-END), hash(text.slice(0, END), hash(`${text.length}`, state)))
}

import { isAlphanumeric } from './characters.ts'
import { findPii } from './find.ts'
import type { Found, PiiType } from './types.ts'

/** What is taken out of a stream, and what stands in its place. */
export interface Redaction {
  /** All where absent. */
  readonly types?: ReadonlySet<PiiType>
  /** `findPii` where absent. */
  readonly find?: typeof findPii
  /** The text that stands for an item. */
  replace(type: PiiType, original: string): string
}

/** A stream in which items are replaced. A value: it may be kept, copied and gone on from. */
export interface RedactState {
  readonly redaction: Redaction
  /** The last of what was passed on, as it was: words in it say what a number behind it is. */
  readonly before: string
  readonly held: string
  /** An item longer than is ever held was replaced, and has not come to its end: what goes on with it is left out. */
  readonly inside: boolean
}

/**
 * How many UTF-16 units are held back. An item that, with whatever is written around it that decides about it, is no longer than this is replaced
 * however the stream is cut: when its first unit is due, all of it is there.
 */
export const HELD = 256
/** An item that has begun is held back whole up to this: signed tokens are long. Of a longer one the rest is left out as it comes. */
const LONGEST = 4096
/** More than the reach of a context word, and of such a word itself. */
const BEFORE = 128

/** Before the first delta. */
export function start(redaction: Redaction): RedactState {
  return { redaction, before: '', held: '', inside: false }
}

/** The next delta: what can be passed on, and the state behind it. */
export function push(state: RedactState, delta: string): { readonly state: RedactState; readonly out: string } {
  if (state.inside) {
    const rest = delta.slice(tokenLength(delta))
    return rest === '' ? { state, out: '' } : push({ ...state, inside: false }, rest)
  }
  const text = state.before + state.held + delta
  const passed = state.before.length
  const due = wholeUnits(text, text.length - HELD)
  if (due <= passed) return { state: { ...state, held: state.held + delta }, out: '' }
  const found = foundIn(text, state.redaction)
  const to = cutAt(found, due, text.length)
  const before = text.slice(Math.max(0, wholeUnits(text, to - BEFORE)), to)
  return {
    state: { ...state, before, held: text.slice(to), inside: to === text.length },
    out: replace(text.slice(0, to), { found, from: passed, redaction: state.redaction }),
  }
}

/** What was held back, at the end. */
export function end({ redaction, before, held }: RedactState): string {
  const text = before + held
  return replace(text, { found: foundIn(text, redaction), from: before.length, redaction })
}

function foundIn(text: string, { types, find = findPii }: Redaction): readonly Found[] {
  return find(text, types)
}

/** How much of a delta goes on with a token. */
function tokenLength(delta: string): number {
  let at = 0
  while (at < delta.length && (isAlphanumeric(delta.charCodeAt(at)) || '-_.'.includes(delta[at] ?? ' '))) at++
  return at
}

/** A place that parts no surrogate pair. */
function wholeUnits(text: string, at: number): number {
  const code = text.charCodeAt(at)
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at
}

/** Up to where the text is passed on: what is due, but no item in parts. */
function cutAt(found: readonly Found[], due: number, length: number): number {
  const across = found.find(({ start, end }) => start < due && end > due)
  if (across === undefined) return due
  return length - across.start > LONGEST ? across.end : across.start
}

interface Part {
  readonly found: readonly Found[]
  /** Units before it were passed on earlier. */
  readonly from: number
  readonly redaction: Redaction
}

function replace(text: string, { found, from, redaction }: Part): string {
  let out = ''
  let at = from
  for (const { type, start, end } of found) {
    if (end <= from || start >= text.length) continue
    out += text.slice(at, Math.max(at, start)) + redaction.replace(type, text.slice(start, end))
    at = end
  }
  return out + text.slice(at)
}

import type { Json } from '#src/core/json.ts'
import type { Framing, StreamEvent } from './framing.ts'
import { utf8 } from './pieces.ts'
import type { ErrorFault, Fault, Step, Timing, Wire } from './script.ts'
import type { Body } from './surface.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** A part of a body that is sent at once: an event, or a whole answer. */
interface Part {
  readonly bytes: Bytes
  readonly generated: boolean
  /** Counts for `afterEvents`. */
  readonly event: boolean
}

/** What an answer is, before it is cut into bytes and faults strike. */
export interface Draft {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly parts: readonly Part[]
}

/** How a draft goes out. */
export interface Delivery {
  readonly timing: Timing
  readonly wire: Wire
  readonly fault: Fault | undefined
}

interface Head {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}

/** A whole body. Where it is of one piece its content-length is what is sent, comments of `wire` and all. */
export function wholeDraft({ status, headers }: Head, body: Body, wire: Wire): Draft {
  const [before, after] = [utf8(wire.before ?? ''), utf8(wire.after ?? '')]
  const [only, ...more] = body.pieces
  const typed = { 'content-type': body.type, ...headers }
  if (more.length > 0) {
    const pieces = body.pieces.map((bytes) => ({ bytes, generated: true, event: true }))
    return { status, headers: typed, parts: [...silent(before), ...pieces, ...silent(after)] }
  }
  const bytes = joined([before, only ?? new Uint8Array(), after])
  const parts = [{ bytes, generated: true, event: true }]
  return { status, headers: { ...typed, 'content-length': String(bytes.length) }, parts }
}

/** A stream of events, and what is said where an error strikes in it. */
export interface StreamPlan {
  readonly framing: Framing
  readonly events: readonly StreamEvent[]
  failed(error: Json, at: { readonly named: boolean; readonly after: number }): readonly StreamEvent[]
}

/** A stream with an error in it, if there is to be one. */
export function streamDraft(plan: StreamPlan, { wire, fault }: Pick<Delivery, 'wire' | 'fault'>): Draft {
  const { framing } = plan
  const failing = fault?.kind === 'error' ? fault : undefined
  const events = failing === undefined ? plan.events : failedEvents(plan, failing)
  const sent = failing === undefined && wire.done === false ? events.filter((event) => event.end !== true) : events
  const parts = sent.map((event, at) => ({
    bytes: framing.event(event, wire, at),
    generated: event.generated,
    event: event.json !== '[DONE]',
  }))
  const close = wire.done === false ? '' : (framing.close?.(sent.length) ?? '')
  const [before, after] = [utf8(wire.before ?? ''), utf8(`${close}${wire.after ?? ''}`)]
  const headers = { 'content-type': framing.type, 'cache-control': 'no-cache' }
  const last = parts.at(-1)
  // Who stops reading at the answer's own end has not hung up on what stands behind it.
  const ended = last !== undefined && sent.at(-1)?.end === true
  const all = ended
    ? [...parts.slice(0, -1), { ...last, bytes: joined([last.bytes, after]) }]
    : [...parts, ...silent(after)]
  return { status: 200, headers, parts: [...silent(before), ...all] }
}

function failedEvents(plan: StreamPlan, fault: ErrorFault): readonly StreamEvent[] {
  const content = plan.events.filter((event) => event.end !== true).slice(0, fault.afterEvents ?? 0)
  const said = plan.failed(fault.error, { named: fault.named === true, after: content.length })
  return [...content, ...said, ...(fault.done === true ? plan.events.filter((event) => event.end === true) : [])]
}

/** Bytes that are no event; nothing where there are none. */
function silent(bytes: Bytes): readonly Part[] {
  return bytes.length === 0 ? [] : [{ bytes, generated: false, event: false }]
}

function joined(pieces: readonly Bytes[]): Bytes {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

/** The steps of a draft up to where its fault strikes. */
export function stepsOf(draft: Draft, delivery: Delivery): Step[] {
  const { timing, wire, fault } = delivery
  const broken = fault?.kind === 'cut' || fault?.kind === 'stall' ? fault : undefined
  const steps: Step[] = wait(timing.headMs)
  if (broken?.beforeHead === true) return [...steps, lastStep(broken, wire)]
  steps.push({ kind: 'head', status: draft.status, headers: headersOf(draft, broken) })
  const parts = broken?.afterEvents === undefined ? draft.parts : firstEvents(draft.parts, broken.afterEvents)
  let left = broken?.afterBytes ?? Infinity
  let tokens = 0
  for (const part of parts) {
    if (left <= 0) break
    if (part.generated) steps.push(...wait(tokens++ === 0 ? timing.firstTokenMs : timing.tokenMs))
    const bytes = part.bytes.subarray(0, left)
    left -= bytes.length
    steps.push(...chunks(bytes, wire.split))
  }
  return [...steps, lastStep(broken, wire)]
}

/** A content-length would tell on a body that ends early in proper form. */
function headersOf(draft: Draft, fault: Fault | undefined): Readonly<Record<string, string>> {
  if (fault?.kind !== 'cut' || fault.how !== 'terminated') return draft.headers
  return Object.fromEntries(Object.entries(draft.headers).filter(([name]) => name !== 'content-length'))
}

function wait(ms: number | undefined): Step[] {
  return ms === undefined || ms === 0 ? [] : [{ kind: 'wait', ms }]
}

function firstEvents(parts: readonly Part[], count: number): Part[] {
  let seen = 0
  return parts.filter((part) => (part.event ? seen++ < count : seen < count))
}

function chunks(bytes: Bytes, size = bytes.length): Step[] {
  const steps: Step[] = []
  for (let from = 0; from < bytes.length; from += size) {
    steps.push({ kind: 'bytes', bytes: bytes.subarray(from, from + size) })
  }
  return steps
}

function lastStep(fault: Fault | undefined, wire: Wire): Step {
  if (fault?.kind === 'stall') return { kind: 'stall' }
  if (fault?.kind === 'cut' && fault.how !== 'terminated') return { kind: 'cut', how: fault.how ?? 'fin' }
  return wire.behind === undefined ? { kind: 'end' } : { kind: 'end', behind: utf8(wire.behind) }
}

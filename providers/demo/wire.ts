import type { JsonObject } from '#src/core/json.ts'
import { utf8 } from './pieces.ts'
import type { StreamEvent } from './render.ts'
import type { Fault, Step, Timing, Wire } from './script.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** A part of a body that is sent at once: an event, or a whole answer. */
interface Part {
  readonly text: string
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

/** A whole body. Its content-length is what is sent, comments of `wire` and all. */
export function wholeDraft(
  head: { status: number; headers: Readonly<Record<string, string>> },
  text: string,
  wire: Wire,
): Draft {
  const body = `${wire.before ?? ''}${text}${wire.after ?? ''}`
  const headers = { ...head.headers, 'content-length': String(utf8(body).length) }
  return { status: head.status, headers, parts: [{ text: body, generated: true, event: true }] }
}

/** A stream of server-sent events with an error in it, if there is to be one. */
export function streamDraft(events: readonly StreamEvent[], delivery: Delivery): Draft {
  const { wire, fault } = delivery
  const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' }
  const failing = fault?.kind === 'error' ? fault : undefined
  const sent = failing === undefined ? events : events.slice(0, failing.afterEvents ?? 0)
  const parts = sent.map((event) => ({ text: eventText(event.json, wire), generated: event.generated, event: true }))
  if (failing !== undefined) {
    parts.push({ text: eventText({ error: failing.error }, wire, failing.named), generated: false, event: true })
  }
  const ends = failing === undefined ? wire.done !== false : failing.done === true
  const done = ends ? `data:${space(wire)}[DONE]${lineEnd(wire)}${lineEnd(wire)}` : ''
  const before = { text: wire.before ?? '', generated: false, event: false }
  const after = { text: `${done}${wire.after ?? ''}`, generated: false, event: false }
  return { status: 200, headers, parts: [before, ...parts, after].filter((part) => part.text !== '') }
}

function eventText(json: JsonObject, wire: Wire, named = false): string {
  const end = lineEnd(wire)
  const comment = wire.comment === undefined ? '' : `: ${wire.comment}${end}${end}`
  const name = named ? `event:${space(wire)}error${end}` : ''
  return `${comment}${name}data:${space(wire)}${JSON.stringify(json)}${end}${end}`
}

function lineEnd(wire: Wire): string {
  return wire.lineEnding === 'crlf' ? '\r\n' : '\n'
}

function space(wire: Wire): string {
  return wire.space === false ? '' : ' '
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
    const bytes = utf8(part.text).subarray(0, left)
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

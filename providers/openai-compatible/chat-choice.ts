import type { Finish, StreamPart } from '#src/core/answer.ts'
import type { Citation, Part } from '#src/core/conversation.ts'
import { arrayAt, isObject, objectAt, stringAt, type JsonObject } from '#src/core/json.ts'
import { closeCalls, readCall } from './chat-calls.ts'
import { citationsOf, finishOf, imagesOf, logprobsOf, saysNothing } from './chat-decode.ts'
import { NEW_CHOICE, type ChatChoice, type Details, type OpenPart, type Reading } from './chat-state.ts'
import { detailsOf, detailsPart } from './reasoning-details.ts'
import { reasoningOf, textOf } from './said.ts'

/** One chunk's part of a choice. */
export function readChoice(choice: JsonObject, before: ChatChoice, reading: Reading): ChatChoice {
  const { index, parts, reason } = reading
  // A last event may repeat the whole message beside its delta: the delta counts, and a message alone only where nothing was said.
  const delta = objectAt(choice, 'delta') ?? (before === NEW_CHOICE ? objectAt(choice, 'message') : undefined)
  const told = parts.length
  let state = delta && !before.finished ? readDelta(delta, before, reading) : before
  const logprobs = logprobsOf(choice['logprobs'])
  if (logprobs.length > 0) parts.push({ type: 'logprobs', choice: index, logprobs })
  if (state.finished) return state
  if (reason.unified === 'none') {
    if (!before.held) return state
    return parts.length > told ? { ...state, held: undefined } : finishChoice(state, reading, before.held)
  }
  if (state.open?.type === 'text') state = cite(reading.sources, state, reading)
  const finish = finishOf(choice, reason, state.called > 0)
  // Together ends every call of several with a finish reason: this is the end only if nothing more comes.
  return reason.unified === 'tool_calls' && state.called > 0
    ? { ...state, held: finish }
    : finishChoice(state, reading, finish)
}

/** Ends a choice, and what is open in it. */
export function finishChoice(
  state: ChatChoice,
  reading: Omit<Reading, 'reason' | 'sources'>,
  finish: Finish,
): ChatChoice {
  const { index, parts, quirks } = reading
  parts.push(...closeChoice(state, index))
  if (state.details) parts.push(...wholePart(detailsPart(inOrder(state.details), quirks.vendor), index, closed(state)))
  parts.push({ type: 'finish', choice: index, finish })
  return { ...state, open: undefined, calls: NEW_CHOICE.calls, details: undefined, held: undefined, finished: true }
}

/** Ends what is open. */
export function closeChoice({ open, calls, next, finished }: ChatChoice, index: number): readonly StreamPart[] {
  if (finished) return []
  const end: readonly StreamPart[] = open ? [{ type: 'part-end', choice: index, index: open.index }] : []
  return calls.size === 0 ? end : [...end, ...closeCalls([...calls.values()], { choice: index, next })]
}

/** The first index that no part has when all is closed: calls without a name are started only then. */
function closed({ calls, next }: ChatChoice): number {
  return next + [...calls.values()].filter(({ index }) => index === undefined).length
}

function inOrder(details: Details): readonly JsonObject[] {
  const all: JsonObject[][] = []
  for (let at: Details | undefined = details; at; at = at.before) all.push([...at.pieces])
  return all.toReversed().flat()
}

function readDelta(delta: JsonObject, before: ChatChoice, reading: Reading): ChatChoice {
  let state = say(before, reading, { type: 'reasoning', text: reasoningOf(delta) })
  state = say(state, reading, { type: 'text', text: textOf(delta['content']) })
  state = say(state, reading, { type: 'refusal', text: stringAt(delta, 'refusal') ?? '' })
  state = sound(state, reading, objectAt(delta, 'audio'))
  state = cite(citationsOf(delta), state, reading)
  for (const part of imagesOf(delta)) {
    reading.parts.push(...wholePart(part, reading.index, state.next))
    state = { ...state, next: state.next + 1 }
  }
  for (const call of arrayAt(delta, 'tool_calls') ?? [])
    if (isObject(call) && !saysNothing(call)) state = readCall(call, state, reading)
  const older = objectAt(delta, 'function_call')
  if (older && !saysNothing({ function: older })) state = readCall({ index: 0, function: older }, state, reading)
  const details = reading.quirks.replayReasoning === 'reasoning_details' ? detailsOf(delta) : []
  return details.length === 0 ? state : { ...state, details: { pieces: details, before: state.details } }
}

function wholePart(part: Part, choice: number, index: number): readonly StreamPart[] {
  return [
    { type: 'part-start', choice, index, part },
    { type: 'part-end', choice, index },
  ]
}

interface SaidText {
  readonly type: 'reasoning' | 'text' | 'refusal'
  readonly text: string
}

function say(state: ChatChoice, reading: Reading, { type, text }: SaidText): ChatChoice {
  if (text === '') return state
  const next = state.open?.type === type ? state : openPart(state, reading, { type, text: '' })
  if (next.open) reading.parts.push({ type: 'delta', choice: reading.index, index: next.open.index, text })
  return next
}

function openPart(
  state: ChatChoice,
  { index: choice, parts }: Reading,
  part: Part & { readonly type: OpenPart['type'] },
): ChatChoice {
  if (state.open) parts.push({ type: 'part-end', choice, index: state.open.index })
  parts.push({ type: 'part-start', choice, index: state.next, part })
  return { ...state, next: state.next + 1, open: { index: state.next, type: part.type } }
}

function sound(state: ChatChoice, reading: Reading, audio: JsonObject | undefined): ChatChoice {
  if (!audio) return state
  const [data, transcript] = [stringAt(audio, 'data') ?? '', stringAt(audio, 'transcript') ?? '']
  if (data === '' && transcript === '') return state
  const silence: Part & { readonly type: 'audio' } = {
    type: 'audio',
    source: { kind: 'data', mediaType: '', data: '' },
  }
  const next = state.open?.type === 'audio' ? state : openPart(state, reading, silence)
  if (!next.open) return next
  const at = { choice: reading.index, index: next.open.index }
  if (data !== '') reading.parts.push({ type: 'media-delta', ...at, data })
  if (transcript !== '') reading.parts.push({ type: 'delta', ...at, text: transcript })
  return next
}

/** Sources belong to the text that is open; where none is, to an empty one. */
function cite(citations: readonly Citation[], state: ChatChoice, reading: Reading): ChatChoice {
  if (citations.length === 0) return state
  const next = state.open?.type === 'text' ? state : openPart(state, reading, { type: 'text', text: '' })
  const { index: choice, parts } = reading
  const index = next.open?.index ?? 0
  for (const citation of citations) parts.push({ type: 'citation', choice, index, citation })
  return next
}

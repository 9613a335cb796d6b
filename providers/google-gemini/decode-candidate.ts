import type { Finish, StreamPart } from '#src/core/answer.ts'
import type { UpstreamFailure } from '#src/core/adapter.ts'
import type { Part } from '#src/core/conversation.ts'
import { arrayAt, isObject, objectAt, stringAt, type JsonObject } from '#src/core/json.ts'
import { citationsOf } from './citations.ts'
import { logprobsOf } from './logprobs.ts'
import { unfinished } from './map-error.ts'
import { mapFinishReason, rawReason } from './map-finish-reason.ts'
import { argumentsOf, type Pieces } from './partial-args.ts'
import { saidText, saying, type Said } from './said.ts'
import { VENDOR } from './wire.ts'

/** One candidate of an answer under way. */
export interface ChoiceState {
  /** Parts that were started. */
  readonly next: number
  /** The part that text or thoughts go on with. */
  readonly open: OpenPart | undefined
  /** A call whose arguments come in pieces. */
  readonly call: OpenCall | undefined
  readonly calls: number
  readonly finish: Finish | undefined
}

interface OpenPart {
  readonly index: number
  readonly type: 'text' | 'reasoning'
  /** What follows a signature is another part. */
  readonly signed: boolean
  readonly said: Said | undefined
}

interface OpenCall {
  readonly index: number
  readonly first: JsonObject | undefined
  readonly pieces: Pieces | undefined
}

export const NEW_CHOICE: ChoiceState = { next: 0, open: undefined, call: undefined, calls: 0, finish: undefined }

interface Into {
  readonly choice: number
  readonly parts: StreamPart[]
  readonly id: string
}

/** What one event says of a candidate. */
export function readCandidate(
  candidate: JsonObject,
  before: ChoiceState,
  into: Into,
): ChoiceState | { readonly failure: UpstreamFailure } {
  const { choice, parts } = into
  let state = before
  for (const part of arrayAt(objectAt(candidate, 'content'), 'parts') ?? [])
    if (isObject(part)) state = readPart(part, state, into)
  const { open } = state
  if (open?.type === 'text')
    for (const citation of citationsOf(candidate, () => saidText(open.said)))
      parts.push({ type: 'citation', choice, index: open.index, citation })
  const logprobs = logprobsOf(candidate)
  if (logprobs.length > 0) parts.push({ type: 'logprobs', choice, logprobs })
  const raw = rawReason(candidate)
  if (raw === undefined) return state
  const ended = mapFinishReason(raw)
  if (ended === 'broken' || (ended === 'nothing' && state.next === 0))
    return { failure: unfinished(raw, stringAt(candidate, 'finishMessage')) }
  const safety = candidate['safetyRatings']
  const unified = ended === 'nothing' ? 'stop' : ended
  return { ...state, finish: { unified, raw, ...(safety !== undefined && safety !== null && { safety }) } }
}

/** Ends what is open. */
export function closing(choice: number, { open, call }: ChoiceState): readonly StreamPart[] {
  return [
    ...(open ? [{ type: 'part-end', choice, index: open.index } as const] : []),
    ...(call ? callEnd(choice, call) : []),
  ]
}

function callEnd(choice: number, { index, first, pieces }: OpenCall): readonly StreamPart[] {
  return [
    { type: 'delta', choice, index, text: argumentsOf(first, pieces) },
    { type: 'part-end', choice, index },
  ]
}

/** The end, where the upstream gave one: behind calls of tools it is theirs, whichever event they came in. */
export function finishStep(choice: number, { finish, calls }: ChoiceState): readonly StreamPart[] {
  if (!finish) return []
  const unified = finish.unified === 'stop' && calls > 0 ? 'tool_calls' : finish.unified
  return [{ type: 'finish', choice, finish: { ...finish, unified } }]
}

function readPart(part: JsonObject, state: ChoiceState, into: Into): ChoiceState {
  const call = objectAt(part, 'functionCall')
  if (call) return readCall(call, state, { ...into, part })
  const text = stringAt(part, 'text')
  if (text !== undefined || isOnlySignature(part)) return say(part, state, into)
  const whole = wholePart(part)
  return whole ? wholeStep(whole, closed(state, into), into) : state
}

function isOnlySignature(part: JsonObject): boolean {
  return Object.keys(part).every((name) => name === 'thoughtSignature' || name === 'thought')
}

function say(part: JsonObject, state: ChoiceState, into: Into): ChoiceState {
  const text = stringAt(part, 'text') ?? ''
  const value = signatureOf(part)
  if (text === '' && value === undefined) return state
  const type = part['thought'] === true ? 'reasoning' : 'text'
  const next = state.open?.type === type && !state.open.signed ? state : opened(type, closed(state, into), into)
  const { open } = next
  if (!open) return next
  const at = { choice: into.choice, index: open.index }
  if (text !== '') into.parts.push({ type: 'delta', ...at, text })
  if (value !== undefined) into.parts.push({ type: 'signature', ...at, signature: { vendor: VENDOR, value } })
  const said = type === 'text' ? saying(open.said, text) : undefined
  return { ...next, open: { ...open, said, signed: value !== undefined } }
}

function signatureOf(part: JsonObject): string | undefined {
  const value = stringAt(part, 'thoughtSignature')
  return value === '' ? undefined : value
}

function opened(type: OpenPart['type'], state: ChoiceState, { choice, parts }: Into): ChoiceState {
  parts.push({ type: 'part-start', choice, index: state.next, part: { type, text: '' } })
  return { ...state, next: state.next + 1, open: { index: state.next, type, signed: false, said: undefined } }
}

function closed(state: ChoiceState, { choice, parts }: Into): ChoiceState {
  if (!state.open && !state.call) return state
  parts.push(...closing(choice, state))
  return { ...state, open: undefined, call: undefined }
}

/** Calls come whole, or in pieces: the first names the tool, the last says that nothing follows, or is missing. */
function readCall(call: JsonObject, before: ChoiceState, into: Into & { readonly part: JsonObject }): ChoiceState {
  const name = stringAt(call, 'name') ?? ''
  const goesOn = name === '' && before.call !== undefined
  if (name === '' && !goesOn) return before
  const state = goesOn ? before : begun(call, closed(before, into), into)
  const { choice, parts, part } = into
  if (!state.call) return state
  const value = signatureOf(part)
  if (value !== undefined)
    parts.push({ type: 'signature', choice, index: state.call.index, signature: { vendor: VENDOR, value } })
  const own: OpenCall = {
    ...state.call,
    first: objectAt(call, 'args') ?? state.call.first,
    pieces: (arrayAt(call, 'partialArgs') ?? [])
      .filter(isObject)
      .reduce<Pieces | undefined>((all, piece) => ({ piece, before: all }), state.call.pieces),
  }
  if (call['willContinue'] === true) return { ...state, call: own }
  parts.push(...callEnd(choice, own))
  return { ...state, call: undefined }
}

function begun(call: JsonObject, state: ChoiceState, { choice, parts, id }: Into): ChoiceState {
  const given = stringAt(call, 'id') ?? ''
  const made = choice === 0 ? `call_${id}_${state.calls}` : `call_${id}_${choice}_${state.calls}`
  const part: Part = {
    type: 'tool-call',
    id: given === '' ? made : given,
    name: stringAt(call, 'name') ?? '',
    input: '',
  }
  parts.push({ type: 'part-start', choice, index: state.next, part })
  const own: OpenCall = { index: state.next, first: undefined, pieces: undefined }
  return { ...state, next: state.next + 1, calls: state.calls + 1, call: own }
}

function wholeStep(part: Part, state: ChoiceState, { choice, parts }: Into): ChoiceState {
  parts.push({ type: 'part-start', choice, index: state.next, part }, { type: 'part-end', choice, index: state.next })
  return { ...state, next: state.next + 1 }
}

/** Pictures and sounds; what Google's own tools did is left as it is, and so is a picture that was only thought of. */
function wholePart(part: JsonObject): Part | undefined {
  const [data, file] = [objectAt(part, 'inlineData'), objectAt(part, 'fileData')]
  const value = signatureOf(part)
  const signature = value === undefined ? {} : { signature: { vendor: VENDOR, value } }
  if (part['thought'] !== true) {
    if (data) {
      const mediaType = stringAt(data, 'mimeType') ?? ''
      return {
        type: mediaOf(mediaType),
        source: { kind: 'data', mediaType, data: stringAt(data, 'data') ?? '' },
        ...signature,
      }
    }
    if (file) {
      const mediaType = stringAt(file, 'mimeType') ?? ''
      return {
        type: mediaOf(mediaType),
        source: { kind: 'url', url: stringAt(file, 'fileUri') ?? '', mediaType },
        ...signature,
      }
    }
  }
  const kind = Object.keys(part).find((name) => isObject(part[name]))
  return kind === undefined ? undefined : { type: 'opaque', vendor: VENDOR, kind, value: part }
}

function mediaOf(mediaType: string): 'image' | 'audio' | 'video' | 'document' {
  const [kind] = mediaType.split('/', 1)
  return kind === 'image' || kind === 'audio' || kind === 'video' ? kind : 'document'
}

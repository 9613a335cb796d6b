import type { StreamPart } from '#src/core/answer.ts'
import type { DecodeReducer } from '#src/core/codec.ts'
import type { Part } from '#src/core/conversation.ts'
import { isObject, numberAt, objectAt, parseJson, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import type { WireEvent } from '#src/core/wire-event.ts'
import { callOf, citationOf, isServerTool, mediaTypeOf, partOf, redactedThoughts } from './decode-blocks.ts'
import { aroundOf } from './decode-response.ts'
import { brokenAnswer, exceptionInside, malformed } from './map-error.ts'
import { finishOf } from './map-finish-reason.ts'
import { VENDOR } from './wire.ts'

/** An answer under way. */
export interface ConverseState {
  /** Blocks that are open, by Converse's index. */
  readonly open: ReadonlyMap<number, OpenBlock>
  readonly next: number
  /** `messageStop`, whose reason is told with what the last event adds to it. */
  readonly stop: JsonObject | undefined
  readonly over: boolean
}

/** A block that grows. `pieces`: of one that is told whole at its end. */
interface OpenBlock {
  readonly index: number
  readonly kind: 'text' | 'reasoning' | 'redacted' | 'call' | 'media' | 'opaque'
  /** A call whose input has not begun: `{}` is what it amounts to. */
  readonly bare: boolean
  readonly start?: JsonObject
  readonly pieces?: readonly Json[]
}

type Step = ReturnType<DecodeReducer<ConverseState>['event']>

/** The events of ConverseStream. */
export const converseStream: DecodeReducer<ConverseState> = {
  start: { open: new Map(), next: 0, stop: undefined, over: false },
  event: readEvent,
  end(state) {
    const open = [...state.open.values()].flatMap(closing)
    return state.stop === undefined || state.over ? open : [...open, ...finishing(state.stop, undefined)]
  },
}

function readEvent(state: ConverseState, { name = '', data, error }: WireEvent): Step {
  if (error !== undefined) return failed(state, exceptionInside(name, error))
  if (data === undefined) return { state, parts: [] }
  const value = parseJson(data)
  if (!isObject(value)) return failed(state, brokenAnswer())
  switch (name) {
    case 'messageStart':
      return { state, parts: [{ type: 'start' }] }
    case 'contentBlockStart':
      return startBlock(state, numberAt(value, 'contentBlockIndex') ?? 0, objectAt(value, 'start') ?? {})
    case 'contentBlockDelta':
      return growBlock(state, numberAt(value, 'contentBlockIndex') ?? 0, objectAt(value, 'delta') ?? {})
    case 'contentBlockStop':
      return endBlock(state, numberAt(value, 'contentBlockIndex') ?? 0)
    case 'messageStop':
      return { state: { ...state, stop: value }, parts: [] }
    case 'metadata':
      return finish(state, value)
    default:
      return { state, parts: [] }
  }
}

function failed(state: ConverseState, failure: ReturnType<typeof brokenAnswer>): Step {
  return { state, parts: [{ type: 'failure', failure }] }
}

function startBlock(state: ConverseState, at: number, start: JsonObject): Step {
  const call = objectAt(start, 'toolUse')
  if (call && !isServerTool(call)) return opened(state, at, { kind: 'call', part: { ...callOf(call), input: '' } })
  const image = objectAt(start, 'image')
  if (image) {
    const source = { kind: 'data', mediaType: mediaTypeOf('image', image), data: '' } as const
    return opened(state, at, { kind: 'media', part: { type: 'image', source } })
  }
  // Text and thoughts begin with their first words.
  if (Object.keys(start).length === 0) return { state, parts: [] }
  return opened(state, at, { kind: 'opaque', start })
}

interface Opening {
  readonly kind: OpenBlock['kind']
  /** undefined: it is told whole at its end. */
  readonly part?: Part
  readonly start?: JsonObject
}

function opened(state: ConverseState, at: number, { kind, part, start }: Opening): Step {
  const index = state.next
  const block: OpenBlock = {
    index,
    kind,
    bare: kind === 'call',
    ...(start && { start }),
    ...(part ? {} : { pieces: [] }),
  }
  return {
    state: { ...state, next: index + 1, open: new Map(state.open).set(at, block) },
    parts: part ? [{ type: 'part-start', choice: 0, index, part }] : [],
  }
}

function growBlock(state: ConverseState, at: number, delta: JsonObject): Step {
  const block = state.open.get(at)
  if (block) return grown(state, at, { block, delta })
  const opening = openingOf(delta)
  if (opening === undefined) return { state, parts: [] }
  const begun = opened(state, at, opening)
  const own = begun.state.open.get(at)
  if (!own) return begun
  const { state: next, parts } = grown(begun.state, at, { block: own, delta })
  return { state: next, parts: [...begun.parts, ...parts] }
}

/** What a block is that begins with this delta; undefined: nothing that anybody knows. */
function openingOf(delta: JsonObject): Opening | undefined {
  if ('text' in delta || 'citation' in delta) return { kind: 'text', part: { type: 'text', text: '' } }
  const reasoning = objectAt(delta, 'reasoningContent')
  if (reasoning) {
    return 'redactedContent' in reasoning
      ? { kind: 'redacted' }
      : { kind: 'reasoning', part: { type: 'reasoning', text: '' } }
  }
  return 'toolUse' in delta || 'toolResult' in delta ? { kind: 'opaque' } : undefined
}

interface Growing {
  readonly block: OpenBlock
  readonly delta: JsonObject
}

function grown(state: ConverseState, at: number, { block, delta }: Growing): Step {
  const { index, kind } = block
  const more = (text: string | undefined): readonly StreamPart[] =>
    text === undefined || text === '' ? [] : [{ type: 'delta', choice: 0, index, text }]
  switch (kind) {
    case 'text': {
      const citation = 'citation' in delta ? citationOf(delta['citation']) : undefined
      if (citation) return { state, parts: [{ type: 'citation', choice: 0, index, citation }] }
      return { state, parts: more(stringAt(delta, 'text')) }
    }
    case 'reasoning':
      return { state, parts: moreThoughts(index, objectAt(delta, 'reasoningContent'), more) }
    case 'call': {
      const text = stringAt(objectAt(delta, 'toolUse'), 'input') ?? ''
      const still = block.bare && text === ''
      return {
        state: still === block.bare ? state : withBlock(state, at, { ...block, bare: still }),
        parts: more(text),
      }
    }
    case 'media': {
      const data = stringAt(objectAt(objectAt(delta, 'image'), 'source'), 'bytes') ?? ''
      return { state, parts: data === '' ? [] : [{ type: 'media-delta', choice: 0, index, data }] }
    }
    case 'redacted':
    case 'opaque':
      return { state: withBlock(state, at, { ...block, pieces: [...(block.pieces ?? []), delta] }), parts: [] }
  }
}

function moreThoughts(
  index: number,
  reasoning: JsonObject | undefined,
  more: (text: string | undefined) => readonly StreamPart[],
): readonly StreamPart[] {
  const value = stringAt(reasoning, 'signature')
  if (value === undefined || value === '') return more(stringAt(reasoning, 'text'))
  return [{ type: 'signature', choice: 0, index, signature: { vendor: VENDOR, value } }]
}

function withBlock(state: ConverseState, at: number, block: OpenBlock): ConverseState {
  return { ...state, open: new Map(state.open).set(at, block) }
}

function endBlock(state: ConverseState, at: number): Step {
  const block = state.open.get(at)
  if (!block) return { state, parts: [] }
  const open = new Map(state.open)
  open.delete(at)
  return { state: { ...state, open }, parts: closing(block) }
}

function closing({ index, kind, bare, start = {}, pieces = [] }: OpenBlock): readonly StreamPart[] {
  const end: StreamPart = { type: 'part-end', choice: 0, index }
  if (kind !== 'redacted' && kind !== 'opaque') {
    return bare ? [{ type: 'delta', choice: 0, index, text: '{}' }, end] : [end]
  }
  const part = kind === 'redacted' ? redactedThoughts(joined(pieces)) : opaqueOf(start, pieces)
  return [{ type: 'part-start', choice: 0, index, part }, end]
}

/** Pieces of base64: each is whole by itself. */
function joined(pieces: readonly Json[]): string {
  const texts = pieces.map((piece) => stringAt(objectAt(piece, 'reasoningContent'), 'redactedContent') ?? '')
  if (texts.length < 2) return texts.join('')
  try {
    return btoa(texts.map((text) => atob(text)).join(''))
  } catch {
    return texts.join('')
  }
}

/** A tool of the provider's, its input or its result put together. */
function opaqueOf(start: JsonObject, pieces: readonly Json[]): Part {
  const [kind = 'block'] = [
    ...Object.keys(start),
    ...pieces.flatMap((piece) => Object.keys(isObject(piece) ? piece : {})),
  ]
  const own = objectAt(start, kind) ?? {}
  const said = pieces.flatMap((piece) => (isObject(piece) ? (piece[kind] ?? []) : []))
  const input = said.map((piece) => stringAt(piece, 'input') ?? '').join('')
  const value = kind === 'toolUse' ? { ...own, input: parseJson(input) ?? {} } : { ...own, content: said }
  const block = { [kind]: value }
  return partOf(block) ?? { type: 'opaque', vendor: VENDOR, kind, value: block }
}

function finish(state: ConverseState, value: JsonObject): Step {
  if (state.stop === undefined) return { state, parts: aroundParts(value) }
  const open = [...state.open.values()].flatMap(closing)
  const parts = finishing(state.stop, objectAt(value, 'trace'))
  return {
    state: { ...state, open: new Map(), over: true },
    parts: [...open, ...parts, ...aroundParts(value), { type: 'end' }],
  }
}

function finishing(stop: JsonObject, trace: JsonObject | undefined): readonly StreamPart[] {
  const reason = finishOf(stop, trace)
  if (reason === 'error') return [{ type: 'failure', failure: malformed(stringAt(stop, 'stopReason') ?? '') }]
  return [{ type: 'finish', choice: 0, finish: reason }]
}

function aroundParts(value: JsonObject): readonly StreamPart[] {
  const { usage, serviceTier, rest } = aroundOf(value)
  return [
    ...(serviceTier === undefined ? [] : [{ type: 'start', serviceTier } as const]),
    ...(rest ? [{ type: 'rest', rest } as const] : []),
    ...(usage ? [{ type: 'usage', usage } as const] : []),
  ]
}

import type { StreamPart } from '#src/core/answer.ts'
import type { DecodeReducer } from '#src/core/codec.ts'
import type { Part } from '#src/core/conversation.ts'
import { isObject, numberAt, objectAt, parseJson, stringAt, type JsonObject } from '#src/core/json.ts'
import type { WireEvent } from '#src/core/wire-event.ts'
import { brokenEvent } from '#providers/openai-compatible/map-error.ts'
import { convertUsage } from './convert-usage.ts'
import { citationOf, headOf, partOf, restOf } from './decode-response.ts'
import { failureInside, outOfOrder } from './map-error.ts'
import { finishOf } from './map-finish-reason.ts'
import { VENDOR } from './wire.ts'

/** A message under way. */
export interface MessageState {
  /** What ids are made of that the upstream does not give. */
  readonly id: string
  readonly started: boolean
  /** Blocks that are open, by Anthropic's index. */
  readonly open: ReadonlyMap<number, OpenBlock>
  /** The index of the next part. */
  readonly next: number
  readonly finished: boolean
  /** Usage as it was written so far: later reports leave members out. */
  readonly usage: JsonObject
}

interface OpenBlock {
  readonly index: number
  readonly type: Part['type']
  /** A call whose input has not begun: `{}` is what it amounts to. */
  readonly bare: boolean
  /** A block that only Anthropic understands is whole only at its end. */
  readonly block?: JsonObject
  readonly pieces?: Piece
}

/** Pieces of an opaque block, the last one first: each is kept once. */
interface Piece {
  readonly delta: JsonObject
  readonly before: Piece | undefined
}

type Step = ReturnType<DecodeReducer<MessageState>['event']>

/** The events of a streamed message. */
export function messageStream(id: string): DecodeReducer<MessageState> {
  return {
    start: { id, started: false, open: new Map(), next: 0, finished: false, usage: {} },
    event: readEvent,
    end: (state) => [...state.open.values()].flatMap(closing),
  }
}

const NOTHING: readonly StreamPart[] = []

function readEvent(state: MessageState, { data, name, error }: WireEvent): Step {
  const text = error ?? data
  if (text === undefined) return { state, parts: NOTHING }
  const value = parseJson(text)
  if (!isObject(value)) {
    // Some hosts of this dialect end like OpenAI, behind the proper end.
    return text.trim() === '[DONE]' ? { state, parts: NOTHING } : failed(state, brokenEvent(text))
  }
  switch (value['type']) {
    case 'content_block_delta':
      return growBlock(state, numberAt(value, 'index') ?? 0, objectAt(value, 'delta') ?? {})
    case 'content_block_start':
      return startBlock(state, numberAt(value, 'index') ?? 0, objectAt(value, 'content_block') ?? {})
    case 'content_block_stop':
      return endBlock(state, numberAt(value, 'index') ?? 0)
    case 'message_start':
      return begin(state, objectAt(value, 'message') ?? {})
    case 'message_delta':
      return change(state, value)
    case 'message_stop':
      return { state, parts: [{ type: 'end' }] }
    default: {
      // Pings, and what comes to be.
      const isError = value['type'] === 'error' || name === 'error' || error !== undefined || isObject(value['error'])
      return isError ? failed(state, failureInside(value)) : { state, parts: NOTHING }
    }
  }
}

function failed(state: MessageState, failure: Extract<StreamPart, { type: 'failure' }>['failure']): Step {
  return { state, parts: [{ type: 'failure', failure }] }
}

/** A second beginning in one stream is none that Anthropic writes: somebody has put two streams together. */
function begin(state: MessageState, message: JsonObject): Step {
  if (state.started) return failed(state, outOfOrder())
  const usage = objectAt(message, 'usage') ?? {}
  return {
    state: { ...state, started: true, usage },
    parts: [{ type: 'start', ...headOf(message) }, ...aside(message), ...usageParts(usage)],
  }
}

function aside(owner: JsonObject): readonly StreamPart[] {
  const { type: _type, ...members } = owner
  const rest = restOf(members)
  return rest ? [{ type: 'rest', rest }] : NOTHING
}

function usageParts(usage: JsonObject): readonly StreamPart[] {
  return Object.keys(usage).length === 0 ? NOTHING : [{ type: 'usage', usage: convertUsage(usage) }]
}

function startBlock(state: MessageState, at: number, block: JsonObject): Step {
  if (state.open.has(at)) return failed(state, outOfOrder())
  const index = state.next
  const part = partOf(block, `call_${state.id}_${index}`)
  const open = (own: Omit<OpenBlock, 'index' | 'type'>): MessageState => ({
    ...state,
    next: index + 1,
    open: new Map(state.open).set(at, { index, type: part.type, ...own }),
  })
  const start = (stub: Part): StreamPart => ({ type: 'part-start', choice: 0, index, part: stub })
  switch (part.type) {
    case 'opaque':
      return { state: open({ bare: false, block }), parts: NOTHING }
    case 'tool-call': {
      // Its input comes by deltas; where a block has it from the start, it has all of it.
      const bare = part.input === '{}'
      return { state: open({ bare }), parts: [start(bare ? { ...part, input: '' } : part)] }
    }
    case 'text':
      return { state: open({ bare: false }), parts: [start({ ...part, text: '' }), ...delta(index, part.text)] }
    case 'reasoning':
      if (part.redacted) return { state: open({ bare: false }), parts: [start(part)] }
      return { state: open({ bare: false }), parts: [start({ ...part, text: '' }), ...delta(index, part.text ?? '')] }
    default:
      return { state: open({ bare: false }), parts: [start(part)] }
  }
}

function delta(index: number, text: string): readonly StreamPart[] {
  return text === '' ? NOTHING : [{ type: 'delta', choice: 0, index, text }]
}

function growBlock(state: MessageState, at: number, own: JsonObject): Step {
  const block = state.open.get(at)
  if (!block) return failed(state, outOfOrder())
  const { index } = block
  if (block.block)
    return { state: withBlock(state, at, { ...block, pieces: { delta: own, before: block.pieces } }), parts: NOTHING }
  switch (own['type']) {
    case 'text_delta':
      return { state, parts: delta(index, stringAt(own, 'text') ?? '') }
    case 'thinking_delta':
      return { state, parts: delta(index, stringAt(own, 'thinking') ?? '') }
    case 'input_json_delta': {
      const text = stringAt(own, 'partial_json') ?? ''
      const next = block.bare && text !== '' ? withBlock(state, at, { ...block, bare: false }) : state
      return { state: next, parts: delta(index, text) }
    }
    case 'signature_delta': {
      const value = stringAt(own, 'signature') ?? ''
      if (value === '') return { state, parts: NOTHING }
      return { state, parts: [{ type: 'signature', choice: 0, index, signature: { vendor: VENDOR, value } }] }
    }
    case 'citations_delta': {
      const citation = citationOf(own['citation'] ?? null)
      return { state, parts: citation ? [{ type: 'citation', choice: 0, index, citation }] : NOTHING }
    }
    default:
      return { state, parts: NOTHING }
  }
}

function withBlock(state: MessageState, at: number, block: OpenBlock): MessageState {
  return { ...state, open: new Map(state.open).set(at, block) }
}

function endBlock(state: MessageState, at: number): Step {
  const block = state.open.get(at)
  if (!block) return { state, parts: NOTHING }
  const open = new Map(state.open)
  open.delete(at)
  return { state: { ...state, open }, parts: closing(block) }
}

function closing({ index, bare, block, pieces }: OpenBlock): readonly StreamPart[] {
  const end: StreamPart = { type: 'part-end', choice: 0, index }
  if (!block) return bare ? [{ type: 'delta', choice: 0, index, text: '{}' }, end] : [end]
  return [{ type: 'part-start', choice: 0, index, part: partOf(grown(block, pieces), '') }, end]
}

/** An opaque block with what its deltas brought: the input of a tool, or text by whatever name the block has it. */
function grown(block: JsonObject, last: Piece | undefined): JsonObject {
  if (!last) return block
  const deltas: JsonObject[] = []
  for (let piece: Piece | undefined = last; piece; piece = piece.before) deltas.push(piece.delta)
  const json: string[] = []
  const texts = new Map<string, string>()
  for (const own of deltas.toReversed()) {
    for (const [name, value] of Object.entries(own)) {
      if (name === 'partial_json' && typeof value === 'string') json.push(value)
      else if (name !== 'type' && typeof value === 'string')
        texts.set(name, (texts.get(name) ?? stringAt(block, name) ?? '') + value)
    }
  }
  const input = json.length > 0 ? parseJson(json.join('')) : undefined
  return { ...block, ...Object.fromEntries(texts), ...(isObject(input) && { input }) }
}

/** Usage here is cumulative: it says how much all of it was, not how much was added. */
function change(state: MessageState, value: JsonObject): Step {
  const usage = merged(state.usage, objectAt(value, 'usage'))
  const reason = state.finished ? undefined : finishOf(objectAt(value, 'delta'))
  const closed = reason ? [...state.open.values()].flatMap(closing) : NOTHING
  return {
    state: { ...state, usage, open: reason ? new Map() : state.open, finished: state.finished || reason !== undefined },
    parts: [
      ...closed,
      ...(reason ? [{ type: 'finish', choice: 0, finish: reason } as const] : []),
      ...aside(value),
      ...aside(objectAt(value, 'delta') ?? {}),
      ...(usage === state.usage ? NOTHING : usageParts(usage)),
    ],
  }
}

/** A report that leaves something out does not take it back. */
function merged(before: JsonObject, now: JsonObject | undefined): JsonObject {
  if (!now) return before
  return { ...before, ...Object.fromEntries(Object.entries(now).filter(([, value]) => value !== null)) }
}

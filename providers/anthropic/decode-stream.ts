import type { StreamPart } from '#src/core/answer.ts'
import type { DecodeReducer } from '#src/core/codec.ts'
import type { Part } from '#src/core/conversation.ts'
import { isObject, numberAt, objectAt, parseJson, stringAt, type JsonObject } from '#src/core/json.ts'
import type { WireEvent } from '#src/core/wire-event.ts'
import { brokenEvent } from '#providers/openai-compatible/map-error.ts'
import { convertUsage } from './convert-usage.ts'
import { citationOf, headOf, partOf } from './decode-response.ts'
import { failureInside } from './map-error.ts'
import { finishOf } from './map-finish-reason.ts'
import { VENDOR } from './wire.ts'

/** A message under way. */
export interface MessageState {
  readonly started: boolean
  /** Blocks that are open, by Anthropic's index: the part's own, and how much came of a call's input. */
  readonly open: ReadonlyMap<number, OpenBlock>
  readonly next: number
  readonly finished: boolean
}

interface OpenBlock {
  readonly index: number
  readonly type: Part['type']
  /** A call whose input has not begun: `{}` is what it amounts to. */
  readonly bare: boolean
  /** The pieces of an opaque block's input: it is whole only at its end. */
  readonly block?: JsonObject
  readonly pieces?: readonly string[]
}

type Step = ReturnType<DecodeReducer<MessageState>['event']>

/** The events of a streamed message. */
export const messageStream: DecodeReducer<MessageState> = {
  start: { started: false, open: new Map(), next: 0, finished: false },
  event: readEvent,
  end: (state) => [...state.open.values()].flatMap((block) => closing(block)),
}

function readEvent(state: MessageState, event: WireEvent): Step {
  const text = event.error ?? event.data
  if (text === undefined) return { state, parts: [] }
  const value = parseJson(text)
  if (!isObject(value)) return { state, parts: [{ type: 'failure', failure: brokenEvent(text) }] }
  switch (value['type']) {
    case 'message_start':
      return begin(state, objectAt(value, 'message') ?? {})
    case 'content_block_start':
      return startBlock(state, numberAt(value, 'index') ?? 0, objectAt(value, 'content_block') ?? {})
    case 'content_block_delta':
      return growBlock(state, numberAt(value, 'index') ?? 0, objectAt(value, 'delta') ?? {})
    case 'content_block_stop':
      return endBlock(state, numberAt(value, 'index') ?? 0)
    case 'message_delta':
      return finish(state, value)
    case 'message_stop':
      return { state, parts: [{ type: 'end' }] }
    case 'error':
      return { state, parts: [{ type: 'failure', failure: failureInside(value) }] }
    default:
      // Pings, and what comes to be.
      return isObject(value['error'])
        ? { state, parts: [{ type: 'failure', failure: failureInside(value) }] }
        : { state, parts: [] }
  }
}

/** A second beginning in one stream is none that Anthropic writes: somebody has put two streams together. */
function begin(state: MessageState, message: JsonObject): Step {
  if (state.started) return { state, parts: [{ type: 'failure', failure: brokenEvent('') }] }
  const usage = objectAt(message, 'usage')
  return {
    state: { ...state, started: true },
    parts: [
      { type: 'start', ...headOf(message) },
      ...(usage ? [{ type: 'usage', usage: convertUsage(usage) } as const] : []),
    ],
  }
}

function startBlock(state: MessageState, at: number, block: JsonObject): Step {
  const part = stubOf(partOf(block))
  const index = state.next
  const opaque = part.type === 'opaque' ? { block, pieces: [] } : {}
  const own: OpenBlock = { index, type: part.type, bare: part.type === 'tool-call' && part.input === '', ...opaque }
  const parts: readonly StreamPart[] = part.type === 'opaque' ? [] : [{ type: 'part-start', choice: 0, index, part }]
  return { state: { ...state, next: index + 1, open: new Map(state.open).set(at, own) }, parts }
}

/** A call's input comes by deltas; where a block has it from the start, it has all of it. */
function stubOf(part: Part): Part {
  return part.type === 'tool-call' && part.input === '{}' ? { ...part, input: '' } : part
}

function growBlock(state: MessageState, at: number, delta: JsonObject): Step {
  const block = state.open.get(at)
  if (!block) return { state, parts: [{ type: 'failure', failure: brokenEvent('') }] }
  const { index } = block
  const more = (text: string): readonly StreamPart[] => (text === '' ? [] : [{ type: 'delta', choice: 0, index, text }])
  switch (delta['type']) {
    case 'text_delta':
      return { state, parts: more(stringAt(delta, 'text') ?? '') }
    case 'thinking_delta':
      return { state, parts: more(stringAt(delta, 'thinking') ?? '') }
    case 'input_json_delta': {
      const text = stringAt(delta, 'partial_json') ?? ''
      if (block.pieces) return { state: withBlock(state, at, { ...block, pieces: [...block.pieces, text] }), parts: [] }
      return {
        state: block.bare && text !== '' ? withBlock(state, at, { ...block, bare: false }) : state,
        parts: more(text),
      }
    }
    case 'signature_delta': {
      const value = stringAt(delta, 'signature') ?? ''
      return {
        state,
        parts: value === '' ? [] : [{ type: 'signature', choice: 0, index, signature: { vendor: VENDOR, value } }],
      }
    }
    case 'citations_delta': {
      const citation = citationOf(delta['citation'] ?? null)
      return { state, parts: citation ? [{ type: 'citation', choice: 0, index, citation }] : [] }
    }
    default:
      return { state, parts: [] }
  }
}

function withBlock(state: MessageState, at: number, block: OpenBlock): MessageState {
  return { ...state, open: new Map(state.open).set(at, block) }
}

function endBlock(state: MessageState, at: number): Step {
  const block = state.open.get(at)
  if (!block) return { state, parts: [] }
  const open = new Map(state.open)
  open.delete(at)
  return { state: { ...state, open }, parts: closing(block) }
}

function closing({ index, bare, block, pieces = [] }: OpenBlock): readonly StreamPart[] {
  const end: StreamPart = { type: 'part-end', choice: 0, index }
  if (!block) return bare ? [{ type: 'delta', choice: 0, index, text: '{}' }, end] : [end]
  const input = pieces.length > 0 ? parseJson(pieces.join('')) : undefined
  const part = partOf(isObject(input) ? { ...block, input } : block)
  return [{ type: 'part-start', choice: 0, index, part }, end]
}

/** Usage here is cumulative: it says how much all of it was, not how much was added. */
function finish(state: MessageState, value: JsonObject): Step {
  const usage = objectAt(value, 'usage')
  const reason = state.finished ? undefined : finishOf(objectAt(value, 'delta'))
  const open = [...state.open.values()].flatMap((block) => closing(block))
  return {
    state: { ...state, open: reason ? new Map() : state.open, finished: state.finished || reason !== undefined },
    parts: [
      ...(reason ? [...open, { type: 'finish', choice: 0, finish: reason } as const] : []),
      ...(usage ? [{ type: 'usage', usage: convertUsage(usage) } as const] : []),
    ],
  }
}

import type { Finish, StreamPart } from '#src/core/answer.ts'
import type { Part } from '#src/core/conversation.ts'
import {
  rendererOf,
  type CostNote,
  type RenderContext,
  type RenderReducer,
  type StreamRenderer,
} from '#src/core/dialect.ts'
import type { JsonObject } from '#src/core/json.ts'
import { writeSignature } from '#src/core/signature.ts'
import type { Usage } from '#src/core/usage.ts'
import { addCost } from './cost.ts'
import { headOf } from './render-answer.ts'
import { blockOf, citationObject, stopReason } from './render-blocks.ts'
import { messageUsage } from './usage.ts'

/** A message under way. Its blocks follow each other: what belongs to a later one waits. */
interface State {
  readonly head: JsonObject | undefined
  readonly begun: boolean
  /** The part whose block is open, and the place of that block. */
  readonly open: number | undefined
  readonly type: Part['type']
  readonly blocks: number
  readonly waiting: readonly Waiting[]
  readonly finish: Finish | undefined
  readonly usage: Usage | undefined
}

/** A part that has to wait for the open one. */
interface Waiting {
  readonly index: number
  readonly steps: readonly PartStep[]
}

type PartStep = Extract<StreamPart, { index: number }>

const START: State = {
  head: undefined,
  begun: false,
  open: undefined,
  type: 'text',
  blocks: 0,
  waiting: [],
  finish: undefined,
  usage: undefined,
}

/** Before the first part. */
export function messageRenderer(context: RenderContext): StreamRenderer {
  return rendererOf(reducerFor(context))
}

function event(type: string, members: JsonObject): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`
}

function reducerFor(context: RenderContext): RenderReducer<State> {
  /** The first event goes out with the first part, when the input's tokens may be known already. */
  function begin(state: State): { state: State; out: string } {
    if (state.begun) return { state, out: '' }
    const usage = messageUsage(state.usage ?? {})
    const message = {
      ...(state.head ?? headOf({}, context)),
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage,
    }
    return { state: { ...state, begun: true }, out: event('message_start', { message }) }
  }

  function take(state: State, step: PartStep): { state: State; out: string } {
    if (step.type === 'part-start' && blockOf(step.part) === undefined) return { state, out: '' }
    if (state.open === undefined && step.type === 'part-start') {
      const next = { ...state, open: step.index, type: step.part.type }
      return { state: next, out: startOf(step.part, state.blocks) }
    }
    if (step.index !== state.open) return { state: { ...state, waiting: wait(state.waiting, step) }, out: '' }
    if (step.type !== 'part-end') return { state, out: deltaOf(step, state) }
    return following(
      { ...state, open: undefined, blocks: state.blocks + 1 },
      event('content_block_stop', { index: state.blocks }),
    )
  }

  /** What waited for the block that has ended. */
  function following(state: State, before: string): { state: State; out: string } {
    const [next, ...waiting] = state.waiting
    if (!next) return { state, out: before }
    let now: State = { ...state, waiting }
    let out = before
    for (const step of next.steps) {
      const taken = take(now, step)
      now = taken.state
      out += taken.out
    }
    return { state: now, out }
  }

  return {
    start: START,
    part(state, step) {
      switch (step.type) {
        case 'start':
          return { state: { ...state, head: headOf(step, context) }, out: '' }
        case 'usage':
          return { state: { ...state, usage: { ...state.usage, ...step.usage } }, out: '' }
        case 'end':
        case 'rest':
        case 'failure':
        case 'logprobs':
          return { state, out: '' }
        case 'finish':
          return step.choice === 0 ? { state: { ...state, finish: step.finish }, out: '' } : { state, out: '' }
        default: {
          if (step.choice !== 0) return { state, out: '' }
          const begun = begin(state)
          const taken = take(begun.state, step)
          return { state: taken.state, out: begun.out + taken.out }
        }
      }
    },
    finish(state, note) {
      const begun = begin(state)
      return begun.out + lastDelta(begun.state, note) + event('message_stop', {})
    },
  }
}

function lastDelta({ finish = { unified: 'stop' }, usage }: State, note: CostNote): string {
  const data = JSON.stringify({
    type: 'message_delta',
    delta: { stop_reason: stopReason(finish), stop_sequence: finish.stopSequence ?? null },
    usage: messageUsage(usage ?? note.bill.usage),
  })
  return `event: message_delta\ndata: ${addCost(data, note)}\n\n`
}

function wait(waiting: readonly Waiting[], step: PartStep): readonly Waiting[] {
  const known = waiting.some(({ index }) => index === step.index)
  if (!known) return step.type === 'part-start' ? [...waiting, { index: step.index, steps: [step] }] : waiting
  return waiting.map((own) => (own.index === step.index ? { ...own, steps: [...own.steps, step] } : own))
}

/** A block begins empty, and grows by deltas; what a part already holds is its first. */
function startOf(part: Part, index: number): string {
  const start = (block: JsonObject): string => event('content_block_start', { index, content_block: block })
  const delta = (own: JsonObject): string => event('content_block_delta', { index, delta: own })
  switch (part.type) {
    case 'text':
    case 'refusal':
      return (
        start({ type: 'text', text: '' }) + (part.text === '' ? '' : delta({ type: 'text_delta', text: part.text }))
      )
    case 'reasoning': {
      if (part.redacted) return start(blockOf(part) ?? {})
      const text = part.text ?? part.summary?.join('\n\n') ?? ''
      const signed = part.signature
        ? delta({ type: 'signature_delta', signature: writeSignature(part.signature, 'anthropic') })
        : ''
      return (
        start({ type: 'thinking', thinking: '', signature: '' }) +
        (text === '' ? '' : delta({ type: 'thinking_delta', thinking: text })) +
        signed
      )
    }
    case 'tool-call':
      return (
        start({ type: 'tool_use', id: part.id, name: part.name, input: {} }) +
        (part.input === '' ? '' : delta(inputDelta(part.input)))
      )
    default:
      return start(blockOf(part) ?? {})
  }
}

function inputDelta(text: string): JsonObject {
  return { type: 'input_json_delta', partial_json: text }
}

function deltaOf(step: PartStep, { type, blocks }: State): string {
  const delta = growth(step, type)
  return delta ? event('content_block_delta', { index: blocks, delta }) : ''
}

function growth(step: PartStep, type: Part['type']): JsonObject | undefined {
  switch (step.type) {
    case 'delta':
      return step.text === '' ? undefined : textDelta(step.text, type)
    case 'summary-delta':
      return { type: 'thinking_delta', thinking: step.text }
    case 'signature':
      return type === 'reasoning'
        ? { type: 'signature_delta', signature: writeSignature(step.signature, 'anthropic') }
        : undefined
    case 'citation':
      return { type: 'citations_delta', citation: citationObject(step.citation) }
    default:
      return undefined
  }
}

function textDelta(text: string, type: Part['type']): JsonObject {
  if (type === 'reasoning') return { type: 'thinking_delta', thinking: text }
  return type === 'tool-call' ? inputDelta(text) : { type: 'text_delta', text }
}

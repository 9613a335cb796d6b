import type { Answer, Finish, StreamPart, TokenLogprob } from '#src/core/answer.ts'
import type { Citation, Part, Signature } from '#src/core/conversation.ts'
import {
  rendererOf,
  type CostNote,
  type RenderContext,
  type RenderReducer,
  type StreamRenderer,
} from '#src/core/dialect.ts'
import type { JsonObject } from '#src/core/json.ts'
import type { Usage } from '#src/core/usage.ts'
import { grow, ropeText, type Rope } from '../shared/rope.ts'
import { addCost } from './cost.ts'
import { tailOf } from './render-answer.ts'
import { citationMetadata, finishReason, logprobsResult, partObject } from './render-parts.ts'
import { usageMetadata } from './usage.ts'

/** An answer under way: texts go out as they come, calls once they are whole. */
interface State {
  readonly head: Pick<Answer, 'id' | 'model'>
  readonly choices: ReadonlyMap<number, ChoiceState>
  readonly usage: Usage | undefined
}

interface ChoiceState {
  readonly open: ReadonlyMap<number, OpenPart>
  readonly citations: readonly Citation[]
  readonly logprobs: readonly TokenLogprob[]
  readonly finish: Finish | undefined
}

interface OpenPart {
  readonly part: Part
  /** A call's input, or a sound: what has to be whole before it can be written. */
  readonly text: Rope
  /** Goes out with the end of the part. */
  readonly signature: Signature | undefined
}

const NEW_CHOICE: ChoiceState = { open: new Map(), citations: [], logprobs: [], finish: undefined }

/** How an event is written: a line of an event stream, or an element of an array. */
type Frame = (data: string, first: boolean) => string

/** Before the first part. */
export function geminiRenderer(context: RenderContext, frame: Frame): StreamRenderer {
  return rendererOf(framed(reducerFor(context), frame))
}

interface Framed<Inner> {
  readonly inner: Inner
  readonly first: boolean
}

/** Objects in, text out. */
function framed<Inner>(reducer: Objects<Inner>, frame: Frame): RenderReducer<Framed<Inner>> {
  function write(objects: readonly string[], first: boolean): string {
    return objects.map((data, at) => frame(data, first && at === 0)).join('')
  }
  return {
    start: { inner: reducer.start, first: true },
    part(state, step) {
      const next = reducer.part(state.inner, step)
      if (next.state === state.inner && next.objects.length === 0) return { state, out: '' }
      return {
        state: { inner: next.state, first: state.first && next.objects.length === 0 },
        out: write(next.objects, state.first),
      }
    },
    finish: (state, note) => write([reducer.finish(state.inner, note)], state.first),
  }
}

interface Objects<State> {
  readonly start: State
  part(state: State, step: StreamPart): { readonly state: State; readonly objects: readonly string[] }
  finish(state: State, note: CostNote): string
}

function reducerFor(context: RenderContext): Objects<State> {
  const objectOf = ({ head }: State, choice: number, part: JsonObject): string =>
    JSON.stringify({
      candidates: [{ content: { role: 'model', parts: [part] }, index: choice }],
      ...tailOf(head, context),
    })

  return {
    start: { head: {}, choices: new Map(), usage: undefined },
    part(state, step) {
      switch (step.type) {
        case 'start': {
          const { id, model } = step
          return {
            state: { ...state, head: { ...(id !== undefined && { id }), ...(model !== undefined && { model }) } },
            objects: [],
          }
        }
        case 'usage':
          return { state: { ...state, usage: { ...state.usage, ...step.usage } }, objects: [] }
        case 'end':
        case 'rest':
        case 'failure':
          return { state, objects: [] }
        default: {
          const choice = state.choices.get(step.choice) ?? NEW_CHOICE
          const { choice: next, part } = advance(choice, step)
          const objects = part ? [objectOf(state, step.choice, part)] : []
          if (next === choice && state.choices.has(step.choice)) return { state, objects }
          return { state: { ...state, choices: new Map(state.choices).set(step.choice, next) }, objects }
        }
      }
    },
    finish(state, note) {
      const candidates = [...state.choices].map(([index, choice]) => lastOf(index, choice))
      const usage = usageMetadata(state.usage ?? note.bill.usage)
      return addCost(JSON.stringify({ candidates, usageMetadata: usage, ...tailOf(state.head, context) }), note)
    },
  }
}

function lastOf(index: number, { citations, logprobs, finish = { unified: 'stop' } }: ChoiceState): JsonObject {
  return {
    content: { role: 'model', parts: [] },
    finishReason: finishReason(finish),
    index,
    ...citationMetadata(citations),
    ...(logprobs.length > 0 && logprobsResult(logprobs)),
  }
}

interface Advanced {
  readonly choice: ChoiceState
  /** What the caller gets of it. */
  readonly part?: JsonObject | undefined
}

function advance(choice: ChoiceState, step: Extract<StreamPart, { choice: number }>): Advanced {
  switch (step.type) {
    case 'finish':
      return { choice: { ...choice, finish: step.finish } }
    case 'logprobs':
      return { choice: { ...choice, logprobs: [...choice.logprobs, ...step.logprobs] } }
    case 'citation':
      return { choice: { ...choice, citations: [...choice.citations, step.citation] } }
    case 'part-start':
      return begin(choice, step.index, step.part)
    default: {
      const own = choice.open.get(step.index)
      return own ? inPart(choice, step, own) : { choice }
    }
  }
}

function begin(choice: ChoiceState, index: number, part: Part): Advanced {
  const signature = 'signature' in part ? part.signature : undefined
  const own: OpenPart = { part, text: undefined, signature }
  const next = { ...choice, open: new Map(choice.open).set(index, own) }
  const said =
    part.type === 'text' || part.type === 'refusal' ? part.text : part.type === 'reasoning' ? (part.text ?? '') : ''
  return said === '' ? { choice: next } : { choice: next, part: textPart(part, said) }
}

type InPart = Exclude<Extract<StreamPart, { index: number }>, { type: 'part-start' | 'citation' }>

function inPart(choice: ChoiceState, step: InPart, own: OpenPart): Advanced {
  const put = (next: OpenPart): ChoiceState => ({ ...choice, open: new Map(choice.open).set(step.index, next) })
  switch (step.type) {
    case 'delta':
    case 'summary-delta':
      if (isSaid(own.part)) return { choice, part: textPart(own.part, step.text) }
      return { choice: put({ ...own, text: grow(own.text, step.text) }) }
    case 'media-delta':
      return { choice: put({ ...own, text: grow(own.text, step.data) }) }
    case 'signature':
      return { choice: put({ ...own, signature: step.signature }) }
    case 'part-end': {
      const open = new Map(choice.open)
      open.delete(step.index)
      return { choice: { ...choice, open }, part: endOf(own) }
    }
  }
}

function isSaid({ type }: Part): boolean {
  return type === 'text' || type === 'refusal' || type === 'reasoning'
}

function textPart(part: Part, text: string): JsonObject {
  return part.type === 'reasoning' ? { text, thought: true } : { text }
}

/** A text has been said; only its signature is left. */
function endOf({ part, text, signature }: OpenPart): JsonObject | undefined {
  const signed = signature ? { signature } : {}
  switch (part.type) {
    case 'text':
    case 'refusal':
      return signature ? partObject({ type: 'text', text: '', signature }) : undefined
    case 'reasoning':
      return signature ? partObject({ type: 'reasoning', text: '', signature }) : undefined
    case 'tool-call':
      return partObject({ ...part, input: part.input + ropeText(text), ...signed })
    case 'tool-result':
    case 'opaque':
      return partObject(part)
    default:
      return partObject(
        part.source.kind === 'data'
          ? { ...part, source: { ...part.source, data: part.source.data + ropeText(text) }, ...signed }
          : part,
      )
  }
}

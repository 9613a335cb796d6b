import type { StreamPart } from '#src/core/answer.ts'
import type { Citation, Part } from '#src/core/conversation.ts'
import type { RenderContext } from '#src/core/dialect.ts'
import type { JsonObject } from '#src/core/json.ts'
import { GAP } from '#src/core/parts.ts'
import {
  annotationsOf,
  audioObject,
  callObject,
  extraContent,
  finishReason,
  imageObject,
  logprobsObject,
  thoughtsOf,
} from './render-parts.ts'

/** One choice of a stream on its way out: what has been said of it. A value. */
export interface ChoiceState {
  /** What each part is, so that its deltas find their place. */
  readonly parts: ReadonlyMap<number, PartState>
  /** Calls begun: the dialect counts them from 0 on their own. */
  readonly calls: number
  /** UTF-16 units of text that have gone out. */
  readonly said: number
  /** They go out together at the end: the official client keeps only the last list that it was given. */
  readonly citations: readonly PartCitation[]
  readonly finished: boolean
}

interface PartState {
  readonly type: Part['type']
  readonly call: number
  readonly custom: boolean
  /** UTF-16 units of text before it. */
  readonly before: number
  /** The paragraph of a summary that is under way; -1: the thought itself is told, and its summary is not. */
  readonly entry: number | undefined
}

interface PartCitation {
  readonly index: number
  readonly citation: Citation
}

/** A step that belongs to a choice. */
export type ChoiceStep = Extract<StreamPart, { readonly choice: number }>

/** A chunk's delta, and other members of its choice. */
export interface Said {
  readonly delta: JsonObject
  readonly more?: JsonObject
}

export const NEW_CHOICE: ChoiceState = { parts: new Map(), calls: 0, said: 0, citations: [], finished: false }
const NOTHING: readonly Said[] = []

/** The first chunk of a choice. Text begins as an empty one; of a choice that only calls tools the content is null. */
export function roleFor(step: ChoiceStep): Said {
  const text = step.type === 'part-start' && step.part.type === 'text'
  return { delta: { role: 'assistant', content: text ? '' : null, refusal: null } }
}

/** What a step says, as the deltas of the dialect. */
export function sayStep(step: ChoiceStep, choice: ChoiceState, context: RenderContext): readonly Said[] {
  const part = 'index' in step ? choice.parts.get(step.index) : undefined
  switch (step.type) {
    case 'part-start':
      return sayStart(step.part, choice, context)
    case 'delta':
      return part ? sayDelta(part, step.text) : NOTHING
    case 'summary-delta': {
      if (part?.type !== 'reasoning' || part.entry === -1) return NOTHING
      const next = part.entry !== undefined && part.entry !== step.entry
      return [{ delta: { reasoning_content: next ? GAP + step.text : step.text } }]
    }
    case 'media-delta':
      return part?.type === 'audio' ? [{ delta: { audio: { data: step.data } } }] : NOTHING
    case 'signature':
      return part?.type === 'tool-call' ? saySignature(part, extraContent(step.signature)) : NOTHING
    case 'logprobs':
      return [{ delta: {}, more: { logprobs: logprobsObject(step.logprobs) } }]
    case 'finish':
      return choice.finished ? NOTHING : endOf(choice, finishReason(step.finish))
    case 'citation':
    case 'part-end':
      return NOTHING
  }
}

function sayStart(part: Part, { calls }: ChoiceState, context: RenderContext): readonly Said[] {
  switch (part.type) {
    case 'tool-call':
      return [{ delta: { tool_calls: [{ index: calls, ...callObject(part) }] } }]
    case 'text':
      return part.text === '' ? NOTHING : [{ delta: { content: part.text } }]
    case 'refusal':
      return part.text === '' ? NOTHING : [{ delta: { refusal: part.text } }]
    case 'reasoning': {
      const thoughts = thoughtsOf(part)
      return thoughts === '' ? NOTHING : [{ delta: { reasoning_content: thoughts } }]
    }
    case 'image': {
      const image = imageObject(part)
      return image ? [{ delta: { images: [image] } }] : NOTHING
    }
    case 'audio': {
      const audio = audioObject(part, context)
      return audio ? [{ delta: { audio } }] : NOTHING
    }
    default:
      return NOTHING
  }
}

function sayDelta({ type, call, custom, entry }: PartState, text: string): readonly Said[] {
  switch (type) {
    case 'text':
      return [{ delta: { content: text } }]
    case 'refusal':
      return [{ delta: { refusal: text } }]
    case 'reasoning':
      // Its summary was told before: the same again would be told twice.
      return entry === undefined || entry === -1 ? [{ delta: { reasoning_content: text } }] : NOTHING
    case 'tool-call': {
      const own = custom ? { custom: { input: text } } : { function: { arguments: text } }
      return [{ delta: { tool_calls: [{ index: call, ...own }] } }]
    }
    case 'audio':
      return [{ delta: { audio: { transcript: text } } }]
    default:
      return NOTHING
  }
}

/** With empty arguments beside it: some clients refuse a call without them. */
function saySignature({ call, custom }: PartState, extra: JsonObject): readonly Said[] {
  if (Object.keys(extra).length === 0) return NOTHING
  const own = custom ? {} : { function: { arguments: '' } }
  return [{ delta: { tool_calls: [{ index: call, ...own, ...extra }] } }]
}

/** The sources of all that was said, and the end. */
export function endOf({ parts, said, citations }: ChoiceState, reason: string): readonly Said[] {
  const texts = [...parts].filter(([, { type }]) => type === 'text')
  const annotations = annotationsOf(
    citations.map(({ index, citation }) => {
      const at = texts.findIndex(([own]) => own === index)
      const before = texts[at]?.[1].before ?? 0
      return { citation, before, length: (texts[at + 1]?.[1].before ?? said) - before }
    }),
  )
  const end: Said = { delta: {}, more: { finish_reason: reason } }
  return annotations.length === 0 ? [end] : [{ delta: { annotations } }, end]
}

/** The choice after a step. */
export function advanced(choice: ChoiceState, step: ChoiceStep): ChoiceState {
  switch (step.type) {
    case 'part-start':
      return begun(choice, step)
    case 'delta':
      return grown(choice, step)
    case 'summary-delta':
      return withPart(choice, step.index, { entry: step.entry })
    case 'citation':
      return { ...choice, citations: [...choice.citations, { index: step.index, citation: step.citation }] }
    case 'finish':
      return { ...choice, finished: true }
    default:
      return choice
  }
}

function begun(choice: ChoiceState, { index, part }: Extract<ChoiceStep, { type: 'part-start' }>): ChoiceState {
  const { type } = part
  const told = part.type === 'reasoning' && part.text !== undefined && part.text !== ''
  const shown = part.type === 'reasoning' ? (part.summary?.length ?? 0) - 1 : -1
  const state: PartState = {
    type,
    call: choice.calls,
    custom: part.type === 'tool-call' && part.custom === true,
    before: choice.said,
    entry: told ? -1 : shown < 0 ? undefined : shown,
  }
  const cited = part.type === 'text' ? (part.citations ?? []) : []
  return {
    parts: new Map(choice.parts).set(index, state),
    calls: choice.calls + (type === 'tool-call' ? 1 : 0),
    said: choice.said + (part.type === 'text' ? part.text.length : 0),
    citations: [...choice.citations, ...cited.map((citation) => ({ index, citation }))],
    finished: choice.finished,
  }
}

function grown(choice: ChoiceState, { index, text }: Extract<ChoiceStep, { type: 'delta' }>): ChoiceState {
  const part = choice.parts.get(index)
  if (part?.type === 'text') return { ...choice, said: choice.said + text.length }
  return part?.type === 'reasoning' && part.entry === undefined ? withPart(choice, index, { entry: -1 }) : choice
}

function withPart(choice: ChoiceState, index: number, more: Partial<PartState>): ChoiceState {
  const part = choice.parts.get(index)
  if (!part || part.entry === -1 || part.entry === more.entry) return choice
  return { ...choice, parts: new Map(choice.parts).set(index, { ...part, ...more }) }
}

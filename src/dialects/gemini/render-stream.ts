import type { Finish, StreamPart } from '#src/core/answer.ts'
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
import { EVENTS, type Framing } from './framing.ts'
import { headOf } from './render-answer.ts'
import { finishReason, groundingMetadata, logprobsResult, partObject, textObject } from './render-parts.ts'
import { usageMetadata } from './usage.ts'

/** A stream under way: each object of it is an answer that holds what is new. */
interface State {
  /** The members that every object ends with, as JSON text with a comma in front. */
  readonly head: string
  readonly begun: boolean
  readonly choices: ReadonlyMap<number, ChoiceState>
  readonly usage: Usage | undefined
  readonly serviceTier: string | undefined
}

interface ChoiceState {
  readonly parts: ReadonlyMap<number, PartState>
  readonly finish: Finish | undefined
}

interface PartState {
  /** As it was when it began; of what is written whole as it has become. */
  readonly part: Part
  /** What has been said; of a call its arguments, of a sound its transcript. */
  readonly said: Rope
  readonly data: Rope
  /** The paragraph of a summary that is being written; -1: the text itself is. */
  readonly entry: number
  readonly citations: readonly Citation[]
  readonly ended: boolean
  /** Whole, and not yet written: what began before it has not ended. */
  readonly waiting: JsonObject | undefined
}

const NEW_CHOICE: ChoiceState = { parts: new Map(), finish: undefined }

/** Before the first part. */
export function geminiRenderer(context: RenderContext, framing: Framing = EVENTS): StreamRenderer {
  return rendererOf(reducerFor(context, framing))
}

function reducerFor(context: RenderContext, framing: Framing): RenderReducer<State> {
  const headText = (head: Parameters<typeof headOf>[0]): string => `,${JSON.stringify(headOf(head, context)).slice(1)}`

  return {
    start: { head: headText({}), begun: false, choices: new Map(), usage: undefined, serviceTier: undefined },
    part(state, step) {
      switch (step.type) {
        case 'start':
          return { state: { ...state, head: headText(step), serviceTier: step.serviceTier }, out: '' }
        case 'usage':
          return { state: { ...state, usage: { ...state.usage, ...step.usage } }, out: '' }
        case 'end':
        case 'rest':
        case 'failure':
          return { state, out: '' }
        default: {
          const before = state.choices.get(step.choice) ?? NEW_CHOICE
          const { choice, wire } = inChoice(before, step)
          const choices = choice === before ? state.choices : new Map(state.choices).set(step.choice, choice)
          if (!wire) return { state: { ...state, choices }, out: '' }
          const candidate = JSON.stringify({ ...wire, index: step.choice })
          const json = `{"candidates":[${candidate}]${state.head}`
          return { state: { ...state, begun: true, choices }, out: framing.event(json, !state.begun) }
        }
      }
    },
    finish: (state, note) => framing.event(lastObject(state, note), !state.begun) + framing.end,
  }
}

/** The last object says why each candidate ended, what it is from, and what all of it took. */
function lastObject({ head, choices, usage, serviceTier }: State, note: CostNote): string {
  const candidates = [...choices].map(([index, choice]) => lastCandidate(index, choice))
  const metadata = usageMetadata(usage ?? note.bill.usage, serviceTier)
  return addCost(`{"candidates":${JSON.stringify(candidates)},"usageMetadata":${JSON.stringify(metadata)}${head}`, note)
}

function lastCandidate(index: number, { parts, finish }: ChoiceState): JsonObject {
  const cited = [...parts].flatMap(([at, { said, citations }]) =>
    citations.length > 0 ? [{ index: at, text: ropeText(said), citations }] : [],
  )
  const grounding = groundingMetadata(cited)
  return {
    ...said([textObject('', false)]),
    ...(finish && { finishReason: finishReason(finish) }),
    index,
    ...(Array.isArray(finish?.safety) && { safetyRatings: finish.safety }),
    ...(grounding && { groundingMetadata: grounding }),
  }
}

type ChoiceStep = Extract<StreamPart, { readonly choice: number }>

/** What a step makes of a candidate, and what of it is written now. */
interface Written {
  readonly choice: ChoiceState
  readonly wire?: JsonObject | undefined
}

function said(parts: readonly JsonObject[]): JsonObject {
  return { content: { role: 'model', parts } }
}

function inChoice(choice: ChoiceState, step: ChoiceStep): Written {
  if (step.type === 'finish') return { choice: { ...choice, finish: step.finish } }
  if (step.type === 'logprobs')
    return { choice, wire: { ...said([textObject('', false)]), logprobsResult: logprobsResult(step.logprobs) } }
  const known = choice.parts.get(step.index)
  if (step.type === 'part-end') return known ? ended(choice, step.index, known) : { choice }
  const { part, wire } = inPart(known, step)
  const next = part === known || !part ? choice : { ...choice, parts: new Map(choice.parts).set(step.index, part) }
  return { choice: next, wire: wire && said([wire]) }
}

/** Calls that are written in turns go out in the order in which they began. */
function ended(choice: ChoiceState, index: number, known: PartState): Written {
  if (isSpoken(known.part)) return { choice }
  const parts = new Map(choice.parts).set(index, { ...known, ended: true, waiting: partObject(whole(known)) })
  const ready: JsonObject[] = []
  for (const [at, one] of parts) {
    if (!one.ended && !isSpoken(one.part)) break
    if (!one.waiting) continue
    ready.push(one.waiting)
    parts.set(at, { ...one, waiting: undefined })
  }
  return { choice: { ...choice, parts }, wire: ready.length === 0 ? undefined : said(ready) }
}

function isSpoken({ type }: Part): boolean {
  return type === 'text' || type === 'reasoning' || type === 'refusal'
}

type PartStep = Exclude<ChoiceStep, { readonly type: 'finish' | 'logprobs' | 'part-end' }>

interface PartWritten {
  readonly part: PartState | undefined
  readonly wire?: JsonObject | undefined
}

function inPart(known: PartState | undefined, step: PartStep): PartWritten {
  if (step.type === 'part-start') return started(step.part)
  if (!known) return { part: known }
  const thought = known.part.type === 'reasoning'
  const spoken = isSpoken(known.part)
  switch (step.type) {
    case 'delta':
      return {
        part: { ...known, said: grow(known.said, step.text) },
        wire: spoken ? textObject(step.text, thought) : undefined,
      }
    case 'summary-delta': {
      const text = known.entry >= 0 && step.entry > known.entry ? `\n\n${step.text}` : step.text
      return { part: { ...known, entry: step.entry }, wire: textObject(text, true) }
    }
    case 'media-delta':
      return { part: { ...known, data: grow(known.data, step.data) } }
    case 'signature':
      return spoken
        ? { part: known, wire: textObject('', thought, step.signature) }
        : { part: { ...known, part: signedPart(known.part, step.signature) } }
    case 'citation':
      return { part: { ...known, citations: [...known.citations, step.citation] } }
  }
}

/** What is said is written as it comes; calls, pictures and sounds when they are whole. */
function started(part: Part): PartWritten {
  const text = part.type === 'text' || part.type === 'refusal' ? part.text : ''
  const state = {
    part,
    said: text === '' ? undefined : grow(undefined, text),
    data: undefined,
    entry: -1,
    citations: citationsOf(part),
    ended: false,
    waiting: undefined,
  }
  if (part.type === 'reasoning') {
    const wire = part.text !== '' || part.signature ? partObject(part) : undefined
    return { part: { ...state, entry: (part.summary?.length ?? 0) - 1 }, wire }
  }
  const signature = part.type === 'text' ? part.signature : undefined
  return { part: state, wire: text === '' && !signature ? undefined : textObject(text, false, signature) }
}

function citationsOf(part: Part): readonly Citation[] {
  return part.type === 'text' ? (part.citations ?? []) : []
}

function signedPart(part: Part, signature: Signature): Part {
  return part.type === 'tool-call' || 'source' in part ? { ...part, signature } : part
}

function whole({ part, said, data }: PartState): Part {
  const text = ropeText(said)
  switch (part.type) {
    case 'tool-call':
      return { ...part, input: part.input + text }
    case 'image':
    case 'audio':
    case 'video':
    case 'document': {
      const source =
        part.source.kind === 'data' ? { ...part.source, data: part.source.data + ropeText(data) } : part.source
      const transcript = (part.transcript ?? '') + text
      return { ...part, source, ...(transcript !== '' && { transcript }) }
    }
    default:
      return part
  }
}

import type { StreamPart, TokenLogprob } from '#src/core/answer.ts'
import type { Citation, Part, ReasoningPart, Signature, ToolCallPart } from '#src/core/conversation.ts'
import type { RenderContext } from '#src/core/dialect.ts'
import type { JsonObject } from '#src/core/json.ts'
import { responseId } from './render-answer.ts'
import {
  annotation,
  callItem,
  itemId,
  itemOf,
  messageItem,
  outputText,
  reasoningItem,
  refusalPart,
  summaryText,
} from './render-items.ts'
import { grow, ropeText, type Rope } from '../shared/rope.ts'

type Step = Exclude<Extract<StreamPart, { choice: number }>, { type: 'finish' }>

export interface Written {
  readonly writer: Writer
  readonly out: string
}

/** Writes the items of a response as they grow. A value. */
export interface Writer {
  /** The items that are whole, in their order. */
  readonly output: readonly JsonObject[]
  event(type: string, members: JsonObject): Written
  step(step: Step): Written
  /** Ends what is still open. */
  close(): Written
}

interface State {
  readonly sequence: number
  /** Items that were begun. */
  readonly places: number
  readonly items: ReadonlyMap<number, JsonObject>
  readonly message: OpenMessage | undefined
  readonly open: ReadonlyMap<number, OpenPart>
}

interface OpenMessage {
  readonly place: number
  readonly content: readonly JsonObject[]
}

/** A part that grows: its item's place, and what it holds so far. */
type OpenPart = { readonly place: number } & (
  | {
      readonly kind: 'said'
      readonly refusal: boolean
      readonly content: number
      readonly text: Rope
      readonly citations: readonly Citation[]
      readonly logprobs: readonly TokenLogprob[]
    }
  /** `plain`: the first entry is the thought itself. */
  | {
      readonly kind: 'thought'
      readonly part: ReasoningPart
      readonly plain: boolean
      readonly summary: readonly Rope[]
    }
  | { readonly kind: 'call'; readonly part: ToolCallPart; readonly text: Rope }
)

export function createWriter(context: RenderContext): Writer {
  const response = responseId(context.request)
  return writerOf(response, { sequence: 0, places: 0, items: new Map(), message: undefined, open: new Map() })
}

function writerOf(response: string, state: State): Writer {
  const written = (pen: Pen): Written => ({ writer: writerOf(response, pen.state), out: pen.out })
  return {
    output: [...state.items].toSorted(([a], [b]) => a - b).map(([, item]) => item),
    event(type, members) {
      const pen = { response, state, out: '' }
      emit(pen, type, members)
      return written(pen)
    },
    step(step) {
      const pen = { response, state, out: '' }
      take(pen, step)
      return written(pen)
    },
    close() {
      const pen = { response, state, out: '' }
      for (const index of state.open.keys()) endPart(pen, index)
      endMessage(pen)
      return written(pen)
    },
  }
}

/** One step's work: it lives no longer than that. */
interface Pen {
  readonly response: string
  state: State
  out: string
}

function emit(pen: Pen, type: string, members: JsonObject): void {
  const { sequence } = pen.state
  pen.out += `event: ${type}\ndata: ${JSON.stringify({ type, ...members, sequence_number: sequence })}\n\n`
  pen.state = { ...pen.state, sequence: sequence + 1 }
}

function take(pen: Pen, step: Step): void {
  switch (step.type) {
    case 'part-start':
      return startPart(pen, step.index, step.part)
    case 'part-end':
      return endPart(pen, step.index)
    case 'logprobs':
      return addLogprobs(pen, step.logprobs)
    default:
      return growPart(pen, step)
  }
}

const KINDS = { reasoning: 'rs', 'tool-call': 'fc' } as const

function startPart(pen: Pen, index: number, part: Part): void {
  if (part.type === 'text' || part.type === 'refusal') return startSaid(pen, index, part)
  const place = pen.state.places
  const id = itemId(
    part.type === 'reasoning' || part.type === 'tool-call' ? KINDS[part.type] : 'item',
    pen.response,
    place,
  )
  if (part.type === 'reasoning') {
    begin(pen, place, reasoningItem({ type: 'reasoning' }, id))
    open(pen, index, { place, kind: 'thought', part, plain: false, summary: [] })
    if (part.text !== undefined && part.text !== '') growThought(pen, index, part.text)
    for (const [entry, text] of (part.summary ?? []).entries()) growSummary(pen, { index, entry, text })
  } else if (part.type === 'tool-call') {
    begin(pen, place, callItem({ ...part, input: '' }, id, 'in_progress'))
    open(pen, index, { place, kind: 'call', part, text: undefined })
    if (part.input !== '') growCall(pen, index, part.input)
  } else {
    const item = itemOf(part, id)
    if (!item) return
    begin(pen, place, item)
    finishItem(pen, place, item)
  }
}

/** Any item but a message ends the message before it. */
function begin(pen: Pen, place: number, item: JsonObject): void {
  if (item['type'] !== 'message') endMessage(pen)
  pen.state = { ...pen.state, places: place + 1 }
  emit(pen, 'response.output_item.added', { output_index: place, item })
}

function finishItem(pen: Pen, place: number, item: JsonObject): void {
  emit(pen, 'response.output_item.done', { output_index: place, item })
  pen.state = { ...pen.state, items: new Map(pen.state.items).set(place, item) }
}

function open(pen: Pen, index: number, part: OpenPart): void {
  pen.state = { ...pen.state, open: new Map(pen.state.open).set(index, part) }
}

function startSaid(pen: Pen, index: number, part: Extract<Part, { type: 'text' | 'refusal' }>): void {
  if (!pen.state.message) {
    const place = pen.state.places
    begin(pen, place, messageItem(itemId('msg', pen.response, place), [], 'in_progress'))
    pen.state = { ...pen.state, message: { place, content: [] } }
  }
  const place = pen.state.message?.place ?? 0
  const content = (pen.state.message?.content.length ?? 0) + openSaid(pen)
  const refusal = part.type === 'refusal'
  const empty = refusal ? refusalPart('') : outputText('', [], [])
  emit(pen, 'response.content_part.added', { ...at(pen, 'msg', place), content_index: content, part: empty })
  open(pen, index, { place, kind: 'said', refusal, content, text: undefined, citations: [], logprobs: [] })
  if (part.text !== '') growSaid(pen, index, part.text)
  if (part.type === 'text') for (const citation of part.citations ?? []) cite(pen, index, citation)
}

function openSaid({ state }: Pen): number {
  return [...state.open.values()].filter(({ kind }) => kind === 'said').length
}

function at({ response }: Pen, kind: 'msg' | 'rs' | 'fc', place: number): JsonObject {
  return { item_id: itemId(kind, response, place), output_index: place }
}

function growPart(pen: Pen, step: Exclude<Step, { type: 'part-start' | 'part-end' | 'logprobs' }>): void {
  const part = pen.state.open.get(step.index)
  if (!part) return
  switch (step.type) {
    case 'delta':
      if (part.kind === 'said') return growSaid(pen, step.index, step.text)
      return part.kind === 'thought' ? growThought(pen, step.index, step.text) : growCall(pen, step.index, step.text)
    case 'summary-delta':
      return growSummary(pen, step)
    case 'signature':
      return sign(pen, step.index, step.signature)
    case 'citation':
      return cite(pen, step.index, step.citation)
    case 'media-delta':
      return
  }
}

function growSaid(pen: Pen, index: number, delta: string): void {
  const part = pen.state.open.get(index)
  if (part?.kind !== 'said') return
  const members = { ...at(pen, 'msg', part.place), content_index: part.content, delta }
  if (part.refusal) emit(pen, 'response.refusal.delta', members)
  else emit(pen, 'response.output_text.delta', { ...members, logprobs: [] })
  open(pen, index, { ...part, text: grow(part.text, delta) })
}

function growThought(pen: Pen, index: number, delta: string): void {
  const part = pen.state.open.get(index)
  if (part?.kind !== 'thought') return
  if (!part.plain) open(pen, index, { ...part, plain: true })
  growEntry(pen, { index, entry: 0, text: delta })
}

function growSummary(pen: Pen, { index, entry, text }: { index: number; entry: number; text: string }): void {
  const part = pen.state.open.get(index)
  if (part?.kind === 'thought') growEntry(pen, { index, entry: entry + (part.plain ? 1 : 0), text })
}

function growEntry(pen: Pen, { index, entry, text }: { index: number; entry: number; text: string }): void {
  const part = pen.state.open.get(index)
  if (part?.kind !== 'thought') return
  const where = { ...at(pen, 'rs', part.place), summary_index: entry }
  if (part.summary.length <= entry) {
    if (entry > 0) endSummary(pen, part, entry - 1)
    emit(pen, 'response.reasoning_summary_part.added', { ...where, part: summaryText('') })
  }
  emit(pen, 'response.reasoning_summary_text.delta', { ...where, delta: text })
  const summary = [...part.summary]
  summary[entry] = grow(part.summary[entry], text)
  open(pen, index, { ...part, summary })
}

function endSummary(pen: Pen, part: Extract<OpenPart, { kind: 'thought' }>, entry: number): void {
  const where = { ...at(pen, 'rs', part.place), summary_index: entry }
  const text = ropeText(part.summary[entry])
  emit(pen, 'response.reasoning_summary_text.done', { ...where, text })
  emit(pen, 'response.reasoning_summary_part.done', { ...where, part: summaryText(text) })
}

function growCall(pen: Pen, index: number, delta: string): void {
  const part = pen.state.open.get(index)
  if (part?.kind !== 'call') return
  const type = part.part.custom ? 'response.custom_tool_call_input.delta' : 'response.function_call_arguments.delta'
  emit(pen, type, { ...at(pen, 'fc', part.place), delta })
  open(pen, index, { ...part, text: grow(part.text, delta) })
}

function sign(pen: Pen, index: number, signature: Signature): void {
  const part = pen.state.open.get(index)
  if (part?.kind === 'thought') open(pen, index, { ...part, part: { ...part.part, signature } })
}

function cite(pen: Pen, index: number, citation: Citation): void {
  const part = pen.state.open.get(index)
  const own = annotation(citation)
  if (part?.kind !== 'said' || part.refusal || !own) return
  const where = { ...at(pen, 'msg', part.place), content_index: part.content, annotation_index: part.citations.length }
  emit(pen, 'response.output_text.annotation.added', { ...where, annotation: own })
  open(pen, index, { ...part, citations: [...part.citations, citation] })
}

/** They belong to the text that was written last. */
function addLogprobs(pen: Pen, logprobs: readonly TokenLogprob[]): void {
  const last = [...pen.state.open].findLast(([, part]) => part.kind === 'said' && !part.refusal)
  if (last?.[1].kind === 'said') open(pen, last[0], { ...last[1], logprobs: [...last[1].logprobs, ...logprobs] })
}

function endPart(pen: Pen, index: number): void {
  const part = pen.state.open.get(index)
  if (!part) return
  const left = new Map(pen.state.open)
  left.delete(index)
  pen.state = { ...pen.state, open: left }
  if (part.kind === 'said') endSaid(pen, part)
  else if (part.kind === 'thought') endThought(pen, part)
  else endCall(pen, part)
}

function endSaid(pen: Pen, part: Extract<OpenPart, { kind: 'said' }>): void {
  const text = ropeText(part.text)
  const where = { ...at(pen, 'msg', part.place), content_index: part.content }
  const own = part.refusal ? refusalPart(text) : outputText(text, part.citations, part.logprobs)
  if (part.refusal) emit(pen, 'response.refusal.done', { ...where, refusal: text })
  else emit(pen, 'response.output_text.done', { ...where, text, logprobs: own['logprobs'] ?? [] })
  emit(pen, 'response.content_part.done', { ...where, part: own })
  const { message } = pen.state
  if (message?.place === part.place)
    pen.state = { ...pen.state, message: { ...message, content: [...message.content, own] } }
}

function endMessage(pen: Pen): void {
  const { message } = pen.state
  if (!message) return
  // Texts of it that have not ended end with it.
  for (const [index, part] of pen.state.open) if (part.kind === 'said') endPart(pen, index)
  const content = pen.state.message?.content ?? []
  pen.state = { ...pen.state, message: undefined }
  finishItem(pen, message.place, messageItem(itemId('msg', pen.response, message.place), content, 'completed'))
}

function endThought(pen: Pen, part: Extract<OpenPart, { kind: 'thought' }>): void {
  if (part.summary.length > 0) endSummary(pen, part, part.summary.length - 1)
  const { signature } = part.part
  const whole: ReasoningPart = {
    type: 'reasoning',
    summary: part.summary.map(ropeText),
    ...(signature && { signature }),
  }
  finishItem(pen, part.place, reasoningItem(whole, itemId('rs', pen.response, part.place)))
}

function endCall(pen: Pen, { place, part, text: rope }: Extract<OpenPart, { kind: 'call' }>): void {
  const input = ropeText(rope)
  const where = at(pen, 'fc', place)
  if (part.custom) emit(pen, 'response.custom_tool_call_input.done', { ...where, input })
  else emit(pen, 'response.function_call_arguments.done', { ...where, name: part.name, arguments: input })
  finishItem(pen, place, callItem({ ...part, input }, itemId('fc', pen.response, place), 'completed'))
}

import type { StreamPart } from '#src/core/answer.ts'
import type { DecodeReducer } from '#src/core/codec.ts'
import type { Part } from '#src/core/conversation.ts'
import { isObject, numberAt, objectAt, parseJson, stringAt, type JsonObject } from '#src/core/json.ts'
import { isNews, UNNAMED, type Served } from '#src/core/served.ts'
import type { WireEvent } from '#src/core/wire-event.ts'
import { logprobsOf } from './chat-decode.ts'
import type { ReportedCost } from './definition.ts'
import { brokenEvent } from './map-error.ts'
import { callOf, citationOf, finishOf, headOf, partsOf, reasoningOf, responsesUsage } from './responses-decode.ts'
import { failedEvent } from './responses-failure.ts'

/** A response under way. */
export interface ResponseState {
  readonly started: boolean
  readonly named: Served
  readonly next: number
  /** Parts that are open: `output:content` of a message's, `output` of an item's own. */
  readonly open: ReadonlyMap<string, OpenPart>
  /** Those of them that have ended: their items repeat them. */
  readonly ended: ReadonlySet<string>
  readonly calls: boolean
  readonly reportedCost: ReportedCost
}

interface OpenPart {
  readonly index: number
  readonly type: Part['type']
  /** Something of it has come: a part that comes whole at its end only is said then. */
  readonly grown: boolean
}

type Step = ReturnType<DecodeReducer<ResponseState>['event']>

/** The events of a streamed response. `id` makes the ids of calls that have none. */
export function responseStream(id: string, reportedCost: ReportedCost = 'none'): DecodeReducer<ResponseState> {
  return {
    start: { started: false, named: UNNAMED, next: 0, open: new Map(), ended: new Set(), calls: false, reportedCost },
    event: (state, event) => readEvent(state, event, id),
    end: (state) => closing(state),
  }
}

function readEvent(state: ResponseState, event: WireEvent, id: string): Step {
  const text = event.error ?? event.data
  if (text === undefined || text.trim() === '[DONE]') return { state, parts: [] }
  const value = parseJson(text)
  if (!isObject(value)) return { state, parts: [{ type: 'failure', failure: brokenEvent(text) }] }
  const failure = failedEvent(value)
  if (failure) return { state, parts: [{ type: 'failure', failure }] }
  return readKnown(state, value, id)
}

function readKnown(state: ResponseState, value: JsonObject, id: string): Step {
  const output = numberAt(value, 'output_index') ?? 0
  const said = `${output}:${numberAt(value, 'content_index') ?? 0}`
  const delta = stringAt(value, 'delta') ?? ''
  switch (stringAt(value, 'type')) {
    case 'response.created':
    case 'response.in_progress':
      return start(state, objectAt(value, 'response') ?? {})
    case 'response.output_item.added':
      return addItem(state, objectAt(value, 'item') ?? {}, { output, id })
    case 'response.output_text.delta':
      return grow(withLogprobs(openSaid(state, said, { type: 'text', text: '' }), value), said, delta)
    case 'response.refusal.delta':
      return grow(openSaid(state, said, { type: 'refusal', text: '' }), said, delta)
    case 'response.reasoning_text.delta':
    case 'response.reasoning.delta':
    case 'response.function_call_arguments.delta':
    case 'response.custom_tool_call_input.delta':
      return grow({ state, parts: [] }, `${output}`, delta)
    case 'response.reasoning_summary_text.delta':
      return growSummary(state, `${output}`, { entry: numberAt(value, 'summary_index') ?? 0, text: delta })
    case 'response.output_text.annotation.added': {
      const part = state.open.get(said)
      const citation = citationOf(value['annotation'] ?? null)
      return { state, parts: part && citation ? [{ type: 'citation', choice: 0, index: part.index, citation }] : [] }
    }
    case 'response.content_part.done':
      return endPart(state, said)
    case 'response.output_item.done':
      return endItem(state, objectAt(value, 'item') ?? {}, { output, id })
    case 'response.completed':
    case 'response.incomplete':
      return finish(state, objectAt(value, 'response') ?? {})
    default:
      return { state, parts: [] }
  }
}

function start(state: ResponseState, response: JsonObject): Step {
  const head = headOf(response)
  if (state.started && !isNews(state.named, head)) return { state, parts: [] }
  return { state: { ...state, started: true, named: { ...state.named, ...head } }, parts: [{ type: 'start', ...head }] }
}

interface Place {
  readonly output: number
  readonly id: string
}

function opened(state: ResponseState, key: string, part: Part): Step {
  const own = { index: state.next, type: part.type, grown: false }
  return {
    state: {
      ...state,
      next: state.next + 1,
      open: new Map(state.open).set(key, own),
      calls: state.calls || part.type === 'tool-call',
    },
    parts: [{ type: 'part-start', choice: 0, index: own.index, part }],
  }
}

function addItem(state: ResponseState, item: JsonObject, { output, id }: Place): Step {
  switch (stringAt(item, 'type')) {
    case 'function_call':
    case 'custom_tool_call':
      return opened(state, `${output}`, { ...callOf(item, `call_${id}_${output}`), input: '' })
    case 'reasoning':
      return opened(state, `${output}`, { type: 'reasoning' })
    default:
      return { state, parts: [] }
  }
}

function openSaid(state: ResponseState, key: string, part: Part): Step {
  return state.open.has(key) ? { state, parts: [] } : opened(state, key, part)
}

function withLogprobs(step: Step, value: JsonObject): Step {
  const logprobs = logprobsOf({ content: value['logprobs'] ?? [] })
  return logprobs.length === 0 ? step : { ...step, parts: [...step.parts, { type: 'logprobs', choice: 0, logprobs }] }
}

function grow({ state, parts }: Step, key: string, text: string): Step {
  const part = state.open.get(key)
  if (!part || text === '') return { state, parts }
  const next = part.grown ? state : { ...state, open: new Map(state.open).set(key, { ...part, grown: true }) }
  return { state: next, parts: [...parts, { type: 'delta', choice: 0, index: part.index, text }] }
}

function growSummary(state: ResponseState, key: string, { entry, text }: { entry: number; text: string }): Step {
  const part = state.open.get(key)
  if (!part) return { state, parts: [] }
  const next = part.grown ? state : { ...state, open: new Map(state.open).set(key, { ...part, grown: true }) }
  return { state: next, parts: [{ type: 'summary-delta', choice: 0, index: part.index, entry, text }] }
}

function endPart(state: ResponseState, key: string): Step {
  const part = state.open.get(key)
  if (!part) return { state, parts: [] }
  const open = new Map(state.open)
  open.delete(key)
  return {
    state: { ...state, open, ended: new Set(state.ended).add(key) },
    parts: [{ type: 'part-end', choice: 0, index: part.index }],
  }
}

/** The item as a whole: what no delta has said is said now. */
function endItem(state: ResponseState, item: JsonObject, { output, id }: Place): Step {
  const key = `${output}`
  const part = state.open.get(key)
  if (part) {
    const left = part.grown ? rest(item, part.index) : wholeOf(item, part.index)
    const ended = endPart(state, key)
    return { state: ended.state, parts: [...left, ...ended.parts] }
  }
  if (stringAt(item, 'type') === 'message') return endMessage(state, item, output)
  let now = state
  const parts: StreamPart[] = []
  for (const own of partsOf(item, `call_${id}_${output}`)) {
    const begun = opened(now, key, own)
    const ended = endPart(begun.state, key)
    now = ended.state
    parts.push(...begun.parts, ...ended.parts)
  }
  return { state: now, parts }
}

/** A signature comes with the whole item. */
function rest(item: JsonObject, index: number): readonly StreamPart[] {
  const { signature } = item['type'] === 'reasoning' ? reasoningOf(item) : { signature: undefined }
  return signature ? [{ type: 'signature', choice: 0, index, signature }] : []
}

function wholeOf(item: JsonObject, index: number): readonly StreamPart[] {
  if (item['type'] !== 'reasoning') {
    const { input } = callOf(item, '')
    return input === '' ? [] : [{ type: 'delta', choice: 0, index, text: input }]
  }
  const { text = '', summary = [] } = reasoningOf(item)
  return [
    ...(text === '' ? [] : [{ type: 'delta', choice: 0, index, text } as const]),
    ...summary.map((own, entry): StreamPart => ({ type: 'summary-delta', choice: 0, index, entry, text: own })),
    ...rest(item, index),
  ]
}

/** Texts that had no delta, and those that no event ended. */
function endMessage(state: ResponseState, item: JsonObject, output: number): Step {
  let now = state
  const parts: StreamPart[] = []
  const all = partsOf(item, '')
  const astray = saidBeyond(state, output, all.length)
  for (const [content, part] of all.entries()) {
    const own = `${output}:${content}`
    const key = now.open.has(own) || now.ended.has(own) ? own : (astray.shift() ?? own)
    if (now.ended.has(key)) continue
    const begun = now.open.has(key) ? { state: now, parts: [] } : opened(now, key, part)
    const ended = endPart(begun.state, key)
    now = ended.state
    parts.push(...begun.parts, ...ended.parts)
  }
  return { state: now, parts }
}

/** Texts whose events count otherwise than their message (Bedrock Mantle counts thoughts too), in their order. */
function saidBeyond({ open, ended }: ResponseState, output: number, contents: number): string[] {
  const place = (key: string): number => Number(key.slice(`${output}:`.length))
  return [...ended, ...open.keys()]
    .filter((key) => key.startsWith(`${output}:`) && place(key) >= contents)
    .toSorted((a, b) => place(a) - place(b))
}

function closing({ open }: ResponseState): readonly StreamPart[] {
  return [...open.values()].map(({ index }) => ({ type: 'part-end', choice: 0, index }))
}

function finish(state: ResponseState, response: JsonObject): Step {
  const usage = responsesUsage(response, state.reportedCost)
  const head = headOf(response)
  return {
    state: { ...state, open: new Map() },
    parts: [
      ...(isNews(state.named, head) ? [{ type: 'start', ...head } as const] : []),
      ...closing(state),
      { type: 'finish', choice: 0, finish: finishOf(response, state.calls) },
      ...(usage ? [{ type: 'usage', usage } as const] : []),
      { type: 'end' },
    ],
  }
}

import type { Observation, UpstreamFailure } from '#src/core/adapter.ts'
import type { Endpoint } from '#src/core/endpoint.ts'
import { isObject, numberAt, objectAt, type Json, type JsonObject } from '#src/core/json.ts'
import type { Usage } from '#src/core/usage.ts'
import { observeAudio } from './audio-observe.ts'
import { usageOf } from './convert-usage.ts'
import type { Quirks } from './definition.ts'
import { failureInside, unfinished } from './map-error.ts'
import { mapFinishReason } from './map-finish-reason.ts'
import { responsesUsage } from './responses-decode.ts'
import { observeResponses } from './responses-observe.ts'
import { modelOf, operatorOf } from './said.ts'
import { measureMessage, measureText, NOTHING, type Measure } from './measure.ts'

export interface Kind {
  readonly endpoint: Endpoint
  readonly stream: boolean
  readonly event?: string | undefined
}

interface Choices {
  readonly mentioned: number[]
  readonly finished: number[]
  finish?: string
  content: boolean
  bytes: number
  failure?: UpstreamFailure
}

const NONE: readonly number[] = []

/** Endpoints whose answers are whole, whatever is in them. */
const OTHERS: ReadonlySet<Endpoint> = new Set(['moderations', 'imageGenerations', 'imageEdits', 'rerank', 'decisions'])
/** Endpoints that hear or speak. */
const SOUNDS: ReadonlySet<Endpoint> = new Set(['speech', 'transcriptions', 'translations'])

/** What an answer or one event of a stream says (once per event: no copy, no closure over the text). Never throws. */
export function observe(value: JsonObject, kind: Kind, quirks: Quirks): Observation {
  if (kind.endpoint === 'responses') return observeResponses(value, kind.stream, quirks.reportedCost)
  if (OTHERS.has(kind.endpoint)) return observeOther(value, kind, quirks)
  // vLLM streams transcripts as choices.
  if (SOUNDS.has(kind.endpoint) && !Array.isArray(value['choices'])) return observeAudio(value, kind, quirks)
  const usage = withoutOutput(usageOf(value, quirks), kind)
  const wire = value['choices']
  const choices = Array.isArray(wire) && wire.length > 0 ? readChoices(wire, kind) : undefined
  const failure = failureInside(value, kind.event) ?? choices?.failure
  return {
    content: choices?.content ?? (kind.endpoint === 'embeddings' && hasVector(value)),
    generatedBytes: choices?.bytes ?? 0,
    choices: choices?.mentioned ?? NONE,
    finished: choices?.finished ?? NONE,
    finish: choices?.finish,
    usage,
    failure,
    usageOnly: usage !== undefined && choices === undefined && failure === undefined && kind.endpoint !== 'embeddings',
    model: modelOf(value),
    operator: operatorOf(value),
  }
}

function observeOther(value: JsonObject, { endpoint }: Kind, quirks: Quirks): Observation {
  const failure = failureInside(value, undefined)
  return {
    content: failure === undefined,
    generatedBytes: 0,
    choices: NONE,
    finished: NONE,
    finish: undefined,
    usage: endpoint === 'rerank' ? rerankUsage(value, quirks) : eitherUsage(value, quirks),
    failure,
    usageOnly: false,
    done: false,
    model: modelOf(value),
    operator: operatorOf(value),
  }
}

/** As chat completions count or as Responses do: images come with either. */
function eitherUsage(value: JsonObject, quirks: Quirks): Usage | undefined {
  const [chat, responses] = [usageOf(value, quirks), responsesUsage(value, quirks.reportedCost)]
  return chat && responses ? { ...chat, ...responses } : (chat ?? responses)
}

/** Who ranks writes nothing: where there is a total alone, all of it was read. */
function rerankUsage(value: JsonObject, quirks: Quirks): Usage | undefined {
  const usage = eitherUsage(value, quirks)
  const input = usage?.input ?? numberAt(value['usage'], 'total_tokens')
  return usage && { ...usage, output: usage.output ?? 0, ...(input !== undefined && { input }) }
}

function readChoices(wire: readonly Json[], kind: Kind): Choices {
  const all: Choices = { mentioned: [], finished: [], content: false, bytes: 0 }
  for (const [position, choice] of wire.entries()) {
    if (!isObject(choice)) continue
    const own = choice['index']
    const index = typeof own === 'number' ? own : position
    all.mentioned.push(index)
    const finish = mapFinishReason(choice['finish_reason'])
    const error = choice['error']
    if (finish.unified === 'error' || isObject(error)) all.failure ??= unfinished(finish.raw, error)
    else if (finish.unified !== 'none') all.finished.push(index)
    if (finish.unified !== 'none') all.finish = finish.unified
    const { content, bytes } = measureChoice(choice, kind)
    all.content ||= content
    all.bytes += bytes
  }
  return all
}

/** A last event may repeat the whole message beside its delta: in a stream the delta counts. */
function measureChoice(choice: JsonObject, kind: Kind): Measure {
  if (kind.endpoint === 'completions' && 'text' in choice) return measureText(choice['text'])
  const delta = objectAt(choice, 'delta')
  const message = objectAt(choice, 'message')
  const said = kind.stream ? (delta ?? message) : (message ?? delta)
  return said === undefined ? NOTHING : measureMessage(said)
}

function hasVector(value: JsonObject): boolean {
  const data = value['data']
  if (!Array.isArray(data)) return false
  return data.some((element: Json) => {
    const vector = isObject(element) ? element['embedding'] : undefined
    return (typeof vector === 'string' || Array.isArray(vector)) && vector.length > 0
  })
}

/** Vectors have no output tokens: 0 is a fact there, not a guess. */
function withoutOutput(usage: Usage | undefined, kind: Kind): Usage | undefined {
  return usage === undefined || kind.endpoint !== 'embeddings' ? usage : { ...usage, output: usage.output ?? 0 }
}

import type { UpstreamFailure } from '#src/core/adapter.ts'
import type { Answer, Choice, Finish, TokenLogprob } from '#src/core/answer.ts'
import type { Decoded } from '#src/core/codec.ts'
import type { Citation, Part, Signature, ToolCallPart } from '#src/core/conversation.ts'
import { failure } from '#src/core/failure.ts'
import { arrayAt, isObject, numberAt, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { jsonText } from '#src/core/parts.ts'
import { usageOf } from './convert-usage.ts'
import type { Quirks } from './definition.ts'
import { failureInside, unfinished } from './map-error.ts'
import { mapFinishReason, type FinishReason } from './map-finish-reason.ts'
import { detailsOf, detailsPart } from './reasoning-details.ts'
import { modelOf, operatorOf, reasoningOf, textOf } from './said.ts'

/** A whole chat completion. `id` makes the ids of calls that have none. */
export function decodeChat(value: JsonObject, id: string, quirks: Quirks): Decoded {
  const failed = failureInside(value, undefined)
  if (failed) return { failure: failed }
  const choices: Choice[] = []
  for (const [position, choice] of (arrayAt(value, 'choices') ?? []).entries()) {
    if (!isObject(choice)) continue
    const reason = mapFinishReason(choice['finish_reason'])
    if (reason.unified === 'error' || isObject(choice['error']))
      return { failure: unfinished(reason.raw, choice['error']) }
    const message = objectAt(choice, 'message') ?? objectAt(choice, 'delta') ?? {}
    const parts = cited(partsOf(message, id, quirks), sourcesOf(value))
    const calls = parts.some(({ type }) => type === 'tool-call')
    const logprobs = logprobsOf(choice['logprobs'])
    choices.push({
      index: numberAt(choice, 'index') ?? position,
      parts,
      finish: finishOf(choice, reason, calls),
      ...(logprobs.length > 0 && { logprobs }),
    })
  }
  if (choices.length === 0) return { failure: noChoices() }
  const [usage, rest] = [usageOf(value, quirks), restOf(value)]
  return { answer: { ...headOf(value), choices, ...(usage && { usage }), ...(rest && { rest }) } }
}

function noChoices(): UpstreamFailure {
  const message = 'the upstream gave an answer without a choice'
  return { failure: failure('upstream_error', message), retry: 'next', why: message }
}

/** What every object of one answer says of it. */
export function headOf(value: JsonObject): Pick<Answer, 'id' | 'model' | 'operator' | 'created' | 'serviceTier'> {
  const [id, model, tier] = [stringAt(value, 'id'), modelOf(value), stringAt(value, 'service_tier')]
  const operator = operatorOf(value)
  const created = numberAt(value, 'created')
  return {
    ...(id !== undefined && id !== '' && { id }),
    ...(model !== undefined && { model }),
    ...(operator !== undefined && { operator }),
    ...(created !== undefined && created > 0 && { created: Math.floor(created) }),
    ...(tier !== undefined && { serviceTier: tier }),
  }
}

const KNOWN: ReadonlySet<string> = new Set([
  'id',
  'object',
  'created',
  'model',
  'choices',
  'usage',
  'service_tier',
  'error',
  'citations',
  'search_results',
  'obfuscation',
])

/** Members of an answer or an event that have no place in the internal form. */
export function restOf(value: JsonObject): JsonObject | undefined {
  const others = Object.entries(value).filter(([name, own]) => own !== null && own !== undefined && !KNOWN.has(name))
  return others.length === 0 ? undefined : Object.fromEntries(others)
}

/** Why a choice ended; some say `stop` although they call a tool. */
export function finishOf(choice: JsonObject, { unified, raw }: FinishReason, calls: boolean): Finish {
  const safety = choice['content_filter_results']
  const own = unified === 'none' || unified === 'error' ? 'stop' : unified
  // vLLM's word for the sequence that was met; the number of a token where one was.
  const sequence = own === 'stop' ? stringAt(choice, 'stop_reason') : undefined
  return {
    unified: own === 'stop' && calls ? 'tool_calls' : own,
    ...(raw !== undefined && raw !== '' && { raw }),
    ...(sequence !== undefined && { stopSequence: sequence }),
    ...(safety !== undefined && safety !== null && { safety }),
  }
}

function partsOf(message: JsonObject, id: string, quirks: Quirks): readonly Part[] {
  const parts: Part[] = []
  const thoughts = reasoningOf(message)
  if (thoughts !== '') parts.push({ type: 'reasoning', text: thoughts })
  const text = textOf(message['content'])
  const citations = citationsOf(message)
  if (text !== '' || citations.length > 0)
    parts.push({ type: 'text', text, ...(citations.length > 0 && { citations }) })
  const refusal = stringAt(message, 'refusal') ?? ''
  if (refusal !== '') parts.push({ type: 'refusal', text: refusal })
  const audio = objectAt(message, 'audio')
  const [data, transcript] = [stringAt(audio, 'data') ?? '', stringAt(audio, 'transcript') ?? '']
  if (data !== '' || transcript !== '')
    parts.push({
      type: 'audio',
      source: { kind: 'data', mediaType: '', data },
      ...(transcript !== '' && { transcript }),
    })
  parts.push(...imagesOf(message), ...callsOf(message, id))
  const details = quirks.replayReasoning === 'reasoning_details' ? detailsOf(message) : []
  if (details.length > 0) parts.push(detailsPart(details, quirks.vendor))
  return parts
}

/** An empty call stands for none: some write one into every message. */
function callsOf(message: JsonObject, id: string): readonly ToolCallPart[] {
  const older = objectAt(message, 'function_call')
  const wire = [...(arrayAt(message, 'tool_calls') ?? []), ...(older ? [{ function: older }] : [])]
  const calls: ToolCallPart[] = []
  for (const call of wire) {
    if (!isObject(call) || saysNothing(call)) continue
    const { given, name, input, custom } = callMembers(call)
    const signature = signatureOf(call)
    calls.push({
      type: 'tool-call',
      id: given === '' ? `call_${id}_${calls.length}` : given,
      name,
      input: custom ? (stringAt({ input }, 'input') ?? '') : inputOf(input),
      ...(custom && { custom }),
      ...(signature && { signature }),
    })
  }
  return calls
}

/** What a call, or the part of one that a delta holds, says. */
export interface CallMembers {
  /** The upstream's own id; '' where it gives none. */
  readonly given: string
  readonly name: string
  readonly input: Json | undefined
  readonly custom: boolean
}

export function callMembers(call: JsonObject): CallMembers {
  const custom = objectAt(call, 'custom')
  const own = custom ?? objectAt(call, 'function')
  return {
    given: stringAt(call, 'id') ?? '',
    name: stringAt(own, 'name') ?? '',
    input: custom ? custom['input'] : own?.['arguments'],
    custom: custom !== undefined,
  }
}

export function saysNothing(call: JsonObject): boolean {
  const { given, name, input } = callMembers(call)
  return given === '' && name === '' && (input === undefined || input === null || input === '')
}

/** Gemini's own OpenAI surface puts its thought signatures here. */
export function signatureOf(call: JsonObject): Signature | undefined {
  const value = stringAt(objectAt(objectAt(call, 'extra_content'), 'google'), 'thought_signature')
  return value === undefined ? undefined : { vendor: 'google', value }
}

/** Arguments as JSON text: some give an object, some nothing, some the word null. */
export function inputOf(value: Json | undefined): string {
  if (isObject(value)) return jsonText(value)
  if (typeof value !== 'string' || value.trim() === '' || value.trim() === 'null') return '{}'
  return value
}

export function imagesOf(message: JsonObject): readonly Part[] {
  return (arrayAt(message, 'images') ?? []).flatMap((image): readonly Part[] => {
    const url = stringAt(objectAt(image, 'image_url'), 'url') ?? ''
    const comma = url.indexOf(',')
    if (!url.startsWith('data:') || comma < 0)
      return url === '' ? [] : [{ type: 'image', source: { kind: 'url', url } }]
    const [mediaType = ''] = url.slice('data:'.length, comma).split(';')
    return [{ type: 'image', source: { kind: 'data', mediaType, data: url.slice(comma + 1) } }]
  })
}

export function citationsOf(message: JsonObject): readonly Citation[] {
  return (arrayAt(message, 'annotations') ?? []).flatMap((annotation): readonly Citation[] => {
    const own = objectAt(annotation, 'url_citation')
    const url = stringAt(own, 'url')
    if (!own || url === undefined || !isObject(annotation)) return []
    const [title, quote] = [stringAt(own, 'title'), stringAt(own, 'content')]
    const [start, end] = [numberAt(own, 'start_index'), numberAt(own, 'end_index')]
    return [
      {
        vendor: 'openai',
        raw: annotation,
        url,
        ...(title !== undefined && { title }),
        ...(quote !== undefined && { quote }),
        ...(start !== undefined && { start }),
        ...(end !== undefined && { end }),
      },
    ]
  })
}

/** What Perplexity and xAI found, for all of the answer: with titles where they give them. */
export function sourcesOf(value: JsonObject): readonly Citation[] {
  const found = arrayAt(value, 'search_results')?.filter(isObject) ?? []
  const results = found.length > 0 ? found : (arrayAt(value, 'citations') ?? []).map((url) => ({ url }))
  return results.flatMap((raw): readonly Citation[] => {
    const [url, title, quote] = [stringAt(raw, 'url'), stringAt(raw, 'title'), stringAt(raw, 'snippet')]
    if (url === undefined) return []
    const known = { ...(title !== undefined && { title }), ...(quote !== undefined && { quote }) }
    return [{ vendor: 'openai', raw, url, ...known }]
  })
}

function cited(parts: readonly Part[], sources: readonly Citation[]): readonly Part[] {
  if (sources.length === 0) return parts
  return parts.map((part) =>
    part.type === 'text' ? { ...part, citations: [...(part.citations ?? []), ...sources] } : part,
  )
}

export function logprobsOf(value: Json | undefined): readonly TokenLogprob[] {
  if (!isObject(value)) return NO_LOGPROBS
  return [...(arrayAt(value, 'content') ?? []), ...(arrayAt(value, 'refusal') ?? [])].flatMap((one) => {
    const own = logprobOf(one)
    if (!own) return []
    const top = (arrayAt(one, 'top_logprobs') ?? []).flatMap((other) => logprobOf(other) ?? [])
    return [{ ...own, ...(top.length > 0 && { top }) }]
  })
}

const NO_LOGPROBS: readonly TokenLogprob[] = []

function logprobOf(one: Json): Omit<TokenLogprob, 'top'> | undefined {
  const [token, logprob] = [stringAt(one, 'token'), numberAt(one, 'logprob')]
  if (token === undefined || logprob === undefined) return undefined
  const bytes = arrayAt(one, 'bytes')?.filter((byte) => typeof byte === 'number')
  return { token, logprob, ...(bytes && { bytes }) }
}

import type { Answer, Finish, TokenLogprob } from '#src/core/answer.ts'
import type { Decoded } from '#src/core/codec.ts'
import type { Citation, Part } from '#src/core/conversation.ts'
import { arrayAt, isObject, numberAt, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { reported, type Usage } from '#src/core/usage.ts'
import { inputOf, logprobsOf } from './chat-decode.ts'
import { chargedBeside, costOf } from './convert-usage.ts'
import type { ReportedCost } from './definition.ts'
import { failedResponse } from './responses-failure.ts'

/** A whole response. */
export function decodeResponse(value: JsonObject, id: string, reportedCost?: ReportedCost): Decoded {
  const failure = failedResponse(value)
  if (failure) return { failure }
  const items = (arrayAt(value, 'output') ?? []).flatMap((item) => (isObject(item) ? [item] : []))
  const parts = items.flatMap((item, place) => partsOf(item, `call_${id}_${place}`))
  const logprobs = items.flatMap(itemLogprobs)
  const usage = responsesUsage(value, reportedCost)
  const answer: Answer = {
    ...headOf(value),
    choices: [
      {
        index: 0,
        parts,
        finish: finishOf(
          value,
          parts.some(({ type }) => type === 'tool-call'),
        ),
        ...(logprobs.length > 0 && { logprobs }),
      },
    ],
    ...(usage && { usage }),
  }
  return { answer }
}

export function headOf(response: JsonObject): Pick<Answer, 'id' | 'model' | 'created' | 'serviceTier'> {
  const [id, model, tier] = [stringAt(response, 'id'), stringAt(response, 'model'), stringAt(response, 'service_tier')]
  const created = numberAt(response, 'created_at')
  return {
    ...(id !== undefined && id !== '' && { id }),
    ...(model !== undefined && model !== '' && { model }),
    ...(created !== undefined && { created: Math.floor(created) }),
    ...(tier !== undefined && { serviceTier: tier }),
  }
}

/** Why a response ended. */
export function finishOf(response: JsonObject, calls: boolean): Finish {
  const raw = stringAt(objectAt(response, 'incomplete_details'), 'reason')
  if (raw !== undefined) return { unified: raw === 'content_filter' ? 'content_filter' : 'length', raw }
  return { unified: calls ? 'tool_calls' : 'stop', raw: stringAt(response, 'status') ?? 'completed' }
}

/** An item as parts; what is OpenAI's own stays as it is. */
export function partsOf(item: JsonObject, otherwise: string): readonly Part[] {
  switch (stringAt(item, 'type')) {
    case 'message':
      return (arrayAt(item, 'content') ?? []).flatMap(contentOf)
    case 'reasoning':
      return [reasoningOf(item)]
    case 'function_call':
    case 'custom_tool_call':
      return [callOf(item, otherwise)]
    default:
      return [{ type: 'opaque', vendor: 'openai', kind: stringAt(item, 'type') ?? 'item', value: item }]
  }
}

export function callOf(item: JsonObject, otherwise: string): Part & { type: 'tool-call' } {
  const custom = item['type'] === 'custom_tool_call'
  return {
    type: 'tool-call',
    id: stringAt(item, 'call_id') ?? stringAt(item, 'id') ?? otherwise,
    name: stringAt(item, 'name') ?? '',
    input: custom ? (stringAt(item, 'input') ?? '') : inputOf(item['arguments']),
    ...(custom && { custom }),
  }
}

export function reasoningOf(item: JsonObject): Part & { type: 'reasoning' } {
  const summary = (arrayAt(item, 'summary') ?? []).map((part) => stringAt(part, 'text') ?? '')
  const text = (arrayAt(item, 'content') ?? []).map((part) => stringAt(part, 'text') ?? '').join('')
  const value = stringAt(item, 'encrypted_content')
  return {
    type: 'reasoning',
    ...(text !== '' && { text }),
    ...(summary.length > 0 && { summary }),
    ...(value !== undefined && { signature: { vendor: 'openai', value } }),
  }
}

function contentOf(part: Json): readonly Part[] {
  const refusal = stringAt(part, 'refusal')
  if (refusal !== undefined) return [{ type: 'refusal', text: refusal }]
  const text = stringAt(part, 'text')
  if (text === undefined) return []
  const citations = (arrayAt(part, 'annotations') ?? []).flatMap((one) => citationOf(one) ?? [])
  return [{ type: 'text', text, ...(citations.length > 0 && { citations }) }]
}

export function citationOf(raw: Json): Citation | undefined {
  if (!isObject(raw)) return undefined
  const [url, title] = [stringAt(raw, 'url'), stringAt(raw, 'title')]
  const [start, end] = [numberAt(raw, 'start_index'), numberAt(raw, 'end_index')]
  return {
    vendor: 'openai',
    raw,
    ...(url !== undefined && { url }),
    ...(title !== undefined && { title }),
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
  }
}

function itemLogprobs(item: JsonObject): readonly TokenLogprob[] {
  return (arrayAt(item, 'content') ?? []).flatMap((part) => logprobsOf({ content: arrayAt(part, 'logprobs') ?? [] }))
}

/** Tokens of a response, and how often it searched; undefined: none are reported. */
export function responsesUsage(response: JsonObject, reportedCost: ReportedCost = 'none'): Usage | undefined {
  const wire = objectAt(response, 'usage')
  if (!wire) return undefined
  const [input, output] = [objectAt(wire, 'input_tokens_details'), objectAt(wire, 'output_tokens_details')]
  const beside = chargedBeside(response, wire)
  return reported({
    input: count(wire['input_tokens']),
    cachedInput: count(input?.['cached_tokens']),
    cacheWrite: count(input?.['cache_write_tokens']),
    imageInput: count(input?.['image_tokens']),
    output: count(wire['output_tokens']),
    reasoning: count(output?.['reasoning_tokens']),
    imageOutput: count(output?.['image_tokens']),
    ...beside,
    searches: beside.searches ?? searchesIn(response),
    reportedCost: costOf(wire, { reportedCost }),
  })
}

/** Searches of the web are charged, looking into the pages that were found is not. */
function searchesIn(response: JsonObject): number | undefined {
  const calls = (arrayAt(response, 'output') ?? []).filter((item) => stringAt(item, 'type') === 'web_search_call')
  const searches = calls.filter((item) => (stringAt(objectAt(item, 'action'), 'type') ?? 'search') === 'search')
  return calls.length === 0 ? undefined : searches.length
}

function count(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

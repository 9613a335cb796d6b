import type { Answer, Choice, Finish, TokenLogprob } from '#src/core/answer.ts'
import type { Decoded } from '#src/core/codec.ts'
import type { Citation, Part, ToolCallPart } from '#src/core/conversation.ts'
import { arrayAt, isObject, numberAt, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { fullUsageOf } from './convert-usage.ts'
import type { Quirks } from './definition.ts'
import { failureInside, unfinished } from './map-error.ts'
import { mapFinishReason } from './map-finish-reason.ts'
import { reasoningOf, textOf } from './said.ts'

/** A whole chat completion. `id` makes the ids of calls that have none. */
export function decodeChat(value: JsonObject, id: string, quirks: Quirks): Decoded {
  const failure = failureInside(value, undefined)
  if (failure) return { failure }
  const choices: Choice[] = []
  for (const [position, choice] of (arrayAt(value, 'choices') ?? []).entries()) {
    if (!isObject(choice)) continue
    const finish = mapFinishReason(choice['finish_reason'])
    if (finish.unified === 'error' || isObject(choice['error']))
      return { failure: unfinished(finish.raw, choice['error']) }
    const parts = partsOf(objectAt(choice, 'message') ?? objectAt(choice, 'delta') ?? {}, id)
    const logprobs = logprobsOf(choice['logprobs'])
    choices.push({
      index: numberAt(choice, 'index') ?? position,
      parts,
      finish: finishOf(
        choice,
        parts.some(({ type }) => type === 'tool-call'),
      ),
      ...(logprobs.length > 0 && { logprobs }),
    })
  }
  const usage = fullUsageOf(value, quirks)
  return { answer: { ...headOf(value), choices, ...(usage && { usage }) } }
}

/** What every object of one answer says of it. */
export function headOf(value: JsonObject): Pick<Answer, 'id' | 'model' | 'created' | 'serviceTier'> {
  const [id, model, tier] = [stringAt(value, 'id'), stringAt(value, 'model'), stringAt(value, 'service_tier')]
  const created = numberAt(value, 'created')
  return {
    ...(id !== undefined && id !== '' && { id }),
    ...(model !== undefined && model !== '' && { model }),
    ...(created !== undefined && created > 0 && { created: Math.floor(created) }),
    ...(tier !== undefined && { serviceTier: tier }),
  }
}

/** Why a choice ended; some say `stop` although they call a tool. */
export function finishOf(choice: JsonObject, calls: boolean): Finish {
  const { unified, raw } = mapFinishReason(choice['finish_reason'])
  const safety = choice['content_filter_results']
  const own = unified === 'none' || unified === 'error' ? 'stop' : unified
  return {
    unified: own === 'stop' && calls ? 'tool_calls' : own,
    ...(raw !== undefined && raw !== '' && { raw }),
    ...(safety !== undefined && safety !== null && { safety }),
  }
}

function partsOf(message: JsonObject, id: string): readonly Part[] {
  const parts: Part[] = []
  const thoughts = reasoningOf(message)
  if (thoughts !== '') parts.push({ type: 'reasoning', text: thoughts })
  const text = textOf(message['content'])
  const citations = citationsOf(message)
  if (text !== '') parts.push({ type: 'text', text, ...(citations.length > 0 && { citations }) })
  const refusal = stringAt(message, 'refusal')
  if (refusal !== undefined && refusal !== '') parts.push({ type: 'refusal', text: refusal })
  const audio = objectAt(message, 'audio')
  const data = stringAt(audio, 'data')
  const transcript = stringAt(audio, 'transcript')
  if (data !== undefined && data !== '')
    parts.push({
      type: 'audio',
      source: { kind: 'data', mediaType: '', data },
      ...(transcript !== undefined && { transcript }),
    })
  parts.push(...imagesOf(message))
  for (const [position, call] of (arrayAt(message, 'tool_calls') ?? []).entries())
    if (isObject(call)) parts.push(callOf(call, `call_${id}_${position}`))
  const older = objectAt(message, 'function_call')
  if (older && stringAt(older, 'name')) parts.push(callOf({ function: older }, `call_${id}_0`))
  return parts
}

function callOf(call: JsonObject, otherwise: string): ToolCallPart {
  const custom = objectAt(call, 'custom')
  const own = custom ?? objectAt(call, 'function') ?? {}
  const id = stringAt(call, 'id')
  const token = stringAt(objectAt(objectAt(call, 'extra_content'), 'google'), 'thought_signature')
  return {
    type: 'tool-call',
    id: id === undefined || id === '' ? otherwise : id,
    name: stringAt(own, 'name') ?? '',
    input: custom ? (stringAt(own, 'input') ?? '') : inputOf(own['arguments']),
    ...(custom && { custom: true }),
    ...(token !== undefined && { signature: { vendor: 'google', value: token } }),
  }
}

/** Arguments as JSON text: some give an object, some nothing, some the word null. */
export function inputOf(value: Json | undefined): string {
  if (isObject(value)) return JSON.stringify(value)
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
    const [title, start, end] = [stringAt(own, 'title'), numberAt(own, 'start_index'), numberAt(own, 'end_index')]
    return [
      {
        vendor: 'openai',
        raw: annotation,
        url,
        ...(title !== undefined && { title }),
        ...(start !== undefined && { start }),
        ...(end !== undefined && { end }),
      },
    ]
  })
}

export function logprobsOf(value: Json | undefined): readonly TokenLogprob[] {
  return [...(arrayAt(value, 'content') ?? []), ...(arrayAt(value, 'refusal') ?? [])].flatMap((one) => {
    const own = logprobOf(one)
    if (!own) return []
    const top = (arrayAt(one, 'top_logprobs') ?? []).flatMap((other) => logprobOf(other) ?? [])
    return [{ ...own, ...(top.length > 0 && { top }) }]
  })
}

function logprobOf(one: Json): Omit<TokenLogprob, 'top'> | undefined {
  const [token, logprob] = [stringAt(one, 'token'), numberAt(one, 'logprob')]
  if (token === undefined || logprob === undefined) return undefined
  const bytes = arrayAt(one, 'bytes')?.filter((byte) => typeof byte === 'number')
  return { token, logprob, ...(bytes && { bytes }) }
}

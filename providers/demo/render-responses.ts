import type { Json, JsonObject } from '#src/core/json.ts'
import { arrayAt, isObject, objectAt } from '#src/core/json.ts'
import { citationsOf } from './citations.ts'
import { callId, contentOf, logprobsOf, signatureOf, type Content, type ToolCall } from './content.ts'
import { idOf } from './random.ts'
import type { Render } from './surface.ts'
import { tallyOf } from './usage.ts'

/** One item of an answer, whole, with the pieces that a stream sends of it. */
export interface Item {
  readonly kind: 'reasoning' | 'text' | 'refusal' | 'call'
  readonly id: string
  readonly pieces: readonly string[]
  readonly json: JsonObject
}

/** A whole `response`. */
export function renderResponse(render: Render): JsonObject {
  const content = contentOf(render)
  return { ...finished(content, render), output: itemsOf(content, render).map((item) => item.json) }
}

/** The items that an answer consists of, in the order in which they come. */
export function itemsOf(content: Content, render: Render): readonly Item[] {
  const id = (prefix: string) => idOf(prefix, render.seed)
  const message = (kind: 'text' | 'refusal', pieces: readonly string[], part: JsonObject): Item => {
    const status = statusOf(content)
    const json = { id: id('msg_'), type: 'message', status, role: 'assistant', content: [part] }
    return { kind, id: json.id, pieces, json }
  }
  const { reasoning, text, refusal } = content
  return [
    ...(reasoning.length > 0 ? [thought(id('rs_'), reasoning, render)] : []),
    ...(text === undefined ? [] : [message('text', text, textPart(content, render))]),
    ...(refusal === undefined ? [] : [message('refusal', refusal, { type: 'refusal', refusal: refusal.join('') })]),
    ...content.tools.map(callItem),
  ]
}

function thought(id: string, reasoning: readonly string[], render: Render): Item {
  const signature = arrayAt(render.body, 'include')?.includes('reasoning.encrypted_content')
    ? signatureOf(render)
    : undefined
  const json = {
    id,
    type: 'reasoning',
    summary: [{ type: 'summary_text', text: reasoning.join('') }],
    ...(signature !== undefined && { encrypted_content: signature }),
  }
  return { kind: 'reasoning', id, pieces: reasoning, json }
}

function textPart(content: Content, render: Render): JsonObject {
  const text = content.text ?? []
  return {
    type: 'output_text',
    text: text.join(''),
    annotations: annotationsOf(content, render),
    logprobs: tokenLogprobs(text, render),
  }
}

/** Where a text has it from. */
export function annotationsOf(content: Content, render: Render): readonly JsonObject[] {
  return citationsOf(content, render).map(({ url, title, start, end }) => ({
    type: 'url_citation',
    url,
    title,
    start_index: start,
    end_index: end,
  }))
}

/** Log probabilities of some tokens, where they are asked for. */
export function tokenLogprobs(tokens: readonly string[], { body, reply }: Render): readonly Json[] {
  const asked = arrayAt(body, 'include')?.includes('message.output_text.logprobs') === true
  return (reply.logprobs ?? asked) ? (arrayAt(logprobsOf(tokens, body), 'content') ?? []) : []
}

function callItem(call: ToolCall): Item {
  const id = callId({ ...call, id: undefined }, 'fc_')
  const json = {
    id,
    type: 'function_call',
    status: 'completed',
    call_id: callId(call, 'call_'),
    name: call.name,
    arguments: call.pieces.join(''),
  }
  return { kind: 'call', id, pieces: call.pieces, json }
}

const INCOMPLETE: Readonly<Record<string, string>> = { length: 'max_output_tokens', content_filter: 'content_filter' }

function statusOf({ finish }: Content): 'completed' | 'incomplete' {
  return Object.hasOwn(INCOMPLETE, finish) ? 'incomplete' : 'completed'
}

/** A response as it is at its end, its output left out. */
export function finished(content: Content, render: Render): JsonObject {
  const status = statusOf(content)
  const reason = INCOMPLETE[content.finish]
  return {
    ...responseOf(render, status),
    ...(status === 'completed' && { completed_at: render.created }),
    ...(reason !== undefined && { incomplete_details: { reason } }),
    usage: responseUsage(render, content),
  }
}

/** `usage` as the Responses API and what came after it have it; null: the script wants none. */
export function responseUsage(render: Render, content: Content): JsonObject | null {
  const tally = tallyOf(render, content)
  if (tally === undefined) return null
  return {
    input_tokens: tally.input,
    input_tokens_details: { cached_tokens: tally.cached, cache_write_tokens: tally.cacheWrite },
    output_tokens: tally.output,
    output_tokens_details: { reasoning_tokens: tally.reasoning },
    total_tokens: tally.input + tally.output,
  }
}

/** What every response says of its request, with no output and no usage yet. */
export function responseOf(render: Render, status: string): JsonObject {
  const { body } = render
  const said = (name: string, otherwise: Json): Json => body[name] ?? otherwise
  return {
    id: idOf('resp_', render.seed),
    object: 'response',
    created_at: render.created,
    status,
    background: false,
    completed_at: null,
    error: null,
    frequency_penalty: said('frequency_penalty', 0),
    incomplete_details: null,
    instructions: said('instructions', null),
    max_output_tokens: said('max_output_tokens', null),
    max_tool_calls: said('max_tool_calls', null),
    model: render.model,
    output: [],
    parallel_tool_calls: said('parallel_tool_calls', true),
    presence_penalty: said('presence_penalty', 0),
    previous_response_id: said('previous_response_id', null),
    prompt_cache_key: said('prompt_cache_key', null),
    reasoning: { effort: null, summary: null, ...objectAt(body, 'reasoning') },
    safety_identifier: said('safety_identifier', null),
    service_tier: 'default',
    store: said('store', true),
    temperature: said('temperature', 1),
    text: { format: { type: 'text' }, verbosity: 'medium', ...objectAt(body, 'text') },
    tool_choice: said('tool_choice', 'auto'),
    tools: (arrayAt(body, 'tools') ?? []).map(toolOf),
    top_logprobs: said('top_logprobs', 0),
    top_p: said('top_p', 1),
    truncation: said('truncation', 'disabled'),
    usage: null,
    user: said('user', null),
    metadata: said('metadata', {}),
  }
}

function toolOf(tool: Json): Json {
  return isObject(tool) && tool['type'] === 'function' ? { description: null, strict: true, ...tool } : tool
}

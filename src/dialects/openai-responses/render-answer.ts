import type { Answer, Choice, Finish } from '#src/core/answer.ts'
import type { RenderContext } from '#src/core/dialect.ts'
import { objectAt, type Json, type JsonObject } from '#src/core/json.ts'
import type { ApiRequest } from '#src/core/request.ts'
import type { Usage } from '#src/core/usage.ts'
import { itemId, itemOf, messageItem, outputText, refusalPart } from './render-items.ts'
import { responseUsage } from './usage.ts'

/** A whole answer as a response: the dialect knows one choice. */
export function renderAnswer(answer: Answer, context: RenderContext): string {
  const [choice] = answer.choices
  const output = choice ? outputOf(choice, responseId(context.request)) : []
  return JSON.stringify(
    responseObject(context, {
      head: answer,
      finish: choice?.finish ?? { unified: 'stop' },
      output,
      usage: answer.usage ?? {},
    }),
  )
}

/** The id under which tutti itself knows the response. */
export function responseId({ id }: ApiRequest): string {
  return `resp_${id.startsWith('req_') ? id.slice('req_'.length) : id}`
}

/** Texts and refusals that follow each other are one message. */
function outputOf({ parts, logprobs = [] }: Choice, id: string): readonly JsonObject[] {
  const items: JsonObject[] = []
  let message: JsonObject[] | undefined
  for (const part of parts) {
    if (part.type === 'text' || part.type === 'refusal') {
      const first = !items.some(({ type }) => type === 'message')
      const own =
        part.type === 'text'
          ? outputText(part.text, part.citations ?? [], first && !message ? logprobs : [])
          : refusalPart(part.text)
      if (message) message.push(own)
      else {
        message = [own]
        items.push(messageItem(itemId('msg', id, items.length), message, 'completed'))
      }
      continue
    }
    const item = itemOf(part, itemId(KINDS[part.type] ?? 'item', id, items.length))
    if (!item) continue
    message = undefined
    items.push(item)
  }
  return items
}

const KINDS: Readonly<Record<string, 'rs' | 'fc'>> = { reasoning: 'rs', 'tool-call': 'fc' }

export interface ResponseState {
  readonly head: Pick<Answer, 'model' | 'created' | 'serviceTier'>
  /** undefined: it is still being written. */
  readonly finish: Finish | undefined
  readonly output: readonly JsonObject[]
  readonly usage: Usage | undefined
}

/** A response with every member that the dialect requires, from the request where nobody else knows. */
export function responseObject(context: RenderContext, { head, finish, output, usage }: ResponseState): JsonObject {
  const { request, created } = context
  const { body } = request
  const status =
    finish === undefined ? 'in_progress' : REASONS[finish.unified] === undefined ? 'completed' : 'incomplete'
  const reason = finish && REASONS[finish.unified]
  const given = (name: string, otherwise: Json): Json => body[name] ?? otherwise
  return {
    id: responseId(request),
    object: 'response',
    created_at: head.created ?? created,
    completed_at: status === 'completed' ? (head.created ?? created) : null,
    status,
    background: false,
    error: null,
    incomplete_details: reason === undefined ? null : { reason },
    instructions: given('instructions', null),
    max_output_tokens: given('max_output_tokens', null),
    max_tool_calls: given('max_tool_calls', null),
    model: head.model ?? request.model,
    output,
    parallel_tool_calls: given('parallel_tool_calls', true),
    previous_response_id: given('previous_response_id', null),
    prompt_cache_key: given('prompt_cache_key', null),
    reasoning: { effort: null, summary: null, ...objectAt(body, 'reasoning') },
    safety_identifier: given('safety_identifier', null),
    service_tier: head.serviceTier ?? 'default',
    store: given('store', true),
    temperature: given('temperature', 1),
    text: { format: { type: 'text' }, ...objectAt(body, 'text') },
    tool_choice: given('tool_choice', 'auto'),
    tools: toolsOf(body),
    top_logprobs: given('top_logprobs', 0),
    top_p: given('top_p', 1),
    presence_penalty: given('presence_penalty', 0),
    frequency_penalty: given('frequency_penalty', 0),
    truncation: given('truncation', 'disabled'),
    usage: usage === undefined ? null : responseUsage(usage),
    metadata: given('metadata', {}),
  }
}

const REASONS: Partial<Readonly<Record<Finish['unified'], string>>> = {
  length: 'max_output_tokens',
  content_filter: 'content_filter',
}

/** A function's optional members are required of an answer. */
function toolsOf(body: JsonObject): readonly Json[] {
  const tools = body['tools']
  if (!Array.isArray(tools)) return []
  return tools.map((tool: Json) =>
    objectAt({ tool }, 'tool')?.['type'] === 'function'
      ? { description: null, parameters: null, strict: null, ...objectAt({ tool }, 'tool') }
      : tool,
  )
}

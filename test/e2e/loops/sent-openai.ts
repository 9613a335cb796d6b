import { arrayAt, numberAt, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { inputOf, objects } from '../../support/readers/plain.ts'
import type { GivenResult, Sent, SentReader } from './sent.ts'
import type { Call } from './want.ts'

const PREFIX = 'data:image/png;base64,'

/** Texts of a content, which is a text or a list of parts. */
export function textIn(content: Json | undefined): string {
  if (typeof content === 'string') return content
  return objects(content)
    .map((part) => stringAt(part, 'text') ?? '')
    .join('')
}

/** Base64 behind a data address; other addresses as they are. */
export const bytesIn = (url: string): string => (url.startsWith(PREFIX) ? url.slice(PREFIX.length) : url)

/** One text or several. */
export const stopsIn = (stop: Json | undefined): readonly string[] =>
  typeof stop === 'string' ? [stop] : (arrayAt({ stop }, 'stop') ?? []).filter((own) => typeof own === 'string')

export function toolsIn(tools: Json | undefined, parameters = 'parameters'): Sent['tools'] {
  return objects(tools).map((tool) => ({
    name: stringAt(tool, 'name') ?? '',
    description: stringAt(tool, 'description') ?? '',
    parameters: tool[parameters] ?? null,
  }))
}

const functionsIn = (tools: Json | undefined): Sent['tools'] =>
  toolsIn(objects(tools).map((tool) => objectAt(tool, 'function') ?? {}))

export function callIn(call: JsonObject): Call {
  const own = objectAt(call, 'function')
  return { id: stringAt(call, 'id') ?? '', name: stringAt(own, 'name') ?? '', input: inputOf(own?.['arguments']) }
}

/** A result of a tool under the name that its call had. */
export function resultIn(message: JsonObject, calls: readonly Call[]): GivenResult {
  const id = stringAt(message, 'tool_call_id') ?? ''
  const name = calls.find((call) => call.id === id)?.name ?? ''
  return { id, name, text: textIn(message['content']) }
}

const SYSTEM = new Set(['system', 'developer'])

/** What all forms that are made of OpenAI's messages have in common. */
export function messagesIn(messages: readonly JsonObject[]) {
  const of = (role: string): readonly JsonObject[] => messages.filter((message) => message['role'] === role)
  const calls = of('assistant').flatMap((message) => objects(message['tool_calls']).map(callIn))
  return {
    system: messages
      .filter(({ role }) => typeof role === 'string' && SYSTEM.has(role))
      .map(({ content }) => textIn(content))
      .join('\n'),
    user: of('user').map(({ content }) => textIn(content)),
    said: of('assistant')
      .map(({ content }) => textIn(content))
      .join(''),
    images: of('user')
      .flatMap(({ content }) => objects(content))
      .map((part) => stringAt(objectAt(part, 'image_url'), 'url'))
      .filter((url) => url !== undefined)
      .map(bytesIn),
    calls,
    results: of('tool').map((message) => resultIn(message, calls)),
  }
}

/** Chat completions. */
export const sentAsChat: SentReader = (body) => ({
  ...messagesIn(objects(body['messages'])),
  tools: functionsIn(body['tools']),
  thoughts: objects(body['messages'])
    .map((message) => stringAt(message, 'reasoning_content'))
    .filter((text) => text !== undefined)
    .map((text) => ({ text, signature: '' })),
  schema: objectAt(objectAt(body, 'response_format'), 'json_schema')?.['schema'],
  stop: stopsIn(body['stop']),
  limit: numberAt(body, 'max_completion_tokens') ?? numberAt(body, 'max_tokens'),
  thinking: body['reasoning_effort'],
  stream: body['stream'] === true,
})

/** Of those that want thoughts back in another member. */
export const sentWithReasoning: SentReader = (body, path, accept) =>
  sentAsChat(
    {
      ...body,
      messages: objects(body['messages']).map(({ reasoning: reasoning_content, ...own }) =>
        reasoning_content === undefined ? own : { ...own, reasoning_content },
      ),
    },
    path,
    accept,
  )

/** Cloudflare's, in both of its forms: a schema stands without the wrapper. */
export const sentAsWorkersAi: SentReader = (body, path, accept) => ({
  ...sentAsChat(body, path, accept),
  schema: objectAt(body, 'response_format')?.['json_schema'],
})

/** Cohere's v2. */
export const sentAsCohere: SentReader = (body) => {
  const messages = objects(body['messages'])
  const plans = messages.map((message) => stringAt(message, 'tool_plan')).filter((text) => text !== undefined)
  const thoughts = messages
    .filter(({ role }) => role === 'assistant')
    .flatMap((message) => objects(message['content']))
    .map((part) => stringAt(part, 'thinking'))
    .filter((text) => text !== undefined)
  return {
    ...messagesIn(messages),
    tools: functionsIn(body['tools']),
    thoughts: [...plans, ...thoughts].map((text) => ({ text, signature: '' })),
    schema: objectAt(body, 'response_format')?.['json_schema'],
    stop: stopsIn(body['stop_sequences']),
    limit: numberAt(body, 'max_tokens'),
    thinking: objectAt(body, 'thinking')?.['type'],
    stream: body['stream'] === true,
  }
}

/** OpenAI's Responses. */
export const sentAsResponses: SentReader = (body) => {
  const { input } = body
  const items: readonly JsonObject[] = typeof input === 'string' ? [{ role: 'user', content: input }] : objects(input)
  const of = (role: string): readonly JsonObject[] => items.filter((item) => item['role'] === role)
  const calls = items
    .filter(({ type }) => type === 'function_call')
    .map((item) => ({
      id: stringAt(item, 'call_id') ?? '',
      name: stringAt(item, 'name') ?? '',
      input: inputOf(item['arguments']),
    }))
  const told = items.filter(({ role }) => typeof role === 'string' && SYSTEM.has(role))
  return {
    system: [stringAt(body, 'instructions') ?? '', ...told.map(({ content }) => textIn(content))].join('\n'),
    user: of('user').map(({ content }) => textIn(content)),
    said: of('assistant')
      .map(({ content }) => textIn(content))
      .join(''),
    images: of('user')
      .flatMap(({ content }) => objects(content))
      .filter(({ type }) => type === 'input_image')
      .map((part) => bytesIn(stringAt(part, 'image_url') ?? '')),
    tools: toolsIn(body['tools']),
    calls,
    results: items
      .filter(({ type }) => type === 'function_call_output')
      .map((item) => {
        const id = stringAt(item, 'call_id') ?? ''
        return { id, name: calls.find((call) => call.id === id)?.name ?? '', text: textIn(item['output']) }
      }),
    thoughts: items
      .filter(({ type }) => type === 'reasoning')
      .map((item) => ({
        text: textIn(item['content']) || textIn(item['summary']),
        signature: stringAt(item, 'encrypted_content') ?? '',
      })),
    schema: objectAt(objectAt(body, 'text'), 'format')?.['schema'],
    stop: stopsIn(body['stop']),
    limit: numberAt(body, 'max_output_tokens'),
    thinking: objectAt(body, 'reasoning')?.['effort'],
    stream: body['stream'] === true,
  }
}

import { arrayAt, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { chat, gemini, messages, responses, type Client } from '../../clients/recorded/clients.ts'
import { readChat } from '../../support/readers/chat.ts'
import { readGemini } from '../../support/readers/gemini.ts'
import { readMessages } from '../../support/readers/messages.ts'
import { inputOf, objects, type Reader } from '../../support/readers/plain.ts'
import { readResponses } from '../../support/readers/responses.ts'
import { WEATHER, type Call, type Result, type Want } from './want.ts'

/** An app of one dialect with its official client. */
export interface Caller {
  readonly name: 'chat' | 'responses' | 'messages' | 'gemini'
  readonly client: Client
  readonly read: Reader
  /** What it asks first. */
  request(want: Want): JsonObject
  /** The whole answer of a whole one, or what its client makes of a stream. */
  message(parts: readonly JsonObject[], final: Json | undefined): JsonObject
  calls(message: JsonObject): readonly Call[]
  /** What it asks next: all that was said, and what its tools gave. */
  next(request: JsonObject, message: JsonObject, results: readonly Result[]): JsonObject
}

const list = (owner: JsonObject | undefined, name: string): readonly Json[] => arrayAt(owner, name) ?? []
const asObject = (parts: readonly JsonObject[], final: Json | undefined): JsonObject =>
  objectAt({ final }, 'final') ?? parts.at(-1) ?? {}
const dataUrl = (image: string): string => `data:image/png;base64,${image}`

/** What a user says behind an answer without calls. */
export const AND_THEN = '그리고? 🙂'
const ASKED_ON = { role: 'user', content: AND_THEN }

const chatCaller: Caller = {
  name: 'chat',
  client: chat,
  read: readChat,
  request: ({ system, user, image, tools, schema, effort, stop, limit }) => ({
    messages: [
      { role: 'system', content: system },
      {
        role: 'user',
        content:
          image === undefined
            ? user
            : [
                { type: 'text', text: user },
                { type: 'image_url', image_url: { url: dataUrl(image) } },
              ],
      },
    ],
    max_completion_tokens: limit,
    ...(tools === true && { tools: [{ type: 'function', function: WEATHER }] }),
    ...(schema && { response_format: { type: 'json_schema', json_schema: { name: 'trip', schema, strict: true } } }),
    ...(effort && { reasoning_effort: effort }),
    ...(stop && { stop }),
  }),
  message: asObject,
  calls: (message) =>
    objects(objectAt(objects(message['choices'])[0], 'message')?.['tool_calls']).map((call) => {
      const own = objectAt(call, 'function')
      return { id: stringAt(call, 'id') ?? '', name: stringAt(own, 'name') ?? '', input: inputOf(own?.['arguments']) }
    }),
  // An app that keeps standard members only: thoughts and signatures are tutti's to remember.
  next: (request, message, results) => {
    const said = objectAt(objects(message['choices'])[0], 'message')
    const calls = objects(said?.['tool_calls']).map((call) => {
      const own = objectAt(call, 'function')
      const called = { name: stringAt(own, 'name') ?? '', arguments: stringAt(own, 'arguments') ?? '' }
      return { id: stringAt(call, 'id') ?? '', type: 'function', function: called }
    })
    const again = {
      role: 'assistant',
      content: said?.['content'] ?? null,
      ...(calls.length > 0 && { tool_calls: calls }),
    }
    const given = results.map(({ call, text }) => ({ role: 'tool', tool_call_id: call.id, content: text }))
    if (given.length === 0) return { ...request, messages: [...list(request, 'messages'), again, ASKED_ON] }
    return { ...request, messages: [...list(request, 'messages'), again, ...given] }
  },
}

const responsesCaller: Caller = {
  name: 'responses',
  client: responses,
  read: readResponses,
  request: ({ system, user, image, tools, schema, effort, limit, stop }) => ({
    instructions: system,
    input: [
      {
        role: 'user',
        content:
          image === undefined
            ? user
            : [
                { type: 'input_text', text: user },
                { type: 'input_image', image_url: dataUrl(image), detail: 'auto' },
              ],
      },
    ],
    max_output_tokens: limit,
    ...(tools === true && { tools: [{ type: 'function', ...WEATHER, strict: false }] }),
    ...(schema && { text: { format: { type: 'json_schema', name: 'trip', schema, strict: true } } }),
    ...(effort && { reasoning: { effort, summary: 'auto' }, include: ['reasoning.encrypted_content'] }),
    // The dialect has none: it is refused by its name, as by OpenAI.
    ...(stop && { stop }),
  }),
  // Its client gives what the last event holds.
  message: (parts) => objectAt(parts.at(-1), 'response') ?? parts.at(-1) ?? {},
  calls: (message) =>
    objects(message['output'])
      .filter(({ type }) => type === 'function_call')
      .map((item) => ({
        id: stringAt(item, 'call_id') ?? '',
        name: stringAt(item, 'name') ?? '',
        input: inputOf(item['arguments']),
      })),
  next: (request, message, results) => {
    const given = results.map(({ call, text }) => ({ type: 'function_call_output', call_id: call.id, output: text }))
    const more = given.length > 0 ? given : [ASKED_ON]
    return { ...request, input: [...list(request, 'input'), ...list(message, 'output'), ...more] }
  },
}

/** The same, where it leaves it to the other side to know what was said. */
export const goingOn: Caller = {
  ...responsesCaller,
  next: (request, message, results) => ({
    ...request,
    previous_response_id: stringAt(message, 'id') ?? '',
    input: results.map(({ call, text }) => ({ type: 'function_call_output', call_id: call.id, output: text })),
  }),
}

const messagesCaller: Caller = {
  name: 'messages',
  client: messages,
  read: readMessages,
  request: ({ system, user, image, tools, schema, effort, stop, limit }) => {
    const format = schema && { format: { type: 'json_schema', schema } }
    const source = { type: 'base64', media_type: 'image/png', data: image ?? '' }
    return {
      system,
      messages: [
        {
          role: 'user',
          content:
            image === undefined
              ? user
              : [
                  { type: 'text', text: user },
                  { type: 'image', source },
                ],
        },
      ],
      max_tokens: limit,
      ...(tools === true && {
        tools: [{ name: WEATHER.name, description: WEATHER.description, input_schema: WEATHER.parameters }],
      }),
      ...((format || effort) && { output_config: { ...format, ...(effort && { effort }) } }),
      ...(effort && { thinking: { type: 'adaptive' } }),
      ...(stop && { stop_sequences: stop }),
    }
  },
  message: asObject,
  calls: (message) =>
    objects(message['content'])
      .filter(({ type }) => type === 'tool_use')
      .map((block) => ({
        id: stringAt(block, 'id') ?? '',
        name: stringAt(block, 'name') ?? '',
        input: inputOf(block['input']),
      })),
  next: (request, message, results) => {
    const given = results.map(({ call, text }) => ({ type: 'tool_result', tool_use_id: call.id, content: text }))
    const turns = [
      { role: 'assistant', content: list(message, 'content') },
      { role: 'user', content: given.length > 0 ? given : AND_THEN },
    ]
    return { ...request, messages: [...list(request, 'messages'), ...turns] }
  },
}

const geminiCaller: Caller = {
  name: 'gemini',
  client: gemini,
  read: readGemini,
  request: ({ system, user, image, tools, schema, effort, stop, limit }) => ({
    contents: [
      {
        role: 'user',
        parts: [
          { text: user },
          ...(image === undefined ? [] : [{ inlineData: { mimeType: 'image/png', data: image } }]),
        ],
      },
    ],
    config: {
      systemInstruction: system,
      maxOutputTokens: limit,
      ...(tools === true && {
        tools: [
          {
            functionDeclarations: [
              { name: WEATHER.name, description: WEATHER.description, parametersJsonSchema: WEATHER.parameters },
            ],
          },
        ],
      }),
      ...(schema && { responseMimeType: 'application/json', responseJsonSchema: schema }),
      ...(effort && { thinkingConfig: { thinkingLevel: 'HIGH', includeThoughts: true } }),
      ...(stop && { stopSequences: stop }),
    },
  }),
  message: wholeOfGemini,
  calls: (message) =>
    objects(objectAt(objects(message['candidates'])[0], 'content')?.['parts'])
      .map((part) => objectAt(part, 'functionCall'))
      .filter((call) => call !== undefined)
      .map((call) => ({
        id: stringAt(call, 'id') ?? '',
        name: stringAt(call, 'name') ?? '',
        input: inputOf(call['args']),
      })),
  next: (request, message, results) => {
    const said = objectAt(objects(message['candidates'])[0], 'content') ?? {}
    const given = results.map(({ call, text }) => {
      const response = { name: call.name, response: { output: text } }
      return { functionResponse: call.id === '' ? response : { id: call.id, ...response } }
    })
    const turn = { role: 'user', parts: given.length > 0 ? given : [{ text: AND_THEN }] }
    return { ...request, contents: [...list(request, 'contents'), said, turn] }
  },
}

/** Google's client leaves it to the app to put the pieces of a stream together. */
function wholeOfGemini(events: readonly JsonObject[]): JsonObject {
  const parts: JsonObject[] = []
  const candidates = events.flatMap((event) => objects(event['candidates']))
  for (const part of candidates.flatMap((candidate) => objects(objectAt(candidate, 'content')?.['parts']))) {
    const before = parts.at(-1)
    const more = stringAt(part, 'text')
    if (before && more !== undefined && typeof before['text'] === 'string' && before['thought'] === part['thought'])
      parts[parts.length - 1] = { ...before, ...part, text: before['text'] + more }
    else parts.push(part)
  }
  const ended = candidates.at(-1) ?? {}
  // An empty text only carries the end, or a signature.
  const said = parts.filter((part) => part['text'] !== '' || 'thoughtSignature' in part)
  const candidate = { ...ended, content: { role: 'model', parts: said } }
  return { ...Object.assign({}, ...events), candidates: [candidate] }
}

export const CALLERS: readonly Caller[] = [chatCaller, responsesCaller, messagesCaller, geminiCaller]

import { expect, test } from 'vitest'
import type { Conversation } from '#src/core/conversation.ts'
import { FailureError } from '#src/core/failure.ts'
import type { JsonObject } from '#src/core/json.ts'
import { read } from './read.ts'
import { signatureText } from './signatures.ts'
import { toConversation } from './to-conversation.ts'

const USER = { contents: [{ role: 'user', parts: [{ text: '안녕 👋' }] }] }
const context = { id: 'r', tags: [], metadata: {}, path: '/v1beta/models/m:generateContent' }

function conversationOf(body: object): Conversation {
  return toConversation(read(JSON.stringify(body), context))
}

function refusalOf(body: object): string | null | undefined {
  try {
    conversationOf(body)
  } catch (error) {
    if (error instanceof FailureError) return error.failure.param
    throw error
  }
  return 'nothing'
}

test('text, thoughts and what stands before them', () => {
  const thought = { text: 'hm', thought: true, thoughtSignature: 'AB==' }
  const { turns, rest } = conversationOf({
    systemInstruction: { parts: [{ text: 'Be kind' }, { text: '.' }] },
    contents: [...USER.contents, { role: 'model', parts: [thought, { text: 'hi' }, {}] }, { parts: { text: 'ok' } }],
  })
  expect(turns).toEqual([
    {
      role: 'system',
      parts: [
        { type: 'text', text: 'Be kind' },
        { type: 'text', text: '.' },
      ],
    },
    { role: 'user', parts: [{ type: 'text', text: '안녕 👋' }] },
    {
      role: 'assistant',
      parts: [
        { type: 'reasoning', text: 'hm', signature: { vendor: 'google', value: 'AB==' } },
        { type: 'text', text: 'hi' },
      ],
    },
    { role: 'user', parts: [{ type: 'text', text: 'ok' }] },
  ])
  expect(rest).toEqual([])
})

test('a stream that a client kept in pieces is one turn again, each signature with what it signs', () => {
  const model = (...parts: readonly object[]) => ({ role: 'model', parts })
  const { turns } = conversationOf({
    contents: [
      model({ text: 'h', thought: true }),
      model({ text: 'm', thought: true }),
      model({ text: '', thought: true, thoughtSignature: 'AA==' }),
      model({ text: '안' }),
      model({ text: '녕', thoughtSignature: 'BB==' }, { text: '!' }),
      model({ functionCall: { name: 'f', args: {} } }),
      model({ text: '' }),
      ...USER.contents,
      ...USER.contents,
    ],
  })
  expect(turns[0]).toEqual({
    role: 'assistant',
    parts: [
      { type: 'reasoning', text: 'hm', signature: { vendor: 'google', value: 'AA==' } },
      { type: 'text', text: '안녕', signature: { vendor: 'google', value: 'BB==' } },
      { type: 'text', text: '!' },
      { type: 'tool-call', id: 'call_0', name: 'f', input: '{}' },
    ],
  })
  expect(turns.map(({ role }) => role)).toEqual(['assistant', 'user', 'user'])
})

test('names with underscores are the same names', () => {
  const humps = conversationOf({
    systemInstruction: { parts: [{ text: 'a' }] },
    contents: [{ role: 'model', parts: [{ functionCall: { name: 'f', args: { a_b: 1 } }, thoughtSignature: 'x' }] }],
    tools: [{ functionDeclarations: [{ name: 'f', parametersJsonSchema: { type: 'object' } }] }, { googleSearch: {} }],
    toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['f'] } },
    generationConfig: { maxOutputTokens: 5, stopSequences: ['x'], responseMimeType: 'application/json' },
  })
  const underscores = conversationOf({
    system_instruction: { parts: [{ text: 'a' }] },
    contents: [{ role: 'model', parts: [{ function_call: { name: 'f', args: { a_b: 1 } }, thought_signature: 'x' }] }],
    tools: [
      { function_declarations: [{ name: 'f', parameters_json_schema: { type: 'object' } }] },
      { google_search: {} },
    ],
    tool_config: { function_calling_config: { mode: 'ANY', allowed_function_names: ['f'] } },
    generation_config: { max_output_tokens: 5, stop_sequences: ['x'], response_mime_type: 'application/json' },
  })
  const bare = ({ turns, tools, toolChoice, output, settings }: Conversation) => ({
    turns,
    tools,
    toolChoice: toolChoice?.value,
    output: output?.value,
    settings: Object.entries(settings).map(([name, own]) => [name, own.value]),
  })
  expect(bare(underscores)).toEqual(bare(humps))
  expect(humps.rest).toEqual([])
  expect(underscores.settings.max_output_tokens?.param).toBe('generation_config.max_output_tokens')
})

test('results without ids belong to calls by name and order, and stand before the rest of what the user says', () => {
  const call = (name: string) => ({ functionCall: { name, args: {} } })
  const result = (name: string, response: object) => ({ functionResponse: { name, response } })
  const body = {
    contents: [
      { role: 'model', parts: [call('a'), call('b'), call('a')] },
      {
        role: 'user',
        parts: [result('a', { output: '1' }), { text: 'go' }, result('a', { error: 'no' }), result('b', { x: 2 })],
      },
    ],
  }
  const { turns } = conversationOf(body)
  expect(conversationOf(body)).toEqual(conversationOf(body))
  expect(turns[0]?.parts.map((part) => ('id' in part ? part.id : ''))).toEqual(['call_0', 'call_1', 'call_2'])
  expect(turns.slice(1)).toEqual([
    {
      role: 'tool',
      parts: [
        { type: 'tool-result', id: 'call_0', name: 'a', parts: [{ type: 'text', text: '1' }] },
        { type: 'tool-result', id: 'call_2', name: 'a', parts: [{ type: 'text', text: 'no' }], failed: true },
        { type: 'tool-result', id: 'call_1', name: 'b', parts: [{ type: 'text', text: '{"x":2}' }] },
      ],
    },
    { role: 'user', parts: [{ type: 'text', text: 'go' }] },
  ])
})

test('a result that only names its tool belongs to a call that has an id', () => {
  const { turns } = conversationOf({
    contents: [
      { role: 'model', parts: [{ functionCall: { id: 'fc-9', name: 'a', args: { q: '안녕' } } }] },
      { role: 'function', parts: [{ functionResponse: { name: 'a', response: { output: 'x' } } }] },
    ],
  })
  expect(turns[0]?.parts).toEqual([{ type: 'tool-call', id: 'fc-9', name: 'a', input: '{"q":"안녕"}' }])
  expect(turns[1]?.parts[0]).toMatchObject({ type: 'tool-result', id: 'fc-9' })
})

test('media by what they are, files that only Google has by their name there', () => {
  const { turns, rest } = conversationOf({
    contents: [
      {
        parts: [
          { inlineData: { mimeType: 'image/png', data: 'AA' }, mediaResolution: { level: 'MEDIA_RESOLUTION_LOW' } },
          { inlineData: { mimeType: 'audio/wav', data: 'BB' } },
          { inlineData: { mimeType: 'application/pdf', data: 'CC', displayName: 'a.pdf' } },
          { fileData: { mimeType: 'video/mp4', fileUri: 'https://host/x.mp4' }, videoMetadata: { fps: 2 } },
          { fileData: { fileUri: 'https://youtu.be/1' } },
          { fileData: { mimeType: 'image/png', fileUri: 'gs://b/x.png' } },
        ],
      },
    ],
  })
  expect(turns[0]?.parts).toEqual([
    { type: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'AA' }, detail: 'low' },
    { type: 'audio', source: { kind: 'data', mediaType: 'audio/wav', data: 'BB' } },
    { type: 'document', source: { kind: 'data', mediaType: 'application/pdf', data: 'CC' }, name: 'a.pdf' },
    { type: 'video', source: { kind: 'url', url: 'https://host/x.mp4', mediaType: 'video/mp4' } },
    { type: 'video', source: { kind: 'url', url: 'https://youtu.be/1' } },
    { type: 'image', source: { kind: 'id', id: 'gs://b/x.png' } },
  ])
  expect(rest).toEqual([{ param: 'contents[0].parts[3].videoMetadata', value: { fps: 2 } }])
})

test('what only Google understands stays whole', () => {
  const code = { executableCode: { language: 'PYTHON', code: 'print(1)' }, thoughtSignature: 'sig' }
  const { turns } = conversationOf({ contents: [{ role: 'model', parts: [code] }] })
  expect(turns[0]?.parts).toEqual([{ type: 'opaque', vendor: 'google', kind: 'executableCode', value: code }])
})

test('signatures of other vendors come back as theirs, in either alphabet of base64', () => {
  const foreign = { vendor: 'anthropic', value: 'ErUB?>~한' }
  const text = signatureText(foreign)
  for (const written of [text, text.replaceAll('+', '-').replaceAll('/', '_')]) {
    const { turns } = conversationOf({
      contents: [{ role: 'model', parts: [{ text: 'a', thoughtSignature: written }] }],
    })
    expect(turns[0]?.parts[0]).toMatchObject({ signature: foreign })
  }
})

test('schemas of OpenAPI become JSON Schema', () => {
  const parameters = {
    type: 'OBJECT',
    properties: {
      b: { type: 'STRING', nullable: true, enum: ['x'] },
      a: { type: 'ARRAY', items: { type: 'INTEGER', format: 'int32' }, minItems: '1' },
      c: { anyOf: [{ type: 'NUMBER' }, { type: 'TYPE_UNSPECIFIED' }], example: 1 },
    },
    propertyOrdering: ['a', 'b'],
    required: ['a'],
  }
  const { tools } = conversationOf({
    ...USER,
    tools: [{ functionDeclarations: [{ name: 'f', description: 'd', parameters }] }],
  })
  const [tool] = tools
  expect(tool).toEqual({
    kind: 'function',
    name: 'f',
    description: 'd',
    parameters: {
      type: 'object',
      properties: {
        a: { type: 'array', items: { type: 'integer', format: 'int32' }, minItems: 1 },
        b: { type: ['string', 'null'], enum: ['x', null] },
        c: { anyOf: [{ type: 'number' }, {}], examples: [1] },
      },
      required: ['a'],
    },
  })
  expect(tool?.kind === 'function' && Object.keys(tool.parameters?.['properties'] ?? {})).toEqual(['a', 'b', 'c'])
})

test('tools that the provider runs', () => {
  const { tools } = conversationOf({
    ...USER,
    tools: [{ google_search: {} }, { codeExecution: {}, googleMaps: { x: 1 } }],
  })
  expect(tools).toEqual([
    { kind: 'server', vendor: 'google', common: 'web_search', value: { googleSearch: {} } },
    { kind: 'server', vendor: 'google', common: 'code_execution', value: { codeExecution: {} } },
    { kind: 'server', vendor: 'google', value: { googleMaps: { x: 1 } } },
  ])
})

test.each([
  [{ mode: 'AUTO' }, undefined],
  [{}, undefined],
  [{ mode: 'NONE' }, { kind: 'none' }],
  [{ mode: 'ANY' }, { kind: 'required' }],
  [
    { mode: 'ANY', allowedFunctionNames: ['a'] },
    { kind: 'named', name: 'a' },
  ],
  [
    { mode: 'ANY', allowedFunctionNames: ['a', 'b'] },
    { kind: 'allowed', mode: 'required', names: ['a', 'b'] },
  ],
  [
    { mode: 'VALIDATED', allowedFunctionNames: ['a'] },
    { kind: 'allowed', mode: 'auto', names: ['a'] },
  ],
])('the choice of a tool: %j', (functionCallingConfig, choice) => {
  const { toolChoice, rest } = conversationOf({ ...USER, toolConfig: { functionCallingConfig } })
  expect(toolChoice?.value).toEqual(choice)
  expect(rest.length).toBe(JSON.stringify(functionCallingConfig).includes('VALIDATED') ? 1 : 0)
})

test('what an answer shall be like', () => {
  const { settings, output, reasoning, rest } = conversationOf({
    ...USER,
    serviceTier: 'flex',
    labels: { team: 'a' },
    safetySettings: [{ category: 'X' }],
    generationConfig: {
      maxOutputTokens: 9,
      temperature: 0,
      topP: 0.5,
      topK: 3,
      frequencyPenalty: 1,
      presencePenalty: 2,
      seed: 7,
      candidateCount: 2,
      stopSequences: ['END'],
      responseLogprobs: true,
      logprobs: 4,
      responseModalities: ['TEXT', 'AUDIO'],
      speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Kore' } } },
      responseMimeType: 'application/json',
      responseSchema: { type: 'OBJECT', title: 'My answer!' },
      thinkingConfig: { thinkingBudget: 100, includeThoughts: true },
      mediaResolution: 'MEDIA_RESOLUTION_LOW',
      newThing: 1,
    },
  })
  expect(Object.fromEntries(Object.entries(settings).map(([name, own]) => [name, own.value]))).toEqual({
    max_output_tokens: 9,
    temperature: 0,
    top_p: 0.5,
    top_k: 3,
    frequency_penalty: 1,
    presence_penalty: 2,
    seed: 7,
    choices: 2,
    stop: ['END'],
    logprobs: 4,
    modalities: ['text', 'audio'],
    speech: { voice: 'Kore' },
    service_tier: 'flex',
    metadata: { team: 'a' },
  })
  expect(settings.seed?.param).toBe('generationConfig.seed')
  expect(output?.value).toEqual({ kind: 'schema', schema: { type: 'object', title: 'My answer!' }, name: 'My_answer_' })
  expect(reasoning?.value).toEqual({ budget: 100, summary: 'auto' })
  expect(rest.map(({ param }) => param).toSorted()).toEqual([
    'generationConfig.mediaResolution',
    'generationConfig.newThing',
    'safetySettings',
  ])
})

test('values that mean the default are not set, null is not there', () => {
  const generationConfig = {
    candidateCount: 1,
    responseLogprobs: false,
    responseModalities: ['TEXT'],
    responseMimeType: 'text/plain',
    seed: null,
    thinkingConfig: { includeThoughts: false },
  }
  const conversation = conversationOf({
    ...USER,
    model: 'models/m',
    serviceTier: 'standard',
    store: false,
    cachedContent: null,
    generationConfig,
  })
  expect(conversation).toEqual({ turns: conversation.turns, tools: [], settings: {}, rest: [] })
})

test.each([
  [{ thinkingBudget: 0 }, { effort: 'none' }],
  [{ thinkingBudget: -1 }, { adaptive: true }],
  [{ thinkingLevel: 'HIGH' }, { effort: 'high' }],
])('thinking: %j', (thinkingConfig, value) => {
  expect(conversationOf({ ...USER, generationConfig: { thinkingConfig } }).reasoning?.value).toEqual(value)
})

const refusals: readonly (readonly [JsonObject, string])[] = [
  [{ ...USER, cachedContent: 'cachedContents/1' }, 'cachedContent'],
  [{ ...USER, cached_content: 'cachedContents/1' }, 'cached_content'],
  [{ contents: [{ role: 'system', parts: [{ text: 'a' }] }] }, 'contents[0].role'],
  [{ contents: [{ parts: [{ functionCall: { args: {} } }] }] }, 'contents[0].parts[0].functionCall.name'],
  [{ contents: [{ parts: [{ text: 1 }] }] }, 'contents[0].parts[0].text'],
  [{ contents: [{ parts: [{ fileData: {} }] }] }, 'contents[0].parts[0].fileData.fileUri'],
  [{ ...USER, generationConfig: { responseMimeType: 'text/x.enum' } }, 'generationConfig.responseMimeType'],
  [{ ...USER, toolConfig: { functionCallingConfig: { mode: 'SOMETIMES' } } }, 'toolConfig.functionCallingConfig.mode'],
  [{ ...USER, generationConfig: { temperature: 'hot' } }, 'generationConfig.temperature'],
]
test.each(refusals)('refused: %j', (body, param) => {
  expect(refusalOf(body)).toBe(param)
})

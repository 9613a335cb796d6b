import { describe, expect, test } from 'vitest'
import type { Account } from '#src/core/adapter.ts'
import type { Conversation, Part, Turn } from '#src/core/conversation.ts'
import { honour } from '#src/core/honour.ts'
import { arrayAt, isObject, objectAt, parseJson, type Json, type JsonObject } from '#src/core/json.ts'
import { geminiCodec } from './codec.ts'
import { gemini } from './index.ts'
import { actionPath, generationOf } from './wire.ts'

const ACCOUNT: Account = { id: 'a', baseUrl: 'https://host.test/v1beta', apiKey: 'KEY', headers: { 'x-own': '1' } }

function native(
  text: string,
  more: {
    readonly stream?: boolean
    readonly model?: string
    readonly endpoint?: 'geminiCountTokens' | 'geminiEmbed' | 'geminiBatchEmbed'
  } = {},
) {
  const body = parseJson(text)
  if (!isObject(body)) throw new SyntaxError(text)
  const { stream = false, model = 'gemini-2.5-pro', endpoint = 'geminiGenerate' } = more
  const request = {
    id: 'r',
    endpoint,
    text,
    body,
    model: 'alias',
    stream,
    wantsUsage: true,
    tags: [],
    metadata: {},
  } as const
  return gemini.encode({ request, model, account: ACCOUNT, askUsage: false })
}

describe('a request of the same dialect', () => {
  test('travels byte for byte, to its action, with the key in a header', () => {
    const text = '{ "contents": [ {"parts":[{"text":"\\uc548녕"}]} ], "x_new": 1e400 }'
    const { upstream, warnings } = native(text)
    expect(upstream).toEqual({
      method: 'POST',
      url: 'https://host.test/v1beta/models/gemini-2.5-pro:generateContent',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'x-goog-api-key': 'KEY',
        'x-own': '1',
      },
      body: text,
    })
    expect(warnings).toEqual([])
    expect(native(text, { stream: true }).upstream.url).toBe(
      'https://host.test/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse',
    )
  })

  test('nothing in it chooses another model', () => {
    const text =
      '{"model":"models/other","Model":"other","contents":[],"generation_config":{"temperature" : 1, "routingConfig":{"manualMode":{"modelName":"other"}},"model_selection_config":{}}}'
    const { upstream, warnings } = native(text)
    expect(upstream.body).toBe('{"contents":[],"generation_config":{"temperature" : 1}}')
    expect(warnings).toEqual([
      '`Model` was not sent: it would choose who answers',
      '`generation_config.routingConfig` was not sent: it would choose who answers',
      '`generation_config.model_selection_config` was not sent: it would choose who answers',
    ])
  })

  test('tokens are counted and vectors made at their own actions', () => {
    const counted = native('{"generateContentRequest":{"model":"models/other","contents":[]}}', {
      endpoint: 'geminiCountTokens',
    })
    expect(counted.upstream.url).toContain('/models/gemini-2.5-pro:countTokens')
    expect(counted.upstream.body).toBe('{"generateContentRequest":{"model":"models/gemini-2.5-pro","contents":[]}}')
    expect(native('{"content":{}}', { endpoint: 'geminiEmbed' }).upstream.url).toContain(':embedContent')
    const several = native('{"requests":[{"model":"models/other","Model":"other","content":{}}]}', {
      endpoint: 'geminiBatchEmbed',
    })
    expect(several.upstream.url).toContain(':batchEmbedContents')
    expect(several.upstream.body).toBe('{"requests":[{"model":"models/gemini-2.5-pro","content":{}}]}')
  })
})

test.each([
  ['gemini-2.5-pro', '/models/gemini-2.5-pro:go'],
  ['models/gemini-2.5-pro', '/models/gemini-2.5-pro:go'],
  ['tunedModels/mine', '/tunedModels/mine:go'],
  ['../../x?key=1#', '/models/..%2F..%2Fx%3Fkey%3D1%23:go'],
  ['m:streamGenerateContent', '/models/m%3AstreamGenerateContent:go'],
  ['\ud800', '/models/%EF%BF%BD:go'],
])('%s stays in its segment', (model, path) => {
  expect(actionPath(model, 'go')).toBe(path)
})

test.each([
  ['gemini-2.5-flash-lite', 2.5],
  ['gemini-3-pro-preview', 3],
  ['models/Gemini-3.1-pro', 3.1],
  ['gemini-flash-latest', Number.POSITIVE_INFINITY],
  ['gemma-3-27b-it', undefined],
])('the generation of %s', (model, generation) => {
  expect(generationOf(model)).toBe(generation)
})

const text = (own: string): Part => ({ type: 'text', text: own })
const user = (own: string): Turn => ({ role: 'user', parts: [text(own)] })

function encoded(conversation: Partial<Conversation>, model = 'gemini-2.5-flash', stream = false) {
  const whole: Conversation = { turns: [user('hi')], tools: [], settings: {}, rest: [], ...conversation }
  const honoured = honour(whole, geminiCodec, model)
  const input = { conversation: honoured.conversation, model, account: ACCOUNT, stream }
  const { upstream, warnings } = geminiCodec.encode(input)
  expect(geminiCodec.encode(input)).toEqual({ upstream, warnings })
  const body = parseJson(upstream.body ?? '')
  if (!isObject(body)) throw new SyntaxError('no object')
  return { body, upstream, warnings, refusals: honoured.refusals, told: honoured.warnings }
}

const config = (conversation: Partial<Conversation>, model?: string): Json | undefined =>
  encoded(conversation, model).body['generationConfig']

describe('a conversation', () => {
  test('system text in front is the instruction, later text is marked', () => {
    const turns: readonly Turn[] = [
      { role: 'system', parts: [text('a')] },
      { role: 'developer', parts: [text('b')] },
      user('hi'),
      { role: 'system', parts: [text('later')] },
    ]
    expect(encoded({ turns }).body).toEqual({
      systemInstruction: { parts: [{ text: 'a' }, { text: 'b' }] },
      contents: [
        { role: 'user', parts: [{ text: 'hi' }] },
        { role: 'user', parts: [{ text: '[system] later' }] },
      ],
    })
  })

  test('where nobody else spoke the system`s text is the user`s', () => {
    const { body, warnings } = encoded({ turns: [{ role: 'system', parts: [text('a')] }] })
    expect(body).toEqual({ contents: [{ role: 'user', parts: [{ text: 'a' }] }] })
    expect(warnings.length).toBe(1)
  })

  const loop: readonly Turn[] = [
    user('go'),
    {
      role: 'assistant',
      parts: [
        { type: 'reasoning', text: 'hm', signature: { vendor: 'google', value: 'T==' } },
        { type: 'tool-call', id: 'c1', name: 'f', input: '{"a":1}' },
        { type: 'tool-call', id: 'c2', name: 'g', input: '' },
      ],
    },
    {
      role: 'tool',
      parts: [
        { type: 'tool-result', id: 'c2', parts: [text('no')], failed: true },
        {
          type: 'tool-result',
          id: 'c1',
          parts: [text('{"t":2}'), { type: 'image', source: { kind: 'data', mediaType: '', data: 'iVBORw0K' } }],
        },
      ],
    },
  ]
  const png = { inlineData: { mimeType: 'image/png', data: 'iVBORw0K' } }

  test('parallel calls and their results, in the order of the calls', () => {
    expect(encoded({ turns: loop }).body['contents']).toEqual([
      { role: 'user', parts: [{ text: 'go' }] },
      {
        role: 'model',
        parts: [
          { text: 'hm', thought: true, thoughtSignature: 'T==' },
          { functionCall: { name: 'f', args: { a: 1 } } },
          { functionCall: { name: 'g', args: {} } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { name: 'f', response: { t: 2 } } },
          { functionResponse: { name: 'g', response: { error: 'no' } } },
          png,
        ],
      },
    ])
  })

  test('newer models get ids, images within results, and a word where a call has no signature', () => {
    expect(arrayAt(encoded({ turns: loop }, 'gemini-3-flash').body, 'contents')?.slice(1)).toEqual([
      {
        role: 'model',
        parts: [
          { text: 'hm', thought: true, thoughtSignature: 'T==' },
          {
            functionCall: { id: 'c1', name: 'f', args: { a: 1 } },
            thoughtSignature: 'skip_thought_signature_validator',
          },
          { functionCall: { id: 'c2', name: 'g', args: {} } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'c1', name: 'f', response: { t: 2 }, parts: [png] } },
          { functionResponse: { id: 'c2', name: 'g', response: { error: 'no' } } },
        ],
      },
    ])
  })

  test('a signature that is there is sent as it is', () => {
    const call: Part = {
      type: 'tool-call',
      id: 'c',
      name: 'f',
      input: '{}',
      signature: { vendor: 'google', value: 'S' },
    }
    const { body } = encoded({ turns: [user('a'), { role: 'assistant', parts: [call] }] }, 'gemini-3-pro')
    expect(JSON.stringify(body)).toContain('"thoughtSignature":"S"')
    expect(JSON.stringify(body)).not.toContain('skip_thought')
  })

  test('media by data and by address', () => {
    const parts: readonly Part[] = [
      { type: 'image', source: { kind: 'url', url: 'https://h/a.webp?x=1' } },
      { type: 'audio', source: { kind: 'data', mediaType: 'audio/mp3', data: 'AA' } },
      { type: 'video', source: { kind: 'url', url: 'https://youtu.be/1' } },
      { type: 'document', source: { kind: 'text', text: 'plain' }, name: 'n' },
    ]
    const { body, told } = encoded({ turns: [{ role: 'user', parts }] })
    expect(body['contents']).toEqual([
      {
        role: 'user',
        parts: [
          { fileData: { fileUri: 'https://h/a.webp?x=1', mimeType: 'image/webp' } },
          { inlineData: { mimeType: 'audio/mp3', data: 'AA' } },
          { fileData: { fileUri: 'https://youtu.be/1', mimeType: 'video/mp4' } },
          { text: 'plain' },
        ],
      },
    ])
    expect(told.length).toBe(1)
    expect(
      encoded({ turns: [{ role: 'user', parts: [{ type: 'image', source: { kind: 'id', id: 'file-1' } }] }] }).refusals
        .length,
    ).toBe(1)
  })
})

test('texts of the system stay apart', () => {
  const turns = [
    { role: 'system', parts: [text('one'), text('two')] },
    user('a'),
    { role: 'system', parts: [text('three'), text('four')] },
  ] as const
  const { body } = encoded({ turns })
  expect(body['systemInstruction']).toEqual({ parts: [{ text: 'one' }, { text: 'two' }] })
  expect(JSON.stringify(body['contents'])).toContain('[system] three\\n\\nfour')
})

const tool = {
  kind: 'function',
  name: 'f',
  description: 'd',
  parameters: { type: 'object', properties: { a: { type: ['string', 'null'] } } },
} as const

const DOMAINS = { allowed_domains: ['a.kr'] }

describe('tools', () => {
  test('functions with the whole of their schema, and Google`s own', () => {
    const { body, refusals, warnings } = encoded({
      tools: [
        tool,
        { kind: 'function', name: 'g', parameters: { type: 'object', properties: {}, additionalProperties: false } },
        { kind: 'server', vendor: 'openai', common: 'web_search', value: { type: 'web_search', filters: DOMAINS } },
        { kind: 'server', vendor: 'google', value: { googleMaps: {} } },
        { kind: 'server', vendor: 'openai', common: 'file_search', value: {} },
      ],
    })
    expect(body['tools']).toEqual([
      { functionDeclarations: [{ name: 'f', description: 'd', parametersJsonSchema: tool.parameters }, { name: 'g' }] },
      { googleSearch: {} },
      { googleMaps: {} },
    ])
    expect(body['toolConfig']).toBeUndefined()
    expect(refusals.length).toBe(1)
    expect(warnings).toEqual([
      '`allowed_domains` of the tool `web_search` was not sent: the provider has no such field',
    ])
  })

  test.each([
    [{ kind: 'none' }, { mode: 'NONE' }, 2],
    [{ kind: 'required' }, { mode: 'ANY' }, 2],
    [{ kind: 'named', name: 'f' }, { mode: 'ANY', allowedFunctionNames: ['f'] }, 2],
    [{ kind: 'allowed', mode: 'required', names: ['f'] }, { mode: 'ANY', allowedFunctionNames: ['f'] }, 2],
    [{ kind: 'allowed', mode: 'auto', names: ['f'] }, undefined, 1],
  ] as const)('%j', (value, calling, offered) => {
    const { body } = encoded({ tools: [tool, { ...tool, name: 'g' }], toolChoice: { value, param: 'tool_choice' } })
    expect(objectAt(body, 'toolConfig')).toEqual(calling && { functionCallingConfig: calling })
    const [declared] = arrayAt(body, 'tools') ?? []
    expect(arrayAt(declared, 'functionDeclarations')?.length).toBe(offered)
  })

  test('strict arguments are validated where the model can', () => {
    const strict = { tools: [{ ...tool, strict: true }] }
    expect(encoded(strict).body['toolConfig']).toEqual({ functionCallingConfig: { mode: 'VALIDATED' } })
    expect(encoded(strict, 'gemini-2.0-flash').body['toolConfig']).toBeUndefined()
  })
})

describe('what an answer shall be like', () => {
  test('every setting', () => {
    const of = <Value>(value: Value, param = 'p') => ({ value, param })
    const { body, warnings, told } = encoded({
      settings: {
        max_output_tokens: of(9),
        temperature: of(2.5, 'temperature'),
        top_p: of(0.5),
        top_k: of(3),
        seed: of(2 ** 40 + 5, 'seed'),
        stop: of(['a', 'b', 'c', 'd', 'e', 'f', ''], 'stop'),
        choices: of(2),
        frequency_penalty: of(1, 'frequency_penalty'),
        logprobs: of(3, 'logprobs'),
        modalities: of(['text', 'image']),
        speech: of({ voice: 'Kore', format: 'mp3' }, 'audio'),
        service_tier: of('default'),
        user: of('u', 'user'),
      },
    })
    expect(body['generationConfig']).toEqual({
      maxOutputTokens: 9,
      temperature: 2,
      topP: 0.5,
      topK: 3,
      seed: 5,
      stopSequences: ['a', 'b', 'c', 'd', 'e'],
      candidateCount: 2,
      responseModalities: ['TEXT', 'IMAGE'],
      speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Kore' } } },
    })
    expect(body['serviceTier']).toBe('standard')
    for (const name of ['temperature', 'seed', 'stop', 'audio.format']) expect(warnings.join()).toContain(`\`${name}\``)
    for (const name of ['frequency_penalty', 'logprobs', 'user']) expect(told.join()).toContain(`\`${name}\``)
  })

  test('older models take penalties and log probabilities', () => {
    const settings = { presence_penalty: { value: 1, param: 'p' }, logprobs: { value: 2, param: 'l' } }
    expect(config({ settings }, 'gemini-2.0-flash')).toEqual({
      presencePenalty: 1,
      responseLogprobs: true,
      logprobs: 2,
    })
  })

  test('the form of the answer, in words where the model refuses it beside tools', () => {
    const output = { value: { kind: 'schema', schema: { type: 'object' } }, param: 'response_format' } as const
    const wanted = { responseMimeType: 'application/json', responseJsonSchema: { type: 'object' } }
    expect(config({ output })).toEqual(wanted)
    expect(config({ output, tools: [tool] }, 'gemini-3-flash')).toEqual(wanted)
    expect(config({ output: { value: { kind: 'json' }, param: 'p' } })).toEqual({
      responseMimeType: 'application/json',
    })
    const { body, warnings } = encoded({ output, tools: [tool] })
    expect(body['generationConfig']).toBeUndefined()
    expect(JSON.stringify(body['systemInstruction'])).toContain('JSON Schema')
    expect(warnings.length).toBe(1)
  })

  const thinking: readonly (readonly [string, object, JsonObject | undefined, number])[] = [
    ['gemini-2.5-flash', { effort: 'none' }, { thinkingBudget: 0 }, 1],
    ['gemini-2.5-flash', { effort: 'none', summary: 'auto' }, { thinkingBudget: 0 }, 1],
    ['gemini-2.5-pro', { effort: 'none' }, { thinkingBudget: 128 }, 1],
    ['gemini-2.5-flash', { effort: 'medium', summary: 'auto' }, { thinkingBudget: 8192, includeThoughts: true }, 1],
    ['gemini-2.5-flash', { budget: 5000 }, { thinkingBudget: 5000 }, 0],
    ['gemini-2.5-flash', { budget: 99_999 }, { thinkingBudget: 24_576 }, 1],
    ['gemini-2.5-flash', { adaptive: true }, { thinkingBudget: -1 }, 0],
    ['gemini-2.5-flash', { summary: false }, { includeThoughts: false }, 0],
    ['gemini-3-flash', { effort: 'minimal' }, { thinkingLevel: 'minimal' }, 0],
    ['gemini-3-flash', { effort: 'none' }, { thinkingLevel: 'minimal' }, 1],
    ['gemini-3.1-pro', { effort: 'minimal' }, { thinkingLevel: 'low' }, 1],
    ['gemini-3.1-pro', { effort: 'medium' }, { thinkingLevel: 'medium' }, 0],
    ['gemini-3-pro-preview', { effort: 'medium' }, { thinkingLevel: 'high' }, 1],
    ['gemini-3-flash', { effort: 'max' }, { thinkingLevel: 'high' }, 1],
    ['gemini-3-flash', { budget: 300 }, { thinkingBudget: 300 }, 0],
    ['gemini-2.0-flash', { effort: 'high', summary: 'auto' }, undefined, 0],
  ]
  test.each(thinking)('%s %j', (model, value, expected, count) => {
    const { body, warnings } = encoded({ reasoning: { value, param: 'reasoning_effort' } }, model)
    expect(objectAt(body['generationConfig'], 'thinkingConfig')).toEqual(expected)
    expect(warnings.length).toBe(count)
  })
})

import { expect, test } from 'vitest'
import { FailureError } from '#src/core/failure.ts'
import { read } from './read.ts'
import { sense } from './sense.ts'

const BODY = '{"contents":[{"parts":[{"text":"a"}]}]}'
const context = (path: string, query: readonly (readonly [string, string])[] = []) => ({
  id: 'r',
  tags: [],
  metadata: {},
  path,
  query: new Map(query),
})

test.each([
  ['/v1beta/models/gemini-2.5-pro:generateContent', 'gemini-2.5-pro', false],
  ['/v1beta/models/openai/gpt-x:generateContent', 'openai/gpt-x', false],
  ['/v1beta/models/ollama/llama3:8b:streamGenerateContent', 'ollama/llama3:8b', true],
])('%s names a model and an action', (path, model, stream) => {
  expect(read(BODY, context(path))).toMatchObject({
    model,
    stream,
    text: BODY,
    wantsUsage: true,
    endpoint: 'geminiGenerate',
  })
})

test('a stream is an array unless events are asked for', () => {
  const path = '/v1beta/models/m:streamGenerateContent'
  expect(read(BODY, context(path)).array).toBe(true)
  expect(read(BODY, context(path, [['alt', 'sse']])).array).toBeUndefined()
  expect(read(BODY, context('/v1beta/models/m:generateContent')).array).toBeUndefined()
})

test.each([
  ['/v1beta/models/:generateContent', BODY, 'model'],
  [`/v1beta/models/${'m'.repeat(1025)}:generateContent`, BODY, 'model'],
  ['/v1beta/models/m:generateContent', '{}', 'contents'],
  ['/v1beta/models/m:generateContent', '{"contents":"a"}', 'contents'],
  ['/v1beta/models/m:generateContent', '{"contents":[],"generation_config":1}', 'generation_config'],
  [
    '/v1beta/models/m:generateContent',
    '{"contents":[],"generationConfig":{"maxOutputTokens":"9"}}',
    'generationConfig.maxOutputTokens',
  ],
  [
    '/v1beta/models/m:generateContent',
    '{"contents":[],"generationConfig":{"candidate_count":-1}}',
    'generationConfig.candidateCount',
  ],
  ['/v1beta/models/m:generateContent', '{"contents":[],"contents":[]}', 'contents'],
  ['/v1beta/models/m:generateContent', '[', null],
])('%s %s is refused', (path, body, param) => {
  try {
    read(body, context(path))
    expect.unreachable()
  } catch (error) {
    if (!(error instanceof FailureError)) throw error
    expect(error.failure).toMatchObject({ status: 400, param })
  }
})

function signalsOf(body: object) {
  return sense(read(JSON.stringify(body), context('/v1beta/models/m:generateContent')))
}

test('a request is measured: text by its length, media by their number', () => {
  const image = { inline_data: { mime_type: 'image/png', data: 'A'.repeat(100_000) } }
  const sound = { fileData: { mimeType: 'audio/mp3', fileUri: 'https://host/a.mp3' } }
  const parts = [
    { text: '안녕하세요' },
    image,
    sound,
    { functionCall: { name: 'f', args: { a: 1 } }, thoughtSignature: 'S'.repeat(9000) },
  ]
  const signals = signalsOf({
    contents: [{ parts }],
    generationConfig: { maxOutputTokens: 10, candidate_count: 3 },
  })
  expect(signals).toMatchObject({ unmeasured: 1, outputLimit: 10, choices: 3 })
  expect(signals.inputTokensWorst).toBeGreaterThan(10_128)
  expect(signals.inputTokensWorst).toBeLessThan(10_300)
  expect(signals.needs.map(({ capability }) => capability)).toEqual(['chat', 'images', 'audio'])
})

test('images of a result of a tool are images', () => {
  const part = {
    functionResponse: {
      name: 'f',
      response: { a: 'b' },
      parts: [{ inlineData: { mimeType: 'image/png', data: 'A'.repeat(9000) } }],
    },
  }
  const signals = signalsOf({ contents: [{ parts: [part] }] })
  expect(signals.inputTokensWorst).toBeGreaterThan(10_000)
  expect(signals.inputTokensWorst).toBeLessThan(10_300)
})

test.each([
  [{ tools: [{ googleSearch: {} }] }, 'tools'],
  [{ generationConfig: { responseMimeType: 'application/json' } }, 'structured'],
  [{ generation_config: { response_json_schema: {} } }, 'structured'],
  [{ generationConfig: { responseLogprobs: true } }, 'logprobs'],
  [{ generationConfig: { thinkingConfig: { thinkingLevel: 'LOW' } } }, 'reasoning'],
  [{ generationConfig: { thinkingConfig: { thinkingBudget: -1 } } }, 'reasoning'],
  [{ generationConfig: { responseModalities: ['AUDIO'] } }, 'audio'],
  [{ generationConfig: { thinkingConfig: { thinkingBudget: 0, includeThoughts: true } } }, undefined],
  [{ generationConfig: { responseMimeType: 'text/plain', temperature: 1 } }, undefined],
])('%j needs %s', (more, capability) => {
  const { needs } = signalsOf({ contents: [], ...more })
  expect(needs[0]).toEqual({ capability: 'chat', param: 'model' })
  expect(needs.slice(1).map((need) => need.capability)).toEqual(capability === undefined ? [] : [capability])
})

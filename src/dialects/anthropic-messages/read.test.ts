import { expect, test } from 'vitest'
import { FailureError, type Failure } from '#src/core/failure.ts'
import { read } from './read.ts'
import { sense } from './sense.ts'

const context = (headers: Readonly<Record<string, string>> = {}) => ({
  id: 'r',
  tags: [],
  metadata: {},
  header: (name: string) => headers[name],
})
const text = (more: string): string =>
  `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"안녕"}]${more}}`

function refusal(body: string, headers: Readonly<Record<string, string>> = {}): Failure {
  try {
    read(body, context(headers))
  } catch (error) {
    if (error instanceof FailureError) return error.failure
    throw error
  }
  throw new Error(`taken: ${body}`)
}

test('a request keeps its text, and the version of the API that it is written in', () => {
  const body = text(',"stream":true,"x":[1]')
  const headers = { 'anthropic-version': '2023-06-01', 'anthropic-beta': 'a,b', authorization: 'Bearer secret' }
  const request = read(body, context(headers))
  expect(request).toMatchObject({ endpoint: 'messages', text: body, model: 'm', stream: true, wantsUsage: true })
  expect(request.headers).toEqual({ 'anthropic-version': '2023-06-01', 'anthropic-beta': 'a,b' })
  expect(read(text(''), { id: 'r', tags: [], metadata: {} })).not.toHaveProperty('headers')
})

test.each([
  ['{"model":"m","messages":[{"role":"user","content":"a"}]}', 'max_tokens'],
  ['{"model":"m","max_tokens":1}', 'messages'],
  ['{"model":"m","max_tokens":1,"messages":["a"]}', 'messages'],
  ['{"model":"m","max_tokens":1.5,"messages":[{}]}', 'max_tokens'],
  [text(',"tools":{}'), 'tools'],
  [text(',"system":5'), 'system'],
  [text(',"stop_sequences":"a"'), 'stop_sequences'],
  [text(',"tools":[{"name":"a"},{"type":"advisor_20260301","model":"claude-opus-5"}]'), 'tools[1].model'],
])('%s names %s', (body, param) => {
  expect(refusal(body)).toMatchObject({ status: 400, param })
})

test('system among the messages is new', () => {
  const body = '{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"a"},{"role":"system","content":"b"}]}'
  expect(refusal(body, { 'anthropic-version': '2023-06-01' })).toMatchObject({ status: 400, param: 'messages[1].role' })
  expect(read(body, context({ 'anthropic-version': '2026-10-21' })).model).toBe('m')
  expect(read(body, context()).model).toBe('m')
})

test('signals: what it is long, what it needs', () => {
  const of = (more: string) => sense(read(text(more), context()))
  const plain = of('')
  expect(plain).toMatchObject({
    outputLimit: 9,
    choices: 1,
    unmeasured: 0,
    needs: [{ capability: 'chat', param: 'model' }],
  })
  expect(plain.inputTokensWorst).toBe(6 + 2 * 64)
  expect(of(`,"system":[{"type":"text","text":"${'a'.repeat(400)}"}]`).inputTokens - plain.inputTokens).toBe(100)
  expect(of(',"tools":[{"name":"f","input_schema":{"type":"object"}}]').inputTokens).toBeGreaterThan(plain.inputTokens)
  const needs = (more: string) => of(more).needs.slice(1)
  expect(needs(',"tools":[{"name":"f"}]')).toEqual([{ capability: 'tools', param: 'tools' }])
  expect(needs(',"output_config":{"format":{"type":"json_schema"}}')).toEqual([
    { capability: 'structured', param: 'output_config' },
  ])
  expect(needs(',"output_format":{"type":"json_schema"}')).toEqual([
    { capability: 'structured', param: 'output_format' },
  ])
  expect(needs(',"output_config":{"effort":"low"}')).toEqual([])
  expect(needs(',"thinking":{"type":"adaptive"}')).toEqual([{ capability: 'reasoning', param: 'thinking' }])
  expect(needs(',"thinking":{"type":"disabled"}')).toEqual([])
})

test('images and files count by number wherever they stand, text by its length', () => {
  const data = 'A'.repeat(100_000)
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data } }
  const pdf = { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data } }
  const plain = {
    type: 'document',
    title: 'b',
    source: { type: 'text', media_type: 'text/plain', data: 'a'.repeat(4000) },
  }
  const nested = {
    type: 'document',
    source: { type: 'content', content: [{ type: 'text', text: 'a'.repeat(4000) }, image] },
  }
  const of = (...content: readonly object[]) =>
    sense(read(JSON.stringify({ model: 'm', max_tokens: 1, messages: [{ role: 'user', content }] }), context()))
  const result = of({ type: 'tool_result', tool_use_id: 'x', content: [image] }, pdf)
  expect(result.unmeasured).toBe(1)
  expect(result.inputTokensWorst).toBeLessThan(10_500)
  expect(result.needs).toContainEqual({ capability: 'images', param: 'messages' })
  expect(of(plain)).toMatchObject({ unmeasured: 0 })
  expect(of(plain).inputTokens).toBeGreaterThan(999)
  expect(of(nested)).toMatchObject({ unmeasured: 0 })
  expect(of(nested).inputTokensWorst).toBeGreaterThan(13_999)
  expect(of(nested).inputTokensWorst).toBeLessThan(15_000)
})

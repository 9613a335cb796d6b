import { expect, test } from 'vitest'
import { send } from '#providers/openai-compatible/testing.ts'
import { cloudflareAiGateway } from './index.ts'

test('the key is the gateway’s own, and older members are written', () => {
  const { body, headers, warnings } = send(
    cloudflareAiGateway,
    '"max_completion_tokens":9,"store":true,"messages":[{"role":"developer","content":"a"}]',
  )
  expect(headers).toMatchObject({ 'cf-aig-authorization': 'Bearer k' })
  expect(headers).not.toHaveProperty('authorization')
  expect(body).toEqual({ model: 'm', max_tokens: 9, messages: [{ role: 'system', content: 'a' }] })
  expect(warnings).toHaveLength(3)
})

test.each([
  ['openai/gpt-5', 'openai'],
  ['workers-ai/@cf/meta/llama-3.3-70b-instruct-fp8-fast', 'workers-ai'],
  ['dynamic/support', undefined],
  ['cloudflare/auto', undefined],
  ['openrouter/openai/gpt-5', undefined],
  ['custom-openai/gpt-5', undefined],
  ['OpenAI/gpt-5', undefined],
  ['constructor/x', undefined],
  ['openai', undefined],
  ['/openai', undefined],
])('%s is served by %s', (model, host) => {
  expect(cloudflareAiGateway.routes?.fixed?.(model)).toBe(host)
})

test.each([
  [
    { 'cf-aig-model': 'gpt-5', 'cf-aig-provider': 'openai' },
    { model: 'gpt-5', operator: 'openai' },
  ],
  [
    { 'cf-aig-routed-model': 'xai/grok-4.5', 'cf-aig-model': 'auto', 'cf-aig-provider': 'xai' },
    { model: 'xai/grok-4.5', operator: 'xai' },
  ],
  [{}, { model: undefined, operator: undefined }],
])('the head %o says who served', (headers, served) => {
  expect(cloudflareAiGateway.servedBy?.({ status: 200, headers })).toEqual(served)
})

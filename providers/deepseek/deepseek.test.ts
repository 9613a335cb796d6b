import { expect, test } from 'vitest'
import { deepseek } from './index.ts'

test('cached tokens stand beside the prompt, an empty purse is 402', () => {
  const usage = { prompt_tokens: 9, prompt_cache_hit_tokens: 4, prompt_cache_miss_tokens: 5, completion_tokens: 1 }
  expect(deepseek.observe({ usage }, { endpoint: 'chat', stream: false }).usage).toEqual({
    input: 9,
    cachedInput: 4,
    output: 1,
  })
  expect(
    deepseek.decodeError({ status: 402, headers: {} }, '{"error":{"message":"Insufficient Balance"}}'),
  ).toMatchObject({
    failure: { status: 502, upstreamStatus: 402 },
    retry: 'next',
  })
})

test('whatever it serves is by DeepSeek', () => {
  expect(deepseek.facts).toMatchObject({ developer: 'deepseek', operatorCountry: 'CN' })
})

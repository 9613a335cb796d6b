import { expect, test } from 'vitest'
import { send } from '#providers/openai-compatible/testing.ts'
import { tutti } from './index.ts'

test.each([
  ['deepseek/deepseek-chat', { model: 'deepseek-chat', operator: 'deepseek' }],
  ['router/openai/gpt-6', { model: 'openai/gpt-6', operator: 'router' }],
  ['alone', { model: 'alone' }],
])('`x-tutti-target: %s` says who served', (target, served) => {
  expect(tutti.servedBy?.({ status: 200, headers: { 'x-tutti-target': target } })).toEqual(served)
})

test('nothing is known of its names, and nobody steers it', () => {
  expect(tutti.servedBy?.({ status: 200, headers: {} })).toBeUndefined()
  expect(tutti).toMatchObject({ aggregator: true, facts: {} })
  expect(tutti.routes).toBeUndefined()
  expect(send(tutti, '"models":["x"],"metadata":{"a":"b"}').body).toEqual({ model: 'm', metadata: { a: 'b' } })
})

test('what a stream says that it cost there is what it cost', () => {
  const usage = { prompt_tokens: 1, completion_tokens: 1, cost: 0.002 }
  expect(tutti.observe({ choices: [], usage }, { endpoint: 'chat', stream: true }).usage?.reportedCost).toBe(2_000_000n)
})

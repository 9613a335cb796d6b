import { expect, test } from 'vitest'
import { send } from '#providers/openai-compatible/testing.ts'
import { hyperclovaX } from './index.ts'

test('a null content and a high temperature do not fail', () => {
  const { body, warnings } = send(
    hyperclovaX,
    '"temperature":1.7,"messages":[{"role":"assistant","content":null,"tool_calls":[]}]',
  )
  expect(body).toEqual({ model: 'm', temperature: 1, messages: [{ role: 'assistant', content: '', tool_calls: [] }] })
  expect(warnings).toHaveLength(2)
})

test('the government cloud is in Korea, whatever the other host is', () => {
  expect(hyperclovaX.regions?.['gov']?.facts).toEqual({ region: 'KR' })
  expect(hyperclovaX.facts.region).toBeUndefined()
})

import { expect, test } from 'vitest'
import { send } from '#providers/openai-compatible/testing.ts'
import { azureOpenai } from './index.ts'

test('its key has a header of its own, and its models must be declared', () => {
  const { headers } = send(azureOpenai, '"n":1')
  expect(headers['api-key']).toBe('k')
  expect(headers).not.toHaveProperty('authorization')
  expect(azureOpenai.modelsMustBeDeclared).toBe(true)
  expect(azureOpenai.baseUrl).toBeUndefined()
})

test('a first chunk without choices is nothing yet', () => {
  const first = { choices: [], id: '', model: '', object: '', prompt_filter_results: [{ prompt_index: 0 }] }
  const seen = azureOpenai.observe(first, { endpoint: 'chat', stream: true })
  expect(seen).toEqual({ content: false, generatedBytes: 0, choices: [], finished: [], usageOnly: false })
})

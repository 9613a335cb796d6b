import { expect, test } from 'vitest'
import { send } from '#providers/openai-compatible/testing.ts'
import { huggingface } from './index.ts'

test('who serves is for the file to say', () => {
  expect(send(huggingface, '"provider":"x"').body).toEqual({ model: 'm' })
  expect(huggingface).toMatchObject({ aggregator: true, steeringMarks: [':'] })
})

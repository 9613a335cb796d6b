import { expect, test } from 'vitest'
import { callsOf } from './calls.ts'

test('calls of earlier turns, by their ids', () => {
  const messages = [
    { role: 'user', content: 'a' },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'b' },
        { type: 'tool_use', id: 't1', name: 'f', input: {} },
        { type: 'tool_use', id: 't2', name: 'f', input: {} },
      ],
    },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: 'c' }] },
  ]
  expect(callsOf({ body: { messages } })).toEqual(['t1', 't2'])
  expect(callsOf({ body: {} })).toEqual([])
})

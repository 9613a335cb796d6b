import { expect, test } from 'vitest'
import { callsOf } from './calls.ts'

test('calls of earlier turns, by the ids that their results name', () => {
  const input = [
    { role: 'user', content: 'a' },
    { type: 'function_call', id: 'fc_1', call_id: 'c1', name: 'f', arguments: '{}' },
    { type: 'function_call_output', call_id: 'c1', output: 'x' },
    { type: 'function_call', call_id: 'c2', name: 'f', arguments: '{}' },
  ]
  expect(callsOf({ body: { input } })).toEqual(['c1', 'c2'])
  expect(callsOf({ body: { input: 'a' } })).toEqual([])
})

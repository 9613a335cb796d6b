import { expect, test } from 'vitest'
import type { Answer } from '#src/core/answer.ts'
import { collect, unfold } from '#src/core/collect.ts'
import { codecOf } from './chat-testing.ts'

test('a whole answer', () => {
  const value = {
    id: 'i',
    object: 'chat.completion',
    created: 5,
    model: 'm',
    choices: [
      {
        index: 0,
        message: {
          content: 'a',
          reasoning: 'r',
          tool_calls: [{ function: { name: 'f', arguments: { a: 1 } } }, { id: 'b', function: { name: 'g' } }],
        },
        finish_reason: 'stop',
      },
    ],
    usage: { prompt_tokens: 3, completion_tokens: 4 },
    system_fingerprint: 'fp',
  }
  const expected: Answer = {
    id: 'i',
    created: 5,
    model: 'm',
    choices: [
      {
        index: 0,
        parts: [
          { type: 'reasoning', text: 'r' },
          { type: 'text', text: 'a' },
          { type: 'tool-call', id: 'call_x_0', name: 'f', input: '{"a":1}' },
          { type: 'tool-call', id: 'b', name: 'g', input: '{}' },
        ],
        finish: { unified: 'tool_calls', raw: 'stop' },
      },
    ],
    usage: { input: 3, output: 4 },
    rest: { system_fingerprint: 'fp' },
  }
  expect(codecOf().decode(value, 'x').answer).toEqual(expected)
  expect(collect(unfold(expected))).toEqual(expected)
})

test('a whole answer that is none', () => {
  expect(codecOf().decode({ error: { message: 'm', code: 503 } }, 'x').failure?.failure.status).toBe(503)
  expect(codecOf().decode({ choices: [] }, 'x').failure).toMatchObject({ retry: 'next', failure: { status: 502 } })
  expect(codecOf().decode({ choices: [{ finish_reason: 'error' }] }, 'x').failure?.failure.status).toBe(502)
})
